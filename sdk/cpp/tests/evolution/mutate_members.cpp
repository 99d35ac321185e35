#include <algorithm>
#include <set>

#include "mutations.hpp"

namespace evolution {
namespace {

bool is_object(const Json& schema) {
  return schema.contains("properties");
}
bool is_reference(const Json& schema) {
  return schema.contains("$ref");
}

struct Member {
  Place object;
  std::string name;
};

// A member of some object, that `wanted` holds for.
std::optional<Member> pick_member(const Draft& draft, Random& random,
                                  const std::function<bool(const Json& property, bool required)>& wanted) {
  std::vector<Member> all;
  for (const Place& place : draft.places(is_object)) {
    const Json& object = draft.see(place);
    const Json required = object.value("required", Json::array());
    for (const auto& [name, property] : object["properties"].items())
      if (wanted(property, std::ranges::find(required, Json(name)) != required.end())) all.push_back({place, name});
  }
  return all.empty() ? std::nullopt : std::optional<Member>{random.of(all)};
}

bool any(const Json&, bool) {
  return true;
}
bool optional(const Json&, bool required) {
  return !required;
}

void drop(Json& list, const std::string& value) {
  list.erase(std::remove(list.begin(), list.end(), Json(value)), list.end());
}

bool remove_member(Draft& draft, Random& random) {
  const auto member = pick_member(draft, random, any);
  if (!member) return false;
  Json& object = draft.edit(member->object);
  object["properties"].erase(member->name);
  drop(object["required"], member->name);
  return true;
}

bool rename_member(Draft& draft, Random& random) {
  const auto member = pick_member(draft, random, any);
  if (!member) return false;
  Json& object = draft.edit(member->object);
  object["properties"]["renamed"] = object["properties"][member->name];
  object["properties"].erase(member->name);
  for (Json& name : object["required"])
    if (name == member->name) name = "renamed";
  return true;
}

bool add_member(Draft& draft, Random& random) {
  const auto objects = draft.places(is_object);
  const Place& place = random.of(objects);
  Json property = random.chance(50) ? Json{{"type", "boolean"}} : Json{{"type", "string"}, {"maxLength", 8}};
  property["description"] = "New.";
  const bool required = random.chance(30);
  if (!required && random.chance(70)) property["x-since"] = draft.next_version();
  if (!required && random.chance(50)) property["default"] = property["type"] == "boolean" ? Json(true) : Json("none");
  Json& object = draft.edit(place);
  object["properties"]["fresh"] = std::move(property);
  if (required) object["required"].push_back("fresh");
  return true;
}

bool require(Draft& draft, Random& random) {
  const auto member = pick_member(draft, random, optional);
  if (!member) return false;
  Json& object = draft.edit(member->object);
  object["properties"][member->name].erase("default");
  object["required"].push_back(member->name);
  return true;
}

bool make_optional(Draft& draft, Random& random) {
  const auto member =
      pick_member(draft, random, [](const Json& property, bool required) { return required && !property.contains("const"); });
  if (!member) return false;
  drop(draft.edit(member->object)["required"], member->name);
  return true;
}

// A value for a default that the linter may take.
Json any_default(const Draft& draft, const Place& object, const Json& property, Random& random) {
  const Json& schema = is_reference(property) ? draft.see(target_of(object.file, property["$ref"].get<std::string>())) : property;
  if (schema.contains("enum")) return random.of(schema["enum"].get<std::vector<std::string>>());
  const std::string type = schema.value("type", "");
  if (type == "boolean") return random.chance(50);
  if (type == "integer") return schema[random.chance(50) ? "minimum" : "maximum"];
  if (type == "number") return schema.value(random.chance(50) ? "minimum" : "maximum", 0.25);
  return std::string(std::max<std::size_t>(1, schema.value("minLength", std::size_t{0})), 'd');
}

bool set_default(Draft& draft, Random& random) {
  const auto member = pick_member(draft, random, optional);
  if (!member) return false;
  const Json before = draft.see(member->object)["properties"][member->name];
  Json value = any_default(draft, member->object, before, random);
  if (before.contains("default") && before["default"] == value) return false;
  draft.edit(member->object)["properties"][member->name]["default"] = std::move(value);
  return true;
}

bool remove_default(Draft& draft, Random& random) {
  const auto member = pick_member(draft, random, [](const Json& property, bool) { return property.contains("default"); });
  if (!member) return false;
  draft.edit(member->object)["properties"][member->name].erase("default");
  return true;
}

bool date_member(Draft& draft, Random& random) {
  const auto member = pick_member(draft, random, optional);
  if (!member) return false;
  draft.edit(member->object)["properties"][member->name]["x-since"] = draft.next_version();
  return true;
}

bool reorder_members(Draft& draft, Random& random) {
  const auto member = pick_member(draft, random, any);
  if (!member) return false;
  Json& properties = draft.edit(member->object)["properties"];
  Json moved = properties[member->name];
  properties.erase(member->name);
  properties[member->name] = std::move(moved);
  return properties.size() > 1;
}

bool describe(Draft& draft, Random& random) {
  const auto all = draft.places([](const Json& schema) { return schema.contains("description"); });
  draft.edit(random.of(all))["description"] = "Said in other words.";
  return true;
}

// ---- names of types ----

bool retarget(Draft& draft, Random& random) {
  const auto all = draft.places(is_reference);
  const Place& place = random.of(all);
  const auto types = draft.members("$defs", [](const Json&) { return true; });
  draft.edit(place)["$ref"] = ref_to(random.of(types), place.file);
  return true;
}

bool write_out(Draft& draft, Random& random) {
  const auto all = draft.places(is_reference);
  const Place& place = random.of(all);
  const Json named = draft.see(target_of(place.file, draft.see(place)["$ref"].get<std::string>()));
  Json& schema = draft.edit(place);
  schema.erase("$ref");
  for (const auto& [keyword, value] : named.items())
    if (keyword != "x-id" && !schema.contains(keyword)) schema[keyword] = value;
  return true;
}

bool copy_type(Draft& draft, Random& random) {
  const auto all = draft.places(is_reference);
  const Place& place = random.of(all);
  const Place target = target_of(place.file, draft.see(place)["$ref"].get<std::string>());
  const Json copy = draft.see(target);
  draft.edit(target.file)["$defs"]["FreshCopy"] = copy;
  draft.edit(place)["$ref"] = ref_to({target.file, Json::json_pointer{"/$defs/FreshCopy"}}, place.file);
  return true;
}

void replace_refs(Json& json, const std::string& from, const std::string& to) {
  if (json.is_object() && json.contains("$ref") && json["$ref"] == from) json["$ref"] = to;
  if (json.is_structured())
    for (Json& part : json) replace_refs(part, from, to);
}

bool rename_type(Draft& draft, Random& random) {
  const Place type = random.of(draft.members("$defs", [](const Json&) { return true; }));
  const Place renamed{type.file, Json::json_pointer{"/$defs/Renamed" + type.at.back()}};
  Json& types = draft.edit(type.file)["$defs"];
  types[renamed.at.back()] = types[type.at.back()];
  types.erase(type.at.back());
  std::set<std::string> files;
  for (const Place& place : draft.members("$defs", [](const Json&) { return true; })) files.insert(place.file);
  for (const std::string& file : files) {
    const std::string from = ref_to(type, file);
    if (draft.see(file).dump().find("\"" + from + "\"") != std::string::npos) replace_refs(draft.edit(file), from, ref_to(renamed, file));
  }
  return true;
}

bool toggle_id(Draft& draft, Random& random) {
  const auto all = draft.members("$defs", [](const Json& type) { return type.contains("maxLength"); });
  if (all.empty()) return false;
  Json& type = draft.edit(random.of(all));
  type["x-id"] = !type.value("x-id", false);
  return true;
}

bool remove_document(Draft& draft, Random& random) {
  const auto all = draft.members("$defs", [](const Json& type) { return type.value("x-document", false); });
  if (all.empty()) return false;
  draft.edit(random.of(all)).erase("x-document");
  return true;
}

constexpr Mutation kMutations[] = {
    {"member removed", remove_member},
    {"member renamed", rename_member},
    {"member added", add_member},
    {"member became required", require},
    {"member became optional", make_optional},
    {"default set", set_default},
    {"default removed", remove_default},
    {"member dated", date_member},
    {"members in another order", reorder_members},
    {"another description", describe},
    {"reference to another type", retarget},
    {"type written out in place", write_out},
    {"type copied for one use", copy_type},
    {"type renamed", rename_type},
    {"string became an id, or no id", toggle_id},
    {"document removed", remove_document},
};

}  // namespace

std::span<const Mutation> mutations_of_members() {
  return kMutations;
}

}  // namespace evolution
