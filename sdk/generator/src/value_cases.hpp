#pragma once
// Valid and invalid values of a type, derived from each of its constraints. Everything around the place that a case is about is the least
// that is valid, so that an invalid value has one fault.

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "model.hpp"

namespace loophole::schema {

struct ValueCase {
  std::string about;     // "longest"
  std::string pointer;   // what it is about; of an invalid value: where the fault is
  std::string rule;      // that it breaks; empty: valid
  bool sendable = true;  // false: receivers take it, but nobody may send it (unknown members and labels)
  Json value;
};

// A case whose text would be too long to be kept in a file.
struct LeftOut {
  std::string about;
  std::string pointer;
  std::string rule;
  std::string why;
};

struct ValueCases {
  std::vector<ValueCase> cases;
  std::vector<LeftOut> left_out;
};

// Puts a value where it belongs: gives the whole with it.
using Place = std::function<Json(Json)>;

struct CaseOptions {
  std::size_t most_bytes = 0;   // what is longer is left out
  bool unknown_labels = false;  // the reserved label `unknown` of open enumerations may be sent, as in replies and events
};

// Cases of `type`, as values of the whole that `place` gives. Pointers begin with `pointer`. A named type is gone through where it comes
// first; wherever it comes again, its values are only replaced by one of another type.
[[nodiscard]] ValueCases value_cases(const Model& model, const Type& type, const std::string& pointer, const Place& place,
                                     const CaseOptions& options);

}  // namespace loophole::schema
