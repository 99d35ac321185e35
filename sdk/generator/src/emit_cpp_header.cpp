// include/loophole/messages/<domain>.hpp
#include <functional>
#include <set>

#include "emit_cpp.hpp"
#include "naming.hpp"
#include "since.hpp"

namespace loophole::schema::cpp {
namespace {

struct Includes {
  std::set<std::string> standard{"string_view"};
  std::set<std::string> domains;
};

void collect(const Type& type, const std::string& own, Includes& out) {
  switch (type.shape) {
    case Shape::integer:
      out.standard.insert("cstdint");
      break;
    case Shape::string:
      out.standard.insert("string");
      break;
    case Shape::enumeration:
      out.standard.insert({"cstdint", "optional"});
      break;
    case Shape::array:
      out.standard.insert("vector");
      break;
    case Shape::map:
      out.standard.insert({"map", "string"});
      break;
    case Shape::tagged:
      out.standard.insert("variant");
      break;
    default:
      break;
  }
  const auto need = [&](const TypeRef& ref) {
    if (ref.domain != own) out.domains.insert(ref.domain);
  };
  if (type.shape == Shape::reference) need(type.reference);
  for (const TypeRef& alternative : type.alternatives) need(alternative);
  for (const Field& field : type.fields) {
    if (field.type.shape == Shape::constant) continue;
    collect(field.type, own, out);
    if (!field.required && !field.default_value) out.standard.insert("optional");
  }
  if (type.element) collect(*type.element, own, out);
}

void write_includes(Lines& out, const Domain& domain, const std::vector<Item>& all) {
  Includes includes;
  bool messages = false;
  bool ids = false;
  for (const Item& item : all) {
    if (item.type != nullptr) {
      collect(*item.type, domain.name, includes);
      ids = ids || item.type->id;
    }
    if (item.message != nullptr) {
      messages = true;
      if (item.message->reply && item.message->reply->domain != domain.name) includes.domains.insert(item.message->reply->domain);
    }
  }
  for (const std::string& name : includes.standard) out("#include <", name, ">");
  out();
  if (ids) out("#include \"loophole/core/id.hpp\"");
  for (const std::string& name : includes.domains) out("#include \"loophole/messages/", snake(name), ".hpp\"");
  out("#include \"loophole/wire/", messages ? "message_desc" : "type_desc", ".hpp\"");
}

std::string span_of(std::uint32_t least, std::uint32_t most) {
  if (least == most) return std::to_string(most);
  return (least == 0 ? "Up to " : std::to_string(least) + " to ") + std::to_string(most);
}

std::string plain(double value) {
  std::string out = number(value);
  return out.ends_with(".0") ? out.substr(0, out.size() - 2) : out;
}

std::string range_of(const Type& type) {
  std::string out;
  if (!type.unit.empty() && type.unit != "Parameter") out += " Unit: " + type.unit + ".";
  if (type.shape == Shape::integer && type.min_integer && type.max_integer) {
    const bool exact = *type.max_integer == (std::int64_t{1} << 53) - 1;
    out += " " + std::to_string(*type.min_integer) + " … " + (exact ? "2^53-1" : std::to_string(*type.max_integer)) + ".";
  }
  if (type.shape == Shape::number && type.min_number && type.max_number)
    out += " " + plain(*type.min_number) + " … " + plain(*type.max_number) + ".";
  if (type.shape == Shape::string && type.max_length) out += " " + span_of(type.min_length, *type.max_length) + " characters.";
  if ((type.shape == Shape::array || type.shape == Shape::map) && type.max_items)
    out += " " + span_of(type.min_items, *type.max_items) + ".";
  return out;
}

// Said of what a peer of the lowest version does not know.
std::string since_of(const Model& model, const Version& since) {
  return since > Version{model.protocol.major, model.min_minor} ? " Since " + to_text(since) + "." : "";
}

void write_message_doc(Lines& out, const Model& model, const Message& message, const std::string& from) {
  std::string routes;
  for (const Route& route : message.routes) routes += (routes.empty() ? "" : ", ") + route.from + " to " + route.to;
  std::string text = (message.kind == MessageKind::command ? "Command " : "Event ") + message.name + ", " + routes;
  if (message.reply) text += ", answered by " + name_of(*message.reply, from);
  text += ". " + message.summary + since_of(model, message.since);
  if (!message.deprecated.empty()) text += " Deprecated since " + message.deprecated + ".";
  comment(out, "", text);
  if (message.errors.empty()) return;
  std::string errors;
  for (const std::string& code : message.errors) errors += (errors.empty() ? "" : ", ") + code;
  comment(out, "", "Errors: " + errors + ".");
}

void write_message_members(Lines& out, const Message& message, const std::string& from) {
  out("  static constexpr std::string_view kName = ", literal(message.name), ";");
  out("  static constexpr ::loophole::Kind kKind = ::loophole::Kind::", message.kind == MessageKind::command ? "command" : "event", ";");
  std::string routes;
  for (const Route& route : message.routes) {
    routes += (routes.empty() ? "" : ", ") + std::string{"{::loophole::Role::"} + enumerator(route.from) +
              ", ::loophole::Role::" + enumerator(route.to) + "}";
  }
  out("  static constexpr ::loophole::wire::Route kRoutes[] = {", routes, "};");
  if (message.reply) out("  using Reply = ", name_of(*message.reply, from), ";");
}

void write_field(Lines& out, const Model& model, const Field& field, const std::string& from) {
  if (field.type.shape == Shape::constant) return;
  comment(out, "  ", field.type.description + range_of(field.type) + since_of(model, field.since));
  const std::string type = name_of(field.type, from);
  const std::string name = snake(field.name);
  if (field.required) {
    out("  ", type, " ", name, "{};");
  } else if (field.default_value) {
    out("  ", type, " ", name, " = ", value_of(model, field.type, *field.default_value, from), ";");
  } else {
    out("  std::optional<", type, "> ", name, "{};");
  }
}

void write_struct(Lines& out, const Model& model, const Item& item, const std::string& from) {
  if (item.type != nullptr) comment(out, "", item.type->description);
  if (item.message != nullptr) write_message_doc(out, model, *item.message, from);
  out("struct ", item.name, " {");
  if (item.message != nullptr) write_message_members(out, *item.message, from);
  if (item.type != nullptr) {
    bool first = item.message == nullptr;
    for (const Field& field : item.type->fields) {
      if (field.type.shape == Shape::constant) continue;
      if (!first) out();
      first = true;  // one empty line between the static members and the fields
      write_field(out, model, field, from);
    }
  }
  out();
  out("  friend bool operator==(const ", item.name, "&, const ", item.name, "&) = default;");
  out("};");
}

void write_enumeration(Lines& out, const Model& model, const Item& item) {
  comment(out, "", item.type->description);
  out("enum class ", item.name, " : std::uint8_t {");
  for (const Label& label : item.type->labels) {
    comment(out, "  ", label.description + since_of(model, label.since));
    out("  ", enumerator(label.name), ",");
  }
  if (item.type->open) {
    comment(out, "  ", "A label that this version does not know. Replies and events are sent with it, commands are not.");
    out("  unknown,");
  }
  out("};");
  comment(out, "", std::string{"[any-thread] The label on the wire"} + (item.type->open ? "; \"unknown\" for unknown." : "."));
  out("[[nodiscard]] std::string_view to_string(", item.name, " value) noexcept;");
}

void write_item(Lines& out, const Model& model, const Item& item, const std::string& from) {
  if (item.type == nullptr || item.type->shape == Shape::object) return write_struct(out, model, item, from);
  if (item.type->shape == Shape::enumeration) return write_enumeration(out, model, item);
  comment(out, "", item.type->description + range_of(*item.type));
  if (item.type->id) return out("using ", item.name, " = ::loophole::Id<struct ", item.name, "Tag>;");
  out("using ", item.name, " = ", name_of(*item.type, from), ";");
}

// Declarations of the specialisations of from_string, describe and MessageOf.
void write_specialisations(Lines& out, const Domain& domain, const std::vector<Item>& all) {
  bool any = false;
  for (const Item& item : all) {
    if (item.type == nullptr || item.type->shape != Shape::enumeration) continue;
    if (!any) {
      out();
      out("namespace loophole {");
      comment(out, "", "[any-thread] The value of a label on the wire; nothing for a label that is not known.");
      out("template <class E>");
      out("[[nodiscard]] std::optional<E> from_string(std::string_view label) noexcept;");
      any = true;
    }
    const std::string name = name_of(TypeRef{domain.name, item.name}, "");
    out("template <>");
    out("[[nodiscard]] std::optional<", name, "> from_string<", name, ">(std::string_view label) noexcept;");
  }
  if (any) out("}  // namespace loophole");

  out();
  out("namespace loophole::wire {");
  for (const Item& item : all) {
    if (!is_distinct(item)) continue;
    const std::string name = name_of(TypeRef{domain.name, item.name}, "");
    out("template <>");
    out("const TypeDesc& describe<", name, ">();");
    if (item.message == nullptr) continue;
    out("template <>");
    out("struct MessageOf<", name, "> {");
    out("  static const MessageDesc& desc();");
    out("};");
  }
  out("}  // namespace loophole::wire");
}

}  // namespace

OutputFile domain_header(const Model& model, const Domain& domain) {
  const std::vector<Item> all = items(model, domain);
  Lines out;
  banner(out, domain.file);
  out("#pragma once");
  comment(out, "", domain.description);
  out();
  write_includes(out, domain, all);
  out();
  out("namespace ", namespace_of(domain.name), " {");
  std::set<std::string> declared;
  for (const Item& item : all) {
    out();
    // A command stands before its reply, as people read them.
    const auto reply = item.message != nullptr ? item.message->reply : std::nullopt;
    if (reply && reply->domain == domain.name && declared.insert(reply->name).second) out("struct ", reply->name, ";\n");
    declared.insert(item.name);
    write_item(out, model, item, domain.name);
  }
  out();
  out("}  // namespace ", namespace_of(domain.name));
  write_specialisations(out, domain, all);
  return {"include/loophole/messages/" + snake(domain.name) + ".hpp", out.take()};
}

}  // namespace loophole::schema::cpp
