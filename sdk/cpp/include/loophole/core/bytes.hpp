#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

namespace loophole {

using Bytes = std::span<const std::byte>;
using Buffer = std::vector<std::byte>;

[[nodiscard]] inline Bytes bytes_of(std::string_view text) noexcept {
  return std::as_bytes(std::span(text.data(), text.size()));
}
[[nodiscard]] inline std::string_view text_of(Bytes bytes) noexcept {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace loophole
