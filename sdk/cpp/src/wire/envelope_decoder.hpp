#pragma once
// EnvelopeDecoder: events of a JSON parser in, a Message out.
//
// The members of the envelope go three ways: `payload` and `error` to a decoder of their own, the rest to the decoder of the header. A body
// is decoded directly when kind and name came before it, as the encoder writes them; otherwise it waits on a Tape until the end of the
// envelope. The order of members makes no difference to what comes out, error or not: faults of the header are told before those of name,
// kind and route, and those before faults of the payload.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "loophole/core/result.hpp"
#include "loophole/wire/message.hpp"
#include "rules.hpp"
#include "scalar.hpp"
#include "tape.hpp"
#include "value_decoder.hpp"

namespace loophole::wire::detail {

// Checks that need no payload: name known, kind fits it, an answer says to what, origin and target as the topology has them.
// For messages that arrive and for messages to be sent.
[[nodiscard]] std::optional<Error> check_header(const envelope::Header& header, const MessageDesc* desc);
// The largest number of bytes that a message may have.
[[nodiscard]] std::size_t max_bytes_of(const envelope::Header& header, const MessageDesc* desc) noexcept;

class EnvelopeDecoder {
 public:
  explicit EnvelopeDecoder(const Reading& reading);
  EnvelopeDecoder(const EnvelopeDecoder&) = delete;
  EnvelopeDecoder& operator=(const EnvelopeDecoder&) = delete;

  void start_object();
  void key(std::string_view name);
  void end_object();
  void start_array();
  void end_array();
  void scalar(const Scalar& value);

  // A member came twice, see ValueDecoder.
  [[nodiscard]] bool repeated() const noexcept;
  // After the last event. `bytes`: length of the text.
  [[nodiscard]] Result<Message> finish(std::size_t bytes) &&;

 private:
  enum class Way : std::uint8_t { header, body, record, skip };

  // `payload` or `error`, whichever the kind asks for.
  struct Body {
    std::shared_ptr<void> value;
    const TypeDesc* type = nullptr;
    std::optional<ValueDecoder> decoder;
    [[nodiscard]] bool begun() const noexcept { return decoder.has_value(); }
  };

  [[nodiscard]] const MessageDesc* desc() const noexcept;
  [[nodiscard]] bool is_error() const noexcept { return header_.kind == Kind::error; }
  Way way_of_body(bool error);
  bool begin_body();
  void end_value();
  void replay_waiting();

  template <class Event>
  void forward(Event event);

  Reading reading_;
  envelope::Header header_;
  ValueDecoder header_decoder_;
  bool kind_known_ = false;
  bool name_known_ = false;

  Body body_;
  Tape payload_tape_;
  Tape error_tape_;
  Tape* recording_ = nullptr;
  bool payload_seen_ = false;
  bool error_seen_ = false;
  bool repeated_ = false;

  enum class Member : std::uint8_t { other, kind, name } member_ = Member::other;
  Way way_ = Way::header;
  std::size_t depth_ = 0;
};

}  // namespace loophole::wire::detail
