#pragma once
// An engine that answers hellos, as often as it is told to, and nothing else. It runs in a thread of its own until it goes.

#include <atomic>
#include <chrono>
#include <thread>

#include "lanes/lane.hpp"
#include "loophole/messages/session.hpp"
#include "loophole/wire/codec.hpp"
#include "peer/command_line.hpp"
#include "trial/trial.hpp"

namespace loophole::conformance::test {

class FakeEngine {
 public:
  explicit FakeEngine(std::int64_t lease_ms) : lease_ms_(lease_ms), at_(new_endpoints(Topology::ipc, folder_.path())) {
    std::string error;
    lane_ = Lane::bind(context_, Lane::Kind::router, at_.control, error);
    thread_ = std::thread([this] { serve(); });
  }
  ~FakeEngine() {
    ends_ = true;
    thread_.join();
  }
  FakeEngine(const FakeEngine&) = delete;
  FakeEngine& operator=(const FakeEngine&) = delete;

  // Blocks until a lease has passed since it was called: by the caller's clock and not by when a word of the caller was heard here, which
  // is later than the caller said it.
  void await_lease() const {
    const auto end = (std::chrono::steady_clock::now() + std::chrono::milliseconds(lease_ms_)).time_since_epoch().count();
    for (auto now = now_.load(); now < end; now = now_.load()) now_.wait(now);
  }

  [[nodiscard]] Setting setting() const { return {.attached = at_, .patience = Milliseconds(2'000)}; }

 private:
  void serve() {
    while (!ends_) {
      wait_for_any({lane_.get()}, 5);
      now_ = std::chrono::steady_clock::now().time_since_epoch().count();
      now_.notify_all();
      while (const auto parts = lane_->receive()) {
        const auto message = wire::decode_message(parts->back());
        if (!message || message->as<session::Hello>() == nullptr) continue;
        const session::HelloReply reply{
            .session_id = SessionId("s-1"),
            .role = Role::signal,
            .instance_id = InstanceId("engine-0001"),
            .software = {.name = "fake", .version = "0"},
            .protocol = {.major = 1, .minor = 0},
            .capabilities = {},
            .heartbeat_interval_ms = 10,
            .lease_ms = lease_ms_,
            .limits = {.max_message_bytes = 16'777'216, .max_depth = 32, .max_frame_bytes = 1'048'576},
            .engine = session::EngineLink{.epoch = 7, .stream_endpoint = at_.stream, .telemetry_endpoint = at_.telemetry},
            .fingerprint = {}};
        const auto text = wire::encode_message(
            wire::make_reply(MessageId("r" + std::to_string(++said_)), *message, wire::Payload::of(session::HelloReply(reply))));
        if (text) (void)lane_->send({parts->front(), *text});
      }
    }
  }

  std::int64_t lease_ms_;
  Folder folder_;
  Endpoints at_;
  LaneContext context_;
  std::unique_ptr<Lane> lane_;
  int said_ = 0;
  std::atomic<std::chrono::steady_clock::rep> now_{0};
  std::atomic<bool> ends_{false};
  std::thread thread_;
};

}  // namespace loophole::conformance::test
