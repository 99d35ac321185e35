#include "rules.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include "json_text.hpp"
#include "loophole/core/text.hpp"

namespace loophole::wire::detail {
namespace {

// Of envelope.Error; a pointer grows with the keys of maps, which a sender chooses.
constexpr std::size_t kMaxPointer = 1024;
constexpr std::size_t kMaxSaid = 1024;
constexpr std::size_t kMaxSample = 48;

// Whole numbers beyond this cannot be told apart in a double.
constexpr double kMaxWhole = 9007199254740991.0;

std::string plural(std::uint64_t count, std::string_view one, std::string_view many) {
  return std::to_string(count) + " " + std::string(count == 1 ? one : many);
}

std::string name_of_shape(const TypeDesc& type) {
  switch (type.shape) {
    case Shape::boolean:
      return "true or false";
    case Shape::integer:
      return "an integer";
    case Shape::number:
      return "a number";
    case Shape::string:
    case Shape::enumeration:
      return "a string";
    case Shape::array:
      return "an array";
    case Shape::object:
    case Shape::map:
    case Shape::tagged:
      break;
  }
  return "an object";
}

std::string bound_of(const TypeDesc& type, bool lower) {
  if (type.shape == Shape::integer) return std::to_string(lower ? type.min_integer : type.max_integer);
  std::string text;
  append_number(text, lower ? type.min_number : type.max_number);
  return text;
}

std::string list_of_labels(const TypeDesc& type) {
  std::string text = "one of ";
  bool first = true;
  const auto add = [&](std::string_view label) {
    if (!first) text += ", ";
    first = false;
    text += label;
  };
  for (const std::string_view label : type.labels) add(label);
  for (const AlternativeDesc& alternative : type.alternatives) add(alternative.tag);
  return text;
}

std::string_view last_segment(std::string_view pointer) {
  const std::size_t slash = pointer.rfind('/');
  return slash == std::string_view::npos ? std::string_view{} : pointer.substr(slash + 1);
}

std::string_view store_integer(const TypeDesc& type, const Scalar& scalar, void* value) {
  std::int64_t integer = 0;
  switch (scalar.kind) {
    case Scalar::Kind::integer:
      integer = scalar.integer;
      break;
    case Scalar::Kind::big_integer:
      return rule::kMaximum;
    case Scalar::Kind::number:  // 1.0 is an integer to JSON Schema, 1.5 is not
      if (std::trunc(scalar.number) != scalar.number) return rule::kType;
      if (std::fabs(scalar.number) > kMaxWhole) return scalar.number > 0 ? rule::kMaximum : rule::kMinimum;
      integer = static_cast<std::int64_t>(scalar.number);
      break;
    default:
      return rule::kType;
  }
  if (const std::string_view broken = check_integer(type, integer); !broken.empty()) return broken;
  *static_cast<std::int64_t*>(value) = integer;
  return {};
}

std::string_view store_number(const TypeDesc& type, const Scalar& scalar, void* value) {
  double number = 0;
  switch (scalar.kind) {
    case Scalar::Kind::integer:
      number = static_cast<double>(scalar.integer);
      break;
    case Scalar::Kind::big_integer:
      number = static_cast<double>(scalar.big_integer);
      break;
    case Scalar::Kind::number:
      number = scalar.number;
      break;
    default:
      return rule::kType;
  }
  if (const std::string_view broken = check_number(type, number); !broken.empty()) return broken;
  *static_cast<double*>(value) = number;
  return {};
}

}  // namespace

std::size_t length_of(std::string_view utf8) noexcept {
  std::size_t count = 0;
  for (const char c : utf8) count += (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  return count;
}

std::string_view check_integer(const TypeDesc& type, std::int64_t value) noexcept {
  if (value < type.min_integer) return rule::kMinimum;
  if (value > type.max_integer) return rule::kMaximum;
  return {};
}

std::string_view check_number(const TypeDesc& type, double value) noexcept {
  if (!std::isfinite(value)) return rule::kType;
  if (value < type.min_number) return rule::kMinimum;
  if (value > type.max_number) return rule::kMaximum;
  return {};
}

std::string_view check_text(const TypeDesc& type, std::string_view text, std::size_t code_points) noexcept {
  if (code_points < type.min_length) return rule::kMinLength;
  if (code_points > type.max_length) return rule::kMaxLength;
  if (type.alphabet.empty()) return {};
  if (text.empty()) return rule::kPattern;  // the patterns of the profile ask for one character at least
  std::array<bool, 256> allowed{};
  for (const char c : type.alphabet) allowed[static_cast<unsigned char>(c)] = true;
  for (const char c : text)
    if (!allowed[static_cast<unsigned char>(c)]) return rule::kPattern;
  return {};
}

std::size_t find_label(const TypeDesc& type, std::string_view label) noexcept {
  std::size_t index = 0;
  while (index < type.labels.size() && type.labels[index] != label) ++index;
  return index;
}

std::string_view store(const TypeDesc& type, const Scalar& scalar, void* value) {
  switch (type.shape) {
    case Shape::boolean:
      if (scalar.kind != Scalar::Kind::boolean) return rule::kType;
      *static_cast<bool*>(value) = scalar.boolean;
      return {};
    case Shape::integer:
      return store_integer(type, scalar, value);
    case Shape::number:
      return store_number(type, scalar, value);
    case Shape::string: {
      if (scalar.kind != Scalar::Kind::text) return rule::kType;
      const std::string_view broken = check_text(type, scalar.text, length_of(scalar.text));
      if (broken.empty()) static_cast<std::string*>(value)->assign(scalar.text);
      return broken;
    }
    case Shape::enumeration: {
      if (scalar.kind != Scalar::Kind::text) return rule::kType;
      const std::size_t index = find_label(type, scalar.text);
      if (index == type.labels.size() && !type.open) return rule::kEnum;
      type.set_label(value, index);
      return {};
    }
    case Shape::object:
    case Shape::array:
    case Shape::map:
    case Shape::tagged:
      break;
  }
  return rule::kType;
}

std::string expected_by(const TypeDesc& type, std::string_view rule) {
  if (rule == rule::kMinimum) return "at least " + bound_of(type, true);
  if (rule == rule::kMaximum) return "at most " + bound_of(type, false);
  if (rule == rule::kMinLength) return "at least " + plural(type.min_length, "character", "characters");
  if (rule == rule::kMaxLength) return "at most " + plural(type.max_length, "character", "characters");
  if (rule == rule::kPropertyNames) return "names of at most " + plural(type.max_length, "character", "characters");
  if (rule == rule::kPattern) return "text that matches " + std::string(type.pattern);
  if (rule == rule::kEnum) return list_of_labels(type);
  if (rule == rule::kMinItems) return "at least " + plural(type.min_items, "item", "items");
  if (rule == rule::kMaxItems) return "at most " + plural(type.max_items, "item", "items");
  if (rule == rule::kMinProperties) return "at least " + plural(type.min_items, "member", "members");
  if (rule == rule::kMaxProperties) return "at most " + plural(type.max_items, "member", "members");
  return name_of_shape(type);
}

std::string quoted_sample(std::string_view text) {
  std::string sample;
  append_quoted(sample, printable(text, kMaxSample));
  return sample;
}

std::string sample_of(const Scalar& scalar) {
  switch (scalar.kind) {
    case Scalar::Kind::null:
      return "null";
    case Scalar::Kind::boolean:
      return scalar.boolean ? "true" : "false";
    case Scalar::Kind::integer:
      return std::to_string(scalar.integer);
    case Scalar::Kind::big_integer:
      return std::to_string(scalar.big_integer);
    case Scalar::Kind::text:
      return quoted_sample(scalar.text);
    case Scalar::Kind::number:
      break;
  }
  if (std::isnan(scalar.number)) return "NaN";
  if (std::isinf(scalar.number)) return scalar.number > 0 ? "Infinity" : "-Infinity";
  std::string text;
  append_number(text, scalar.number);
  return text;
}

void append_segment(std::string& pointer, std::string_view segment) {
  pointer += '/';
  for (const char c : segment) {
    if (c == '~') {
      pointer += "~0";
    } else if (c == '/') {
      pointer += "~1";
    } else {
      pointer += c;
    }
  }
}

Fault newer_fault(std::string pointer, std::string_view what, Version since, Version effective) {
  const auto text = [](Version version) {
    std::string written = "protocol ";
    written += std::to_string(version.major);
    written += '.';
    return written += std::to_string(version.minor);
  };
  std::string found(what);
  found += " of ";
  found += text(since);
  return {std::move(pointer), rule::kSince, text(effective), std::move(found)};
}

std::string shortened_pointer(std::string_view pointer) {
  return printable(pointer, kMaxPointer);
}

Error to_error(const errors::Code& code, const Fault& fault) {
  const std::string_view thing = last_segment(fault.pointer);
  std::string message;
  if (fault.rule == rule::kRequired) {
    message = (thing.empty() ? std::string{} : std::string(thing) + ": ") + fault.expected + " is missing";
  } else if (fault.rule == rule::kSince) {
    message = (thing.empty() ? std::string{} : std::string(thing) + ": ") + fault.found + " is newer than " + fault.expected +
              ", which is in effect; do without it or update the other program";
  } else {
    message = (thing.empty() ? std::string("the value") : std::string(thing)) + " must be " + fault.expected;
    if (fault.rule == rule::kMinLength || fault.rule == rule::kMaxLength) message += " long";
    if (!fault.found.empty()) message += ", found " + fault.found;
  }
  Error error = make_error(code, std::move(message));
  error.pointer = shortened_pointer(fault.pointer);
  error.rule = fault.rule;
  error.expected = printable(fault.expected, kMaxSaid);
  if (!fault.found.empty()) error.found = printable(fault.found, kMaxSaid);
  return error;
}

}  // namespace loophole::wire::detail
