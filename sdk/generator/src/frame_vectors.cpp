#include "frame_vectors.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>
#include <limits>

#include "frame_layout.hpp"

namespace loophole::schema {
namespace {

constexpr std::string_view kIdentifier = "identifier";
constexpr std::string_view kStructure = "structure";
constexpr std::string_view kBounds = "bounds";
constexpr std::uint32_t kOut = 0x7fffff00;  // an offset that leads out of any frame

void put(std::string& bytes, std::size_t at, std::uint64_t value, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) bytes[at + i] = static_cast<char>(value >> (8 * i));
}

// A number of the model, as the bits of a scalar.
std::uint64_t bits_of(std::string_view type, const Json& value) {
  if (type == "float") return std::bit_cast<std::uint32_t>(value.get<float>());
  if (type == "double") return std::bit_cast<std::uint64_t>(value.get<double>());
  if (value.is_boolean()) return value.get<bool>() ? 1 : 0;
  return value.is_number_unsigned() ? value.get<std::uint64_t>() : static_cast<std::uint64_t>(value.get<std::int64_t>());
}

std::uint64_t not_a_number(std::string_view type) {
  return type == "float" ? std::bit_cast<std::uint32_t>(std::numeric_limits<float>::quiet_NaN())
                         : std::bit_cast<std::uint64_t>(std::numeric_limits<double>::quiet_NaN());
}

// The value next to a bound, on its wrong side.
std::uint64_t beyond(std::string_view type, const Json& bound, int direction) {
  if (type == "float")
    return std::bit_cast<std::uint32_t>(
        std::nextafter(bound.get<float>(), static_cast<float>(direction) * std::numeric_limits<float>::infinity()));
  if (type == "double")
    return std::bit_cast<std::uint64_t>(std::nextafter(bound.get<double>(), direction * std::numeric_limits<double>::infinity()));
  return bits_of(type, bound) + static_cast<std::uint64_t>(static_cast<std::int64_t>(direction));
}

// Whether an integer type has values on the far side of a bound.
bool has_beyond(std::string_view type, const Json& bound, int direction) {
  if (is_floating(type)) return true;
  const unsigned bits = 8 * scalar_size(type);
  if (direction < 0) return is_signed(type) || bits_of(type, bound) > 0;
  const std::uint64_t most = bits == 64 ? ~0ULL : (1ULL << (is_signed(type) ? bits - 1 : bits)) - 1;
  return bits_of(type, bound) < most;
}

class Vectors {
 public:
  explicit Vectors(const Frame& frame) : frame_(frame), layout_(frame_layout(frame)) {}

  std::vector<FrameVector> all() {
    add("every field, two items", whole(2), "", "FRM-31");
    add("fields that are left out have their default", with_few_fields(), "", "FRM-31");
    add("a table with a field of a later version", with_newer_field(), "", "FRM-34");
    if (layout_.vector != nullptr) add("no items", whole(0), "", "FRM-31");
    heads();
    offsets();
    for (const FramePlace& place : layout_.places)
      if (place.field != layout_.vector) bounds_of(*place.field, place.offset);
    if (layout_.vector != nullptr) items();
    return std::move(vectors_);
  }

 private:
  void add(std::string about, std::string bytes, std::string_view rule, std::string_view requirement) {
    vectors_.push_back({std::move(about), std::move(bytes), std::string(rule), std::string(requirement)});
  }

  // A value that keeps the bounds and is not the default, where there is one.
  [[nodiscard]] std::uint64_t good(const FrameField& field, std::uint32_t number) const {
    const std::string type = stored_as(frame_, field.type.starts_with('[') ? std::string(element_of(field.type)) : field.type);
    if (field.name == "reserved") return 0;
    if (frame_.enumeration(field.type) != nullptr) return static_cast<std::uint64_t>(frame_.enumeration(field.type)->values.back().value);
    if (type == "bool") return 1;
    if (is_floating(type)) {
      const double low = field.minimum ? field.minimum->get<double>() : 0.0;
      return bits_of(type, Json(std::max(low, 0.0) + (field.name == "tempo_bpm" ? 90.0 : 0.25)));
    }
    const std::uint64_t low = field.minimum && field.minimum->is_number_unsigned() ? field.minimum->get<std::uint64_t>() : 0;
    return low + number;
  }

