#pragma once
// Engine: keeps what Signal runs equal to the model. Given a connection it configures, sends the derived graph and restores the transport;
// from then on it follows the model. Everything in Signal can be rebuilt from here.
//
//   value changes       engine.parameter.set, the newest value of each parameter, one message in flight
//   automation          engine.automation.set, where nothing else changed
//   structural changes  graph.patch or graph.replace, as GraphSync finds shorter, one in flight; what changes meanwhile goes into the next
//   tempo               engine.transport.set
//
// Edits never wait for any of this. It does not matter to this class where the connection comes from: a Supervisor with a process, or a
// port in the same process. All functions are [owner-thread].

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/graph_sync.hpp"
#include "engine/transport.hpp"
#include "loophole/pulse/engine_port.hpp"

namespace loophole::pulse {

// The model as the engine needs it.
class ModelView {
 public:
  virtual ~ModelView() = default;
  [[nodiscard]] virtual const project::Project* project() const = 0;                             // nullptr: none is open
  [[nodiscard]] virtual const parameter::Parameter* parameter(const ParameterId& id) const = 0;  // nullptr: there is none
  [[nodiscard]] virtual Revision revision() const = 0;
};

class Engine {
 public:
  Engine(net::Loop& loop, const ModelView& model);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  // ---- the connection ----

  // Hello is answered; begins to bring the engine up. `port` must stay until detach().
  void attach(EnginePort& port, session::EngineLink link);
  // The connection is gone: open calls fail with engine.unavailable.
  void detach();
  // What is known of the engine; says whether waiting for it has sense. lost, absent and failed detach.
  void set_state(engine::EngineState state, std::string reason);
  // Called when the graph is live for the first time on a connection.
  void on_live(std::function<void()> handler) { on_live_ = std::move(handler); }

  // Called when a graph is about to be sent, and when the engine has answered that it runs it. What the engine says in between is of this
  // graph.
  void on_graph(std::function<void()> sent, std::function<void(const graph::Graph& graph)> runs) {
    on_graph_sent_ = std::move(sent);
    on_graph_runs_ = std::move(runs);
  }

  // Called when a connected engine cannot be brought up, with the reason.
  void on_unusable(std::function<void(const std::string& reason)> handler) { on_unusable_ = std::move(handler); }

  // Called when the engine has a tempo that the model was given; positions are in frames of the project.
  void on_tempo(std::function<void(const engine::TransportState& state)> handler) { on_tempo_ = std::move(handler); }

  [[nodiscard]] engine::EngineState state() const noexcept { return state_; }
  // Endpoints and epoch, while running.
  [[nodiscard]] const session::EngineLink* link() const noexcept;
  // What it said of itself; nullptr while there is none.
  [[nodiscard]] const session::Software* software() const noexcept;
  [[nodiscard]] const std::optional<engine::Effective>& effective() const noexcept { return effective_; }
  // Longest way through the live graph, in frames of the engine.
  [[nodiscard]] std::int64_t latency_frames() const noexcept { return sync_.latency_frames(); }

  // ---- the model ----

  void project_opened();
  void project_closed();
  // After changes were committed.
  void model_changed(const std::vector<project::Change>& changes);
  // Sends this value again, for a parameter whose committed value the engine may have left.
  void set_value(Handle handle, double value);
  // The engine was given committed values by another way than this class (stream.close).
  void values_set(const std::vector<engine::HandleValue>& values);
  // What the engine runs is not what was thought: it gets the whole graph.
  void send_anew();
  // Another driver or sample rate is in effect.
  void driver_changed(const engine::DriverChanged& event);
  // A graph went live without being sent: another one than was sent last has to be sent again.
  void applied_again(const graph::Applied& event);
  void latency_changed(std::int64_t frames) noexcept { sync_.latency_changed(frames); }
  // The graph that the engine should run, without what it said that it cannot; absent without a project.
  [[nodiscard]] std::optional<graph::Graph> desired_graph() const;

  // ---- the use ----

  // Calls `ready` when the engine runs: at once, or after a restart that is under way; with engine.unavailable when there is none to come
  // or it takes longer than `patience`.
  void when_running(std::function<void(Result<void>)> ready, std::chrono::milliseconds patience = std::chrono::seconds(5));
  // The same for the next engine that runs, when the present one is about to go.
  void when_restarted(std::function<void(Result<void>)> ready, std::chrono::milliseconds patience);
  // Both: the engine runs, and has the graph of the model as it is now. What a command that was sent behind an edit needs.
  void when_ready(std::function<void(Result<void>)> ready);
  // Calls `live` with true when configuration, graph and transport of the model as it is now are at the engine; with false when it does not
  // run. Values may still be on their way, so that a stream of them keeps nobody waiting.
  void when_graph_live(std::function<void(bool running)> live);
  // Calls `settled` with true when the engine has answered everything that the model asked of it; with false when it does not run.
  void when_settled(std::function<void(bool running)> settled);
  // A command to the engine; fails with engine.unavailable when it is lost before it answers. `on_answer` is called from the Loop.
  template <EngineCommand C>
  void call(C command, std::function<void(Result<typename C::Reply>)> on_answer, session::CallOptions options = {});

