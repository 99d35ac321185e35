// Frames: a header and a source each in frames/, and what tells them apart. Where bytes stand is said by frame_layout() alone.
#include <algorithm>

#include "emit_cpp.hpp"
#include "frame_layout.hpp"
#include "naming.hpp"

namespace loophole::schema::cpp {
namespace {

std::string cpp_scalar(std::string_view type) {
  if (type == "bool") return "bool";
  if (is_floating(type)) return std::string{type};
  return std::string{is_signed(type) ? "std::int" : "std::uint"} + std::to_string(8 * scalar_size(type)) + "_t";
}

std::string cpp_name(const Frame& frame, std::string_view type) {
  return frame.type(type) != nullptr || frame.enumeration(type) != nullptr ? std::string{type} : cpp_scalar(type);
}

// A number as a literal of a scalar type.
std::string literal_of(std::string_view type, const Json& value) {
  if (is_floating(type)) return number(value.get<double>()) + (type == "float" ? "F" : "");
  return value.dump() + (!is_signed(type) && scalar_size(type) >= 4 ? "U" : "");
}

std::string default_of(const FrameField& field) {
  const Json& value = *field.default_value;
  if (value.is_string()) return field.type + "::" + value.get<std::string>();
  if (value.is_boolean()) return value.get<bool>() ? "true" : "false";
  return literal_of(field.type, value);
}

// What a frame is called in C++.
struct Names {
  explicit Names(const Frame& frame, const FrameLayout& layout)
      : root(frame.root), snake(frame.name), file("loophole/frames/" + frame.name + ".hpp") {
    if (layout.vector != nullptr) {
      header = root + "Header";
      view = root + "View";
      items = layout.vector->name;
      item = cpp_name(frame, element_of(layout.vector->type));
      max = "k" + root + "Max" + pascal(lower_camel(items));
    } else {
      header = view = root;
    }
  }
  std::string root, snake, file;
  std::string header;  // the struct of the numbers
  std::string view;    // what is read
  std::string items;   // name and C++ type of the vector's items; empty: there is no vector
  std::string item;
  std::string max;
};

std::string described(const FrameField& field) {
  std::string out = field.description;
  if (!field.unit.empty()) out += " Unit: " + field.unit + ".";
  if (field.minimum && field.maximum)
    out += " " + field.minimum->dump() + " … " + field.maximum->dump() + ".";
  else if (field.minimum)
    out += " At least " + field.minimum->dump() + ".";
  else if (field.maximum)
    out += " At most " + field.maximum->dump() + ".";
  return out;
}

void write_enum(Lines& out, const FrameEnum& enumeration) {
  comment(out, "", enumeration.description);
  out("enum class ", enumeration.name, " : std::uint8_t {");
  for (const FrameEnumValue& value : enumeration.values) {
    comment(out, "  ", value.description);
    out("  ", value.name, " = ", std::to_string(value.value), ",");
  }
  out("};");
  out();
}

void write_members(Lines& out, const Frame& frame, const FrameType& type) {
  for (const FrameField& field : type.fields) {
    if (field.deprecated || !element_of(field.type).empty()) continue;
    comment(out, "  ", described(field));
    out("  ", cpp_name(frame, field.type), " ", field.name, field.default_value ? " = " + default_of(field) : "{}", ";");
  }
}

void write_struct(Lines& out, const Frame& frame, const FrameType& type) {
  comment(out, "", type.description);
  out("struct ", type.name, " {");
  write_members(out, frame, type);
  out();
  out("  friend bool operator==(const ", type.name, "&, const ", type.name, "&) = default;");
  out("};");
  out("static_assert(sizeof(", type.name, ") == ", std::to_string(type.size), " && alignof(", type.name,
      ") == ", std::to_string(type.alignment), ");");
  for (const FrameField& field : type.fields)
    out("static_assert(offsetof(", type.name, ", ", field.name, ") == ", std::to_string(*field.offset), ");");
  out();
}

void write_root(Lines& out, const Frame& frame, const Names& names, const FrameLayout& layout) {
  const FrameType& root = *frame.type(frame.root);
  comment(out, "", root.description);
  out("struct ", names.header, " {");
  write_members(out, frame, root);
  out();
  out("  friend bool operator==(const ", names.header, "&, const ", names.header, "&) = default;");
  out("};");
  if (layout.vector == nullptr) return;
  out("// A frame as it is read.");
  out("struct ", names.view, " {");
  out("  ", names.header, " header;  // all but its items");
  comment(out, "  ", described(*layout.vector) + " In the bytes that were read, and valid as long as they are.");
  out("  std::span<const ", names.item, "> ", names.items, "{};");
  out("};");
}

// Bytes that are the same in every frame: everything up to the first field.
std::string head_bytes(const Frame& frame, const FrameLayout& layout) {
  std::vector<unsigned> bytes(layout.table + 4, 0);
  const auto put = [&](std::uint32_t at, std::uint32_t size, std::uint32_t value) {
    for (std::uint32_t i = 0; i < size; ++i) bytes[at + i] = value >> (8 * i) & 0xFF;
  };
  put(0, 4, layout.table);
  for (std::uint32_t i = 0; i < 4; ++i) bytes[4 + i] = static_cast<unsigned char>(frame.identifier[i]);
  put(layout.vtable, 2, static_cast<std::uint32_t>(4 + 2 * layout.vtable_places.size()));
  put(layout.vtable + 2, 2, layout.table_size);
  for (std::uint32_t id = 0; id < layout.vtable_places.size(); ++id) put(layout.vtable + 4 + 2 * id, 2, layout.vtable_places[id]);
  put(layout.table, 4, layout.table - layout.vtable);
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); ++i) out += (i == 0 ? "" : i % 20 == 0 ? ",\n    " : ", ") + std::to_string(bytes[i]);
  return out;
}

