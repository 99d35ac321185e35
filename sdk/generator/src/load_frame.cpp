#include <flatbuffers/idl.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "frame_layout.hpp"
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

// Attributes of a definition, and what is wrong with them.
class Attributes {
 public:
  Attributes(const flatbuffers::Definition& def, Where where, Faults& faults) : def_(def), where_(std::move(where)), faults_(faults) {}

  [[nodiscard]] const std::string* text(const char* name) const {
    const flatbuffers::Value* found = def_.attributes.Lookup(name);
    return found != nullptr ? &found->constant : nullptr;
  }
  [[nodiscard]] bool has(const char* name) const { return text(name) != nullptr; }

  template <class T>
  [[nodiscard]] std::optional<T> number(const char* name) const {
    const std::string* written = text(name);
    if (written == nullptr) return std::nullopt;
    return parsed<T>(*written);
  }

  // A bound of numbers of this type.
  [[nodiscard]] std::optional<Json> bound(const char* name, const std::string& type) const {
    const std::string* written = text(name);
    if (written == nullptr) return std::nullopt;
    auto value = number_of(*written, type);
    if (!value) fault("fbs-range", std::string(name) + " must be a number as " + type + " has them, not '" + *written + "'.");
    return value;
  }

  [[nodiscard]] Version since() const {
    const std::string* written = text("since");
    return written != nullptr ? Cursor(Json(*written), where_, faults_).version() : Version{};
  }

  // Those that are not of the profile.
  [[nodiscard]] std::vector<std::string> unknown(std::initializer_list<std::string_view> known) const {
    std::vector<std::string> out;
    for (const auto& [name, value] : def_.attributes.dict)
      if (std::ranges::find(known, name) == known.end()) out.push_back(name);
    return out;
  }

  void fault(std::string_view rule, std::string message) const { faults_.push_back({where_, std::string{rule}, std::move(message)}); }

  // A number as the schema writes it; nothing: it is none of this type.
  [[nodiscard]] static std::optional<Json> number_of(const std::string& written, const std::string& type) {
    const auto json = [](const auto& value) { return value ? std::optional<Json>(*value) : std::nullopt; };
    if (is_floating(type)) return json(parsed<double>(written));
    if (!is_integer(type)) return std::nullopt;
    const unsigned bits = 8 * scalar_size(type);
    if (is_signed(type)) {
      const auto value = parsed<std::int64_t>(written);
      return value && (bits == 64 || (*value >= -(1LL << (bits - 1)) && *value < 1LL << (bits - 1))) ? json(value) : std::nullopt;
    }
    const auto value = parsed<std::uint64_t>(written);
    return value && (bits == 64 || *value < 1ULL << bits) ? json(value) : std::nullopt;
  }

 private:
  template <class T>
  [[nodiscard]] static std::optional<T> parsed(const std::string& written) {
    T value{};
    const auto [end, error] = std::from_chars(written.data(), written.data() + written.size(), value);
    if (error != std::errc{} || end != written.data() + written.size()) return std::nullopt;
    if constexpr (std::is_floating_point_v<T>)
      if (!std::isfinite(value)) return std::nullopt;
    return value;
  }

  const flatbuffers::Definition& def_;
  Where where_;
  Faults& faults_;
};

std::optional<Json> default_of(const flatbuffers::FieldDef& def) {
  const flatbuffers::Type& type = def.value.type;
  if (!flatbuffers::IsScalar(type.base_type) || def.IsScalarOptional()) return std::nullopt;
  if (type.enum_def != nullptr) {
    const auto* value = type.enum_def->FindByValue(def.value.constant);
    return value != nullptr ? Json(value->name) : Json(def.value.constant);
  }
  if (type.base_type == flatbuffers::BASE_TYPE_BOOL) return Json(def.value.constant != "0");
  return Attributes::number_of(def.value.constant, flatbuffers::kTypeNames[type.base_type]);
}

