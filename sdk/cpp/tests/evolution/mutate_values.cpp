#include <algorithm>

#include "mutations.hpp"
#include "naming.hpp"

namespace evolution {
namespace {

bool is(const Json& schema, const char* type) {
  return schema.contains("type") && schema["type"] == type;
}
bool is_text(const Json& schema) {
  return is(schema, "string") && !schema.contains("enum") && !schema.contains("const");
}
bool is_map(const Json& schema) {
  return schema.contains("additionalProperties");
}
bool is_enumeration(const Json& schema) {
  return schema.contains("enum");
}
bool is_union(const Json& schema) {
  return schema.contains("oneOf");
}

std::optional<Place> pick(Draft& draft, Random& random, bool (*wanted)(const Json&)) {
  const auto all = draft.places(wanted);
  return all.empty() ? std::nullopt : std::optional<Place>{random.of(all)};
}

// A count that differs from `value`: its neighbour, or something small when its neighbour would take long to try.
std::uint64_t other_count(std::uint64_t value, std::uint64_t practical, Random& random) {
  if (value > practical) return 1 + random.below(practical);
  return value > 0 && random.chance(50) ? value - 1 : value + 1;
}

bool integer_bound(Draft& draft, Random& random) {
  const auto place = pick(draft, random, [](const Json& schema) { return is(schema, "integer"); });
  if (!place) return false;
  Json& schema = draft.edit(*place);
  Json& bound = schema[random.chance(50) ? "minimum" : "maximum"];
  const std::int64_t steps[] = {-1, 1, -7, 5};
  bound = bound.get<std::int64_t>() + steps[random.below(4)];
  return true;
}

bool number_bound(Draft& draft, Random& random) {
  const auto place = pick(draft, random, [](const Json& schema) { return is(schema, "number"); });
  if (!place) return false;
  Json& schema = draft.edit(*place);
  const char* const bound = random.chance(50) ? "minimum" : "maximum";
  if (!schema.contains(bound)) {
    schema[bound] = 0.5;
  } else if (random.chance(30)) {
    schema.erase(bound);
  } else {
    schema[bound] = schema[bound].get<double>() + (random.chance(50) ? 0.5 : -0.5);
  }
  return true;
}

bool text_length(Draft& draft, Random& random) {
  const auto place = pick(draft, random, is_text);
  if (!place) return false;
  Json& schema = draft.edit(*place);
  if (random.chance(60)) {
    schema["maxLength"] = other_count(schema["maxLength"].get<std::uint64_t>(), 65'536, random);
  } else {
    schema["minLength"] = other_count(schema.value("minLength", std::uint64_t{0}), 65'536, random);
  }
  return true;
}

bool pattern(Draft& draft, Random& random) {
  const auto place = pick(draft, random, is_text);
  if (!place) return false;
  Json& schema = draft.edit(*place);
  if (!schema.contains("pattern")) {
    schema["pattern"] = "^[a-z]+$";
    return schema.value("minLength", 0) > 0;
  }
  std::string letters = schema::alphabet(schema["pattern"].get<std::string>()).value();
  switch (random.below(4)) {
    case 0:
      schema.erase("pattern");
      return true;
    case 1:
      letters.erase(random.below(letters.size()), 1);
      break;
    case 2:
      letters += ':';
      break;
    default:
      break;  // the same characters, written in another way
  }
  // A dash at the end stands for itself.
  if (const std::size_t dash = letters.find('-'); dash != std::string::npos) letters.erase(dash, 1) += '-';
  schema["pattern"] = "^[" + letters + "]+$";
  return true;
}

bool list_bound(Draft& draft, Random& random) {
  const auto place = pick(draft, random, [](const Json& schema) { return is(schema, "array") || is_map(schema); });
  if (!place) return false;
  Json& schema = draft.edit(*place);
  if (is_map(schema)) {
    Json& bound = random.chance(50) ? schema["maxProperties"] : schema["propertyNames"]["maxLength"];
    bound = other_count(bound.get<std::uint64_t>(), 64, random);
  } else if (random.chance(60)) {
    schema["maxItems"] = other_count(schema["maxItems"].get<std::uint64_t>(), 64, random);
  } else {
    schema["minItems"] = other_count(schema.value("minItems", std::uint64_t{0}), 64, random);
  }
  return true;
}

bool unit(Draft& draft, Random& random) {
  const auto place =
      pick(draft, random, [](const Json& schema) { return is(schema, "integer") && schema.value("x-unit", "Parameter") == "Parameter"; });
  if (!place) return false;
  Json& schema = draft.edit(*place);
  if (schema.erase("x-unit") == 0) schema["x-unit"] = "Parameter";
  return true;
}

// A value of another type, where only its description and its date stay.
bool type(Draft& draft, Random& random) {
  const auto place = pick(draft, random, [](const Json& schema) { return !schema.contains("properties") && !schema.contains("const"); });
  if (!place || place->at.to_string().find("/properties/") == std::string::npos) return false;
  const Json fresh[] = {
      {{"type", "boolean"}},
      {{"type", "integer"}, {"minimum", 0}, {"maximum", 10}},
      {{"type", "number"}, {"x-unit", "Parameter"}},
      {{"type", "string"}, {"maxLength", 8}},
      {{"type", "array"}, {"items", {{"type", "string"}, {"maxLength", 8}}}, {"maxItems", 4}},
      {{"type", "object"},
       {"additionalProperties", {{"type", "string"}, {"maxLength", 8}}},
       {"propertyNames", {{"maxLength", 8}}},
       {"maxProperties", 4}},
  };
  Json& schema = draft.edit(*place);
  Json out = fresh[random.below(std::size(fresh))];
  for (const char* kept : {"description", "x-since"})
    if (schema.contains(kept)) out[kept] = schema[kept];
  const bool another = !schema.contains("type") || schema["type"] != out["type"] || is_map(schema) != is_map(out) || is_enumeration(schema);
  schema = std::move(out);
  return another;
}

bool add_label(Draft& draft, Random& random) {
  const auto place = pick(draft, random, is_enumeration);
  if (!place) return false;
  Json& schema = draft.edit(*place);
  schema["enum"].push_back("fresh");
  schema["x-values"]["fresh"] = "New.";
  if (schema.value("x-open", false) && random.chance(60)) schema["x-label-since"]["fresh"] = draft.next_version();
  return true;
}

bool remove_label(Draft& draft, Random& random) {
  const auto place = pick(draft, random, is_enumeration);
  if (!place) return false;
  Json& schema = draft.edit(*place);
  const std::size_t index = random.below(schema["enum"].size());
  const std::string label = schema["enum"][index];
  schema["enum"].erase(index);
  schema["x-values"].erase(label);
  if (schema.contains("x-label-since")) schema["x-label-since"].erase(label);
  return true;
}

bool rename_label(Draft& draft, Random& random) {
  const auto place = pick(draft, random, is_enumeration);
  if (!place) return false;
  Json& schema = draft.edit(*place);
  Json& label = schema["enum"][random.below(schema["enum"].size())];
  schema["x-values"].erase(label.get<std::string>());
  if (schema.contains("x-label-since")) schema["x-label-since"].erase(label.get<std::string>());
  label = "renamed";
  schema["x-values"]["renamed"] = "Called otherwise.";
  return true;
}

bool reorder_labels(Draft& draft, Random& random) {
  const auto place = pick(draft, random, is_enumeration);
  if (!place) return false;
  Json& labels = draft.edit(*place)["enum"];
  std::reverse(labels.begin(), labels.end());
  return labels.size() > 1;
}

bool open_or_close(Draft& draft, Random& random) {
  const auto place = pick(draft, random, is_enumeration);
  if (!place) return false;
  Json& schema = draft.edit(*place);
  schema["x-open"] = !schema.value("x-open", false);
  return true;
}

bool date_label(Draft& draft, Random& random) {
  const auto place = pick(draft, random, [](const Json& schema) { return is_enumeration(schema) && schema.value("x-open", false); });
  if (!place) return false;
  Json& schema = draft.edit(*place);
  schema["x-label-since"][schema["enum"][random.below(schema["enum"].size())].get<std::string>()] = draft.next_version();
  return true;
}

bool remove_alternative(Draft& draft, Random& random) {
  const auto place = pick(draft, random, is_union);
  if (!place) return false;
  Json& alternatives = draft.edit(*place)["oneOf"];
  alternatives.erase(random.below(alternatives.size()));
  return true;
}

bool add_alternative(Draft& draft, Random& random) {
  const auto place = pick(draft, random, is_union);
  if (!place) return false;
  Json& alternatives = draft.edit(*place)["oneOf"];
  const Place model = target_of(place->file, alternatives[random.below(alternatives.size())]["$ref"].get<std::string>());
  Json copy = draft.see(model);
  copy["properties"][draft.see(*place)["x-tag"].get<std::string>()]["const"] = "fresh.alternative";
  draft.edit(place->file)["$defs"]["FreshAlternative"] = std::move(copy);
  draft.edit(*place)["oneOf"].push_back({{"$ref", "#/$defs/FreshAlternative"}});
  return model.file == place->file;
}

bool reorder_alternatives(Draft& draft, Random& random) {
  const auto place = pick(draft, random, is_union);
  if (!place) return false;
  Json& alternatives = draft.edit(*place)["oneOf"];
  std::reverse(alternatives.begin(), alternatives.end());
  return alternatives.size() > 1;
}

bool constant(Draft& draft, Random& random) {
  const auto place = pick(draft, random, [](const Json& schema) { return schema.contains("const"); });
  if (!place) return false;
  draft.edit(*place)["const"] = "another.constant";
  return true;
}

bool rename_tag(Draft& draft, Random& random) {
  const auto place = pick(draft, random, is_union);
  if (!place) return false;
  const std::string tag = draft.see(*place)["x-tag"];
  const Json alternatives = draft.see(*place)["oneOf"];
  draft.edit(*place)["x-tag"] = "freshTag";
  for (const Json& alternative : alternatives) {
    Json& object = draft.edit(target_of(place->file, alternative["$ref"].get<std::string>()));
    object["properties"]["freshTag"] = object["properties"][tag];
    object["properties"].erase(tag);
    for (Json& name : object["required"])
      if (name == tag) name = "freshTag";
  }
  return true;
}

constexpr Mutation kMutations[] = {
    {"bound of an integer", integer_bound},
    {"bound of a number", number_bound},
    {"length of a string", text_length},
    {"pattern of a string", pattern},
    {"bound of an array or map", list_bound},
    {"unit", unit},
    {"type of a value", type},
    {"label added", add_label},
    {"label removed", remove_label},
    {"label renamed", rename_label},
    {"labels in another order", reorder_labels},
    {"enumeration opened or closed", open_or_close},
    {"label dated", date_label},
    {"alternative removed", remove_alternative},
    {"alternative added", add_alternative},
    {"alternatives in another order", reorder_alternatives},
    {"constant", constant},
    {"tag of a union renamed", rename_tag},
};

}  // namespace

std::span<const Mutation> mutations_of_values() {
  return kMutations;
}

}  // namespace evolution