  [[nodiscard]] std::string whole(std::uint32_t count) const {
    std::string bytes(layout_.fixed_bytes + count * std::size_t{layout_.item_size}, '\0');
    put(bytes, 0, layout_.table, 4);
    bytes.replace(4, 4, frame_.identifier);
    put(bytes, layout_.vtable, 2 * (2 + layout_.vtable_places.size()), 2);
    put(bytes, layout_.vtable + 2U, layout_.table_size, 2);
    for (std::size_t id = 0; id < layout_.vtable_places.size(); ++id)
      put(bytes, layout_.vtable + 2 * (2 + id), layout_.vtable_places[id], 2);
    put(bytes, layout_.table, layout_.table - layout_.vtable, 4);
    std::uint32_t number = 1;
    for (const FramePlace& place : layout_.places) {
      const bool vector = place.field == layout_.vector;
      put(bytes, place.offset, vector ? layout_.vector_offset - place.offset : good(*place.field, number++), place.size);
    }
    if (layout_.vector == nullptr) return bytes;
    put(bytes, layout_.vector_offset, count, 4);
    for (std::uint32_t i = 0; i < count; ++i) {
      for_each_item_field([&](const FrameField& field, std::uint32_t in_item, std::string_view type) {
        put(bytes, layout_.fixed_bytes + i * std::size_t{layout_.item_size} + in_item, good(field, i + 1), scalar_size(type));
      });
    }
    return bytes;
  }

  // visit(field, bytes from the begin of the item, scalar)
  void for_each_item_field(const std::function<void(const FrameField&, std::uint32_t, std::string_view)>& visit) const {
    const std::string element{element_of(layout_.vector->type)};
    if (const FrameType* type = frame_.type(element)) {
      for (const FrameField& field : type->fields) visit(field, field.offset.value_or(0), stored_as(frame_, field.type));
    } else {
      visit(*layout_.vector, 0, stored_as(frame_, element));
    }
  }

  // Where the vtable says where a field is.
  [[nodiscard]] std::size_t slot(const FrameField& field) const { return layout_.vtable + 2 * (2 + std::size_t{*field.id}); }

  [[nodiscard]] std::string with_few_fields() const {
    std::string bytes = whole(1);
    for (const FramePlace& place : layout_.places) {
      const FrameField& field = *place.field;
      if (field.required || field.minimum) continue;  // the default of some is out of their bounds
      put(bytes, slot(field), 0, 2);
    }
    return bytes;
  }

  // The table's vtable moves to the end, with one more slot, for the first bytes of the table.
  [[nodiscard]] std::string with_newer_field() const {
    std::string bytes = whole(1);
    while (bytes.size() % 4 != 0) bytes += '\0';
    const std::size_t at = bytes.size();
    const std::size_t length = 2 * (2 + layout_.vtable_places.size() + 1);
    bytes += bytes.substr(layout_.vtable, length - 2) + std::string(2, '\0');
    put(bytes, at, length, 2);
    put(bytes, at + length - 2, layout_.vtable_places.front(), 2);
    put(bytes, layout_.table, std::uint64_t{layout_.table} - at, 4);
    return bytes;
  }

  void heads() {
    add("no bytes at all", "", kIdentifier, "FRM-30");
    add("seven bytes", whole(1).substr(0, 7), kIdentifier, "FRM-30");
    std::string bytes = whole(1);
    bytes.replace(4, 4, "LPXX");
    add("an identifier that nobody knows", bytes, kIdentifier, "FRM-30");
    bytes = whole(1);
    bytes.replace(4, 4, std::string(4, '\0'));
    add("no identifier", bytes, kIdentifier, "FRM-29");
    bytes = whole(1);
    bytes.replace(4, 4, frame_.plane == "stream" ? "LPME" : "LPPS");
    add("the identifier of the other plane", bytes, kIdentifier, "FRM-5");
    add("the head alone", whole(1).substr(0, 12), kStructure, "FRM-31");
    add("the last byte is missing",
        whole(2).substr(0, layout_.vector != nullptr ? whole(2).size() - 1 : layout_.table + layout_.table_size - 1), kStructure, "FRM-31");
  }

