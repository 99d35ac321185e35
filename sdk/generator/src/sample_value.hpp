#pragma once
// Values of types, for test data and fuzzing. The same model gives the same values.

#include "model.hpp"

namespace loophole::schema {

// The least that is valid: only required members, the shortest texts and lists, small numbers.
[[nodiscard]] Json minimal_value(const Model& model, const Type& type);

// Every member, one element in each list, one of every alternative in lists of a union; numbers at their upper bound.
[[nodiscard]] Json maximal_value(const Model& model, const Type& type);

// Text of `length` characters that `type` (a string) allows.
[[nodiscard]] std::string text_of_length(const Type& type, std::size_t length);

// The number nearest to `wanted` within the bounds of an integer or a number.
[[nodiscard]] std::int64_t nearest_integer(const Type& type, std::int64_t wanted);
[[nodiscard]] double nearest_number(const Type& type, double wanted);

// A key for a map, with the characters that JSON pointers escape where they fit.
[[nodiscard]] std::string sample_key(const Type& map);

// Of an alternative of a union: the text of its tag.
[[nodiscard]] std::string tag_of(const Model& model, const Type& tagged, const TypeRef& alternative);

// The header of an envelope by envelope.Header. `cid` only where it is not empty.
struct SampleHeader {
  std::string kind;
  std::string name;
  Route route;
  std::string cid;
};
[[nodiscard]] Json header_value(const Model& model, const SampleHeader& header);

}  // namespace loophole::schema
