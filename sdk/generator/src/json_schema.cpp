#include "json_schema.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "naming.hpp"
#include "since.hpp"

namespace loophole::schema {
namespace {

// 24, not 24.0: the same number, and what people write.
Json written(double value) {
  constexpr double kExact = 9007199254740991.0;
  if (std::trunc(value) == value && std::fabs(value) <= kExact) return static_cast<std::int64_t>(value);
  return value;
}

Json list_of(const std::vector<Label>& labels) {
  Json out = Json::array();
  for (const Label& label : labels) out.push_back(label.name);
  return out;
}

// The pattern of the profile in a form that means the same everywhere: `$` would let Python's re take a line feed after the text, and
// ECMAScript (flag u) knows few escapes. The class is written again from the characters that it stands for.
std::string portable_pattern(const std::string& pattern) {
  const std::string characters = alphabet(pattern).value_or("");
  std::string out = "^[";
  bool dash = false;
  const auto put = [&out](char c) {
    if (c == '\\' || c == ']' || c == '[' || c == '^') out += '\\';
    out += c;
  };
  for (std::size_t i = 0; i < characters.size();) {
    std::size_t last = i;
    while (last + 1 < characters.size() && characters[last + 1] == characters[last] + 1) ++last;
    // A dash goes to the end, where it is one everywhere; so it cannot be an end of a range.
    if (characters[i] == '-') {
      dash = true;
      ++i;
      continue;
    }
    if (const std::size_t stop = characters.find('-', i); stop != std::string::npos && stop <= last) last = stop - 1;
    put(characters[i]);
    if (last > i + 1) out += '-';
    if (last > i) put(characters[last]);
    i = last + 1;
  }
  if (dash) out += '-';
  return out + R"(]+(?![\s\S]))";
}

std::string name_of(const TypeRef& ref) {
  return ref.domain + "." + ref.name;
}

class Writer {
 public:
  Writer(const Model& model, const SchemaOptions& options) : model_(model), options_(options) {}

  [[nodiscard]] Json schema(const Type& type) const {
    Json out = Json::object();
    switch (type.shape) {
      case Shape::boolean:
        out["type"] = "boolean";
        break;
      case Shape::integer:
        out["type"] = "integer";
        if (type.min_integer) out["minimum"] = *type.min_integer;
        if (type.max_integer) out["maximum"] = *type.max_integer;
        break;
      case Shape::number:
        out["type"] = "number";
        if (type.min_number) out["minimum"] = written(*type.min_number);
        if (type.max_number) out["maximum"] = written(*type.max_number);
        break;
      case Shape::string:
        out["type"] = "string";
        if (type.min_length > 0) out["minLength"] = type.min_length;
        if (type.max_length) out["maxLength"] = *type.max_length;
        if (!type.pattern.empty()) out["pattern"] = portable_pattern(type.pattern);
        break;
      case Shape::constant:
        return constant(type.constant, type.description);
      case Shape::enumeration:
        enumeration(type, out);
        break;
      case Shape::object:
        object(type, out);
        break;
      case Shape::array:
        out["type"] = "array";
        out["items"] = schema(*type.element);
        if (type.min_items > 0) out["minItems"] = type.min_items;
        if (type.max_items) out["maxItems"] = *type.max_items;
        break;
      case Shape::map:
        out["type"] = "object";
        out["additionalProperties"] = schema(*type.element);
        if (type.max_length) out["propertyNames"] = Json{{"maxLength", *type.max_length}};
        if (type.max_items) out["maxProperties"] = *type.max_items;
        break;
      case Shape::tagged:
        tagged(type, out);
        break;
      case Shape::reference:
        out["$ref"] = reference(type.reference);
        break;
    }
    if (!type.unit.empty()) out["x-unit"] = type.unit;
    if (!type.description.empty()) out["description"] = type.description;
    return out;
  }

  [[nodiscard]] std::string reference(const TypeRef& ref) const { return options_.references + name_of(ref); }

  [[nodiscard]] Json envelope(const std::string& kind, const Json& name, const std::vector<Route>& routes, bool answers) const {
    Json out = Json::object();
    out["type"] = "object";
    Json members = Json::object();
    Json required = Json::array();
    if (const Type* header = model_.find({"envelope", "Header"})) {
      for (const Field& field : header->fields) {
        // Only answers and events have a cause.
        if (field.name == "cid" && kind == "command" && options_.form == Side::sender) continue;
        members[field.name] = member(field);
        if (field.required || (field.name == "cid" && answers)) required.push_back(field.name);
      }
    }
    members["kind"] = constant(kind, "");
    members["name"] = name;
    out["properties"] = std::move(members);
    out["required"] = std::move(required);
    if (options_.form == Side::sender) out["additionalProperties"] = false;
    restrict_routes(out, routes);
    return out;
  }

  static Json constant(const std::string& text, const std::string& description) {
    Json out = {{"type", "string"}, {"const", text}};
    if (!description.empty()) out["description"] = description;
    return out;
  }

  static void add_body(Json& envelope, const std::string& member, Json schema) {
    envelope["properties"][member] = std::move(schema);
    envelope["required"].push_back(member);
  }

  void add_limits(Json& envelope, std::uint64_t max_bytes) const {
    envelope["x-maxBytes"] = max_bytes;
    envelope["x-maxDepth"] = model_.topology.max_depth;
  }

  [[nodiscard]] Json member(const Field& field) const {
    Json out = schema(field.type);
    if (field.default_value) out["default"] = *field.default_value;
    if (field.since != Version{}) out["x-since"] = to_text(field.since);
    return out;
  }

