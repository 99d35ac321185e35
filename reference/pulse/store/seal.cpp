#include "store/seal.hpp"

#include <sodium.h>

#include <array>

namespace loophole::pulse {
namespace {

constexpr std::size_t kSealBytes = 32;

crypto_generichash_state* state_in(unsigned char* bytes) {
  return reinterpret_cast<crypto_generichash_state*>(bytes);
}

std::array<unsigned char, 8> little_endian(std::uint64_t value) {
  std::array<unsigned char, 8> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<unsigned char>(value >> (8 * i));
  return bytes;
}

}  // namespace

Sealer::Sealer(const Seal& before) {
  static_assert(sizeof(crypto_generichash_state) <= sizeof state_ && alignof(crypto_generichash_state) <= 64);
  crypto_generichash_init(state_in(state_), nullptr, 0, kSealBytes);
  add(before);
}

Sealer& Sealer::add(std::string_view text) {
  const auto length = little_endian(text.size());
  crypto_generichash_update(state_in(state_), length.data(), length.size());
  crypto_generichash_update(state_in(state_), reinterpret_cast<const unsigned char*>(text.data()), text.size());
  return *this;
}

Sealer& Sealer::add(std::int64_t number) {
  const auto bytes = little_endian(static_cast<std::uint64_t>(number));
  crypto_generichash_update(state_in(state_), bytes.data(), bytes.size());
  return *this;
}

Seal Sealer::seal() {
  Seal result(kSealBytes, '\0');
  crypto_generichash_final(state_in(state_), reinterpret_cast<unsigned char*>(result.data()), result.size());
  return result;
}

}  // namespace loophole::pulse
