#include "frame_layout.hpp"

#include <algorithm>
#include <array>

namespace loophole::schema {
namespace {

struct Scalar {
  std::string_view name;
  std::uint32_t size;
  bool floating;
  bool integer;
  bool is_signed;
};
constexpr auto kScalars = std::to_array<Scalar>({{"bool", 1, false, false, false},
                                                 {"byte", 1, false, true, true},
                                                 {"ubyte", 1, false, true, false},
                                                 {"short", 2, false, true, true},
                                                 {"ushort", 2, false, true, false},
                                                 {"int", 4, false, true, true},
                                                 {"uint", 4, false, true, false},
                                                 {"long", 8, false, true, true},
                                                 {"ulong", 8, false, true, false},
                                                 {"float", 4, true, false, true},
                                                 {"double", 8, true, false, true}});

const Scalar* scalar(std::string_view type) {
  const auto* found = std::ranges::find(kScalars, type, &Scalar::name);
  return found == kScalars.end() ? nullptr : found;
}

std::uint32_t rounded_up(std::uint32_t offset, std::uint32_t alignment) {
  return (offset + alignment - 1) / alignment * alignment;
}

constexpr std::uint32_t kOffsetSize = 4;

}  // namespace

std::uint32_t scalar_size(std::string_view type) {
  const Scalar* found = scalar(type);
  return found == nullptr ? 0 : found->size;
}
bool is_floating(std::string_view type) {
  const Scalar* found = scalar(type);
  return found != nullptr && found->floating;
}
bool is_integer(std::string_view type) {
  const Scalar* found = scalar(type);
  return found != nullptr && found->integer;
}
bool is_signed(std::string_view type) {
  const Scalar* found = scalar(type);
  return found != nullptr && found->is_signed;
}

std::string_view element_of(std::string_view type) {
  return type.starts_with('[') ? type.substr(1, type.size() - 2) : std::string_view{};
}

std::string stored_as(const Frame& frame, std::string_view type) {
  const FrameEnum* enumeration = frame.enumeration(type);
  return enumeration != nullptr ? enumeration->underlying : std::string{type};
}

FrameLayout frame_layout(const Frame& frame) {
  const FrameType& root = *frame.type(frame.root);
  FrameLayout layout;
  std::uint32_t slots = 0;
  bool wide = false;
  for (const FrameField& field : root.fields) {
    slots = std::max(slots, field.id.value_or(0) + 1);
    if (field.deprecated) continue;
    FramePlace place{.field = &field, .size = kOffsetSize};
    if (const std::string_view element = element_of(field.type); !element.empty()) {
      const FrameType* items = frame.type(element);
      layout.vector = &field;
      layout.item_size = items != nullptr ? items->size : scalar_size(stored_as(frame, element));
      layout.item_alignment = items != nullptr ? items->alignment : layout.item_size;
    } else {
      place.size = scalar_size(stored_as(frame, field.type));
    }
    wide = wide || place.size == 8;
    layout.places.push_back(place);
  }
  // Larger fields first, so that nothing but the end needs padding; among equals the lower id.
  std::ranges::stable_sort(layout.places, std::ranges::greater{}, &FramePlace::size);

  const std::uint32_t vtable_end = layout.vtable + 2 * (2 + slots);
  // The table begins with 4 bytes, and what follows them is aligned.
  layout.table = wide ? rounded_up(vtable_end + kOffsetSize, 8) - kOffsetSize : rounded_up(vtable_end, kOffsetSize);
  layout.vtable_places.resize(slots);
  std::uint32_t at = layout.table + kOffsetSize;
  for (FramePlace& place : layout.places) {
    place.offset = at;
    place.in_table = at - layout.table;
    layout.vtable_places[*place.field->id] = place.in_table;
    at += place.size;
  }
  layout.table_size = at - layout.table;
  if (layout.vector != nullptr) {
    layout.vector_offset = rounded_up(at + kOffsetSize, std::max(layout.item_alignment, kOffsetSize)) - kOffsetSize;
    layout.fixed_bytes = layout.vector_offset + kOffsetSize;
  } else {
    layout.fixed_bytes = rounded_up(at, 8);
  }
  return layout;
}

}  // namespace loophole::schema
