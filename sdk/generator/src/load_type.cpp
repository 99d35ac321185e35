#include <algorithm>

#include "load.hpp"
#include "since.hpp"

namespace loophole::schema {
namespace {

enum class Place { definition, property, element };

Type inline_type(const Cursor& at, const std::string& domain, Place place);

Type begin(Shape shape, const Cursor& at) {
  Type type;
  type.shape = shape;
  type.where = at.where();
  return type;
}

void load_default(const Cursor& at, Field& field) {
  if (const auto value = at.get("default")) field.default_value = value->value();
}

Type load_enumeration(const Cursor& at) {
  at.allow({"type", "enum", "x-values", "x-open", "x-label-since", "description"});
  Type type = begin(Shape::enumeration, at);
  type.open = at.boolean("x-open");
  const auto values = at.get("x-values");
  const auto since = at.get("x-label-since");
  at.get("enum")->each_element([&](const Cursor& label) {
    Label loaded{.name = label.text(), .description = {}, .since = kUndated};
    if (std::ranges::any_of(type.labels, [&](const Label& other) { return other.name == loaded.name; }))
      label.fault("name-collision", "The label '" + loaded.name + "' occurs twice; remove one.");
    if (values) loaded.description = values->text(loaded.name);
    if (const auto date = since ? since->get(loaded.name) : std::nullopt) loaded.since = date->version();
    type.labels.push_back(std::move(loaded));
  });
  const auto none = [&](const std::string& name) {
    return std::ranges::none_of(type.labels, [&](const Label& label) { return label.name == name; });
  };
  if (values) {
    values->each_member([&](const std::string& name, const Cursor& value) {
      if (none(name)) value.fault("documentation", "'" + name + "' describes no label of enum; correct the spelling or remove it.");
    });
  }
  if (since) {
    since->each_member([&](const std::string& name, const Cursor& value) {
      if (none(name)) value.fault("label-since", "'" + name + "' is no label of enum; correct the spelling or remove it.");
    });
  }
  if (type.labels.empty() || type.labels.size() > 250) at.fault("enum-size", "An enumeration has 1 to 250 labels.");
  return type;
}

Type load_string(const Cursor& at) {
  at.allow({"type", "minLength", "maxLength", "pattern", "x-id", "description", "default", "x-since"});
  Type type = begin(Shape::string, at);
  type.id = at.boolean("x-id");
  if (const auto least = at.get("minLength")) type.min_length = least->count().value_or(0);
  if (const auto most = at.get("maxLength")) {
    type.max_length = most->count();
    if (type.max_length < type.min_length) most->fault("string-bound", "maxLength is below minLength; correct one.");
  } else {
    at.fault("string-bound", "The string has no maxLength; say how long it may be.");
  }
  type.pattern = at.text("pattern");
  return type;
}

Type load_integer(const Cursor& at) {
  at.allow({"type", "minimum", "maximum", "x-unit", "description", "default", "x-since"});
  Type type = begin(Shape::integer, at);
  constexpr std::int64_t kExact = (std::int64_t{1} << 53) - 1;
  const auto bound = [&](const char* keyword) -> std::optional<std::int64_t> {
    const auto value = at.get(keyword);
    if (!value) return std::nullopt;
    const auto number = value->integer();
    if (number && (*number > kExact || *number < -kExact))
      value->fault("integer-range", "Integers stay within -(2^53-1) … 2^53-1, because a peer may keep them as double.");
    return number;
  };
  type.min_integer = bound("minimum");
  type.max_integer = bound("maximum");
  if (!at.has("minimum") || !at.has("maximum")) at.fault("integer-bound", "The integer needs both minimum and maximum.");
  if (type.min_integer && type.max_integer && *type.max_integer < *type.min_integer)
    at.fault("integer-bound", "maximum is below minimum; correct one.");
  type.unit = at.text("x-unit");
  return type;
}

Type load_number(const Cursor& at) {
  at.allow({"type", "minimum", "maximum", "x-unit", "description", "default", "x-since"});
  Type type = begin(Shape::number, at);
  if (const auto least = at.get("minimum")) type.min_number = least->number();
  if (const auto most = at.get("maximum")) type.max_number = most->number();
  type.unit = at.text("x-unit");
  if (type.unit.empty()) at.fault("number-unit", "The number has no x-unit; say in which unit it is.");
  return type;
}

Type load_array(const Cursor& at, const std::string& domain) {
  at.allow({"type", "items", "minItems", "maxItems", "description", "x-since"});
  Type type = begin(Shape::array, at);
  if (const auto items = at.need("items")) {
    type.element = std::make_shared<const Type>(inline_type(*items, domain, Place::element));
    // std::vector<bool> has no addresses of elements for the codec to write to.
    if (type.element->shape == Shape::boolean) items->fault("anonymous-type", "Arrays of booleans are not supported; use an object.");
  }
  if (const auto least = at.get("minItems")) type.min_items = least->count().value_or(0);
  if (const auto most = at.get("maxItems")) {
    type.max_items = most->count();
    if (type.max_items < type.min_items) most->fault("array-bound", "maxItems is below minItems; correct one.");
  } else {
    at.fault("array-bound", "The array has no maxItems; say how many elements it may have.");
  }
  return type;
}

Type load_map(const Cursor& at, const std::string& domain) {
  at.allow({"type", "additionalProperties", "propertyNames", "maxProperties", "description", "x-since"});
  Type type = begin(Shape::map, at);
  const auto values = at.get("additionalProperties");
  type.element = std::make_shared<const Type>(inline_type(*values, domain, Place::element));
  if (const auto most = at.get("maxProperties")) {
    type.max_items = most->count();
  } else {
    at.fault("map-bound", "The map has no maxProperties; say how many members it may have.");
  }
  const auto names = at.get("propertyNames");
  if (names) names->allow({"maxLength"});
  if (names && names->has("maxLength")) {
    type.max_length = names->get("maxLength")->count();
  } else {
    at.fault("map-bound", "The map has no propertyNames.maxLength; say how long a key may be.");
  }
  return type;
}

Type load_object(const Cursor& at, const std::string& domain) {
  at.allow({"type", "properties", "required", "description", "x-document"});
  Type type = begin(Shape::object, at);
  type.document = at.boolean("x-document");
  if (const auto properties = at.need("properties")) {
    properties->each_member([&](const std::string& name, const Cursor& property) {
      Field field{
          .name = name, .type = inline_type(property, domain, Place::property), .required = false, .default_value = {}, .since = kUndated};
      load_default(property, field);
      if (const auto since = property.get("x-since")) field.since = since->version();
      type.fields.push_back(std::move(field));
    });
  }
  if (const auto required = at.get("required")) {
    required->each_element([&](const Cursor& entry) {
      const std::string name = entry.text();
      const auto field = std::ranges::find(type.fields, name, &Field::name);
      if (field == type.fields.end()) return entry.fault("required-form", "'" + name + "' is no property; correct the spelling.");
      if (field->required) return entry.fault("required-form", "'" + name + "' is listed twice; remove one.");
      field->required = true;
      if (field->default_value) entry.fault("required-form", "'" + name + "' has a default, so it cannot be required; remove one.");
    });
  }
  return type;
}

Type load_constant(const Cursor& at) {
  at.allow({"type", "const", "description"});
  Type type = begin(Shape::constant, at);
  type.constant = at.get("const")->text();
  return type;
}

Type load_union(const Cursor& at, const std::string& domain) {
  at.allow({"oneOf", "x-tag", "description"});
  Type type = begin(Shape::tagged, at);
  type.tag = at.text("x-tag");
  if (type.tag.empty()) at.fault("untagged-union", "The union has no x-tag; name the const member that tells its alternatives apart.");
  at.get("oneOf")->each_element([&](const Cursor& alternative) {
    alternative.allow({"$ref", "description"});
    if (!alternative.has("$ref"))
      return alternative.fault("anonymous-type", "An alternative has a name: move it to $defs and refer to it.");
    type.alternatives.push_back(load_reference(alternative, domain));
  });
  return type;
}

Type load_reference_type(const Cursor& at, const std::string& domain) {
  at.allow({"$ref", "description", "default", "x-since"});
  Type type = begin(Shape::reference, at);
  type.reference = load_reference(at, domain);
  return type;
}

Type load_by_type(const Cursor& at, const std::string& domain) {
  const std::string name = at.text("type");
  if (name == "boolean") {
    at.allow({"type", "description", "default", "x-since"});
    return begin(Shape::boolean, at);
  }
  if (name == "integer") return load_integer(at);
  if (name == "number") return load_number(at);
  if (name == "string") return at.has("enum") ? load_enumeration(at) : at.has("const") ? load_constant(at) : load_string(at);
  if (name == "array") return load_array(at, domain);
  if (name == "object") return at.has("additionalProperties") ? load_map(at, domain) : load_object(at, domain);
  at.fault(at.has("type") ? "keyword-type" : "missing-keyword",
           "The type must be one of boolean, integer, number, string, array, object; or use $ref or oneOf.");
  return begin(Shape::boolean, at);
}

Type any_type(const Cursor& at, const std::string& domain) {
  Type type;
  bool combined = false;
  for (const char* keyword : {"allOf", "anyOf", "not", "if"}) {
    if (!at.has(keyword)) continue;
    combined = true;
    at.get(keyword)->fault("combinator",
                           "'" + std::string{keyword} + "' is not in the profile; write the type out, or use oneOf with x-tag.");
  }
  if (combined) {
    type = begin(Shape::boolean, at);
  } else if (at.has("$ref")) {
    type = load_reference_type(at, domain);
  } else if (at.has("oneOf")) {
    type = load_union(at, domain);
  } else {
    type = load_by_type(at, domain);
  }
  type.description = at.text("description");
  return type;
}

// Inside another type only what needs no C++ name of its own may stand.
Type inline_type(const Cursor& at, const std::string& domain, Place place) {
  Type type = any_type(at, domain);
  const bool named = type.shape == Shape::object || type.shape == Shape::enumeration || type.shape == Shape::tagged;
  const bool nested = place == Place::element && (type.shape == Shape::array || type.shape == Shape::map);
  if (named || nested || (place == Place::element && type.shape == Shape::constant) || type.id)
    at.fault("anonymous-type", "This type needs a name: move it to $defs and refer to it with $ref.");
  return type;
}

}  // namespace

TypeRef load_reference(const Cursor& at, const std::string& domain) {
  const auto member = at.get("$ref");
  const std::string written = member ? member->text() : "";
  constexpr std::string_view kFragment = "#/$defs/";
  constexpr std::string_view kFile = ".schema.json";
  const std::size_t hash = written.find(kFragment);
  const std::string file = written.substr(0, std::min(hash, written.size()));
  if (hash == std::string::npos || (!file.empty() && !file.ends_with(kFile))) {
    if (member) member->fault("ref-form", "A reference has the form \"#/$defs/Name\" or \"domain.schema.json#/$defs/Name\".");
    return {};
  }
  return {file.empty() ? domain : file.substr(0, file.size() - kFile.size()), written.substr(hash + kFragment.size())};
}

Type load_type(const Cursor& at, const std::string& domain) {
  Type type = any_type(at, domain);
  if (type.shape == Shape::reference) at.fault("ref-form", "A type cannot be another name of a type; refer to that one directly.");
  if (type.shape == Shape::constant) at.fault("keyword-type", "A const can be a property only.");
  for (const char* keyword : {"default", "x-since"})
    if (const auto member = at.get(keyword)) member->fault("unknown-keyword", "'" + std::string{keyword} + "' belongs to a property.");
  return type;
}

}  // namespace loophole::schema