  [[nodiscard]] Error unavailable() const;

  // Play, stop, seek and loop, and with nothing set the question where the transport is; positions are in frames of the project. Waits for
  // the engine; errors as when_running(), and those of engine.transport.set.
  struct TransportWish {
    std::optional<bool> playing = {};
    std::optional<std::int64_t> position_frames = {};
    std::optional<transport::Loop> loop = {};
  };
  void set_transport(const TransportWish& wish, std::function<void(Result<engine::TransportState>)> done);

  // Starts the audio again on this device, now and after every restart. Waits for the engine; errors as when_running(), and
  // device.notFound, engine.driverFailed.
  void select_device(const device::Select& wanted, std::function<void(Result<engine::Effective>)> done);

 private:
  struct Waiter {
    std::function<void(Result<void>)> ready;
    net::TimerId timer;
  };
  using Fail = std::function<void(const Error&)>;

  void pump();
  void send_configure();
  void send_graph();
  void send_transport();
  void send_tempo();
  void send_values();
  void step_done();
  // What is due of values becomes what they are in this graph; of parameters that it no longer has nothing is due.
  void refresh_values(const graph::Graph& graph);
  void send_automation(engine::AutomationSet automation, std::shared_ptr<const graph::Graph> wanted);
  // The engine says another digest than that of what it was given.
  void digest_differs(const Digest& digest, const graph::Graph& sent);
  void graph_answered(const graph::Graph& sent, const Result<graph::AppliedReply>& answer);
  void graph_refused(const graph::Graph& sent, const Error& refusal);
  void took_effect(engine::Effective effective);
  [[nodiscard]] engine::Configure configuration() const;
  // What the engine said of its transport, in frames of the project; remembered for a restart.
  [[nodiscard]] engine::TransportState take_transport(engine::TransportState state);
  void fail_waiters(const Error& error);
  [[nodiscard]] std::int64_t engine_rate() const;
  [[nodiscard]] std::int64_t project_rate() const;
  [[nodiscard]] std::optional<double> project_tempo() const;

  net::Loop& loop_;
  const ModelView& model_;
  std::function<void()> on_live_;
  std::function<void()> on_graph_sent_ = [] {};
  std::function<void(const graph::Graph&)> on_graph_runs_ = [](const graph::Graph&) {};
  std::function<void(const std::string&)> on_unusable_;
  std::function<void(const engine::TransportState&)> on_tempo_;
  engine::EngineState state_ = engine::EngineState::absent;
  std::string reason_ = "there is no engine";

  EnginePort* port_ = nullptr;
  session::EngineLink link_;
  std::optional<engine::Effective> effective_;
  std::uint64_t next_call_ = 0;
  std::map<std::uint64_t, Fail> calls_;  // not answered yet

  bool in_flight_ = false;
  bool live_ = false;
  bool configure_due_ = false;
  bool graph_due_ = false;
  bool transport_due_ = false;
  bool tempo_due_ = false;
  bool digest_differed_ = false;
  bool values_refused_ = false;
  std::map<Handle, double> values_due_;
  std::set<std::string> left_out_;            // audio files that the engine cannot read
  std::set<graph::GraphNodeKind> passed_by_;  // kinds of nodes that the engine does not have
  GraphSync sync_;
  TransportEstimate transport_;
  std::optional<device::Select> device_;  // that was asked for

  std::uint64_t next_waiter_ = 0;
  std::map<std::uint64_t, Waiter> waiters_;
  std::vector<std::function<void(bool)>> graph_live_;
  std::vector<std::function<void(bool)>> settled_;
  std::vector<std::function<void(bool)>> settling_;  // until the values in flight are answered
};

template <EngineCommand C>
void Engine::call(C command, std::function<void(Result<typename C::Reply>)> on_answer, session::CallOptions options) {
  // The answer and the loss of the engine may both end a call; whichever takes the entry out of calls_ first does.
  const std::uint64_t number = next_call_++;
  auto handler = std::make_shared<std::function<void(Result<typename C::Reply>)>>(std::move(on_answer));
  calls_.emplace(number, [handler](const Error& error) { (*handler)(error); });
  if (port_ == nullptr) {
    loop_.after(std::chrono::nanoseconds(0), [this, number] {
      const auto entry = calls_.extract(number);
      if (!entry.empty()) entry.mapped()(unavailable());
    });
    return;
  }
  port_->call(
      std::move(command),
      [this, number, handler](Result<typename C::Reply> answer) {
        if (calls_.extract(number).empty()) return;
        // A connection that went is an engine that is not there; what it is called on this edge is nothing to the other one.
        if (!answer && (is(answer.error(), errors::kSessionLost) || is(answer.error(), errors::kSessionCancelled) ||
                        is(answer.error(), errors::kSessionTimeout)))
          return (*handler)(make_error(errors::kEngineUnavailable, "the engine does not answer: " + answer.error().message));
        (*handler)(std::move(answer));
      },
      std::move(options));
}

}  // namespace loophole::pulse
