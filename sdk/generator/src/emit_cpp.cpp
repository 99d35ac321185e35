#include "emit_cpp.hpp"

#include <functional>
#include <set>

#include "naming.hpp"

namespace loophole::schema {

std::vector<OutputFile> emit_cpp(const Model& model) {
  std::vector<OutputFile> files;
  for (const Domain& domain : model.domains) {
    files.push_back(cpp::domain_header(model, domain));
    files.push_back(cpp::domain_source(model, domain));
  }
  files.push_back(cpp::tables_header(model));
  files.push_back(cpp::thunks_header());
  for (OutputFile& file : cpp::shared_files(model)) files.push_back(std::move(file));
  for (OutputFile& file : cpp::frame_files(model)) files.push_back(std::move(file));
  return files;
}

namespace cpp {
namespace {

// Every named type that `type` needs to be complete before it.
void each_need(const Type& type, const std::function<void(const TypeRef&)>& visit) {
  if (type.shape == Shape::reference) visit(type.reference);
  for (const TypeRef& alternative : type.alternatives) visit(alternative);
  for (const Field& field : type.fields) each_need(field.type, visit);
  if (type.element) each_need(*type.element, visit);
}

}  // namespace

std::vector<Item> items(const Model&, const Domain& domain) {
  std::vector<Item> all;
  for (const NamedType& named : domain.types) all.push_back({named.name, &named.type, nullptr});
  for (const Message& message : domain.messages) {
    const std::string name = message_type(message.name);
    bool found = false;
    for (Item& item : all) {
      if (item.name != name) continue;
      item.message = &message;
      found = true;
    }
    if (!found) all.push_back({name, nullptr, &message});
  }

  std::vector<Item> sorted;
  std::set<std::string> begun;
  const std::function<void(const Item&)> place = [&](const Item& item) {
    if (!begun.insert(item.name).second) return;
    const auto need = [&](const TypeRef& ref) {
      if (ref.domain != domain.name) return;
      for (const Item& other : all)
        if (other.name == ref.name) place(other);
    };
    if (item.type != nullptr) each_need(*item.type, need);
    sorted.push_back(item);
  };
  for (const Item& item : all) place(item);
  return sorted;
}

bool is_distinct(const Item& item) {
  if (item.type == nullptr) return true;
  switch (item.type->shape) {
    case Shape::object:
    case Shape::enumeration:
    case Shape::tagged:
      return true;
    case Shape::string:
      return item.type->id;
    default:
      return false;
  }
}

std::string namespace_of(const std::string& domain) {
  return domain == "scalars" ? "loophole" : "loophole::" + snake(domain);
}

std::string name_of(const TypeRef& ref, const std::string& from) {
  return ref.domain == from ? ref.name : "::" + namespace_of(ref.domain) + "::" + ref.name;
}

std::string name_of(const Type& type, const std::string& from) {
  switch (type.shape) {
    case Shape::boolean:
      return "bool";
    case Shape::integer:
      return "std::int64_t";
    case Shape::number:
      return "double";
    case Shape::string:
    case Shape::constant:
      return "std::string";
    case Shape::array:
      return "std::vector<" + name_of(*type.element, from) + ">";
    case Shape::map:
      return "std::map<std::string, " + name_of(*type.element, from) + ">";
    case Shape::tagged: {
      std::string out = "std::variant<";
      for (const TypeRef& alternative : type.alternatives) out += (out.ends_with('<') ? "" : ", ") + name_of(alternative, from);
      return out + ">";
    }
    case Shape::reference:
      return name_of(type.reference, from);
    case Shape::object:
    case Shape::enumeration:
      break;  // have a name, so they are never written out
  }
  return {};
}

std::string table_of(const TypeRef& ref) {
  return "tables::" + snake(ref.domain) + "::k" + ref.name;
}

std::string literal(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (c == '\n') {
      out += "\\n";
    } else {
      out += c;
    }
  }
  return out + "\"";
}

std::string number(double value) {
  std::string out = Json(value).dump();  // the shortest text that reads back as the same value
  if (out.find_first_of(".e") == std::string::npos) out += ".0";
  return out;
}

std::string value_of(const Model& model, const Type& type, const Json& value, const std::string& from) {
  const Type& target = *model.resolve(type);
  switch (target.shape) {
    case Shape::boolean:
      return value.get<bool>() ? "true" : "false";
    case Shape::integer:
      return std::to_string(value.get<std::int64_t>());
    case Shape::number:
      return number(value.get<double>());
    case Shape::enumeration:
      return name_of(type, from) + "::" + enumerator(value.get<std::string>());
    case Shape::string:
      return target.id ? name_of(type, from) + "{" + literal(value.get<std::string>()) + "}" : literal(value.get<std::string>());
    default:
      return "{}";
  }
}

void comment(Lines& out, std::string_view indent, std::string_view text) {
  const std::size_t width = 137 - indent.size();
  while (!text.empty()) {
    std::size_t end = text.size();
    if (end > width) {
      end = text.rfind(' ', width);
      if (end == std::string_view::npos || end == 0) end = std::min(text.find(' '), text.size());
    }
    out(indent, "// ", text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

void banner(Lines& out, const std::string& source) {
  out("// Generated by loophole-schema from schemas/", source, ". Do not edit.");
}

}  // namespace cpp
}  // namespace loophole::schema
