#include "loophole/core/id.hpp"

#include <sodium.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace loophole {
namespace {

template <std::size_t size>
std::array<std::uint8_t, size> random_bytes() {
  // Identifiers that can be guessed would open streams to strangers, so there is no way to go on without a generator.
  static const bool ready = sodium_init() >= 0;
  if (!ready) {
    std::fputs("loophole: libsodium cannot be initialised: the system has no source of random numbers\n", stderr);
    std::abort();
  }
  std::array<std::uint8_t, size> bytes;
  randombytes_buf(bytes.data(), bytes.size());
  return bytes;
}

}  // namespace

std::string random_id(std::string_view prefix) {
  constexpr std::string_view kAlphabet = "abcdefghijkmnpqrstuvwxyz23456789";  // 32 that are hard to mistake for each other
  static_assert(kAlphabet.size() == 32);
  std::string id(prefix);
  id += '-';
  std::uint32_t bits = 0;
  unsigned held = 0;
  for (const std::uint8_t byte : random_bytes<10>()) {
    bits = (bits << 8) | byte;
    for (held += 8; held >= 5; held -= 5) id += kAlphabet[(bits >> (held - 5)) & 31];
  }
  return id;
}

std::string random_hex64() {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const std::uint8_t byte : random_bytes<8>()) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

}  // namespace loophole
