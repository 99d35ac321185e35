#include "trial/later_fields.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace loophole::conformance {
namespace {

constexpr std::size_t kField = 40;    // beyond those of every table
constexpr std::size_t kRoom = 8;      // of the field; keeps the alignment of what is behind it
constexpr std::size_t kReadings = 5;  // of Meters: the only field of a frame of the suite that is an offset

template <class T>
T get(const std::string& bytes, std::size_t at) {
  T value{};
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}
template <class T>
void set(std::string& bytes, std::size_t at, T value) {
  std::memcpy(bytes.data() + at, &value, sizeof value);
}

}  // namespace

// root | vtable | table | room of the field | readings | vtable with the field
std::string with_later_field(const std::string& frame) {
  const std::size_t table = get<std::uint32_t>(frame, 0);
  const std::size_t vtable = table - static_cast<std::size_t>(get<std::int32_t>(frame, table));
  std::string entries = frame.substr(vtable, get<std::uint16_t>(frame, vtable));
  const auto table_bytes = get<std::uint16_t>(entries, 2);
  entries.resize(4 + 2 * (kField + 1), '\0');
  set(entries, 0, static_cast<std::uint16_t>(entries.size()));
  set(entries, 2, static_cast<std::uint16_t>(table_bytes + kRoom));
  set(entries, 4 + 2 * kField, table_bytes);
  std::string later = frame;
  if (std::string_view(frame).substr(4, 4) == "LPME") {
    const std::size_t place = table + get<std::uint16_t>(entries, 4 + 2 * kReadings);
    set(later, place, static_cast<std::uint32_t>(get<std::uint32_t>(later, place) + kRoom));
  }
  later.insert(table + table_bytes, kRoom, '\x5a');
  if (later.size() % 2 != 0) later += '\0';
  set(later, table, static_cast<std::int32_t>(static_cast<std::int64_t>(table) - static_cast<std::int64_t>(later.size())));
  return later + entries;
}

}  // namespace loophole::conformance