  void poked(const std::string& about, std::size_t at, std::uint64_t value, std::size_t size) {
    std::string bytes = whole(1);
    put(bytes, at, value, size);
    add(about, std::move(bytes), kStructure, "FRM-31");
  }

  void offsets() {
    poked("the table is outside", 0, kOut, 4);
    poked("the table is at an odd place", 0, layout_.table + 1U, 4);
    poked("the vtable is outside", layout_.table, kOut, 4);
    poked("the vtable is of an odd size", layout_.vtable, 2 * (2 + layout_.vtable_places.size()) + 1, 2);
    poked("the vtable is longer than the frame", layout_.vtable, 0xfff0, 2);
    for (const FramePlace& place : layout_.places) {
      const FrameField& field = *place.field;
      poked(field.name + " is outside", slot(field), 0xfff0, 2);
      if (place.size > 1) poked(field.name + " is not aligned", slot(field), place.in_table + 1U, 2);
      if (field.required) poked(field.name + " is missing", slot(field), 0, 2);
    }
    if (layout_.vector == nullptr) return;
    const std::string& name = layout_.vector->name;
    for (const FramePlace& place : layout_.places)
      if (place.field == layout_.vector) poked(name + ": the items are outside", place.offset, kOut, 4);
    poked(name + ": one item too few", layout_.vector_offset, 2, 4);
    poked(name + ": as many items as 32 bits can say", layout_.vector_offset, 0xffffffff, 4);
  }

  void bounds_of(const FrameField& field, std::size_t at) {
    const std::string type = stored_as(frame_, field.type.starts_with('[') ? std::string(element_of(field.type)) : field.type);
    const std::size_t size = scalar_size(type);
    const auto wrong = [&](const std::string& what, std::uint64_t bits) {
      std::string bytes = whole(1);
      put(bytes, at, bits, size);
      add(field.name + ": " + what, std::move(bytes), kBounds, "FRM-32");
    };
    if (field.unchecked) {
      std::string bytes = whole(1);
      put(bytes, at, not_a_number(type), size);
      add(field.name + " is no number, which its user refuses and not the reader", std::move(bytes), "", "GEST-23");
      return;
    }
    if (field.minimum && has_beyond(type, *field.minimum, -1)) wrong("below its minimum", beyond(type, *field.minimum, -1));
    if (field.maximum && has_beyond(type, *field.maximum, 1)) wrong("above its maximum", beyond(type, *field.maximum, 1));
    if (is_floating(type) && (field.finite || field.minimum || field.maximum)) wrong("no number", not_a_number(type));
    if (is_floating(type) && field.finite)
      wrong("infinite", type == "float" ? bits_of(type, Json(std::numeric_limits<float>::infinity()))
                                        : bits_of(type, Json(std::numeric_limits<double>::infinity())));
  }

  void items() {
    for_each_item_field([&](const FrameField& field, std::uint32_t in_item, std::string_view type) {
      if (field.name == "reserved") {
        std::string bytes = whole(1);
        put(bytes, layout_.fixed_bytes + in_item, 7, scalar_size(type));
        add("reserved is not 0, which a reader ignores", std::move(bytes), "", "FRM-36");
      } else {
        bounds_of(field, layout_.fixed_bytes + in_item);
      }
    });
  }

  const Frame& frame_;
  FrameLayout layout_;
  std::vector<FrameVector> vectors_;
};

}  // namespace

std::vector<FrameVector> frame_vectors(const Frame& frame) {
  return Vectors(frame).all();
}

}  // namespace loophole::schema
