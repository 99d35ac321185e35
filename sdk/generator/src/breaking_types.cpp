#include <algorithm>
#include <array>

#include "breaking_parts.hpp"
#include "naming.hpp"

namespace loophole::schema::breaking {
namespace {

struct Bound {
  const char* key;
  std::string_view rule;
  bool upper;
};
constexpr auto kBounds = std::to_array<Bound>({
    {"minimum", "breaking-number-bound", false},
    {"maximum", "breaking-number-bound", true},
    {"minLength", "breaking-string-bound", false},
    {"maxLength", "breaking-string-bound", true},
    {"minItems", "breaking-array-bound", false},
    {"maxItems", "breaking-array-bound", true},
    {"maxProperties", "breaking-map-bound", true},
    {"maxKeyLength", "breaking-map-bound", true},
});

// Types that the SDK reads on every connection, whatever the message.
constexpr auto kCore =
    std::to_array<std::string_view>({"envelope.Header", "envelope.Error", "envelope.Category", "scalars.Role", "scalars.Kind"});

bool is_composed(const Sorted& type) {
  const std::string shape = text(type, "shape");
  return shape == "object" || shape == "tagged" || shape == "enumeration";
}

// What a pattern allows; two spellings of one alphabet are one pattern.
std::string alphabet_of(const std::string& pattern) {
  return pattern.empty() ? std::string{} : alphabet(pattern).value_or(pattern);
}

std::string since_of(const Sorted& thing) {
  return text(thing, "since");
}

}  // namespace

TypeBreaks::Side TypeBreaks::resolve(const Sorted& model, const Sorted& type) {
  if (text(type, "shape") != "reference") return {&type, {}};
  std::string name = type.at("type").get<std::string>();
  const Sorted* const found = find_type(model, name);
  return {found == nullptr ? &get(Sorted{}, "") : found, std::move(name)};
}

void TypeBreaks::named(const std::string& then, const std::string& now, const Where& site) {
  compare({{"shape", "reference"}, {"type", then}}, {{"shape", "reference"}, {"type", now}}, site, now);
}

void TypeBreaks::roots() {
  for (const auto& [domain_name, domain] : breaks_.then.at("domains").items()) {
    for (const auto& [type_name, type] : domain.at("types").items()) {
      const std::string name = domain_name + "." + type_name;
      const bool document = get(type, "document") == true;
      if (!document && std::ranges::find(kCore, name) == kCore.end()) continue;
      const Sorted* const now = find_type(breaks_.now, name);
      if (now == nullptr || (document && get(*now, "document") != true)) {
        breaks_.add(place_of_type(name), "breaking-type-removed", name + (document ? ", a document," : "") + " is gone",
                    "peers of both versions no longer read what the other one writes");
      } else {
        named(name, name, place_of_type(name));
      }
    }
  }
}

// A fault is told at the named type when both versions use the type of this name, else where one type took the place of another.
void TypeBreaks::compare(const Sorted& then, const Sorted& now, const Where& site, const std::string& subject) {
  const Side old_side = resolve(breaks_.then, then);
  const Side new_side = resolve(breaks_.now, now);
  const bool both_named = !old_side.name.empty() && !new_side.name.empty();
  const bool at_type = both_named && (old_side.name == new_side.name || is_composed(*new_side.type));
  if (!at_type) return shape(*old_side.type, *new_side.type, site, subject);
  if (compared_.insert(old_side.name + " " + new_side.name).second)
    shape(*old_side.type, *new_side.type, place_of_type(new_side.name), new_side.name);
}

void TypeBreaks::shape(const Sorted& then, const Sorted& now, const Where& where, const std::string& subject) {
  const std::string shape = text(then, "shape");
  if (shape != text(now, "shape"))
    return breaks_.add(where, "breaking-type-changed", changed("the type of " + subject, get(then, "shape"), get(now, "shape")),
                       kBothRefuse);
  bounds(then, now, where, subject);
  if (text(then, "unit") != text(now, "unit"))
    breaks_.add(where, "breaking-unit", changed("the unit of " + subject, get(then, "unit"), get(now, "unit")), kMisread);
  if (alphabet_of(text(then, "pattern")) != alphabet_of(text(now, "pattern")))
    breaks_.add(where, "breaking-string-pattern", changed("the pattern of " + subject, get(then, "pattern"), get(now, "pattern")),
                "a receiver refuses characters that a sender of the other version may use");
  if (get(then, "const") != get(now, "const"))
    breaks_.add(where, "breaking-const", changed("the constant " + subject, get(then, "const"), get(now, "const")), kBothRefuse);
  if (shape == "object") object(then, now, where, subject);
  if (shape == "enumeration") enumeration(then, now, where, subject);
  if (shape == "tagged") tagged(then, now, where, subject);
  if (then.contains("element"))
    compare(then.at("element"), now.at("element"), below(where, shape == "map" ? "additionalProperties" : "items"), subject + "[]");
}

void TypeBreaks::bounds(const Sorted& then, const Sorted& now, const Where& where, const std::string& subject) {
  for (const Bound& bound : kBounds) {
    const Sorted& old_value = get(then, bound.key);
    const Sorted& new_value = get(now, bound.key);
    if (old_value == new_value) continue;
    // No bound is the widest one.
    const bool wider = new_value.is_null() || (!old_value.is_null() && (bound.upper ? new_value > old_value : new_value < old_value));
    breaks_.add(where, bound.rule, changed(std::string{bound.key} + " of " + subject, old_value, new_value),
                wider ? kOldRefuses : kNewRefuses);
  }
}

void TypeBreaks::object(const Sorted& then, const Sorted& now, const Where& where, const std::string& subject) {
  const Where members = below(where, "properties");
  for (const Sorted& old_member : then.at("fields")) {
    const std::string name = text(old_member, "name");
    const Sorted* const kept = find_by(now.at("fields"), "name", name);
    if (kept == nullptr) {
      breaks_.add(below(members, name), "breaking-field-removed", "the member " + subject + "." + name + " was removed or renamed",
                  get(old_member, "required") == true ? "an old receiver refuses the messages without it" : kLostOnNew);
    } else {
      member(old_member, *kept, below(members, name), subject + "." + name);
    }
  }
  for (const Sorted& new_member : now.at("fields")) {
    const std::string name = text(new_member, "name");
    if (find_by(then.at("fields"), "name", name) != nullptr) continue;
    if (get(new_member, "required") == true) {
      breaks_.add(below(members, name), "breaking-field-added", "the new member " + subject + "." + name + " is required",
                  "a new receiver refuses the messages of old senders, which do not have it");
      continue;
    }
    breaks_.check_new(below(members, name), "the member " + subject + "." + name, since_of(new_member));
  }
}

void TypeBreaks::member(const Sorted& then, const Sorted& now, const Where& where, const std::string& subject) {
  const bool was_required = get(then, "required") == true;
  const bool is_required = get(now, "required") == true;
  if (was_required != is_required) {
    breaks_.add(where, "breaking-field-required", subject + (is_required ? " became required" : " became optional"),
                is_required ? "a new receiver refuses the messages of old senders that leave it out"
                            : "an old receiver refuses the messages of new senders that leave it out");
  } else if (get(then, "default") != get(now, "default")) {
    breaks_.add(where, "breaking-default", changed("the default of " + subject, get(then, "default"), get(now, "default")),
                "old and new peers read a message without it differently");
  }
  breaks_.check_kept(where, subject, since_of(then), since_of(now));
  compare(then, now, where, subject);
}

void TypeBreaks::enumeration(const Sorted& then, const Sorted& now, const Where& where, const std::string& subject) {
  const bool was_open = get(then, "open") == true;
  const bool is_open = get(now, "open") == true;
  if (was_open != is_open)
    breaks_.add(where, "breaking-enum-open", "the enumeration " + subject + (is_open ? " was opened" : " was closed"),
                is_open ? "an old receiver refuses the labels that a new one takes"
                        : "a new receiver refuses labels that an old one takes as unknown");
  for (const Sorted& label : then.at("labels")) {
    const std::string name = text(label, "name");
    const Sorted* const kept = find_by(now.at("labels"), "name", name);
    if (kept == nullptr) {
      breaks_.add(where, "breaking-label-removed", "the label '" + name + "' of " + subject + " was removed or renamed",
                  is_open ? "a new receiver reads it as unknown when an old sender says it" : kNewRefuses);
    } else {
      breaks_.check_kept(where, "the label '" + name + "' of " + subject, since_of(label), since_of(*kept));
    }
  }
  for (const Sorted& label : now.at("labels")) {
    const std::string name = text(label, "name");
    if (find_by(then.at("labels"), "name", name) != nullptr) continue;
    if (!was_open) {
      breaks_.add(where, "breaking-label-added", "the closed enumeration " + subject + " got the label '" + name + "'", kOldRefuses);
      continue;
    }
    breaks_.check_new(where, "the label '" + name + "' of " + subject, since_of(label));
  }
}

void TypeBreaks::tagged(const Sorted& then, const Sorted& now, const Where& where, const std::string& subject) {
  if (get(then, "tag") != get(now, "tag"))
    return breaks_.add(where, "breaking-union-tag", changed("the tag of " + subject, get(then, "tag"), get(now, "tag")), kBothRefuse);
  const std::string tag = text(then, "tag");
  // By the value of the tag, which is all that tells alternatives apart on the wire.
  const auto alternatives = [&tag](const Sorted& model, const Sorted& type) {
    std::map<std::string, std::string> out;
    for (const Sorted& name : type.at("alternatives")) {
      const Sorted* const object = find_type(model, name.get<std::string>());
      const Sorted* const field = object == nullptr ? nullptr : find_by(get(*object, "fields"), "name", tag);
      if (field != nullptr) out.emplace(text(*field, "const"), name.get<std::string>());
    }
    return out;
  };
  const auto old_ones = alternatives(breaks_.then, then);
  const auto new_ones = alternatives(breaks_.now, now);
  for (const auto& [value, name] : old_ones) {
    const auto kept = new_ones.find(value);
    if (kept == new_ones.end()) {
      breaks_.add(where, "breaking-alternative-removed", "the alternative '" + value + "' of " + subject + " was removed or renamed",
                  kNewRefuses);
    } else {
      named(name, kept->second, where);
    }
  }
  for (const auto& [value, name] : new_ones)
    if (!old_ones.contains(value))
      breaks_.add(where, "breaking-alternative-added", subject + " got the alternative '" + value + "'", kOldRefuses);
}

}  // namespace loophole::schema::breaking
