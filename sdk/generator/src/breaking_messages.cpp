#include <algorithm>

#include "breaking_parts.hpp"
#include "naming.hpp"

namespace loophole::schema::breaking {
namespace {

// Attributes of a message that a change of breaks, whatever the values.
struct Attribute {
  const char* key;
  std::string_view rule;
  std::string_view who;
};
constexpr Attribute kAttributes[] = {
    {"kind", "breaking-message-kind", kBothRefuse},
    {"idempotent", "breaking-message-idempotent", "a client of the other version repeats what must not be repeated, or does not repeat"},
    {"undoable", "breaking-message-undoable",
     "a client of the other version expects an undo step where there is none, or none where there is one"},
};

const Sorted* find_message(const Sorted& model, const std::string& name) {
  const Sorted& found = get(get(get(model.at("domains"), domain_of(name).c_str()), "messages"), name.c_str());
  return found.is_null() ? nullptr : &found;
}

std::string route_text(const Sorted& route) {
  return text(route, "from") + " to " + text(route, "to");
}

bool has(const Sorted& list, const Sorted& value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

void routes(Breaks& breaks, const std::string& name, const Sorted& then, const Sorted& now, const Where& where) {
  for (const Sorted& route : then)
    if (!has(now, route)) breaks.add(where, "breaking-route-removed", name + " no longer goes from " + route_text(route), kNewRefuses);
  for (const Sorted& route : now)
    if (!has(then, route)) breaks.add(where, "breaking-route-added", name + " now goes from " + route_text(route) + " too", kOldRefuses);
}

void message(Breaks& breaks, TypeBreaks& types, const std::string& name, const Sorted& then, const Sorted& now) {
  const Where where = place_of_message(name);
  for (const Attribute& attribute : kAttributes)
    if (then.contains(attribute.key) && now.contains(attribute.key) && then[attribute.key] != now[attribute.key])
      breaks.add(below(where, attribute.key), attribute.rule,
                 changed(std::string{attribute.key} + " of " + name, then[attribute.key], now[attribute.key]), attribute.who);
  routes(breaks, name, then.at("routes"), now.at("routes"), below(where, "routes"));
  if (then.at("maxBytes") != now.at("maxBytes"))
    breaks.add(below(where, "maxBytes"), "breaking-message-limit", changed("maxBytes of " + name, then["maxBytes"], now["maxBytes"]),
               now["maxBytes"] > then["maxBytes"] ? kOldRefuses : kNewRefuses);
  for (const Sorted& code : get(then, "errors"))
    if (!has(get(now, "errors"), code))
      breaks.add(below(where, "errors"), "breaking-message-error-removed", name + " no longer lists the error " + said(code),
                 "a new client is not told of an error that old answerers still give");
  breaks.check_kept(below(where, "since"), name, text(then, "since"), text(now, "since"));
  for (const char* body : {"payload", "reply"})
    if (then.contains(body) && now.contains(body))
      types.named(then[body].get<std::string>(), now[body].get<std::string>(), below(where, body));
}

void errors(Breaks& breaks) {
  const Sorted& then = breaks.then.at("errors");
  const Sorted& now = breaks.now.at("errors");
  for (const auto& [code, entry] : then.items()) {
    const Where where{"errors.json", pointer_to("/codes", code)};
    const Sorted& kept = get(now, code.c_str());
    if (kept.is_null()) {
      breaks.add(where, "breaking-error-removed", "the error " + code + " was removed or renamed",
                 "a new client knows nothing of an error that old answerers still give");
      continue;
    }
    if (entry.at("category") != kept.at("category"))
      breaks.add(below(where, "category"), "breaking-error-category",
                 changed("the category of " + code, entry["category"], kept["category"]),
                 "old and new clients do different things about the same failure");
    breaks.check_kept(below(where, "since"), code, text(entry, "since"), text(kept, "since"));
  }
  for (const auto& [code, entry] : now.items())
    if (!then.contains(code)) breaks.check_new({"errors.json", pointer_to("/codes", code)}, "the error " + code, text(entry, "since"));
}

}  // namespace

void break_messages(Breaks& breaks) {
  TypeBreaks types{breaks};
  types.roots();
  for (const auto& [domain_name, domain] : breaks.then.at("domains").items()) {
    for (const auto& [name, then] : domain.at("messages").items()) {
      if (const Sorted* const now = find_message(breaks.now, name)) {
        message(breaks, types, name, then, *now);
      } else {
        breaks.add(place_of_message(name), "breaking-message-removed", "the message " + name + " was removed or renamed",
                   "a new receiver refuses it, and an old receiver waits for it in vain");
      }
    }
  }
  for (const auto& [domain_name, domain] : breaks.now.at("domains").items())
    for (const auto& [name, now] : domain.at("messages").items())
      if (find_message(breaks.then, name) == nullptr) breaks.check_new(place_of_message(name), "the message " + name, text(now, "since"));
  errors(breaks);
}

}  // namespace loophole::schema::breaking
