#include <algorithm>

#include "emit_markdown.hpp"
#include "frame_layout.hpp"
#include "since.hpp"

namespace loophole::schema::markdown {
namespace {

// "`ulong` in ns, 1 … 2^53-1".
std::string type_words(const FrameField& field) {
  std::string out = code(field.type);
  if (!field.unit.empty()) out += " " + unit_words(field.unit);
  const auto bound = [](const std::optional<Json>& value) { return value ? number_words(*value) : std::string{}; };
  const std::string bounds = range_words(bound(field.minimum), bound(field.maximum));
  if (!bounds.empty()) out += ", " + bounds;
  if (field.finite) out += ", finite";
  if (field.max_items) out += "; at most " + std::to_string(*field.max_items) + " items";
  return out;
}

std::string default_words(const FrameField& field) {
  if (field.required) return "required";
  if (!field.default_value) return "no items";
  return field.default_value->is_string() ? field.default_value->get<std::string>() : number_words(*field.default_value);
}

std::string meaning(const FrameField& field) {
  return (field.deprecated ? "Deprecated: neither written nor read. " : "") + field.description;
}

void write_table(Lines& out, const FrameType& type) {
  const bool dated = std::ranges::any_of(type.fields, [&](const FrameField& field) { return field.since > type.since; });
  out("| id | field | type | when absent |", dated ? " since |" : "", " meaning |");
  out("|---|---|---|---|", dated ? "---|" : "", "---|");
  for (const FrameField& field : type.fields) {
    const std::string since = field.since > type.since ? to_text(field.since) : "";
    out("| ", field.id ? std::to_string(*field.id) : "", " | ", code(field.name), " | ", type_words(field), " | ", default_words(field),
        " |", dated ? " " + since + " |" : "", " ", cell(meaning(field)), " |");
  }
}

void write_struct(Lines& out, const FrameType& type) {
  out(code(type.name), ", a struct of ", std::to_string(type.size), " bytes: ", type.description);
  out();
  out("| bytes from | field | type | meaning |");
  out("|---|---|---|---|");
  for (const FrameField& field : type.fields)
    out("| ", std::to_string(field.offset.value_or(0)), " | ", code(field.name), " | ", type_words(field), " | ", cell(meaning(field)),
        " |");
}

void write_enumeration(Lines& out, const FrameEnum& enumeration) {
  out(code(enumeration.name), ", as ", code(enumeration.underlying), ": ", enumeration.description);
  out();
  out("| value | name | meaning |");
  out("|---|---|---|");
  for (const FrameEnumValue& value : enumeration.values)
    out("| ", std::to_string(value.value), " | ", code(value.name), " | ", cell(value.description), " |");
}

void write_frame(Lines& out, const Model& model, const Frame& frame) {
  out();
  out("## ", frame.root);
  out();
  const FrameType* root = frame.type(frame.root);
  if (root != nullptr) out(root->description);
  out();
  std::string edges;
  for (const Edge& edge : model.topology.edges)
    if (edge.plane == frame.plane) edges += (edges.empty() ? "" : ", ") + arrow(edge.from, edge.to);
  const bool topic = !frame.topic.empty();
  out("| plane | from → to | identifier |", topic ? " topic |" : "", " since | source |");
  out("|---|---|---|", topic ? "---|" : "", "---|---|");
  out("| ", frame.plane, " | ", edges, " | ", code(frame.identifier), " |", topic ? " " + code(frame.topic) + " |" : "", " ",
      to_text(root == nullptr ? Version{} : root->since), " | `schemas/", frame.file, "` |");
  out();
  if (root != nullptr) write_table(out, *root);
  for (const FrameType& type : frame.types) {
    if (!type.fixed) continue;
    out();
    write_struct(out, type);
  }
  for (const FrameEnum& enumeration : frame.enums) {
    out();
    write_enumeration(out, enumeration);
  }
  out();
  out("Its bytes:");
  out();
  out("```text");
  out.raw(frame_diagram(frame));
  out("```");
}

}  // namespace

OutputFile frames_page(const Model& model, const Sites& sites) {
  constexpr std::string_view kPage = "frames.md";
  Lines out;
  write_head(out, "stream/*.fbs and schemas/telemetry/*.fbs", "Frames", kPage);
  out("A frame is a [FlatBuffer](https://flatbuffers.dev): one root table with a file identifier at byte 4, little endian. Run the "
      "FlatBuffers");
  out("verifier and check the identifier before you read. Then check what this page says of the values, for the verifier looks at "
      "structure only:");
  out("a frame with a value out of its range is dropped and counted.");
  out();
  out("| frame | plane | identifier | what it is |");
  out("|---|---|---|---|");
  for (const Frame& frame : model.frames) {
    const FrameType* root = frame.type(frame.root);
    out("| ", sites.frame(frame, kPage), " | ", frame.plane, " | ", code(frame.identifier), " | ",
        cell(root == nullptr ? "" : root->description), " |");
  }
  out();
  out("In the drawings, bytes stand in a row from left to right, each number with its least significant byte first. They show what the "
      "builders of");
  out("this repository write. Another encoder may place the vtable, the table, its fields and the vector elsewhere, and may leave fields "
      "out that");
  out("have their default; a reader follows the offsets. Structs look the same from every encoder.");
  for (const Frame& frame : model.frames) write_frame(out, model, frame);
  return {std::string{kPage}, out.take()};
}

}  // namespace loophole::schema::markdown
