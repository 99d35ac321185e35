#include "validate.hpp"

#include <algorithm>
#include <cmath>

#include "naming.hpp"

namespace loophole::schema {
namespace {

class Validator {
 public:
  Validator(const Model& model, Side side) : model_(model), side_(side) {}

  std::optional<Breach> check(const Type& written, const Json& value, const std::string& at) const {
    const Type* type = model_.resolve(written);
    if (type == nullptr) return std::nullopt;
    switch (type->shape) {
      case Shape::boolean:
        return value.is_boolean() ? std::nullopt : wrong_type(at, "boolean");
      case Shape::integer:
        return integer(*type, value, at);
      case Shape::number:
        return number(*type, value, at);
      case Shape::string:
        return string(*type, value, at);
      case Shape::constant:
        if (!value.is_string()) return wrong_type(at, "string");
        return value.get<std::string>() == type->constant ? std::nullopt : breach(at, "const", "must be '" + type->constant + "'");
      case Shape::enumeration:
        return enumeration(*type, value, at);
      case Shape::object:
        return object(*type, value, at);
      case Shape::array:
        return array(*type, value, at);
      case Shape::map:
        return map(*type, value, at);
      case Shape::tagged:
        return tagged(*type, value, at);
      case Shape::reference:
        break;
    }
    return std::nullopt;
  }

 private:
  static std::optional<Breach> breach(const std::string& at, const char* rule, std::string message) {
    return Breach{at, rule, std::move(message)};
  }
  static std::optional<Breach> wrong_type(const std::string& at, const std::string& wanted) {
    return breach(at, "type", "must be of type " + wanted);
  }

  static std::optional<Breach> integer(const Type& type, const Json& value, const std::string& at) {
    // JSON does not tell 1 from 1.0, and so no validator may.
    if (!value.is_number() || value.get<double>() != std::floor(value.get<double>())) return wrong_type(at, "integer");
    const auto number = value.get<double>();
    if (type.min_integer && number < static_cast<double>(*type.min_integer))
      return breach(at, "minimum", "must be at least " + std::to_string(*type.min_integer));
    if (type.max_integer && number > static_cast<double>(*type.max_integer))
      return breach(at, "maximum", "must be at most " + std::to_string(*type.max_integer));
    return std::nullopt;
  }

  static std::optional<Breach> number(const Type& type, const Json& value, const std::string& at) {
    if (!value.is_number()) return wrong_type(at, "number");
    const auto number = value.get<double>();
    if (type.min_number && number < *type.min_number) return breach(at, "minimum", "must be at least " + std::to_string(*type.min_number));
    if (type.max_number && number > *type.max_number) return breach(at, "maximum", "must be at most " + std::to_string(*type.max_number));
    return std::nullopt;
  }

  static std::size_t code_points(const std::string& text) {
    return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
  }

  static std::optional<Breach> string(const Type& type, const Json& value, const std::string& at) {
    if (!value.is_string()) return wrong_type(at, "string");
    const auto text = value.get<std::string>();
    const std::size_t length = code_points(text);
    if (length < type.min_length) return breach(at, "minLength", "must have at least " + std::to_string(type.min_length) + " characters");
    if (type.max_length && length > *type.max_length)
      return breach(at, "maxLength", "must have at most " + std::to_string(*type.max_length) + " characters");
    if (type.pattern.empty()) return std::nullopt;
    if (text.find_first_not_of(alphabet(type.pattern).value_or(text)) != std::string::npos || text.empty())
      return breach(at, "pattern", "must match " + type.pattern);
    return std::nullopt;
  }

  std::optional<Breach> enumeration(const Type& type, const Json& value, const std::string& at) const {
    if (!value.is_string()) return wrong_type(at, "string");
    const bool known = std::ranges::any_of(type.labels, [&](const Label& label) { return label.name == value.get<std::string>(); });
    // `unknown` stands for a label that the receiver has no word for.
    if (known || (type.open && (side_ == Side::receiver || value == "unknown"))) return std::nullopt;
    return breach(at, "enum", "must be one of the labels");
  }

  std::optional<Breach> object(const Type& type, const Json& value, const std::string& at) const {
    if (!value.is_object()) return wrong_type(at, "object");
    for (const auto& [key, member] : value.items()) {
      const auto field = std::ranges::find(type.fields, key, &Field::name);
      if (field != type.fields.end()) {
        if (auto found = check(field->type, member, pointer_to(at, key))) return found;
      } else if (side_ == Side::sender) {
        return breach(pointer_to(at, key), "additionalProperties", "is no member of this type");
      }
    }
    for (const Field& field : type.fields)
      if (field.required && !value.contains(field.name)) return breach(at, "required", "has no '" + field.name + "'");
    return std::nullopt;
  }

  std::optional<Breach> array(const Type& type, const Json& value, const std::string& at) const {
    if (!value.is_array()) return wrong_type(at, "array");
    for (std::size_t i = 0; i < value.size(); ++i) {
      if (type.max_items && i == *type.max_items)
        return breach(at, "maxItems", "must have at most " + std::to_string(*type.max_items) + " elements");
      if (auto found = check(*type.element, value[i], pointer_to(at, std::to_string(i)))) return found;
    }
    if (value.size() < type.min_items) return breach(at, "minItems", "must have at least " + std::to_string(type.min_items) + " elements");
    return std::nullopt;
  }

  std::optional<Breach> map(const Type& type, const Json& value, const std::string& at) const {
    if (!value.is_object()) return wrong_type(at, "object");
    std::size_t seen = 0;
    for (const auto& [key, member] : value.items()) {
      if (type.max_length && code_points(key) > *type.max_length)
        return breach(at, "propertyNames", "has a key of more than " + std::to_string(*type.max_length) + " characters");
      if (type.max_items && ++seen > *type.max_items)
        return breach(at, "maxProperties", "must have at most " + std::to_string(*type.max_items) + " members");
      if (auto found = check(*type.element, member, pointer_to(at, key))) return found;
    }
    return std::nullopt;
  }

  std::optional<Breach> tagged(const Type& type, const Json& value, const std::string& at) const {
    if (!value.is_object()) return wrong_type(at, "object");
    if (!value.contains(type.tag)) return breach(at, "required", "has no '" + type.tag + "'");
    const Json& tag = value[type.tag];
    if (!tag.is_string()) return wrong_type(pointer_to(at, type.tag), "string");
    for (const TypeRef& ref : type.alternatives) {
      const Type* alternative = model_.find(ref);
      if (alternative == nullptr) continue;
      const auto field = std::ranges::find(alternative->fields, type.tag, &Field::name);
      if (field != alternative->fields.end() && field->type.constant == tag.get<std::string>()) return object(*alternative, value, at);
    }
    return breach(pointer_to(at, type.tag), "enum", "must be the tag of an alternative");
  }

  const Model& model_;
  Side side_;
};

}  // namespace

std::optional<Breach> validate(const Model& model, const Type& type, const Json& value, Side side) {
  return Validator{model, side}.check(type, value, "");
}

}  // namespace loophole::schema
