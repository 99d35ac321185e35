#pragma once
// Id<Tag>: an opaque identifier. Kinds of identifiers are different types, so that a clip's cannot be given where a track's is asked for.

#include <compare>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace loophole {

template <class Tag>
struct Id {
  std::string value;  // the text

  Id() = default;
  explicit Id(std::string text) : value(std::move(text)) {}  // from its text

  [[nodiscard]] const std::string& str() const noexcept { return value; }  // the text
  [[nodiscard]] bool empty() const noexcept { return value.empty(); }      // whether it names nothing

  friend bool operator==(const Id&, const Id&) = default;
  friend auto operator<=>(const Id&, const Id&) = default;
};

// [any-thread] 'prefix' and 80 random bits, such as "trk-k2n4…"; from the operating system's generator, cannot be guessed.
[[nodiscard]] std::string random_id(std::string_view prefix);

// [any-thread] 64 random bits as 16 lower-case hexadecimal digits: the form of a stream id.
[[nodiscard]] std::string random_hex64();

}  // namespace loophole

template <class Tag>
struct std::hash<loophole::Id<Tag>> {
  std::size_t operator()(const loophole::Id<Tag>& id) const noexcept { return std::hash<std::string>{}(id.value); }
};
