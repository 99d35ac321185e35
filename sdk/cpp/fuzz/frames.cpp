// Any bytes as a frame. Readers read nothing outside of them, and views lie inside.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>

#include "loophole/frames/all.hpp"

namespace {

using loophole::Bytes;
namespace frames = loophole::frames;

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
  using namespace loophole::frames;
  static_cast<void>(plane_of(classify(bytes)));
  if (const auto stream = read_parameter_stream(bytes)) look_at(bytes, stream->samples);
  if (const auto meters = read_meters(bytes)) look_at(bytes, meters->readings);
  if (const auto spectrum = read_spectrum(bytes)) look_at(bytes, spectrum->magnitudes_db);
  static_cast<void>(read_transport_position(bytes));
  static_cast<void>(read_engine_stats(bytes));
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
