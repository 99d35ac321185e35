#include <algorithm>
#include <set>

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

std::string category_of(const Sorted& model, const Sorted& code) {
  return text(get(model.at("errors"), code.get<std::string>().c_str()), "category");
}

// Categories of the errors that any command may be answered with.
std::set<std::string> categories_of_any(const Sorted& model) {
  std::set<std::string> found;
  for (const auto& [code, entry] : model.at("errors").items())
    if (text(entry, "scope") == "any") found.insert(text(entry, "category"));
  return found;
}

// Clients act by category: a code more of a category that they are ready for changes nothing.
void error_categories(Breaks& breaks, const std::string& name, const Sorted& then, const Sorted& now, const Where& where) {
  std::set<std::string> expected = categories_of_any(breaks.then);
  for (const Sorted& code : get(then, "errors")) expected.insert(category_of(breaks.then, code));
  for (const Sorted& code : get(now, "errors")) {
    const std::string category = category_of(breaks.now, code);
    if (has(get(then, "errors"), code) || expected.contains(category)) continue;
    breaks.add(where, "breaking-message-error-category",
               name + " may now fail with " + code.get<std::string>() + " of the category " + category + ", which none of its errors had",
               "old clients do not expect that it fails in this way");
  }
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
  error_categories(breaks, name, then, now, below(where, "errors"));
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
  const std::set<std::string> expected = categories_of_any(breaks.then);
  for (const auto& [code, entry] : now.items()) {
    const bool newly_any = text(entry, "scope") == "any" && text(get(then, code.c_str()), "scope") != "any";
    if (newly_any && !expected.contains(text(entry, "category")))
      breaks.add({"errors.json", pointer_to("/codes", code)}, "breaking-message-error-category",
                 "any command may now fail with " + code + " of the category " + text(entry, "category") +
                     ", which none of the errors of any command had",
                 "old clients do not expect that commands fail in this way");
    if (!then.contains(code)) breaks.check_new({"errors.json", pointer_to("/codes", code)}, "the error " + code, text(entry, "since"));
  }
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
