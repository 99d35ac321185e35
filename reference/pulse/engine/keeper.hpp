#pragma once
// EngineKeeper: whoever keeps Pulse connected to an engine. Supervisor starts a program and starts it again when it dies; Attachment dials
// an engine that somebody else runs, and dials again.
//
//   absent ──start()──> starting ──hello, graph live──> running ──connection gone──> lost ──> starting …
//
// What the engine is told once it is connected is not decided here (see Engine). All functions are [owner-thread].

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "loophole/core/clock.hpp"
#include "loophole/core/id.hpp"
#include "loophole/pulse/ipc_engine_port.hpp"

namespace loophole::pulse {

class EngineKeeper {
 public:
  virtual ~EngineKeeper();
  EngineKeeper(const EngineKeeper&) = delete;
  EngineKeeper& operator=(const EngineKeeper&) = delete;

  // Called at each change of state, with a sentence for people.
  void on_state(std::function<void(engine::EngineState, const std::string& reason)> handler) { on_state_ = std::move(handler); }
  // Hello is answered: the engine waits for its configuration and graph. Whoever makes its graph live says mark_live().
  void on_connected(std::function<void(EnginePort&)> handler) { on_connected_ = std::move(handler); }
  // The connection, told with on_connected, is about to be destroyed: whoever uses it lets go of it in here.
  void on_disconnecting(std::function<void()> handler) { on_disconnecting_ = std::move(handler); }
  void on_event(session::Port::EventHandler handler) { on_event_ = std::move(handler); }
  // The engine died while the plugin of this node of the graph was running. Called before the state is lost.
  void on_plugin_crashed(std::function<void(const GraphNodeId&)> handler) { on_plugin_crashed_ = std::move(handler); }

  virtual void start() = 0;
  // Ends the engine and begins anew, also after it was given up. Error engine.unavailable: it is not ours to start.
  [[nodiscard]] virtual Result<void> restart() = 0;
  // The engine answers, but cannot be used; what runs is given up and another one tried.
  virtual void give_up_connection(const std::string& reason) = 0;
  // Ends the connection, and what was started, in order; then calls `done` from the Loop or at once.
  virtual void stop(std::function<void()> done) = 0;
  void mark_live();

  [[nodiscard]] engine::EngineState state() const noexcept { return state_; }
  [[nodiscard]] const std::string& reason() const noexcept { return reason_; }
  [[nodiscard]] std::int64_t restarts() const noexcept { return restarts_; }
  [[nodiscard]] const std::vector<Epoch>& epochs() const noexcept { return epochs_; }  // newest 1024
  // 0: there is none, or it is not ours.
  [[nodiscard]] virtual std::int64_t process_id() const noexcept { return 0; }
  // From the last loss to the graph being live again, in milliseconds; 0 before there was one.
  [[nodiscard]] double recovery_ms() const noexcept { return recovery_ms_; }
  // Stream and telemetry endpoints, while connected.
  [[nodiscard]] const std::optional<session::EngineLink>& link() const noexcept { return link_; }
  // The connection, once hello is answered.
  [[nodiscard]] EnginePort* port() const noexcept { return link_ ? port_.get() : nullptr; }
  // Counts of all connections to engines so far.
  [[nodiscard]] session::CountersReply counters() const;

 protected:
  EngineKeeper(net::Context& context, net::Loop& loop, std::chrono::milliseconds hello_deadline);

  // Dials. Errors: those of the endpoint.
  [[nodiscard]] Result<void> connect(const std::string& endpoint);
  // The connection is gone, or is no engine's. Called from within it: disconnect() has to wait until it returned.
  virtual void connection_ended(const std::string& why) = 0;
  void disconnect();
  [[nodiscard]] bool connected() const noexcept { return port_ != nullptr; }
  void say_goodbye();
  void set_state(engine::EngineState state, std::string reason);
  // The engine is gone: the time until it is live again is its recovery.
  void mark_lost(Clock::time_point at);
  void count_restart() noexcept { ++restarts_; }
  void plugin_crashed(const GraphNodeId& node);

  net::Loop& loop() noexcept { return loop_; }

 private:
  void port_changed(session::PortState state);

  net::Context& context_;
  net::Loop& loop_;
  std::chrono::milliseconds hello_deadline_;
  InstanceId instance_{random_id("i")};
  std::uint64_t connections_ = 0;
  std::function<void(engine::EngineState, const std::string&)> on_state_;
  std::function<void(EnginePort&)> on_connected_;
  std::function<void()> on_disconnecting_;
  std::function<void(const GraphNodeId&)> on_plugin_crashed_;
  session::Port::EventHandler on_event_;

  engine::EngineState state_ = engine::EngineState::absent;
  std::string reason_ = "there is no engine";
  std::int64_t restarts_ = 0;
  std::vector<Epoch> epochs_;
  std::optional<Clock::time_point> lost_at_;
  double recovery_ms_ = 0;
  std::unique_ptr<IpcEnginePort> port_;
  std::optional<session::EngineLink> link_;
  session::CountersReply past_counters_;
};

// [any-thread] Adds the counts of `more` to `sum`.
void add_counters(session::CountersReply& sum, const session::CountersReply& more);

}  // namespace loophole::pulse