 private:
  void enumeration(const Type& type, Json& out) const {
    out["type"] = "string";
    // What a receiver does not know it takes all the same; the known labels are there for people.
    Json& labels = out[type.open && options_.form == Side::receiver ? "examples" : "enum"];
    labels = list_of(type.labels);
    if (type.open && options_.form == Side::sender && options_.unknown_labels) labels.push_back("unknown");
    if (type.open) out["x-open"] = true;
    Json since = Json::object();
    for (const Label& label : type.labels)
      if (label.since != Version{}) since[label.name] = to_text(label.since);
    if (!since.empty()) out["x-label-since"] = std::move(since);
    Json values = Json::object();
    for (const Label& label : type.labels)
      if (!label.description.empty()) values[label.name] = label.description;
    if (!values.empty()) out["x-values"] = std::move(values);
  }

  void object(const Type& type, Json& out) const {
    out["type"] = "object";
    Json members = Json::object();
    Json required = Json::array();
    for (const Field& field : type.fields) {
      members[field.name] = member(field);
      if (field.required) required.push_back(field.name);
    }
    if (!members.empty()) out["properties"] = std::move(members);
    if (!required.empty()) out["required"] = std::move(required);
    if (options_.form == Side::sender) out["additionalProperties"] = false;
  }

  // The tag is said beside the alternatives too, so that every validator names it when it is wrong, and not all alternatives at once.
  void tagged(const Type& type, Json& out) const {
    Json tags = Json::array();
    Json alternatives = Json::array();
    for (const TypeRef& ref : type.alternatives) {
      alternatives.push_back(Json{{"$ref", reference(ref)}});
      const Type* alternative = model_.find(ref);
      if (alternative == nullptr) continue;
      for (const Field& field : alternative->fields)
        if (field.name == type.tag) tags.push_back(field.type.constant);
    }
    out["type"] = "object";
    out["properties"] = Json{{type.tag, Json{{"type", "string"}, {"enum", std::move(tags)}}}};
    out["required"] = Json::array({type.tag});
    out["oneOf"] = std::move(alternatives);
    out["x-tag"] = type.tag;
  }

  static void restrict_routes(Json& envelope, const std::vector<Route>& routes) {
    Json& members = envelope["properties"];
    if (routes.size() == 1) {
      members["origin"] = constant(routes[0].from, "");
      members["target"] = constant(routes[0].to, "");
      return;
    }
    Json pairs = Json::array();
    for (const Route& route : routes)
      pairs.push_back(Json{{"properties", Json{{"origin", Json{{"const", route.from}}}, {"target", Json{{"const", route.to}}}}}});
    envelope["anyOf"] = std::move(pairs);
  }

  const Model& model_;
  const SchemaOptions& options_;
};

void each_reference(const Json& schema, const auto& visit) {
  if (schema.is_object() && schema.contains("$ref") && schema["$ref"].is_string()) visit(schema["$ref"].get<std::string>());
  if (!schema.is_structured()) return;
  for (const Json& part : schema) each_reference(part, visit);
}

}  // namespace

Json type_schema(const Model& model, const Type& type, const SchemaOptions& options) {
  return Writer{model, options}.schema(type);
}

Json envelope_schema(const Model& model, const Message& message, Envelope envelope, const SchemaOptions& options) {
  const Writer writer{model, options};
  const bool reply = envelope == Envelope::reply;
  std::vector<Route> routes = message.routes;
  if (reply)
    for (Route& route : routes) std::swap(route.from, route.to);

  Json out = Json::object();
  out["title"] = reply ? message.name + ".reply" : message.name;
  out["description"] = reply ? "Successful answer to " + message.name + ". " + message.summary : message.summary;
  out["x-since"] = to_text(message.since);
  if (!message.deprecated.empty()) {
    out["deprecated"] = true;
    out["x-deprecated"] = message.deprecated;
  }
  writer.add_limits(out, reply ? model.topology.max_message_bytes : message.max_bytes);
  const std::string kind = reply ? "reply" : message.kind == MessageKind::command ? "command" : "event";
  out.update(writer.envelope(kind, Writer::constant(message.name, ""), routes, reply));
  const TypeRef body = reply ? message.reply.value_or(TypeRef{"envelope", "Empty"}) : message.payload;
  Writer::add_body(out, "payload", Json{{"$ref", writer.reference(body)}});
  return out;
}

Json error_schema(const Model& model, const SchemaOptions& options) {
  const Writer writer{model, options};
  Json name = Json{{"type", "string"}};
  if (const Type* header = model.find({"envelope", "Header"}))
    for (const Field& field : header->fields)
      if (field.name == "name") name = writer.member(field);
  std::vector<Route> routes;
  for (const Edge& edge : model.topology.edges)
    if (edge.plane == "control") routes.push_back({edge.from, edge.to});

  Json out = Json::object();
  out["title"] = "error";
  out["description"] = "The failed answer to a command, or an error that answers nothing.";
  writer.add_limits(out, model.topology.max_message_bytes);
  out.update(writer.envelope("error", name, routes, false));
  Writer::add_body(out, "error", Json{{"$ref", writer.reference({"envelope", "Error"})}});
  return out;
}

Json definitions(const Model& model, const Json& schema, const SchemaOptions& options) {
  std::map<std::string, Json> found;
  const auto add = [&](const auto& self, const Json& part) -> void {
    each_reference(part, [&](const std::string& written) {
      if (!written.starts_with(options.references)) return;
      const std::string name = written.substr(options.references.size());
      const std::size_t dot = name.find('.');
      if (dot == std::string::npos || found.contains(name)) return;
      const Type* type = model.find({name.substr(0, dot), name.substr(dot + 1)});
      if (type == nullptr) return;
      self(self, found[name] = type_schema(model, *type, options));
    });
  };
  add(add, schema);
  Json out = Json::object();
  for (auto& [name, definition] : found) out[name] = std::move(definition);
  return out;
}

}  // namespace loophole::schema