void write_builder(Lines& out, const Frame& frame, const Names& names, const FrameLayout& layout) {
  const std::string fixed = "k" + names.root + "FixedBytes";
  const std::string items_parameter = names.items.empty() ? "" : ", std::span<const " + names.item + "> items";

  comment(out, "",
          "[any-thread] Writes a frame into `to`, whatever its address. Gives what was written, or nothing when it does not fit" +
              (names.items.empty() ? std::string{} : " or has more items than " + names.max) +
              ". Values are not looked at. Every byte is determined; nothing is allocated.");
  out("[[nodiscard]] inline Bytes write_", names.snake, "(std::span<std::byte> to,");
  out("    [[maybe_unused]] const ", names.header, "& header", items_parameter, ") noexcept {");
  if (names.items.empty()) {
    out("  if (to.size() < ", fixed, ") return {};");
  } else {
    out("  if (items.size() > ", names.max, " || to.size() < ", names.snake, "_bytes(items.size())) return {};");
  }
  out("  std::byte* const at = to.data();");
  out("  // Way to the table, identifier, vtable, way back to the vtable.");
  out("  static constexpr unsigned char kHead[] = {");
  out("    ", head_bytes(frame, layout), "};");
  out("  std::memcpy(at, kHead, sizeof kHead);");
  std::uint32_t end = layout.table + 4;
  for (const FramePlace& place : layout.places) {
    if (place.field == layout.vector)
      out("  wire::put(at + ", std::to_string(place.offset), ", std::uint32_t{", std::to_string(layout.vector_offset - place.offset),
          "});");
    else
      out("  wire::put(at + ", std::to_string(place.offset), ", header.", place.field->name, ");");
    end = place.offset + place.size;
  }
  const std::uint32_t padded = layout.vector != nullptr ? layout.vector_offset : layout.fixed_bytes;
  if (padded > end) out("  std::memset(at + ", std::to_string(end), ", 0, ", std::to_string(padded - end), ");");
  if (names.items.empty()) {
    out("  return to.first(", fixed, ");");
  } else {
    out("  wire::put(at + ", std::to_string(layout.vector_offset), ", static_cast<std::uint32_t>(items.size()));");
    out("  if (!items.empty()) std::memcpy(at + ", fixed, ", items.data(), items.size_bytes());");
    out("  return to.first(", names.snake, "_bytes(items.size()));");
  }
  out("}");
  out();
  comment(out, "",
          "[any-thread] The same in memory of its own" +
              (names.items.empty() ? std::string{} : "; empty when it has more items than " + names.max) + ". Allocates.");
  const std::string pass = names.items.empty() ? "" : ", items";
  out("[[nodiscard]] inline Buffer make_", names.snake, "(const ", names.header, "& header", items_parameter, ") {");
  if (names.items.empty()) {
    out("  Buffer frame(", fixed, ");");
  } else {
    out("  if (items.size() > ", names.max, ") return {};");
    out("  Buffer frame(", names.snake, "_bytes(items.size()));");
  }
  out("  static_cast<void>(write_", names.snake, "(frame, header", pass, "));");
  out("  return frame;");
  out("}");
  out();
}

