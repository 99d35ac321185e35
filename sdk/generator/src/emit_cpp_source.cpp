// src/<domain>.cpp: constant tables. Names there: kX the table of type X, kInline_X_field the table of a field's own type,
// kFieldsOf_X and the like the arrays that tables point to. No name of a schema has an underscore, so none of them meet.
#include <algorithm>

#include "emit_cpp.hpp"
#include "naming.hpp"

namespace loophole::schema::cpp {
namespace {

class Source {
 public:
  Source(const Model& model, const Domain& domain) : model_(model), domain_(domain), items_(items(model, domain)) {}

  OutputFile run() {
    banner(out_, domain_.file);
    out_("#include \"loophole/messages/", snake(domain_.name), ".hpp\"");
    out_();
    out_("#include <limits>");
    out_();
    out_("#include \"tables.hpp\"");
    out_("#include \"thunks.hpp\"");
    out_();
    out_("namespace loophole::tables::", snake(domain_.name), " {");
    for (const Item& item : items_) {
      out_();
      if (item.type == nullptr) {
        out_("constinit const wire::TypeDesc k", item.name, "{.shape = wire::Shape::object, .name = ", literal(wire_name(item.name)), "};");
      } else {
        named_table(item);
      }
      if (item.message != nullptr) message(item);
    }
    out_();
    out_("}  // namespace loophole::tables::", snake(domain_.name));
    enumeration_functions();
    specialisations();
    return {"src/" + snake(domain_.name) + ".cpp", out_.take()};
  }

 private:
  std::string wire_name(const std::string& type) const { return domain_.name + "." + type; }
  std::string cpp_name(const std::string& type) const { return name_of(TypeRef{domain_.name, type}, ""); }
  static std::string version(const Version& since) { return "{" + std::to_string(since.major) + ", " + std::to_string(since.minor) + "}"; }

  // The expression for the address of a type's table; writes the table of a type without a name first.
  std::string address(const Type& type, const std::string& path, const std::string& name) {
    if (type.shape == Shape::reference) return "&" + table_of(type.reference);
    const std::string variable = "kInline_" + path;
    table("static constexpr wire::TypeDesc " + variable, type, name_of(type, ""), path, name);
    return "&" + variable;
  }

  void named_table(const Item& item) {
    table("constinit const wire::TypeDesc k" + item.name, *item.type, cpp_name(item.name), item.name, wire_name(item.name));
  }

  // Writes a table; what it points to comes before it.
  void table(const std::string& declaration, const Type& type, const std::string& cpp, const std::string& path, const std::string& name) {
    const std::string members = members_of(type, cpp, path, name);
    const char* const shape = shape_of(type.shape);
    out_(declaration, "{.shape = wire::Shape::", shape, ", .name = ", literal(name), members, "};");
  }

  static const char* shape_of(Shape shape) {
    switch (shape) {
      case Shape::boolean:
        return "boolean";
      case Shape::integer:
        return "integer";
      case Shape::number:
        return "number";
      case Shape::string:
      case Shape::constant:
        return "string";
      case Shape::enumeration:
        return "enumeration";
      case Shape::object:
        return "object";
      case Shape::array:
        return "array";
      case Shape::map:
        return "map";
      case Shape::tagged:
        return "tagged";
      case Shape::reference:
        break;
    }
    return "";
  }

