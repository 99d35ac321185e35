#pragma once
// Rules over a loaded model. load() has reported what breaks the profile itself.

#include <functional>

#include "model.hpp"

namespace loophole::schema {

[[nodiscard]] Faults lint(const Model& model);

// Parts of lint(), one a file.
void lint_names(const Model& model, Faults& faults);     // spelling on the wire and in C++
void lint_types(const Model& model, Faults& faults);     // references, unions, patterns, defaults, units, documentation
void lint_graph(const Model& model, Faults& faults);     // recursion, cycles of domains, types that nothing uses
void lint_since(const Model& model, Faults& faults);     // versions of members and labels
void lint_messages(const Model& model, Faults& faults);  // payloads, routes, errors, examples; the register of errors
void lint_limits(const Model& model, Faults& faults);    // bounds of payloads against maxBytes
void lint_frames(const Model& model, Faults& faults);    // .fbs

// Calls `visit` with every named type and every type inside one, and with the field that it is the type of (nullptr: of none).
void each_type(const Model& model, const std::function<void(const Domain& domain, const Type& type, const Field* field)>& visit);

// Fields with a unit say so in their name, and the other way round; `name` in lowerCamel.
void lint_unit(const std::string& name, const std::string& unit, const Where& where, Faults& faults);

}  // namespace loophole::schema
