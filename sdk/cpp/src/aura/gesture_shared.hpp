#pragma once
// Gesture::Shared: what a Gesture and its Client share about a gesture, so that either may go first.

#include <chrono>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "gesture_stream.hpp"
#include "loophole/aura/client.hpp"
#include "loophole/aura/gesture.hpp"

namespace loophole::aura {

class Gesture::Shared : public std::enable_shared_from_this<Gesture::Shared> {
 public:
  // `parameters` has metadata of the targets in their order, for curves.
  Shared(std::weak_ptr<Client::State> client, parameter::GestureBeginReply grant, std::vector<parameter::Parameter> parameters);

  bool set(const ParameterId* parameter, double value);
  bool set_normalized(const ParameterId* parameter, double position);
  void end(parameter::GestureOutcome outcome, EndHandler on_ended);
  [[nodiscard]] Result<parameter::GestureEndReply> finish();

  [[nodiscard]] std::optional<double> value(const ParameterId* parameter) const noexcept;

  // From the client.
  void begin(std::uint64_t stream_id, std::uint64_t epoch, std::shared_ptr<net::FrameSink> sink) {
    stream_.open(stream_id, epoch, std::move(sink));
  }
  void resume(std::uint64_t stream_id, std::uint64_t epoch, std::shared_ptr<net::FrameSink> sink);
  void pause() { stream_.pause(); }
  // The client goes away.
  void orphan() {
    open_ = false;
    stream_.pause();
  }
  // `fault`: what an end is answered with from now on.
  void lose(const parameter::GestureEnded& ended, Error fault);
  void on_lost(LostHandler handler);
  void tick();

  [[nodiscard]] const std::optional<Error>& fault() const noexcept { return fault_; }
  [[nodiscard]] bool is_open() const noexcept { return open_; }
  [[nodiscard]] const parameter::GestureBeginReply& grant() const noexcept { return grant_; }
  [[nodiscard]] GestureCounters counters() noexcept { return stream_.counters(); }

 private:
  void tell_lost_later();
  [[nodiscard]] std::optional<std::size_t> find(const ParameterId* parameter) const noexcept;
  bool put(std::optional<std::size_t> target, double value);

  std::weak_ptr<Client::State> client_;
  parameter::GestureBeginReply grant_;
  std::vector<parameter::Parameter> parameters_;
  GestureStream stream_;
  std::chrono::nanoseconds renew_after_;
  bool open_ = true;
  std::optional<Error> fault_;
  std::optional<parameter::GestureEnded> untold_;  // the end that was not told yet
  LostHandler on_lost_;
};

// [any-thread] The number that frames carry; 0 for what is no stream id.
[[nodiscard]] std::uint64_t stream_number(const StreamId& id) noexcept;

}  // namespace loophole::aura