  std::string members_of(const Type& type, const std::string& cpp, const std::string& path, const std::string& name) {
    switch (type.shape) {
      case Shape::integer:
        return ", .min_integer = " + std::to_string(type.min_integer.value_or(0)) +
               ", .max_integer = " + std::to_string(type.max_integer.value_or(0));
      case Shape::number:
        return ", .min_number = " + (type.min_number ? number(*type.min_number) : "-std::numeric_limits<double>::infinity()") +
               ", .max_number = " + (type.max_number ? number(*type.max_number) : "std::numeric_limits<double>::infinity()");
      case Shape::string:
        return string_members(type);
      // The codec compares with FieldDesc::constant; the length only keeps it from reading more than that.
      case Shape::constant:
        return ", .max_length = 4096";
      case Shape::enumeration:
        return enumeration_members(type, cpp, path);
      case Shape::object:
        return object_members(type, cpp, path, name);
      case Shape::array:
        return ", .element = " + address(*type.element, path + "_item", name + "[]") + ", .min_items = " + std::to_string(type.min_items) +
               ", .max_items = " + std::to_string(type.max_items.value_or(0)) + ", .size = &thunk::vector_size<" + cpp +
               ">, .append = &thunk::vector_append<" + cpp + ">, .at = &thunk::vector_at<" + cpp + ">";
      case Shape::map: {
        const std::string length = std::to_string(type.max_length.value_or(0));
        return ", .max_length = " + length + ", .element = " + address(*type.element, path + "_item", name + "{}") +
               ", .max_items = " + std::to_string(type.max_items.value_or(0)) + ", .size = &thunk::map_size<" + cpp +
               ">, .insert = &thunk::map_insert<" + cpp + ">, .each = &thunk::map_each<" + cpp + ">";
      }
      case Shape::tagged:
        return union_members(type, cpp, path);
      case Shape::boolean:
      case Shape::reference:
        break;
    }
    return {};
  }

  static std::string string_members(const Type& type) {
    std::string out =
        ", .min_length = " + std::to_string(type.min_length) + ", .max_length = " + std::to_string(type.max_length.value_or(0));
    if (type.pattern.empty()) return out;
    return out + ", .alphabet = " + literal(alphabet(type.pattern).value_or("")) + ", .pattern = " + literal(type.pattern);
  }

  std::string enumeration_members(const Type& type, const std::string& cpp, const std::string& path) {
    std::string labels;
    for (const Label& label : type.labels) labels += (labels.empty() ? "" : ", ") + literal(label.name);
    out_("static constexpr std::string_view kLabelsOf_", path, "[] = {", labels, "};");
    return ", .labels = kLabelsOf_" + path + label_since(type, path) + ", .open = " + (type.open ? "true" : "false") +
           ", .set_label = &thunk::set_label<" + cpp + ">, .label = &thunk::label<" + cpp + ">";
  }

  // Versions of labels; nothing where all are as old as the enumeration.
  std::string label_since(const Type& type, const std::string& path) {
    if (std::ranges::all_of(type.labels, [&](const Label& label) { return label.since == type.labels.front().since; })) return {};
    std::string versions;
    for (const Label& label : type.labels) versions += (versions.empty() ? "" : ", ") + version(label.since);
    out_("static constexpr wire::Version kLabelSinceOf_", path, "[] = {", versions, "};");
    return ", .label_since = kLabelSinceOf_" + path;
  }

  std::string object_members(const Type& type, const std::string& cpp, const std::string& path, const std::string& name) {
    if (type.fields.empty()) return {};
    Lines rows;
    for (const Field& field : type.fields) {
      const std::string table = address(field.type, path + "_" + field.name, name + "." + field.name);
      const std::string begin = "    {.name = " + literal(field.name) + ", .type = " + table +
                                ", .required = " + (field.required ? "true" : "false") + ", .since = " + version(field.since);
      if (field.type.shape == Shape::constant) {
        rows(begin, ", .slot = nullptr, .peek = nullptr, .constant = ", literal(field.type.constant), "},");
      } else {
        const std::string member = "<&" + cpp + "::" + snake(field.name) + ">";
        // Only members that an older peer may not know are ever compared with their default.
        const bool newer = field.since > Version{model_.protocol.major, model_.min_minor};
        const std::string initial = field.default_value && newer ? ", .initial = &thunk::initial" + member : "";
        rows(begin, ", .slot = &thunk::slot", member, ", .peek = &thunk::peek", member, initial, "},");
      }
    }
    out_("static constexpr wire::FieldDesc kFieldsOf_", path, "[] = {");
    out_.raw(rows.take());
    out_("};");
    return ", .fields = kFieldsOf_" + path;
  }