OutputFile frame_header(const Frame& frame) {
  const FrameLayout layout = frame_layout(frame);
  const Names names(frame, layout);
  const std::string fixed = "k" + names.root + "FixedBytes";

  Lines out;
  banner(out, frame.file);
  out("#pragma once");
  comment(out, "", names.root + " (" + frame.identifier + "), a frame of the " + frame.plane + " plane: as structs, written and read.");
  out();
  out("#include <cstddef>");
  out("#include <cstdint>");
  out("#include <cstring>");
  out("#include <span>");
  out();
  out("#include \"loophole/core/bytes.hpp\"");
  out("#include \"loophole/core/result.hpp\"");
  out("#include \"loophole/wire/frame_bytes.hpp\"");
  out();
  out("namespace loophole::frames {");
  out();
  for (const FrameEnum& enumeration : frame.enums) write_enum(out, enumeration);
  for (const FrameType& type : frame.types)
    if (type.fixed) write_struct(out, frame, type);
  write_root(out, frame, names, layout);
  out();
  if (names.items.empty()) {
    out("// Bytes of a frame.");
    out("inline constexpr std::size_t ", fixed, " = ", std::to_string(layout.fixed_bytes), ";");
  } else {
    out("// Bytes of a frame without items; items that a frame has at most; bytes of a frame.");
    out("inline constexpr std::size_t ", fixed, " = ", std::to_string(layout.fixed_bytes), ";");
    out("inline constexpr std::size_t ", names.max, " = ", std::to_string(*layout.vector->max_items), ";");
    out("[[nodiscard]] constexpr std::size_t ", names.snake, "_bytes(std::size_t items) noexcept {");
    out("  return ", fixed, " + items * sizeof(", names.item, ");");
    out("}");
  }
  out();
  write_builder(out, frame, names, layout);
  out("// [any-thread] Verifies and reads a frame of any encoder. Error: frame.malformed with the rule size, identifier, alignment, "
      "structure,");
  out("// required, maxItems, minimum, maximum, finite or enum, and the field as its pointer. The bytes must begin at a multiple of 8.");
  out("[[nodiscard]] Result<", names.view, "> read_", names.snake, "(Bytes bytes);");
  out();
  out("}  // namespace loophole::frames");
  return {"include/" + names.file, out.take()};
}

// Whether every value of the scalar type is at this bound.
bool is_limit(std::string_view type, const Json& bound, bool upper) {
  if (is_floating(type)) return false;
  const unsigned bits = 8 * scalar_size(type);
  if (!is_signed(type)) {
    const std::uint64_t most = bits == 64 ? ~0ULL : (1ULL << bits) - 1;
    return bound.get<std::uint64_t>() == (upper ? most : 0);
  }
  const std::int64_t most = static_cast<std::int64_t>(~0ULL >> (65 - bits));
  return bound.get<std::int64_t>() == (upper ? most : -most - 1);
}

