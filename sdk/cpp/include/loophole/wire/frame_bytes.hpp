#pragma once
// What generated builders of frames write with. FlatBuffers are little endian, and structs are written and read where they lie.

#include <bit>
#include <cstddef>
#include <cstring>
#include <type_traits>

namespace loophole::wire {

static_assert(std::endian::native == std::endian::little, "frames are read and written in place, so this machine must be little endian");
static_assert(sizeof(bool) == 1);

// [any-thread] Writes a number, a bool or an enumeration at any address.
template <class T>
void put(std::byte* at, T value) noexcept {
  static_assert(std::is_arithmetic_v<T> || std::is_enum_v<T>);
  std::memcpy(at, &value, sizeof value);
}

}  // namespace loophole::wire
