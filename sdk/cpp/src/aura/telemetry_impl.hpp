#pragma once
// Telemetry::Impl: the subscriptions that follow the engine.

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "loophole/aura/telemetry.hpp"
#include "loophole/messages/engine.hpp"
#include "loophole/messages/session.hpp"
#include "loophole/transport/loop.hpp"
#include "loophole/transport/sockets.hpp"
#include "telemetry_reader.hpp"

namespace loophole::aura {

class Telemetry::Impl {
 public:
  // Handlers of the user are given to `defer`, which calls them outside of the Loop.
  using Defer = std::function<void(std::function<void()>)>;

  // `ask_latency`: the clock map is wanted, and nobody told the latency of the engine yet.
  Impl(net::Context& context, net::Loop& loop, Defer defer, std::function<void()> ask_latency)
      : context_(context), loop_(loop), defer_(std::move(defer)), ask_latency_(std::move(ask_latency)) {}
  ~Impl();

  // The engine as it is now; nothing: there is none. Not from within a handler of the Loop.
  void follow(const std::optional<session::EngineLink>& link);
  // What Pulse said about the latency of the engine that is followed.
  void set_latency(const std::optional<engine::Effective>& effective, const std::optional<std::int64_t>& graph_frames);

  bool subscribe(Topic topic, int rate_hz);
  void unsubscribe(Topic topic);
  [[nodiscard]] TelemetryCounters counters() const;
  [[nodiscard]] std::optional<std::chrono::nanoseconds> age(Topic topic) const;
  // The age of the newest frame when it is not above `max_age`, or what makes it live.
  [[nodiscard]] std::optional<std::chrono::nanoseconds> fresh(Topic topic, std::optional<std::chrono::nanoseconds> max_age) const;

  std::function<void(Topic)> on_silent;
  std::function<void(const MetersView&)> on_meters;
  std::function<void(const TransportView&)> on_transport;
  std::function<void(const StatsView&)> on_stats;
  std::map<std::int64_t, std::function<void(const SpectrumView&)>> on_spectrum;
  TelemetryReader reader;
  std::optional<Error> fault;

 private:
  void connect();
  void disconnect();
  void receive();
  void want_latency();
  // A topic is live until nothing of it arrives; then that is told.
  void watch(Topic topic);
  void watch_again(Topic topic, std::chrono::nanoseconds delay);
  void unwatch(Topic topic);
  void fell_silent(Topic topic);
  void deliver(Topic topic);
  void deliver_meters();
  void deliver_spectrum(std::int64_t analyser);

  net::Context& context_;
  net::Loop& loop_;
  Defer defer_;
  std::function<void()> ask_latency_;
  bool latency_known_ = false;
  std::optional<session::EngineLink> link_;
  std::unique_ptr<net::TelemetrySubscriber> subscriber_;
  net::ReceiveCounters received_;          // of the sockets before
  std::map<Topic, net::TimerId> watched_;  // what is live
  std::string topic_;
  Buffer frame_;
};

}  // namespace loophole::aura
