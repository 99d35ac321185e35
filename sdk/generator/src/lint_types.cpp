#include <algorithm>
#include <set>

#include "lint.hpp"
#include "naming.hpp"
#include "validate.hpp"

namespace loophole::schema {
namespace {

void need_text(const std::string& text, const Where& where, const std::string& what, Faults& faults) {
  if (text.find_first_not_of(' ') == std::string::npos)
    faults.push_back({where, "documentation", what + " has no description; add a sentence."});
}

void lint_documentation(const Model& model, Faults& faults) {
  for (const Domain& domain : model.domains) {
    need_text(domain.description, {domain.file, ""}, "The domain", faults);
    for (const NamedType& named : domain.types) need_text(named.type.description, named.type.where, "The type", faults);
  }
  each_type(model, [&](const Domain&, const Type& type, const Field* field) {
    if (field != nullptr) need_text(type.description, type.where, "The property '" + field->name + "'", faults);
    for (std::size_t i = 0; i < type.labels.size(); ++i) {
      const Where where{type.where.file, pointer_to(pointer_to(type.where.pointer, "enum"), std::to_string(i))};
      need_text(type.labels[i].description, where, "The label '" + type.labels[i].name + "' (in x-values)", faults);
    }
  });
  for (const Label& role : model.topology.roles)
    need_text(role.description, {model.topology.file, pointer_to("/roles", role.name)}, "The role", faults);
  for (const Label& plane : model.topology.planes)
    need_text(plane.description, {model.topology.file, pointer_to("/planes", plane.name)}, "The plane", faults);
}

void lint_references(const Model& model, const Type& type, Faults& faults) {
  const auto need = [&](const TypeRef& ref, const std::string& pointer) {
    if (auto message = model.unresolved(ref)) faults.push_back({{type.where.file, pointer}, "ref-unresolved", *std::move(message)});
  };
  if (type.shape == Shape::reference) need(type.reference, pointer_to(type.where.pointer, "$ref"));
  for (std::size_t i = 0; i < type.alternatives.size(); ++i)
    need(type.alternatives[i], pointer_to(pointer_to(pointer_to(type.where.pointer, "oneOf"), std::to_string(i)), "$ref"));
}

void lint_union(const Model& model, const Type& type, Faults& faults) {
  if (type.shape != Shape::tagged || type.tag.empty()) return;
  if (type.alternatives.empty()) faults.push_back({type.where, "union-alternative", "The union has no alternatives; add one."});
  std::set<std::string> tags;
  for (std::size_t i = 0; i < type.alternatives.size(); ++i) {
    const Where where{type.where.file, pointer_to(pointer_to(type.where.pointer, "oneOf"), std::to_string(i))};
    const Type* alternative = model.find(type.alternatives[i]);
    if (alternative == nullptr) continue;
    const auto field = std::ranges::find(alternative->fields, type.tag, &Field::name);
    if (field == alternative->fields.end() || field->type.shape != Shape::constant || !field->required) {
      faults.push_back({where, "union-alternative",
                        type.alternatives[i].name + " needs the tag '" + type.tag + "' as a required property with a const."});
    } else if (!tags.insert(field->type.constant).second) {
      faults.push_back({where, "union-alternative", "Another alternative has the tag '" + field->type.constant + "' too; change one."});
    }
  }
}

void lint_pattern(const Type& type, Faults& faults) {
  if (type.pattern.empty()) return;
  const Where where{type.where.file, pointer_to(type.where.pointer, "pattern")};
  if (!alphabet(type.pattern))
    faults.push_back(
        {where, "pattern-form", "A pattern has the form ^[CLASS]+$ with ASCII characters and ranges, such as ^[A-Za-z0-9_-]+$."});
  if (type.min_length == 0) faults.push_back({where, "pattern-form", "The pattern asks for a character, so minLength must be at least 1."});
}

void lint_default(const Model& model, const Field& field, Faults& faults) {
  if (!field.default_value) return;
  const Where where{field.type.where.file, pointer_to(field.type.where.pointer, "default")};
  const Type* type = model.resolve(field.type);
  if (type == nullptr) return;
  const bool scalar = type->shape == Shape::boolean || type->shape == Shape::integer || type->shape == Shape::number ||
                      type->shape == Shape::string || type->shape == Shape::enumeration;
  if (!scalar) {
    faults.push_back({where, "default-invalid", "Only booleans, numbers, strings and enumerations can have a default; remove it."});
  } else if (type->shape == Shape::enumeration && *field.default_value == "unknown") {
    faults.push_back({where, "default-invalid", "`unknown` says nothing, so it is no default; choose a label."});
  } else if (const auto breach = validate(model, *type, *field.default_value, Side::sender)) {
    faults.push_back({where, "default-invalid", "The default " + breach->message + " (" + breach->rule + ")."});
  }
}

void lint_units(const Model& model, const Type& type, const Field* field, Faults& faults) {
  if (!type.unit.empty() && !is_unit(type.unit)) {
    faults.push_back({{type.where.file, pointer_to(type.where.pointer, "x-unit")},
                      "unit-unknown",
                      "'" + type.unit + "' is not one of Frames, Ns, Ms, Hz, Db, Ratio, Bpm, Beats, Parameter."});
  }
  if (field == nullptr) return;
  const Type* numbers = model.resolve(type);
  if (numbers != nullptr && numbers->element) numbers = model.resolve(*numbers->element);
  if (numbers != nullptr) lint_unit(field->name, numbers->unit, type.where, faults);
}

// What the SDK takes for granted of these schemas.
void lint_core(const Model& model, Faults& faults) {
  const auto need = [&](const std::string& domain, const std::string& name, const std::vector<std::string>& labels, bool exactly) {
    if (model.unread.contains("control/" + domain + ".schema.json")) return;
    const Type* type = model.find({domain, name});
    if (type == nullptr || type->shape != Shape::enumeration || type->open) {
      faults.push_back(
          {{"control/" + domain + ".schema.json", "/$defs"}, "core-type", "The SDK needs the closed enumeration " + name + " here."});
      return;
    }
    std::vector<std::string> present;
    for (const Label& label : type->labels) present.push_back(label.name);
    const bool all =
        std::ranges::all_of(labels, [&](const std::string& label) { return std::ranges::find(present, label) != present.end(); });
    if (!all || (exactly && present.size() != labels.size())) {
      std::string list;
      for (const std::string& label : labels) list += (list.empty() ? "" : ", ") + label;
      faults.push_back({type->where, "core-type", name + " must have the labels " + list + "."});
    }
  };
  std::vector<std::string> roles;
  for (const Label& role : model.topology.roles) roles.push_back(role.name);
  if (!model.unread.contains("topology.json")) need("scalars", "Role", roles, true);
  need("scalars", "Kind", {"command", "reply", "error", "event"}, true);
  need("envelope", "Category", {}, false);

  const auto need_members = [&](const std::string& name, const std::vector<std::string>& members) {
    const Type* type = model.find({"envelope", name});
    const auto has = [&](const std::string& member) {
      return std::ranges::any_of(type->fields, [&](const Field& field) { return field.name == member; });
    };
    if (type != nullptr && type->shape == Shape::object && std::ranges::all_of(members, has)) return;
    std::string list;
    for (const std::string& member : members) list += (list.empty() ? "" : ", ") + member;
    faults.push_back({{"control/envelope.schema.json", type == nullptr ? "/$defs" : "/$defs/" + name},
                      "core-type",
                      "The SDK needs the object " + name + " with the members " + list + " here."});
  };
  need_members("Header", {"v", "id", "cid", "ts", "origin", "target", "kind", "name"});
  need_members("Error", {"category", "code", "message"});
}

}  // namespace

void lint_types(const Model& model, Faults& faults) {
  lint_core(model, faults);
  lint_documentation(model, faults);
  each_type(model, [&](const Domain&, const Type& type, const Field* field) {
    lint_references(model, type, faults);
    lint_union(model, type, faults);
    lint_pattern(type, faults);
    lint_units(model, type, field, faults);
    if (field != nullptr) lint_default(model, *field, faults);
  });
}

}  // namespace loophole::schema
