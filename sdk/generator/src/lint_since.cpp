#include "lint.hpp"
#include "since.hpp"

namespace loophole::schema {
namespace {

void lint_fields(const Type& type, const Version& age, Faults& faults) {
  for (const Field& field : type.fields) {
    const Where where{field.type.where.file, pointer_to(field.type.where.pointer, "x-since")};
    if (field.since < age) {
      faults.push_back({where, "since-order",
                        "'" + field.name + "' cannot be of " + to_text(field.since) + ", because its type came with " + to_text(age) +
                            "; remove x-since."});
    } else if (field.required && field.since > age) {
      faults.push_back({where, "since-required",
                        "'" + field.name + "' cannot be required, because peers of " + to_text(age) +
                            " send this type without it; take it out of `required`."});
    }
  }
}

void lint_labels(const Type& type, const Version& age, Faults& faults) {
  for (const Label& label : type.labels) {
    const Where where{type.where.file, pointer_to(pointer_to(type.where.pointer, "x-label-since"), label.name)};
    if (label.since < age) {
      faults.push_back({where, "since-order",
                        "'" + label.name + "' cannot be of " + to_text(label.since) + ", because its enumeration came with " +
                            to_text(age) + "; remove it here."});
    } else if (label.since > age && !type.open) {
      faults.push_back(
          {where, "label-since",
           "A closed enumeration cannot grow, because peers of " + to_text(age) + " refuse '" + label.name + "'; make a new enumeration."});
    }
  }
}

// Peers of the property's version mean its default when they leave it out, so they must know the label.
void lint_default(const Model& model, const Field& field, Faults& faults) {
  const Type* type = model.resolve(field.type);
  if (!field.default_value || type == nullptr) return;
  for (const Label& label : type->labels) {
    if (*field.default_value != Json(label.name) || label.since <= field.since) continue;
    faults.push_back({{field.type.where.file, pointer_to(field.type.where.pointer, "default")},
                      "since-order",
                      "'" + field.name + "' is of " + to_text(field.since) + ", so its default cannot be a label of " +
                          to_text(label.since) + "; choose an older one."});
  }
}

}  // namespace

void lint_since(const Model& model, Faults& faults) {
  const auto known = ages(model);
  for (const Domain& domain : model.domains) {
    for (const NamedType& named : domain.types) {
      const auto age = known.find({domain.name, named.name});
      if (age == known.end()) continue;  // unused-type says it
      lint_fields(named.type, age->second, faults);
      lint_labels(named.type, age->second, faults);
      for (const Field& field : named.type.fields) lint_default(model, field, faults);
    }
  }
}

}  // namespace loophole::schema