FrameField load_field(const flatbuffers::FieldDef& def, bool of_struct, const Where& parent, Faults& faults) {
  FrameField field;
  field.name = def.name;
  field.where = {parent.file, pointer_to(parent.pointer, def.name)};
  field.type = type_name(def.value.type);
  field.description = joined(def.doc_comment);
  field.required = def.IsRequired();
  field.deprecated = def.deprecated;

  const Attributes attributes(def, field.where, faults);
  if (const std::string* unit = attributes.text("unit")) field.unit = *unit;
  field.id = attributes.number<unsigned>("id");
  const std::string element{element_of(field.type)};
  const std::string& numbers = element.empty() ? field.type : element;
  field.minimum = attributes.bound("min", numbers);
  field.maximum = attributes.bound("max", numbers);
  field.finite = attributes.has("finite");
  field.unchecked = attributes.has("unchecked");
  field.max_items = attributes.number<std::uint32_t>("max_items");
  if (attributes.has("max_items") && !field.max_items)
    attributes.fault("fbs-items", "max_items must be a number of items, not '" + *attributes.text("max_items") + "'.");
  if (of_struct) {
    field.offset = def.value.offset;
    field.unknown_attributes = attributes.unknown({"unit", "min", "max", "finite", "unchecked"});
  } else {
    field.since = attributes.since();
    field.default_value = default_of(def);
    field.unknown_attributes =
        attributes.unknown({"id", "required", "deprecated", "since", "unit", "min", "max", "finite", "unchecked", "max_items"});
  }
  return field;
}

FrameType load_type(const flatbuffers::StructDef& def, const std::string& file, Faults& faults) {
  FrameType type;
  type.name = def.name;
  type.where = {file, pointer_to("", def.name)};
  type.description = joined(def.doc_comment);
  type.fixed = def.fixed;
  const Attributes attributes(def, type.where, faults);
  if (def.fixed) {
    type.size = static_cast<std::uint32_t>(def.bytesize);
    type.alignment = static_cast<std::uint32_t>(def.minalign);
    type.unknown_attributes = attributes.unknown({});
  } else {
    type.since = attributes.since();
    type.unknown_attributes = attributes.unknown({"since", "topic"});
  }
  for (const flatbuffers::FieldDef* field : def.fields.vec) type.fields.push_back(load_field(*field, def.fixed, type.where, faults));
  return type;
}

FrameEnum load_enum(const flatbuffers::EnumDef& def, const std::string& file, Faults& faults) {
  FrameEnum out;
  out.name = def.name;
  out.where = {file, pointer_to("", def.name)};
  out.description = joined(def.doc_comment);
  out.underlying = flatbuffers::kTypeNames[def.underlying_type.base_type];
  out.is_union = def.is_union;
  out.unknown_attributes = Attributes(def, out.where, faults).unknown({});
  for (const flatbuffers::EnumVal* value : def.Vals())
    out.values.push_back({.name = value->name, .description = joined(value->doc_comment), .value = value->GetAsInt64()});
  return out;
}

}  // namespace

Frame load_frame(const std::string& text, const std::string& name, const std::string& plane, const std::string& file, Faults& faults) {
  Frame frame{
      .name = name, .plane = plane, .file = file, .name_space = {}, .root = {}, .identifier = {}, .topic = {}, .types = {}, .enums = {}};
  flatbuffers::Parser parser;
  if (!parser.Parse(text.c_str(), nullptr, name.c_str())) {
    faults.push_back({{file, ""}, "fbs-syntax", "flatbuffers cannot parse the file: " + parser.error_});
    return frame;
  }
  if (const auto* root = parser.root_struct_def_) {
    frame.root = root->name;
    if (const auto* topic = root->attributes.Lookup("topic")) frame.topic = topic->constant;
    for (const std::string& part : root->defined_namespace->components) frame.name_space += (frame.name_space.empty() ? "" : ".") + part;
  }
  frame.identifier = parser.file_identifier_;
  for (const flatbuffers::StructDef* def : parser.structs_.vec) frame.types.push_back(load_type(*def, file, faults));
  for (const flatbuffers::EnumDef* def : parser.enums_.vec) frame.enums.push_back(load_enum(*def, file, faults));
  return frame;
}

}  // namespace loophole::schema
