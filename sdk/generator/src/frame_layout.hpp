#pragma once
// The bytes of a frame as our builders write it, in one place: the C++ emitter writes code from it, the documentation draws it.
//
//   0        offset of the table, from here
//   4        file identifier
//   8        vtable: its size, size of the table, place in the table of each field by id (0: not there), padding
//   …        table: way back to the vtable, then the fields, larger ones first, padding
//   …        the vector, where there is one: number of items, items
//
// Other encoders of FlatBuffers may place the same things elsewhere; a reader follows the offsets.

#include <string>
#include <string_view>
#include <vector>

#include "model.hpp"

namespace loophole::schema {

// Bytes of a scalar type as FlatBuffers names it ("ulong"); 0: it is none.
[[nodiscard]] std::uint32_t scalar_size(std::string_view type);
[[nodiscard]] bool is_floating(std::string_view type);
// Integers, not bool.
[[nodiscard]] bool is_integer(std::string_view type);
[[nodiscard]] bool is_signed(std::string_view type);
// "[MeterReading]" -> "MeterReading"; empty: no vector.
[[nodiscard]] std::string_view element_of(std::string_view type);
// The scalar that a field or an element is stored as: an enumeration's underlying type, else the type itself.
[[nodiscard]] std::string stored_as(const Frame& frame, std::string_view type);

struct FramePlace {
  const FrameField* field = nullptr;
  std::uint32_t offset = 0;    // from the begin of the frame
  std::uint32_t size = 0;      // of a vector: 4, the way to it
  std::uint32_t in_table = 0;  // from the begin of the table, as in the vtable
};

struct FrameLayout {
  std::uint32_t vtable = 8;                  // offset of the vtable
  std::vector<std::uint32_t> vtable_places;  // by id; 0: deprecated
  std::uint32_t table = 0;                   // offset of the table
  std::uint32_t table_size = 0;
  std::vector<FramePlace> places;  // ascending; all fields but the deprecated
  const FrameField* vector = nullptr;
  std::uint32_t vector_offset = 0;   // of the number of items
  std::uint32_t item_size = 0;       // of the vector's items
  std::uint32_t item_alignment = 0;  // 0: there is no vector
  std::uint32_t fixed_bytes = 0;     // without items; the items begin here
};

// The root table of a frame without faults.
[[nodiscard]] FrameLayout frame_layout(const Frame& frame);

// The frame and its structs, as text: 32 bits a row, offsets on the left.
[[nodiscard]] std::string frame_diagram(const Frame& frame);

}  // namespace loophole::schema
