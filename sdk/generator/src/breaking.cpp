#include "breaking.hpp"

#include <algorithm>
#include <charconv>

#include "breaking_parts.hpp"
#include "canonical.hpp"
#include "naming.hpp"

namespace loophole::schema {
namespace breaking {
namespace {

const BreakingRule* find_rule(std::string_view id) {
  for (const BreakingRule& rule : breaking_rules())
    if (rule.id == id) return &rule;
  return nullptr;
}

std::string written(const Version& version) {
  return std::to_string(version.major) + "." + std::to_string(version.minor);
}

Version protocol_of(const Sorted& model) {
  const Sorted& protocol = model.at("protocol");
  return {protocol.at("major").get<unsigned>(), protocol.at("maxMinor").get<unsigned>()};
}

}  // namespace

Breaks::Breaks(const Sorted& then_model, const Sorted& now_model) : then(then_model), now(now_model), released_(protocol_of(then_model)) {}

void Breaks::add(Where where, std::string_view rule, const std::string& what, std::string_view who) {
  const BreakingRule* const known = find_rule(rule);
  faults_.push_back({std::move(where), std::string{rule},
                     what + ", so " + std::string{who} + ". " + std::string{known == nullptr ? std::string_view{} : known->instead}});
}

void Breaks::check_new(const Where& where, const std::string& what, const std::string& since) {
  if (since.empty() || version_of(since) > released_) return;
  add(where, "breaking-since-low", what + " is new but since " + since + ", which is released as " + written(released_) + " without it",
      kLostOnOld);
}

// Dates of members follow the age of their type, which falls with every older use of it. What counts is whether a peer of the released
// version is still told; what changed between versions before that one is found by comparing with those.
void Breaks::check_kept(const Where& where, const std::string& what, const std::string& then_since, const std::string& now_since) {
  if (now_since.empty() || version_of(now_since) == version_of(then_since) || version_of(now_since) <= released_) return;
  add(where, "breaking-since-changed", "since of " + what + " changed from " + then_since + " to " + now_since,
      "a new sender leaves it out towards old receivers that know it");
}

void break_version(Breaks& breaks) {
  const Version then = protocol_of(breaks.then);
  const Version now = protocol_of(breaks.now);
  if (now < then)
    breaks.add({"", ""}, "breaking-version", "the protocol version fell from " + written(then) + " to " + written(now),
               "new peers no longer speak the version that was released");
  const auto then_least = breaks.then.at("protocol").at("minMinor").get<unsigned>();
  const auto now_least = breaks.now.at("protocol").at("minMinor").get<unsigned>();
  if (now_least > then_least)
    breaks.add({"", ""}, "breaking-version",
               "the lowest minor version rose from " + std::to_string(then_least) + " to " + std::to_string(now_least),
               "new peers refuse the hello of older ones");
}

Version version_of(const std::string& text) {
  Version version{0, 0};
  const char* const end = text.data() + text.size();
  const auto [dot, error] = std::from_chars(text.data(), end, version.major);
  if (error == std::errc{} && dot != end) std::from_chars(dot + 1, end, version.minor);
  return version;
}

const Sorted* find_type(const Sorted& model, const std::string& name) {
  const std::size_t dot = name.find('.');
  const Sorted& types = get(get(model.at("domains"), name.substr(0, dot).c_str()), "types");
  const Sorted& type = get(types, name.substr(dot + 1).c_str());
  return type.is_null() ? nullptr : &type;
}

Where place_of_type(const std::string& name) {
  const std::size_t dot = name.find('.');
  return {"control/" + name.substr(0, dot) + ".schema.json", pointer_to("/$defs", name.substr(dot + 1))};
}

Where place_of_message(const std::string& name) {
  return {"control/" + domain_of(name) + ".schema.json", pointer_to("/x-messages", name)};
}

Where below(const Where& where, std::string_view token) {
  return {where.file, pointer_to(where.pointer, token)};
}

const Sorted& get(const Sorted& object, const char* key) {
  static const Sorted kNone;
  if (!object.is_object()) return kNone;
  const auto found = object.find(key);
  return found == object.end() ? kNone : *found;
}

std::string text(const Sorted& object, const char* key) {
  const Sorted& value = get(object, key);
  return value.is_string() ? value.get<std::string>() : std::string{};
}

std::string said(const Sorted& value) {
  if (value.is_null()) return "none";
  if (value.is_string()) return "'" + value.get<std::string>() + "'";
  return value.dump();
}

std::string changed(const std::string& what, const Sorted& then, const Sorted& now) {
  return what + " changed from " + said(then) + " to " + said(now);
}

const Sorted* find_by(const Sorted& list, const char* key, const Sorted& value) {
  for (const Sorted& element : list)
    if (get(element, key) == value) return &element;
  return nullptr;
}

}  // namespace breaking

Faults find_breaks(const nlohmann::json& then, const nlohmann::json& now) {
  using namespace breaking;
  if (protocol_of(now).major > protocol_of(then).major) return {};
  Breaks breaks{then, now};
  break_version(breaks);
  break_topology(breaks);
  break_messages(breaks);
  break_frames(breaks);
  Faults faults = std::move(breaks).take();
  sort_faults(faults);
  return faults;
}

Released read_released(const std::string& text) {
  Released out{nlohmann::json::parse(text, nullptr, false), {}};
  if (out.model.is_discarded()) {
    out.error = "it is not JSON";
    return out;
  }
  for (const char* part : {"protocol", "domains", "topology", "errors", "frames", "fingerprint"})
    if (!out.model.is_object() || !out.model.contains(part)) {
      out.error = "it has no '" + std::string{part} + "', so it is not what 'loophole-schema model' prints";
      return out;
    }
  const nlohmann::json print = out.model["fingerprint"];
  out.model.erase("fingerprint");
  if (print != fingerprint(out.model)) out.error = "its fingerprint is not that of its content: it was edited or damaged; print it again";
  return out;
}

}  // namespace loophole::schema