  std::string union_members(const Type& type, const std::string& cpp, const std::string& path) {
    out_("static constexpr wire::AlternativeDesc kAlternativesOf_", path, "[] = {");
    for (std::size_t i = 0; i < type.alternatives.size(); ++i) {
      const TypeRef& ref = type.alternatives[i];
      out_("    {.tag = ", literal(tag_of(ref, type.tag)), ", .type = &", table_of(ref), ", .emplace = &thunk::emplace<", cpp, ", ",
           std::to_string(i), ">},");
    }
    out_("};");
    return ", .tag = " + literal(type.tag) + ", .alternatives = kAlternativesOf_" + path + ", .alternative = &thunk::alternative<" + cpp +
           ">, .held = &thunk::held<" + cpp + ">";
  }

  std::string tag_of(const TypeRef& ref, const std::string& tag) const {
    for (const Field& field : model_.find(ref)->fields)
      if (field.name == tag) return field.type.constant;
    return {};
  }

  void message(const Item& item) {
    const Message& message = *item.message;
    if (!message.errors.empty()) {
      std::string codes;
      for (const std::string& code : message.errors) codes += (codes.empty() ? "" : ", ") + literal(code);
      out_("static constexpr std::string_view kErrorsOf_", item.name, "[] = {", codes, "};");
    }
    const bool command = message.kind == MessageKind::command;
    out_("constinit const wire::MessageDesc kMessage_", item.name, "{");
    out_("    .name = ", literal(message.name), ",");
    out_("    .kind = ::loophole::Kind::", command ? "command" : "event", ",");
    out_("    .summary = ", literal(message.summary), ",");
    out_("    .routes = ", cpp_name(item.name), "::kRoutes,");
    out_("    .payload = &k", item.name, ",");
    out_("    .reply = ", message.reply ? "&" + table_of(*message.reply) : "nullptr", ",");
    out_("    .make_payload = &thunk::make<", cpp_name(item.name), ">,");
    out_("    .make_reply = ", message.reply ? "&thunk::make<" + name_of(*message.reply, "") + ">" : "nullptr", ",");
    out_("    .errors = ", message.errors.empty() ? "{}" : "kErrorsOf_" + item.name, ",");
    out_("    .since = ", version(message.since), ",");
    out_("    .max_bytes = ", std::to_string(message.max_bytes), ",");
    out_("    .idempotent = ", message.idempotent ? "true" : "false", ",");
    out_("    .undoable = ", message.undoable ? "true" : "false", ",");
    out_("};");
  }

  void enumeration_functions() {
    for (const Item& item : items_) {
      if (item.type == nullptr || item.type->shape != Shape::enumeration) continue;
      const std::string labels = "tables::" + snake(domain_.name) + "::kLabelsOf_" + item.name;
      const std::string name = cpp_name(item.name);
      out_();
      out_("namespace ", namespace_of(domain_.name), " {");
      out_("std::string_view to_string(", item.name, " value) noexcept { return ::loophole::tables::thunk::text_of(",
           "::loophole::", labels, ", static_cast<std::size_t>(value)); }");
      out_("}  // namespace ", namespace_of(domain_.name));
      out_("namespace loophole {");
      out_("template <>");
      out_("std::optional<", name, "> from_string<", name, ">(std::string_view label) noexcept {");
      out_("  return tables::thunk::value_of<", name, ">(", labels, ", label);");
      out_("}");
      out_("}  // namespace loophole");
    }
  }

  void specialisations() {
    out_();
    out_("namespace loophole::wire {");
    for (const Item& item : items_) {
      if (!is_distinct(item)) continue;
      const std::string prefix = "tables::" + snake(domain_.name) + "::k";
      out_("template <>");
      out_("const TypeDesc& describe<", cpp_name(item.name), ">() {");
      out_("  return ", prefix, item.name, ";");
      out_("}");
      if (item.message == nullptr) continue;
      out_("const MessageDesc& MessageOf<", cpp_name(item.name), ">::desc() { return ", prefix, "Message_", item.name, "; }");
    }
    out_("}  // namespace loophole::wire");
  }

  const Model& model_;
  const Domain& domain_;
  std::vector<Item> items_;
  Lines out_;
};

}  // namespace

OutputFile domain_source(const Model& model, const Domain& domain) {
  return Source{model, domain}.run();
}

}  // namespace loophole::schema::cpp
