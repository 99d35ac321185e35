#include "lint.hpp"

#include "naming.hpp"

namespace loophole::schema {
namespace {

using Visit = std::function<void(const Domain&, const Type&, const Field*)>;

void walk(const Domain& domain, const Type& type, const Field* field, const Visit& visit) {
  visit(domain, type, field);
  for (const Field& member : type.fields) walk(domain, member.type, &member, visit);
  if (type.element) walk(domain, *type.element, nullptr, visit);
}

}  // namespace

Faults lint(const Model& model) {
  Faults faults;
  lint_names(model, faults);
  lint_types(model, faults);
  lint_graph(model, faults);
  lint_since(model, faults);
  lint_messages(model, faults);
  lint_limits(model, faults);
  lint_frames(model, faults);
  return faults;
}

void each_type(const Model& model, const Visit& visit) {
  for (const Domain& domain : model.domains)
    for (const NamedType& named : domain.types) walk(domain, named.type, nullptr, visit);
}

void lint_unit(const std::string& name, const std::string& unit, const Where& where, Faults& faults) {
  const std::string_view suffix = unit_suffix(name);
  if (suffix == unit || (suffix.empty() && unit == "Parameter")) return;
  if (!unit.empty() && !is_unit(unit)) return;  // unit-unknown says it
  if (suffix.empty()) {
    faults.push_back({where, "unit-suffix", "'" + name + "' is in " + unit + ", so its name must end with " + unit + "."});
  } else {
    faults.push_back({where, "unit-suffix",
                      "'" + name + "' ends with " + std::string{suffix} + ", so its unit must be " + std::string{suffix} + ", not " +
                          (unit.empty() ? "none" : unit) + "."});
  }
}

}  // namespace loophole::schema
