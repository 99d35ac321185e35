#pragma once
// Supervisor: keeps one Signal running and connected.
//
//   absent ──start()──> starting ──hello, graph live──> running
//                          ^  |                            |
//             back-off     |  +---- died, hung ----> lost <+
//                          +--------------------------+   `──too often, or no program──> failed
//
// A Signal that lives but no longer answers is ended, so that there is one way to come back: a new process with new endpoints and a new
// epoch. What the engine is told once it is connected is not decided here (see EngineSync).
//
// All functions are [owner-thread].

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/backoff.hpp"
#include "engine/process.hpp"
#include "loophole/core/clock.hpp"
#include "loophole/pulse/ipc_engine_port.hpp"

namespace loophole::pulse {

struct SupervisorOptions {
  std::filesystem::path program;            // loophole-signal
  std::vector<std::string> arguments = {};  // besides the endpoints
  std::filesystem::path folder;             // of the session, for the socket files
  BackoffOptions backoff = {};
  std::chrono::milliseconds hello_deadline{5'000};
  std::chrono::milliseconds end_deadline{3'000};  // from SIGTERM to SIGKILL, at the end
  std::chrono::milliseconds lost_deadline{300};   // and for one that no longer answers
};

class Supervisor {
 public:
  Supervisor(net::Context& context, net::Loop& loop, SupervisorOptions options);
  ~Supervisor();

  // Called at each change of state, with a sentence for people.
  void on_state(std::function<void(engine::EngineState, const std::string& reason)> handler) { on_state_ = std::move(handler); }
  // Hello is answered: the engine waits for its configuration and graph. Whoever makes its graph live says mark_live().
  void on_connected(std::function<void(EnginePort&)> handler) { on_connected_ = std::move(handler); }
  void on_event(session::Port::EventHandler handler) { on_event_ = std::move(handler); }

  void start();
  void mark_live();
  // The engine answers, but cannot be used: ends this process of it; a new one is started.
  void give_up_connection(const std::string& reason);
  // Ends it in order, by force after a while; then calls `done` from the Loop or at once.
  void stop(std::function<void()> done);

  [[nodiscard]] engine::EngineState state() const noexcept { return state_; }
  [[nodiscard]] const std::string& reason() const noexcept { return reason_; }
  [[nodiscard]] std::int64_t restarts() const noexcept { return restarts_; }
  [[nodiscard]] const std::vector<Epoch>& epochs() const noexcept { return epochs_; }  // newest 1024
  [[nodiscard]] std::int64_t process_id() const noexcept;
  [[nodiscard]] double recovery_ms() const noexcept { return recovery_ms_; }
  // Stream and telemetry endpoints, while connected.
  [[nodiscard]] const std::optional<session::EngineLink>& link() const noexcept { return link_; }
  // The connection, once hello is answered.
  [[nodiscard]] EnginePort* port() const noexcept { return link_ ? port_.get() : nullptr; }
  // Counts of all connections to engines so far.
  [[nodiscard]] session::CountersReply counters() const;

 private:
  void launch();
  void port_changed(session::PortState state);
  void process_ended(const std::string& how);
  void set_state(engine::EngineState state, std::string reason);
  void disconnect();
  // SIGTERM now, SIGKILL after `patience`.
  void end_process(std::chrono::milliseconds patience);
  void remove_sockets() const;

  net::Context& context_;
  net::Loop& loop_;
  SupervisorOptions options_;
  Backoff backoff_;
  std::function<void(engine::EngineState, const std::string&)> on_state_;
  std::function<void(EnginePort&)> on_connected_;
  session::Port::EventHandler on_event_;

  engine::EngineState state_ = engine::EngineState::absent;
  std::string reason_ = "there is no engine";
  std::string end_reason_;  // why this process of the engine is being ended, when it is by us
  std::int64_t launches_ = 0;
  std::int64_t restarts_ = 0;
  std::vector<Epoch> epochs_;
  std::optional<Clock::time_point> lost_at_;
  double recovery_ms_ = 0;
  std::unique_ptr<ChildProcess> process_;
  std::unique_ptr<IpcEnginePort> port_;
  std::optional<session::EngineLink> link_;
  session::CountersReply past_counters_;
  std::optional<net::TimerId> launch_timer_;
  std::optional<net::TimerId> kill_timer_;
  std::function<void()> stopped_;
  bool stopping_ = false;
};

// [any-thread] Adds the counts of `more` to `sum`.
void add_counters(session::CountersReply& sum, const session::CountersReply& more);

}  // namespace loophole::pulse
