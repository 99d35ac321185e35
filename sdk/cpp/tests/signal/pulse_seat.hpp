#pragma once
// For tests of an engine over real sockets: a Pulse that calls and waits, and an Aura that sends samples and watches telemetry.

#include <algorithm>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "../transport/support.hpp"
#include "loophole/frames/engine_stats.hpp"
#include "loophole/frames/meters.hpp"
#include "loophole/frames/parameter_stream.hpp"
#include "loophole/frames/spectrum.hpp"
#include "loophole/frames/transport_position.hpp"
#include "loophole/messages/all.hpp"
#include "loophole/session/client.hpp"
#include "loophole/transport/sockets.hpp"
#include "loophole/wire/topic.hpp"

namespace loophole::test {

// `while_waiting` runs whenever the Pulse waits: where a test lets its audio thread go on.
class PulseSeat {
 public:
  PulseSeat(net::Context& context, net::Loop& loop, const std::string& endpoint) : loop_(loop) {
    client = session::Client::connect(
                 context, loop,
                 {.endpoint = endpoint, .role = Role::pulse, .peer = Role::signal, .client_id = "test-pulse", .hello_deadline = kWatchdog})
                 .value();
    client->on_event([this](const wire::Message& event) { events.push_back(event); });
  }
  PulseSeat(const net::InProcessAddress& engine, net::Loop& loop) : loop_(loop) {
    client = session::Client::connect(engine, loop,
                                      {.role = Role::pulse, .peer = Role::signal, .client_id = "test-pulse", .hello_deadline = kWatchdog})
                 .value();
    client->on_event([this](const wire::Message& event) { events.push_back(event); });
  }

  void wait_ready() { REQUIRE_SOON(loop_, client->state() == session::PortState::ready); }
  [[nodiscard]] const session::EngineLink& link() const { return client->hello()->engine.value(); }

  template <class C>
  Result<typename C::Reply> call(C command) {
    std::optional<Result<typename C::Reply>> answer;
    start<C>(std::move(command), [&](Result<typename C::Reply> result) { answer.emplace(std::move(result)); });
    REQUIRE(run([&] { return answer.has_value(); }));
    return *std::move(answer);
  }

  template <class C>
  void start(C command, std::function<void(Result<typename C::Reply>)> on_answer) {
    client->call_payload(wire::MessageOf<C>::desc(), wire::Payload::of(std::move(command)),
                         [handler = std::move(on_answer)](Result<wire::Payload> answer) {
                           if (!answer) return handler(std::move(answer).error());
                           handler(*answer->template as<typename C::Reply>());
                         },
                         {.deadline = kWatchdog});
  }

  bool run(const std::function<bool()>& done) {
    return run_until(loop_, [&] {
      if (while_waiting) while_waiting();
      return done();
    });
  }

  template <class E>
  [[nodiscard]] const E* event() const {
    for (const wire::Message& message : events)
      if (const E* found = message.as<E>()) return found;
    return nullptr;
  }

  template <class E>
  [[nodiscard]] std::size_t count() const {
    return static_cast<std::size_t>(std::ranges::count_if(events, [](const wire::Message& m) { return m.as<E>() != nullptr; }));
  }

  std::unique_ptr<session::Client> client;
  std::deque<wire::Message> events;
  std::function<void()> while_waiting;

 private:
  net::Loop& loop_;
};

// Sends samples one by one, numbering them.
class Hand {
 public:
  Hand(net::Context& context, const session::EngineLink& link, std::uint64_t stream_id)
      : sender(net::StreamSender::connect(context, link.stream_endpoint).value()),
        header{.stream_id = stream_id, .epoch = static_cast<std::uint64_t>(link.epoch), .sequence = 0} {}

  void move(std::uint32_t handle, double value) {
    const frames::ParameterSample sample{.value = value, .handle = handle};
    send({&sample, 1});
  }
  void send(std::span<const frames::ParameterSample> samples) {
    const Buffer frame = frames::make_parameter_stream(header, samples);
    REQUIRE(poll_until([&] { return sender->send(frame); }));
    header.sequence += samples.size();
  }

  std::unique_ptr<net::StreamSender> sender;
  frames::ParameterStreamHeader header;
};

// Watches telemetry.
class Watcher {
 public:
  Watcher(net::Context& context, net::Loop& loop, const session::EngineLink& link)
      : subscriber(net::TelemetrySubscriber::connect(context, link.telemetry_endpoint).value()), loop_(loop) {
    loop_.watch(*subscriber, [this] { read(); });
  }
  ~Watcher() { loop_.unwatch(*subscriber); }
  Watcher(const Watcher&) = delete;
  Watcher& operator=(const Watcher&) = delete;

  struct Meters {
    std::string topic;
    frames::MetersHeader header;
    std::vector<frames::MeterReading> readings;
  };
  struct Spectrum {
    std::string topic;
    frames::SpectrumHeader header;
    std::vector<float> magnitudes_db;
  };
  std::unique_ptr<net::TelemetrySubscriber> subscriber;
  std::vector<Meters> meters;
  std::vector<frames::TransportPosition> positions;
  std::vector<Spectrum> spectra;
  std::vector<frames::EngineStats> stats;

 private:
  void read() {
    std::string topic;
    Buffer frame;
    while (subscriber->receive(topic, frame)) {
      if (topic.starts_with(wire::topic::kMeters)) {
        const auto view = frames::read_meters(frame).value();
        meters.push_back({topic, view.header, {view.readings.begin(), view.readings.end()}});
      } else if (topic.starts_with(wire::topic::kSpectrum)) {
        const auto view = frames::read_spectrum(frame).value();
        spectra.push_back({topic, view.header, {view.magnitudes_db.begin(), view.magnitudes_db.end()}});
      } else if (topic.starts_with(wire::topic::kStats)) {
        stats.push_back(frames::read_engine_stats(frame).value());
      } else {
        REQUIRE(topic.starts_with(wire::topic::kTransport));
        positions.push_back(frames::read_transport_position(frame).value());
      }
    }
  }
  net::Loop& loop_;
};

}  // namespace loophole::test
