#include "canonical.hpp"

#include <sodium.h>

#include <array>

#include "since.hpp"

namespace loophole::schema {
namespace {

using Sorted = nlohmann::json;

std::string written(const TypeRef& ref) {
  return ref.domain + "." + ref.name;
}

template <class T>
void put(Sorted& out, const char* key, const std::optional<T>& value) {
  if (value) out[key] = *value;
}
void put(Sorted& out, const char* key, const std::optional<Json>& value) {
  if (value) out[key] = Sorted(*value);
}
void put(Sorted& out, const char* key, const std::string& value) {
  if (!value.empty()) out[key] = value;
}

Sorted labels(const std::vector<Label>& labels) {
  Sorted out = Sorted::array();
  for (const Label& label : labels) out.push_back({{"name", label.name}, {"description", label.description}});
  return out;
}

Sorted dated_labels(const std::vector<Label>& labels) {
  Sorted out = Sorted::array();
  for (const Label& label : labels)
    out.push_back({{"name", label.name}, {"description", label.description}, {"since", to_text(label.since)}});
  return out;
}

Sorted type_json(const Type& type);

Sorted object_json(const Type& type) {
  Sorted fields = Sorted::array();
  for (const Field& field : type.fields) {
    Sorted one = type_json(field.type);
    one["name"] = field.name;
    one["required"] = field.required;
    one["since"] = to_text(field.since);
    if (field.default_value) one["default"] = Sorted(*field.default_value);
    fields.push_back(std::move(one));
  }
  return {{"shape", "object"}, {"document", type.document}, {"fields", std::move(fields)}};
}

Sorted shape_json(const Type& type) {
  Sorted out;
  switch (type.shape) {
    case Shape::boolean:
      return {{"shape", "boolean"}};
    case Shape::integer:
      out = {{"shape", "integer"}};
      put(out, "minimum", type.min_integer);
      put(out, "maximum", type.max_integer);
      return out;
    case Shape::number:
      out = {{"shape", "number"}};
      put(out, "minimum", type.min_number);
      put(out, "maximum", type.max_number);
      return out;
    case Shape::string:
      out = {{"shape", "string"}, {"minLength", type.min_length}, {"id", type.id}};
      put(out, "maxLength", type.max_length);
      put(out, "pattern", type.pattern);
      return out;
    case Shape::constant:
      return {{"shape", "constant"}, {"const", type.constant}};
    case Shape::enumeration:
      return {{"shape", "enumeration"}, {"open", type.open}, {"labels", dated_labels(type.labels)}};
    case Shape::object:
      return object_json(type);
    case Shape::array:
      out = {{"shape", "array"}, {"minItems", type.min_items}};
      put(out, "maxItems", type.max_items);
      break;
    case Shape::map:
      out = {{"shape", "map"}};
      put(out, "maxProperties", type.max_items);
      put(out, "maxKeyLength", type.max_length);
      break;
    case Shape::tagged:
      out = {{"shape", "tagged"}, {"tag", type.tag}, {"alternatives", Sorted::array()}};
      for (const TypeRef& alternative : type.alternatives) out["alternatives"].push_back(written(alternative));
      return out;
    case Shape::reference:
      return {{"shape", "reference"}, {"type", written(type.reference)}};
  }
  if (type.element) out["element"] = type_json(*type.element);
  return out;
}

Sorted type_json(const Type& type) {
  Sorted out = shape_json(type);
  put(out, "description", type.description);
  put(out, "unit", type.unit);
  return out;
}

Sorted routes_json(const std::vector<Route>& routes) {
  Sorted out = Sorted::array();
  for (const Route& route : routes) out.push_back({{"from", route.from}, {"to", route.to}});
  return out;
}

Sorted message_json(const Message& message) {
  Sorted out = {{"kind", message.kind == MessageKind::command ? "command" : "event"},
                {"summary", message.summary},
                {"routes", routes_json(message.routes)},
                {"payload", written(message.payload)},
                {"since", to_text(message.since)},
                {"maxBytes", message.max_bytes}};
  put(out, "deprecated", message.deprecated);
  if (message.kind == MessageKind::command) {
    if (message.reply) out["reply"] = written(*message.reply);
    out["errors"] = message.errors;
    out["idempotent"] = message.idempotent;
    out["undoable"] = message.undoable;
  }
  Sorted valid = Sorted::array();
  for (const ValidExample& example : message.valid) valid.push_back(Sorted(example.payload));
  Sorted invalid = Sorted::array();
  for (const InvalidExample& example : message.invalid)
    invalid.push_back({{"payload", Sorted(example.payload)}, {"pointer", example.pointer}, {"rule", example.rule}});
  out["examples"] = {{"valid", std::move(valid)}, {"invalid", std::move(invalid)}};
  return out;
}

Sorted topology_json(const Topology& topology) {
  Sorted edges = Sorted::array();
  for (const Edge& edge : topology.edges) edges.push_back({{"from", edge.from}, {"to", edge.to}, {"plane", edge.plane}});
  return {
      {"roles", labels(topology.roles)},
      {"planes", labels(topology.planes)},
      {"edges", std::move(edges)},
      {"limits",
       {{"maxMessageBytes", topology.max_message_bytes}, {"maxDepth", topology.max_depth}, {"maxFrameBytes", topology.max_frame_bytes}}}};
}

Sorted frame_field_json(const FrameField& field, bool of_struct) {
  Sorted out = {{"name", field.name}, {"type", field.type}};
  put(out, "description", field.description);
  put(out, "unit", field.unit);
  put(out, "minimum", field.minimum);
  put(out, "maximum", field.maximum);
  put(out, "maxItems", field.max_items);
  put(out, "offset", field.offset);
  put(out, "id", field.id);
  put(out, "default", field.default_value);
  if (field.finite) out["finite"] = true;
  if (field.unchecked) out["unchecked"] = true;
  if (of_struct) return out;
  out["required"] = field.required;
  out["deprecated"] = field.deprecated;
  out["since"] = to_text(field.since);
  return out;
}

Sorted frame_type_json(const FrameType& type) {
  Sorted fields = Sorted::array();
  for (const FrameField& field : type.fields) fields.push_back(frame_field_json(field, type.fixed));
  Sorted out = {{"fixed", type.fixed}, {"fields", std::move(fields)}};
  put(out, "description", type.description);
  if (type.fixed) {
    out["size"] = type.size;
    out["alignment"] = type.alignment;
  } else {
    out["since"] = to_text(type.since);
  }
  return out;
}

Sorted frame_enum_json(const FrameEnum& enumeration) {
  Sorted values = Sorted::array();
  for (const FrameEnumValue& value : enumeration.values)
    values.push_back({{"name", value.name}, {"value", value.value}, {"description", value.description}});
  return {{"description", enumeration.description}, {"type", enumeration.underlying}, {"values", std::move(values)}};
}

Sorted frame_json(const Frame& frame) {
  Sorted types = Sorted::object();
  for (const FrameType& type : frame.types) types[type.name] = frame_type_json(type);
  Sorted enums = Sorted::object();
  for (const FrameEnum& enumeration : frame.enums) enums[enumeration.name] = frame_enum_json(enumeration);
  Sorted out = {{"plane", frame.plane},           {"namespace", frame.name_space}, {"root", frame.root},
                {"identifier", frame.identifier}, {"types", std::move(types)},     {"enums", std::move(enums)}};
  put(out, "topic", frame.topic);
  return out;
}

}  // namespace

Sorted canonical(const Model& model) {
  Sorted domains = Sorted::object();
  for (const Domain& domain : model.domains) {
    Sorted types = Sorted::object();
    for (const NamedType& named : domain.types) types[named.name] = type_json(named.type);
    Sorted messages = Sorted::object();
    for (const Message& message : domain.messages) messages[message.name] = message_json(message);
    domains[domain.name] = {{"description", domain.description}, {"types", std::move(types)}, {"messages", std::move(messages)}};
  }
  Sorted errors = Sorted::object();
  for (const ErrorCode& error : model.errors) {
    errors[error.code] = {{"category", error.category}, {"since", to_text(error.since)}, {"summary", error.summary}};
    if (error.scope != ErrorScope::listed) errors[error.code]["scope"] = error.scope == ErrorScope::any ? "any" : "local";
  }
  Sorted frames = Sorted::object();
  for (const Frame& frame : model.frames) frames[frame.name] = frame_json(frame);
  return {{"protocol", {{"major", model.protocol.major}, {"minMinor", model.min_minor}, {"maxMinor", model.protocol.minor}}},
          {"domains", std::move(domains)},
          {"topology", topology_json(model.topology)},
          {"errors", std::move(errors)},
          {"frames", std::move(frames)}};
}

std::string fingerprint(const Model& model) {
  return fingerprint(canonical(model));
}

std::string fingerprint(const Sorted& canonical_model) {
  const std::string text = canonical_model.dump();
  std::array<unsigned char, crypto_hash_sha256_BYTES> digest{};
  crypto_hash_sha256(digest.data(), reinterpret_cast<const unsigned char*>(text.data()), text.size());
  std::string out;
  for (const unsigned char byte : digest) {
    constexpr char kDigits[] = "0123456789abcdef";
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
  }
  return out;
}

std::string canonical_text(const Model& model) {
  Sorted out = canonical(model);
  out["fingerprint"] = fingerprint(model);
  return out.dump(2) + "\n";
}

}  // namespace loophole::schema
