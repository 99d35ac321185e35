// Any bytes as a frame. Readers read nothing outside of them, and views lie inside.
#include "loophole/wire/frames.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>

namespace {

using loophole::Bytes;

void require(bool condition) {
  if (!condition) std::abort();
}

// Reads every byte of a view, for AddressSanitizer, and says that it lies in the frame.
template <class View>
void look_at(Bytes frame, View view) {
  const auto* const begin = reinterpret_cast<const std::byte*>(view.data());
  const std::size_t size = view.size() * sizeof(typename View::element_type);
  if (size == 0) return;
  require(begin >= frame.data() && begin + size <= frame.data() + frame.size());
  static volatile unsigned sum = 0;
  for (std::size_t i = 0; i < size; ++i) sum = sum + static_cast<unsigned>(begin[i]);
}

void read_all(Bytes bytes) {
  static_cast<void>(loophole::wire::classify(bytes));
  if (const auto stream = loophole::wire::read_parameter_stream(bytes)) look_at(bytes, stream->samples);
  if (const auto meters = loophole::wire::read_meters(bytes)) look_at(bytes, meters->readings);
  static_cast<void>(loophole::wire::read_transport(bytes));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // Copies of exact size, so that AddressSanitizer sees every step too far: where frames begin, and at an odd address.
  const auto aligned = std::make_unique<std::byte[]>(size);
  std::copy_n(reinterpret_cast<const std::byte*>(data), size, aligned.get());
  read_all({aligned.get(), size});
  const auto odd = std::make_unique<std::byte[]>(size + 1);
  std::copy_n(reinterpret_cast<const std::byte*>(data), size, odd.get() + 1);
  read_all({odd.get() + 1, size});
  return 0;
}
