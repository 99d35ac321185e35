#pragma once
// Seal: what tells that bytes of the project file are those that were written. SQLite finds a broken structure; a letter that changed
// within a text it does not.
//
// Seals are a chain: that of a transaction covers the one before it, so that a row which is missing, exchanged or from another file is
// found like one that was altered. Format 2 of the file: BLAKE2b, 32 bytes, over the parts, each with its length in 8 bytes before it,
// least significant first; numbers are 8 bytes, least significant first.

#include <cstdint>
#include <string>
#include <string_view>

namespace loophole::pulse {

// 32 bytes; the one before the first transaction is empty.
using Seal = std::string;

// [any-thread] A value class: one object makes one seal.
class Sealer {
 public:
  // `before`: the seal that this one continues.
  explicit Sealer(const Seal& before);
  Sealer& add(std::string_view text);
  Sealer& add(std::int64_t number);
  // Once, at the end.
  [[nodiscard]] Seal seal();

 private:
  alignas(64) unsigned char state_[384];
};

}  // namespace loophole::pulse