// Lines that return an error when `value` breaks what its field asks for; `pointer` are the arguments of wire::frame_fault for its place.
void write_checks(Lines& out, const Frame& frame, const FrameField& field, std::string_view type, const std::string& value,
                  const std::string& pointer, const std::string& indent) {
  const auto check = [&](const std::string& good, const std::string& rule, const std::string& expected, const std::string& found) {
    out(indent, "if (!(", good, "))");
    out(indent, "  return wire::frame_fault(", literal(rule), ", ", pointer, ",");
    out(indent, "                           ", literal(expected), ", ", found, ");");
  };
  if (const FrameEnum* enumeration = frame.enumeration(type)) {
    const std::string stored = "static_cast<std::uint8_t>(" + value + ")";
    check(stored + " < " + std::to_string(enumeration->values.size()), "enum", "a value of " + enumeration->name, stored);
    return;
  }
  if (field.finite) check("std::isfinite(" + value + ")", "finite", "a finite number", value);
  const std::string scalar = cpp_scalar(type);
  if (field.minimum && !is_limit(type, *field.minimum, false))
    check(value + " >= " + scalar + "{" + literal_of(type, *field.minimum) + "}", "minimum", "at least " + field.minimum->dump(), value);
  if (field.maximum && !is_limit(type, *field.maximum, true))
    check(value + " <= " + scalar + "{" + literal_of(type, *field.maximum) + "}", "maximum", "at most " + field.maximum->dump(), value);
}

OutputFile frame_source(const Frame& frame) {
  const FrameLayout layout = frame_layout(frame);
  const Names names(frame, layout);
  const FrameType& root = *frame.type(frame.root);
  const std::string header = layout.vector != nullptr ? "view.header." : "view.";

  Lines items;  // checks of one item
  if (layout.vector != nullptr) {
    const std::string place = literal(names.items) + ", i";
    if (const FrameType* type = frame.type(element_of(layout.vector->type))) {
      for (const FrameField& field : type->fields)
        write_checks(items, frame, field, field.type, "item." + field.name, "wire::pointer_to(" + place + ", " + literal(field.name) + ")",
                     "    ");
    } else {
      write_checks(items, frame, *layout.vector, element_of(layout.vector->type), "item", "wire::pointer_to(" + place + ")", "    ");
    }
  }
  const std::string item_checks = items.take();

  Lines out;
  banner(out, frame.file);
  out("#include \"", names.file, "\"");
  out();
  out("#include <cmath>");
  out();
  out("#include \"loophole/wire/frame_reader.hpp\"");
  out();
  out("namespace loophole::frames {");
  out();
  out("Result<", names.view, "> read_", names.snake, "(Bytes bytes) {");
  out("  wire::FrameReader frame(bytes, ", literal(frame.identifier), ", ", literal(names.root), ");");
  out("  ", names.view, " view;");
  for (const FrameField& field : root.fields) {
    if (field.deprecated) continue;
    const std::string id = std::to_string(*field.id);
    if (&field == layout.vector)
      out("  frame.items(", id, ", ", literal(field.name), ", view.", field.name, ", ", names.max,
          ", wire::FrameReader::Items::", field.required ? "required" : "optional", ");");
    else
      out("  frame.number(", id, ", ", literal(field.name), ", ", header, field.name, ");");
  }
  out("  if (frame.fault()) return *frame.fault();");
  for (const FrameField& field : root.fields) {
    if (field.deprecated || &field == layout.vector) continue;
    write_checks(out, frame, field, field.type, header + field.name, "wire::pointer_to(" + literal(field.name) + ")", "  ");
  }
  if (!item_checks.empty()) {
    out("  for (std::size_t i = 0; i < view.", names.items, ".size(); ++i) {");
    out("    const ", names.item, "& item = view.", names.items, "[i];");
    out.raw(item_checks);
    out("  }");
  }
  out("  return view;");
  out("}");
  out();
  out("}  // namespace loophole::frames");
  return {"src/frames/" + names.snake + ".cpp", out.take()};
}

