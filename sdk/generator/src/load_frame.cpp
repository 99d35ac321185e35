#include <flatbuffers/idl.h>

#include <charconv>

#include "load.hpp"

namespace loophole::schema {
namespace {

std::string joined(const std::vector<std::string>& doc) {
  std::string out;
  for (const std::string& line : doc) {
    const std::size_t begin = line.find_first_not_of(' ');
    if (begin == std::string::npos) continue;
    out += (out.empty() ? "" : " ") + line.substr(begin);
  }
  return out;
}

std::string type_name(const flatbuffers::Type& type) {
  if (type.base_type == flatbuffers::BASE_TYPE_VECTOR) return "[" + type_name(type.VectorType()) + "]";
  if (type.enum_def != nullptr) return type.enum_def->name;
  if (type.struct_def != nullptr) return type.struct_def->name;
  return flatbuffers::kTypeNames[type.base_type];
}

FrameField load_field(const flatbuffers::FieldDef& def, const Where& parent) {
  FrameField field;
  field.name = def.name;
  field.where = {parent.file, pointer_to(parent.pointer, def.name)};
  field.type = type_name(def.value.type);
  field.description = joined(def.doc_comment);
  field.required = def.IsRequired();
  if (const auto* unit = def.attributes.Lookup("unit")) field.unit = unit->constant;
  if (const auto* id = def.attributes.Lookup("id")) {
    unsigned number = 0;
    std::from_chars(id->constant.data(), id->constant.data() + id->constant.size(), number);
    field.id = number;
  }
  return field;
}

}  // namespace

Frame load_frame(const std::string& text, const std::string& name, const std::string& plane, const std::string& file, Faults& faults) {
  Frame frame{.name = name, .plane = plane, .file = file, .name_space = {}, .root = {}, .identifier = {}, .types = {}};
  flatbuffers::Parser parser;
  if (!parser.Parse(text.c_str(), nullptr, name.c_str())) {
    faults.push_back({{file, ""}, "fbs-syntax", "flatbuffers cannot parse the file: " + parser.error_});
    return frame;
  }
  if (const auto* root = parser.root_struct_def_) {
    frame.root = root->name;
    for (const std::string& part : root->defined_namespace->components) frame.name_space += (frame.name_space.empty() ? "" : ".") + part;
  }
  frame.identifier = parser.file_identifier_;
  for (const flatbuffers::StructDef* def : parser.structs_.vec) {
    FrameType type{.name = def->name,
                   .where = {file, pointer_to("", def->name)},
                   .description = joined(def->doc_comment),
                   .fixed = def->fixed,
                   .fields = {}};
    for (const flatbuffers::FieldDef* field : def->fields.vec) type.fields.push_back(load_field(*field, type.where));
    frame.types.push_back(std::move(type));
  }
  return frame;
}

}  // namespace loophole::schema
