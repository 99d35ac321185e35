#pragma once
// The compiled model as canonical JSON: what `loophole-schema model` prints, what releases keep, what the fingerprint is of.

#include <nlohmann/json.hpp>
#include <string>

#include "model.hpp"

namespace loophole::schema {

// Members sorted by name; lists whose order means something (fields, labels, alternatives) are arrays. Equal for equal schemas,
// however their files are laid out.
[[nodiscard]] nlohmann::json canonical(const Model& model);

// SHA-256 of canonical(model) without white space, as 64 lower-case hexadecimal digits.
[[nodiscard]] std::string fingerprint(const Model& model);
[[nodiscard]] std::string fingerprint(const nlohmann::json& canonical_model);

// canonical(model) with its "fingerprint", indented by two.
[[nodiscard]] std::string canonical_text(const Model& model);

}  // namespace loophole::schema