OutputFile kind_header(const Model& model) {
  Lines out;
  banner(out, "{stream,telemetry}/*.fbs");
  out("#pragma once");
  out("// What kind of bytes arrived: a frame, by its identifier, or a control message.");
  out();
  out("#include <cstdint>");
  out("#include <optional>");
  out();
  out("#include \"loophole/core/bytes.hpp\"");
  out("#include \"loophole/messages/topology.hpp\"");
  out();
  out("namespace loophole::frames {");
  out();
  out("// What bytes are.");
  out("enum class FrameKind : std::uint8_t {");
  out("  // By its brace; no frame.");
  out("  control,");
  for (const Frame& frame : model.frames) {
    comment(out, "  ", frame.type(frame.root)->description);
    out("  ", frame.name, ",");
  }
  out("  unknown,");
  out("};");
  out();
  out("// [any-thread] By identifier or by a leading '{'; reads at most 8 bytes, verifies nothing.");
  out("[[nodiscard]] FrameKind classify(Bytes bytes) noexcept;");
  out();
  out("// [any-thread] Where such bytes belong; nothing for unknown ones.");
  out("[[nodiscard]] std::optional<topology::Plane> plane_of(FrameKind kind) noexcept;");
  out();
  out("}  // namespace loophole::frames");
  return {"include/loophole/frames/kind.hpp", out.take()};
}

OutputFile kind_source(const Model& model) {
  Lines out;
  banner(out, "{stream,telemetry}/*.fbs");
  out("#include \"loophole/frames/kind.hpp\"");
  out();
  out("#include <string_view>");
  out();
  out("namespace loophole::frames {");
  out();
  out("FrameKind classify(Bytes bytes) noexcept {");
  out("  const std::string_view text = text_of(bytes.first(bytes.size() < 8 ? bytes.size() : 8));");
  out("  if (text.size() == 8) {");
  out("    const std::string_view identifier = text.substr(4);");
  for (const Frame& frame : model.frames) out("    if (identifier == ", literal(frame.identifier), ") return FrameKind::", frame.name, ";");
  out("  }");
  out("  const std::size_t begin = text.find_first_not_of(\" \\t\\r\\n\");");
  out("  return begin != std::string_view::npos && text[begin] == '{' ? FrameKind::control : FrameKind::unknown;");
  out("}");
  out();
  out("std::optional<topology::Plane> plane_of(FrameKind kind) noexcept {");
  out("  switch (kind) {");
  out("    case FrameKind::control:");
  out("      return topology::Plane::control;");
  for (const Frame& frame : model.frames) {
    out("    case FrameKind::", frame.name, ":");
    out("      return topology::Plane::", enumerator(frame.plane), ";");
  }
  out("    case FrameKind::unknown:");
  out("      break;");
  out("  }");
  out("  return std::nullopt;");
  out("}");
  out();
  out("}  // namespace loophole::frames");
  return {"src/frames/kind.cpp", out.take()};
}

OutputFile all_frames_header(const Model& model) {
  Lines out;
  banner(out, "{stream,telemetry}/*.fbs");
  out("#pragma once");
  out("// Every frame, and what tells them apart.");
  out();
  std::vector<std::string> names{"kind"};
  for (const Frame& frame : model.frames) names.push_back(frame.name);
  std::ranges::sort(names);
  for (const std::string& name : names) out("#include \"loophole/frames/", name, ".hpp\"");
  return {"include/loophole/frames/all.hpp", out.take()};
}

}  // namespace

std::vector<OutputFile> frame_files(const Model& model) {
  std::vector<OutputFile> files;
  for (const Frame& frame : model.frames) {
    files.push_back(frame_header(frame));
    files.push_back(frame_source(frame));
  }
  files.push_back(kind_header(model));
  files.push_back(kind_source(model));
  files.push_back(all_frames_header(model));
  return files;
}

}  // namespace loophole::schema::cpp
