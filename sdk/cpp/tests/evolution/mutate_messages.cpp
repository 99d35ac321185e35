#include <algorithm>

#include "mutations.hpp"
#include "naming.hpp"

namespace evolution {
namespace {

bool any(const Json&) {
  return true;
}
bool is_command(const Json& message) {
  return message["kind"] == "command";
}
bool is_bare(const Json& message) {
  return message["payload"]["$ref"] == "envelope.schema.json#/$defs/Empty";
}

std::optional<Place> pick(const Draft& draft, Random& random, bool (*wanted)(const Json&)) {
  const auto all = draft.members("x-messages", wanted);
  return all.empty() ? std::nullopt : std::optional<Place>{random.of(all)};
}

bool remove_message(Draft& draft, Random& random) {
  const auto place = pick(draft, random, any);
  draft.edit(place->file)["x-messages"].erase(place->at.back());
  return true;
}

// Under another name, with its payload, which is named after it.
bool rename_message(Draft& draft, Random& random) {
  const auto place = pick(draft, random, any);
  const std::string name = place->at.back();
  const std::string fresh = schema::domain_of(name) + ".renamed";
  Json& file = draft.edit(place->file);
  Json message = file["x-messages"][name];
  if (!is_bare(message)) {
    const std::string payload = schema::message_type(name);
    file["$defs"]["Renamed"] = file["$defs"][payload];
    message["payload"]["$ref"] = "#/$defs/Renamed";
  }
  file["x-messages"].erase(name);
  file["x-messages"][fresh] = std::move(message);
  return true;
}

bool add_message(Draft& draft, Random& random) {
  const auto place = pick(draft, random, is_bare);
  if (!place) return false;
  Json message = draft.see(*place);
  message["since"] = draft.next_version();
  draft.edit(place->file)["x-messages"][schema::domain_of(place->at.back()) + ".fresh"] = std::move(message);
  return true;
}

bool change_kind(Draft& draft, Random& random) {
  const auto place = pick(draft, random, any);
  Json& message = draft.edit(*place);
  if (is_command(message)) {
    message["kind"] = "event";
    for (const char* of_commands : {"reply", "errors", "idempotent", "undoable"}) message.erase(of_commands);
  } else {
    message["kind"] = "command";
    message["reply"] = {{"$ref", "envelope.schema.json#/$defs/Empty"}};
    message["errors"] = Json::array();
    message["idempotent"] = false;
    message["undoable"] = false;
  }
  return true;
}

bool add_route(Draft& draft, Random& random) {
  const auto place = pick(draft, random, any);
  Json& routes = draft.edit(*place)["routes"];
  const std::vector<std::string> roles{"aura", "pulse", "signal"};
  routes.push_back({{"from", random.of(roles)}, {"to", random.of(roles)}});
  return true;
}

bool remove_route(Draft& draft, Random& random) {
  const auto place = pick(draft, random, any);
  Json& routes = draft.edit(*place)["routes"];
  routes.erase(random.below(routes.size()));
  return true;
}

bool turn_route(Draft& draft, Random& random) {
  const auto place = pick(draft, random, any);
  Json& route = draft.edit(*place)["routes"][0];
  std::swap(route["from"], route["to"]);
  return true;
}

bool limit(Draft& draft, Random& random) {
  const auto place = pick(draft, random, any);
  Json& most = draft.edit(*place)["maxBytes"];
  most = most.get<std::int64_t>() + (random.chance(50) ? 1 : -1);
  return true;
}

bool date(Draft& draft, Random& random) {
  const auto place = pick(draft, random, any);
  draft.edit(*place)["since"] = draft.next_version();
  return true;
}

bool deprecate(Draft& draft, Random& random) {
  const auto place = pick(draft, random, any);
  draft.edit(*place)["deprecated"] = draft.next_version();
  return true;
}

bool summarise(Draft& draft, Random& random) {
  const auto place = pick(draft, random, any);
  draft.edit(*place)["summary"] = "Said in other words.";
  return true;
}

bool toggle(Draft& draft, Random& random) {
  const auto place = pick(draft, random, is_command);
  if (!place) return false;
  Json& flag = draft.edit(*place)[random.chance(50) ? "idempotent" : "undoable"];
  flag = !flag.get<bool>();
  return true;
}

// A message that had nothing to say gets its first member.
bool first_member(Draft& draft, Random& random) {
  const auto place = pick(draft, random, is_bare);
  if (!place) return false;
  const std::string type = schema::message_type(place->at.back());
  Json property{{"type", "boolean"}, {"description", "New."}};
  if (random.chance(70)) property["x-since"] = draft.next_version();
  Json& file = draft.edit(place->file);
  file["$defs"][type] = {{"type", "object"}, {"description", "New."}, {"properties", {{"fresh", std::move(property)}}}};
  file.at(place->at)["payload"]["$ref"] = "#/$defs/" + type;
  return true;
}

bool other_reply(Draft& draft, Random& random) {
  const auto place = pick(draft, random, is_command);
  if (!place) return false;
  const auto types = draft.members("$defs", [](const Json& type) { return type.contains("properties"); });
  const std::string ref = ref_to(random.of(types), place->file);
  Json& reply = draft.edit(*place)["reply"]["$ref"];
  if (reply == ref) return false;
  reply = ref;
  return true;
}

constexpr Mutation kMutations[] = {
    {"message removed", remove_message},         {"message renamed", rename_message}, {"message added", add_message},
    {"kind of a message", change_kind},          {"route added", add_route},          {"route removed", remove_route},
    {"route turned round", turn_route},          {"limit of a message", limit},       {"message dated", date},
    {"message deprecated", deprecate},           {"another summary", summarise},      {"idempotent or undoable", toggle},
    {"first member of a payload", first_member}, {"another reply", other_reply},
};

}  // namespace

std::span<const Mutation> mutations_of_messages() {
  return kMutations;
}

}  // namespace evolution
