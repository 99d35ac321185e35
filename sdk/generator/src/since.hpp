#pragma once
// Since which version things are there. A type has no date of its own: it is as old as its oldest use.

#include <map>

#include "model.hpp"

namespace loophole::schema {

// What the loader gives to members and labels that the schema does not date. No version of the protocol is written 0.0.
inline constexpr Version kUndated{0, 0};

// The version of the oldest message, document or part of the envelope that has a type in it; types that nothing uses have none.
[[nodiscard]] std::map<TypeRef, Version> ages(const Model& model);

// Dates members and labels that the schema does not date: they are as old as their type.
void date(Model& model);

[[nodiscard]] std::string to_text(const Version& version);  // "1.0"

}  // namespace loophole::schema
