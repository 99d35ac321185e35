#pragma once
// EngineServer: the I/O half of an engine. It greets one Pulse at a time, answers its commands with the help of an Engine, takes the
// parameter samples of gestures from Auras, and publishes meters and transport.
//
//   rt::AudioPort port;                            // shared with the audio callback
//   MyEngine engine(port);                         // implements signal::Engine
//   net::Context context;  net::Loop loop;
//   auto server = signal::EngineServer::start(context, loop,
//       {.control_endpoint = "ipc:///…/engine", .stream_endpoint = "ipc:///…/stream", .telemetry_endpoint = "ipc:///…/telemetry",
//        .software_name = "my-engine"}, engine, port).value();
//   loop.run();
//
// When its Pulse goes, the engine plays on and waits for the next one. Answers keep the order of their commands where the audio thread has
// a say: graph.query sees everything that was sent before it.

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "loophole/core/result.hpp"
#include "loophole/messages/engine.hpp"
#include "loophole/messages/registry.hpp"
#include "loophole/messages/session.hpp"
#include "loophole/session/server.hpp"
#include "loophole/signal/engine.hpp"
#include "loophole/signal/rt/audio_port.hpp"
#include "loophole/signal/stream_leases.hpp"
#include "loophole/transport/loop.hpp"
#include "loophole/transport/sockets.hpp"

namespace loophole::signal {

// Where an engine listens, what it says of itself, and what it grants.
struct EngineServerOptions {
  std::string control_endpoint;                         // empty: for a Pulse in this process only
  std::string stream_endpoint;                          // for gestures of user interfaces
  std::string telemetry_endpoint;                       // for what they subscribe to
  std::string software_name;                            // of the program, for people
  std::string software_version = "0.1.0";               // of that program
  std::vector<std::string> capabilities;                // names of abilities that the hello's answer tells
  std::chrono::milliseconds heartbeat_interval{500};    // in which each side says something
  std::chrono::milliseconds lease{5'000};               // a Pulse that is silent for longer is given up
  std::chrono::microseconds answer_interval{1'000};     // how often the audio thread's progress is looked at while an answer is owed
  std::chrono::microseconds telemetry_interval{5'000};  // how often readings are collected while anybody subscribes
  net::SocketOptions socket;                            // of all endpoints
};

class EngineServer {
 public:
  // [owner-thread] Binds the three endpoints and watches them. All references must outlive the server. Errors: session.inUse,
  // session.runtimeDir.
  [[nodiscard]] static Result<std::unique_ptr<EngineServer>> start(net::Context& context, net::Loop& loop, EngineServerOptions options,
                                                                   Engine& engine, rt::AudioPort& port);
  ~EngineServer();

  // [owner-thread] Tells Pulse what happened: a plugin that failed, a latency that changed, a device that is lost, an xrun.
  template <class E>
  requires wire::EventType<E> && wire::RoutedBetween<E, Role::signal, Role::pulse>
  void tell(E event) { tell_payload(wire::MessageOf<E>::desc(), wire::Payload::of(std::move(event))); }
  // [owner-thread] Tells Pulse that another driver or format is in effect; telemetry keeps its rates. Where the sample rate is another one
  // the graph has to be live at it already: graph.applied follows.
  void tell(engine::DriverChanged event);
  // [owner-thread] Says goodbye.
  void close(session::GoodbyeReason reason);

  // Epoch and endpoints, as Pulse hears them in the hello; endpoints as bound.
  [[nodiscard]] const session::EngineLink& link() const noexcept;
  [[nodiscard]] const std::string& control_endpoint() const noexcept;
  // Where a Pulse of the same process reaches this engine (pulse::InProcessEnginePort). The address may be used from any thread.
  [[nodiscard]] net::InProcessAddress in_process() const;
  // [owner-thread] What happened on the stream plane, and all counts as session.counters tells them.
  [[nodiscard]] const StreamCounters& stream_counters() const noexcept;
  [[nodiscard]] session::CountersReply counters() const;

 private:
  EngineServer();
  void tell_payload(const wire::MessageDesc& event, wire::Payload payload);
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace loophole::signal
