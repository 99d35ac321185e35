// Any bytes as a control message. The decoder reads nothing outside of them, and what it takes it can give back: encoding what was decoded
// gives a text that decodes to the same again. An error can always be sent.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string_view>

#include "loophole/wire/codec.hpp"

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

// What receivers take and nobody may send: a label that they do not know. And a text that is at its limit may be longer when it is written
// out again, with defaults in it.
bool may_be_kept_back(const loophole::Error& error) {
  return error.rule == "enum" || error.rule == "size";
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace loophole::wire;
  // Of exact size and without a zero byte behind, so that AddressSanitizer sees every step too far.
  const auto copy = std::make_unique<char[]>(size);
  std::copy_n(data, size, copy.get());

  Salvage salvage;
  const auto message = decode_message({copy.get(), size}, {}, &salvage);
  if (!message) {
    require(to_json(message.error()).has_value());
    return 0;
  }
  const auto sent = encode_message(*message);
  if (!sent) {
    require(may_be_kept_back(sent.error()));
    return 0;
  }
  const auto again = decode_message(*sent);
  require(again.has_value());
  require(again->header == message->header);
  const auto sent_again = encode_message(*again);
  require(sent_again.has_value());
  require(*sent_again == *sent);
  return 0;
}
