#pragma once
// Checks a JSON value against a type of the model, with the verdicts of the SDK's decoder: the first fault in the order of the text.

#include <optional>
#include <string>

#include "model.hpp"

namespace loophole::schema {

struct Breach {
  std::string pointer;  // into the value
  std::string rule;     // keyword: type, required, enum, const, minLength, maxLength, pattern, minimum, maximum, minItems, …
  std::string message;
};

// receiver: unknown members are ignored and open enumerations take any label. sender: no such member may be sent, and of labels that are
// not listed only `unknown`, in open enumerations.
enum class Side { receiver, sender };

// Nothing when the value is valid, or when a reference in the type leads nowhere (which is another rule's business).
[[nodiscard]] std::optional<Breach> validate(const Model& model, const Type& type, const Json& value, Side side);

}  // namespace loophole::schema
