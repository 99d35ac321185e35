#pragma once
// FrameReader: what generated readers of frames read with. The bytes may be from any encoder of FlatBuffers, and may be anything.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

#include "loophole/core/bytes.hpp"
#include "loophole/core/error.hpp"

namespace loophole::wire {

class FrameReader {
 public:
  // Whether a frame may leave a vector out.
  enum class Items { optional, required };

  // Verifies size, identifier, address and the root table; afterwards each call verifies what it reads. Names must be literals.
  FrameReader(Bytes bytes, std::string_view identifier, std::string_view name);

  // The first thing that was wrong: frame.malformed with the rule size, identifier, alignment, structure, required or maxItems.
  [[nodiscard]] const std::optional<Error>& fault() const noexcept { return fault_; }

  // A number, a bool or an enumeration; stays as it is where the frame leaves it out.
  template <class T>
  void number(std::uint16_t id, std::string_view field, T& value) {
    const std::byte* at = place(id, field, sizeof(T));
    if (at == nullptr) return;
    if constexpr (std::is_same_v<T, bool>)
      value = *at != std::byte{0};
    else
      std::memcpy(&value, at, sizeof value);
  }

  // The items of a vector, where they lie.
  template <class T>
  void items(std::uint16_t id, std::string_view field, std::span<const T>& items, std::size_t max_items, Items presence) {
    static_assert(std::is_trivially_copyable_v<T>);
    const Range found = range(id, field, sizeof(T), alignof(T), max_items, presence);
    if (found.count > 0) items = {reinterpret_cast<const T*>(found.begin), found.count};
  }

 private:
  struct Range {
    const std::byte* begin = nullptr;
    std::size_t count = 0;
  };
  void open(std::string_view identifier);
  const std::byte* place(std::uint16_t id, std::string_view field, std::size_t size);
  Range range(std::uint16_t id, std::string_view field, std::size_t item_size, std::size_t alignment, std::size_t max_items,
              Items presence);
  void structure_fault(std::string_view field);

  Bytes bytes_;
  std::string_view name_;
  std::size_t table_ = 0;  // offset of the root table
  std::optional<Error> fault_;
};

// "/field", "/field/3", "/field/3/member"
[[nodiscard]] std::string pointer_to(std::string_view field);
[[nodiscard]] std::string pointer_to(std::string_view field, std::size_t index);
[[nodiscard]] std::string pointer_to(std::string_view field, std::size_t index, std::string_view member);

// frame.malformed for a value that a field does not allow.
[[nodiscard]] Error frame_fault(std::string_view rule, std::string pointer, std::string_view expected, std::string found);
[[nodiscard]] std::string found_text(double value);
template <class T>
[[nodiscard]] Error frame_fault(std::string_view rule, std::string pointer, std::string_view expected, T found) {
  if constexpr (std::is_floating_point_v<T>)
    return frame_fault(rule, std::move(pointer), expected, found_text(static_cast<double>(found)));
  else
    return frame_fault(rule, std::move(pointer), expected, std::to_string(found));
}

}  // namespace loophole::wire
