#include "sample_value.hpp"

#include <algorithm>
#include <limits>

#include "naming.hpp"

namespace loophole::schema {
namespace {

enum class Extent { minimal, maximal };

class Sampler {
 public:
  Sampler(const Model& model, Extent extent) : model_(model), maximal_(extent == Extent::maximal) {}

  [[nodiscard]] Json of(const Type& written) const {
    const Type* found = model_.resolve(written);
    if (found == nullptr) return nullptr;
    const Type& type = *found;
    switch (type.shape) {
      case Shape::boolean:
        return maximal_;
      case Shape::integer:
        return nearest_integer(type, maximal_ ? std::numeric_limits<std::int64_t>::max() : 1);
      case Shape::number:
        return nearest_number(type, maximal_ ? 1e6 : 0.5);
      case Shape::string:
        return text_of_length(type,
                              maximal_ ? std::clamp<std::size_t>(12, type.min_length, type.max_length.value_or(12)) : type.min_length);
      case Shape::constant:
        return type.constant;
      case Shape::enumeration:
        return type.labels.empty() ? "" : maximal_ ? type.labels.back().name : type.labels.front().name;
      case Shape::object:
        return object(type);
      case Shape::array:
        return array(type);
      case Shape::map:
        if (!maximal_ || type.max_items == 0U) return Json::object();
        return Json{{sample_key(type), of(*type.element)}};
      case Shape::tagged:
        return type.alternatives.empty() ? Json::object() : of(alternative(type.alternatives.front()));
      case Shape::reference:
        break;
    }
    return nullptr;
  }

 private:
  static Type alternative(const TypeRef& ref) {
    Type type;
    type.shape = Shape::reference;
    type.reference = ref;
    return type;
  }

  [[nodiscard]] Json object(const Type& type) const {
    Json out = Json::object();
    for (const Field& field : type.fields)
      if (maximal_ || field.required) out[field.name] = of(field.type);
    return out;
  }

  [[nodiscard]] Json array(const Type& type) const {
    Json out = Json::array();
    const std::size_t most = type.max_items.value_or(std::numeric_limits<std::uint32_t>::max());
    const Type* element = model_.resolve(*type.element);
    if (maximal_ && element != nullptr && element->shape == Shape::tagged) {
      for (const TypeRef& ref : element->alternatives)
        if (out.size() < most) out.push_back(of(alternative(ref)));
    }
    const std::size_t least = std::max<std::size_t>(type.min_items, maximal_ && most > 0 ? 1 : 0);
    while (out.size() < least) out.push_back(of(*type.element));
    return out;
  }

  const Model& model_;
  bool maximal_;
};

}  // namespace

Json minimal_value(const Model& model, const Type& type) {
  return Sampler{model, Extent::minimal}.of(type);
}

Json maximal_value(const Model& model, const Type& type) {
  return Sampler{model, Extent::maximal}.of(type);
}

std::string text_of_length(const Type& type, std::size_t length) {
  const std::string characters = type.pattern.empty() ? "" : alphabet(type.pattern).value_or("");
  const char filler = characters.empty() || characters.find('a') != std::string::npos ? 'a' : characters.front();
  return std::string(length, filler);
}

std::int64_t nearest_integer(const Type& type, std::int64_t wanted) {
  if (type.min_integer) wanted = std::max(wanted, *type.min_integer);
  if (type.max_integer) wanted = std::min(wanted, *type.max_integer);
  return wanted;
}

double nearest_number(const Type& type, double wanted) {
  if (type.min_number) wanted = std::max(wanted, *type.min_number);
  if (type.max_number) wanted = std::min(wanted, *type.max_number);
  return wanted;
}

std::string sample_key(const Type& map) {
  const std::string key = "a/b~c";
  return key.substr(0, std::min<std::size_t>(key.size(), map.max_length.value_or(key.size())));
}

std::string tag_of(const Model& model, const Type& tagged, const TypeRef& alternative) {
  const Type* type = model.find(alternative);
  if (type == nullptr) return {};
  const auto field = std::ranges::find(type->fields, tagged.tag, &Field::name);
  return field == type->fields.end() ? std::string{} : field->type.constant;
}

Json header_value(const Model& model, const SampleHeader& header) {
  Json out = Json::object();
  const Type* type = model.find({"envelope", "Header"});
  if (type == nullptr) return out;
  for (const Field& field : type->fields) {
    if (field.name == "cid") {
      if (!header.cid.empty()) out["cid"] = header.cid;
    } else if (field.name == "id") {
      out["id"] = "m-1";
    } else if (field.name == "ts") {
      out["ts"] = "2026-01-31T12:00:00.000Z";
    } else if (field.name == "origin") {
      out["origin"] = header.route.from;
    } else if (field.name == "target") {
      out["target"] = header.route.to;
    } else if (field.name == "kind") {
      out["kind"] = header.kind;
    } else if (field.name == "name") {
      out["name"] = header.name;
    } else if (field.required) {
      out[field.name] = minimal_value(model, field.type);
    }
  }
  return out;
}

}  // namespace loophole::schema
