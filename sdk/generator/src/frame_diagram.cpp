// frame_diagram(): the bytes of a frame for people.
#include <algorithm>

#include "emit.hpp"
#include "frame_layout.hpp"

namespace loophole::schema {
namespace {

constexpr std::uint32_t kRowBytes = 4;
constexpr std::size_t kByteWidth = 16;  // two characters a bit
constexpr std::size_t kGutter = 7;      // for the offset

// Consecutive cells, drawn 32 bits a row. A cell of more than a row begins one.
class Diagram {
 public:
  explicit Diagram(Lines& out) : out_(out) {
    const std::string gutter(kGutter + 1, ' ');
    out_(gutter, "0                   1                   2                   3");
    out_(gutter, "0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1");
    rule();
  }

  // A field with its type, where there is room for both.
  void field(const FrameField& field, std::uint32_t size) {
    const std::string both = field.name + ": " + field.type;
    cell(size, size >= kRowBytes || both.size() < size * kByteWidth ? both : field.name);
  }

  void cell(std::uint32_t size, const std::string& text) {
    if (size > kRowBytes && at_ % kRowBytes == 0) {
      large(size, text);
      return;
    }
    row_ += centred(text, size * kByteWidth - 1) + "|";
    at_ += size;
    if (at_ % kRowBytes != 0) return;
    out_(offset(at_ - kRowBytes), "|", row_);
    row_.clear();
    rule();
  }

  // As many bytes as there happen to be.
  void rest(const std::string& text) {
    out_(offset(at_), "/", centred(text, kRowBytes * kByteWidth - 1), "/");
    out_(std::string(kGutter, ' '), "/", std::string(kRowBytes * kByteWidth - 1, ' '), "/");
    rule();
  }

  void padding_to(std::uint32_t end) {
    while (at_ < end) cell(std::min(end - at_, kRowBytes - at_ % kRowBytes), "0");
  }

 private:
  void large(std::uint32_t size, const std::string& text) {
    const std::string empty(kRowBytes * kByteWidth - 1, ' ');
    for (std::uint32_t row = 0; row < size / kRowBytes; ++row) {
      if (row > 0) out_(std::string(kGutter, ' '), "+", empty, "+");
      out_(offset(at_), "|", row == 0 ? centred(text, empty.size()) : empty, "|");
      at_ += kRowBytes;
    }
    rule();
  }

  void rule() {
    std::string line(kGutter, ' ');
    for (std::uint32_t bit = 0; bit < 8 * kRowBytes; ++bit) line += "+-";
    out_(line, "+");
  }

  static std::string offset(std::uint32_t bytes) {
    const std::string digits = std::to_string(bytes);
    return std::string(kGutter - 1 - std::min(digits.size(), kGutter - 1), ' ') + digits + " ";
  }

  static std::string centred(std::string text, std::size_t width) {
    if (text.size() > width) text = text.substr(0, width - 1) + "~";
    const std::size_t left = (width - text.size()) / 2;
    return std::string(left, ' ') + text + std::string(width - text.size() - left, ' ');
  }

  Lines& out_;
  std::string row_;
  std::uint32_t at_ = 0;
};

void draw_table(Lines& out, const Frame& frame, const FrameLayout& layout) {
  const FrameType& root = *frame.type(frame.root);
  std::vector<std::string> names(layout.vtable_places.size(), "left out");
  for (const FrameField& field : root.fields) names[*field.id] = field.name;

  Diagram diagram(out);
  diagram.cell(4, "table at " + std::to_string(layout.table));
  diagram.cell(4, "\"" + frame.identifier + "\"");
  diagram.cell(2, "vtable of " + std::to_string(4 + 2 * layout.vtable_places.size()) + " bytes");
  diagram.cell(2, "table of " + std::to_string(layout.table_size) + " bytes");
  for (std::size_t id = 0; id < names.size(); ++id) diagram.cell(2, names[id] + ": " + std::to_string(layout.vtable_places[id]));
  diagram.padding_to(layout.table);
  diagram.cell(4, "vtable " + std::to_string(layout.table - layout.vtable) + " bytes before");
  for (const FramePlace& place : layout.places) {
    if (place.field == layout.vector)
      diagram.cell(place.size, place.field->name + " " + std::to_string(layout.vector_offset - place.offset) + " bytes after");
    else
      diagram.field(*place.field, place.size);
  }
  if (layout.vector == nullptr) return diagram.padding_to(layout.fixed_bytes);
  diagram.padding_to(layout.vector_offset);
  diagram.cell(4, "number of " + layout.vector->name);
  diagram.rest(layout.vector->name + ", " + std::to_string(layout.item_size) + " bytes each: " + layout.vector->type);
}

}  // namespace

std::string frame_diagram(const Frame& frame) {
  const FrameLayout layout = frame_layout(frame);
  Lines out;
  out(frame.root, layout.vector != nullptr ? ", " + std::to_string(layout.fixed_bytes) + " bytes and the items of " + layout.vector->name
                                           : ", " + std::to_string(layout.fixed_bytes) + " bytes");
  out();
  draw_table(out, frame, layout);
  for (const FrameType& type : frame.types) {
    if (!type.fixed) continue;
    out();
    out(type.name, ", ", std::to_string(type.size), " bytes");
    out();
    Diagram diagram(out);
    for (const FrameField& field : type.fields) diagram.field(field, scalar_size(stored_as(frame, field.type)));
  }
  return out.take();
}

}  // namespace loophole::schema
