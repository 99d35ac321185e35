#pragma once
// What a value must keep to, and how a breach is told. Decoder and encoder share these, so that both have the same opinion.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "loophole/core/error.hpp"
#include "loophole/wire/type_desc.hpp"
#include "scalar.hpp"

namespace loophole::wire::detail {

// Rules as errors name them: keywords of JSON Schema, and below them those that JSON Schema has no word for.
namespace rule {
inline constexpr std::string_view kType = "type";
inline constexpr std::string_view kRequired = "required";
inline constexpr std::string_view kMinimum = "minimum";
inline constexpr std::string_view kMaximum = "maximum";
inline constexpr std::string_view kMinLength = "minLength";
inline constexpr std::string_view kMaxLength = "maxLength";
inline constexpr std::string_view kPattern = "pattern";
inline constexpr std::string_view kEnum = "enum";
inline constexpr std::string_view kConst = "const";
inline constexpr std::string_view kMinItems = "minItems";
inline constexpr std::string_view kMaxItems = "maxItems";
inline constexpr std::string_view kMinProperties = "minProperties";
inline constexpr std::string_view kMaxProperties = "maxProperties";
inline constexpr std::string_view kPropertyNames = "propertyNames";
inline constexpr std::string_view kSyntax = "syntax";
inline constexpr std::string_view kDepth = "depth";
inline constexpr std::string_view kSize = "size";
inline constexpr std::string_view kRoute = "route";
inline constexpr std::string_view kSince = "since";
}  // namespace rule

// The first thing that was wrong.
struct Fault {
  std::string pointer;  // RFC 6901
  std::string_view rule;
  std::string expected;  // "a string", "at least 1"
  std::string found;     // a short sample
};

// An error that says so: "name must be a string, found 3".
[[nodiscard]] Error to_error(const errors::Code& code, const Fault& fault);

// The rule that a value breaks; empty when it keeps all of them.
[[nodiscard]] std::string_view check_integer(const TypeDesc& type, std::int64_t value) noexcept;
[[nodiscard]] std::string_view check_number(const TypeDesc& type, double value) noexcept;
// `code_points` is the length of `text`.
[[nodiscard]] std::string_view check_text(const TypeDesc& type, std::string_view text, std::size_t code_points) noexcept;
// Place of a label; labels.size() when there is none of this name.
[[nodiscard]] std::size_t find_label(const TypeDesc& type, std::string_view label) noexcept;

// Number of code points of text that is known to be UTF-8.
[[nodiscard]] std::size_t length_of(std::string_view utf8) noexcept;

// Stores a scalar in the C++ object of a leaf type (boolean … enumeration). Returns the rule that it breaks, or nothing.
[[nodiscard]] std::string_view store(const TypeDesc& type, const Scalar& scalar, void* value);

// What `rule` of `type` asks for.
[[nodiscard]] std::string expected_by(const TypeDesc& type, std::string_view rule);
// A short sample of a value: `"loud"`, `3`, `null`.
[[nodiscard]] std::string sample_of(const Scalar& scalar);
[[nodiscard]] std::string quoted_sample(std::string_view text);

// The label reserved in open enumerations for what the sender has no word for.
inline constexpr std::string_view kUnknownLabel = "unknown";

// Something newer than the version in effect. `what`: "a member", "\"reverb\"".
[[nodiscard]] Fault newer_fault(std::string pointer, std::string_view what, Version since, Version effective);

// A pointer as errors and reports carry it: at most 1024 bytes.
[[nodiscard]] std::string shortened_pointer(std::string_view pointer);
// Appends "/segment", escaped.
void append_segment(std::string& pointer, std::string_view segment);

}  // namespace loophole::wire::detail
