#pragma once
// Private to the engine server: what it is. Its functions are in four files, by plane and matter:
//   engine_server.cpp     life, order of commands, answers that wait for the audio thread, counts
//   engine_commands.cpp   configuration, graphs, values, transport
//   engine_hosting.cpp    plugins and devices
//   engine_streams.cpp    the stream plane and the commands that open and close its streams
// The telemetry plane is a class of its own.

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "loophole/signal/engine_server.hpp"
#include "loophole/signal/live_graph.hpp"
#include "telemetry_plane.hpp"

namespace loophole::signal {

// As values of the control plane, which end at 2^53 - 1.
[[nodiscard]] std::int64_t count_of(std::uint64_t value);

struct EngineServer::State {
  template <class C>
  using Request = session::Server::Request<C>;
  template <class C>
  using Kept = std::shared_ptr<Request<C>>;

  State(net::Loop& with_loop, EngineServerOptions with_options, Engine& with_engine, rt::AudioPort& with_port);
  ~State();
  Result<void> bind(net::Context& context);

  // --- order of commands

  void serve();
  void serve_commands();
  void serve_hosting();
  void serve_streams();
  // A graph may take long to prepare; what comes after it may speak of its parameters, so it waits.
  template <class C, class Handler>
  void in_order(Handler handler) {
    server->on<C>([this, handler](Request<C> request) {
      auto kept = std::make_shared<Request<C>>(std::move(request));
      if (!busy) return handler(std::move(kept));
      queued.emplace_back([handler, kept] { handler(kept); });
    });
  }
  // Something that takes a while: what comes after it waits until `done`, which the engine gets as its Done<T>, was called.
  template <class T, class Handler>
  [[nodiscard]] Engine::Done<T> hold_others_until(Handler done) {
    busy = true;
    return [this, done, still = alive](Result<T> result) {
      if (!*still) return;
      done(std::move(result));
      no_longer_busy();
    };
  }
  void no_longer_busy();

  // --- answers that wait for the audio thread

  struct Owed {
    Engine::Ticket ticket = 0;
    std::optional<rt::ParameterFeed::Mark> mark;  // none while values wait outside of the queue
    std::function<void()> answer;
  };
  void handed_over(Engine::Ticket ticket);
  // Answers when the audio thread has taken everything that was handed over until now.
  void owe(std::function<void()> answer);
  void advance();

  // --- commands

  void configure(Kept<engine::Configure> request);
  void start(Kept<engine::Start> request);
  void stop(Kept<engine::Stop> request);
  void tell_state(engine::AudioState before, std::string_view reason);
  void replace(Kept<graph::Replace> request);
  void patch(Kept<graph::Patch> request);
  // Checks, prepares and hands over a graph, and answers when it is live. `locate` makes a pointer into the graph one into the command.
  template <class C>
  void go_live(Kept<C> request, graph::Replace wanted, std::function<Error(Error)> locate);
  // Gives a graph that passed check_graph() to the engine; `done` is called when it was handed over, or refused.
  void hand_over_graph(graph::Replace wanted, GraphOrder order, std::function<void(Result<void>)> done);
  // The graph went live again without a command.
  void tell_applied_again();
  void query(Kept<graph::Query> request);
  void set_parameters(Kept<engine::ParameterSet> request);
  void set_automation(Kept<engine::AutomationSet> request);
  void set_transport(Kept<engine::TransportSet> request);
  // The node of a command about a plugin. Errors: graph.unknownNode, node.noPlugin.
  [[nodiscard]] Result<void> check_plugin_node(const GraphNodeId& id) const;
  void get_plugin_state(Kept<engine::PluginStateGet> request);
  void set_plugin_state(Kept<engine::PluginStateSet> request);
  void open_stream(Kept<stream::Open> request);
  void close_stream(Kept<stream::Close> request);

  // --- the stream plane

  void take_frames(int at_most);
  void schedule_expiry();
  // Of the driver that is in effect: telemetry keeps its rates.
  void set_sample_rate(std::int64_t rate_hz);

  void add_counts(session::CountersReply& counters) const;
  void fill_stats(frames::EngineStats& stats) const;

  net::Loop& loop;
  EngineServerOptions options;
  Engine& engine;
  rt::AudioPort& port;
  session::EngineLink link;

  std::unique_ptr<net::StreamReceiver> stream_socket;
  std::unique_ptr<session::Server> server;

  LiveGraph live;
  StreamLeases leases;
  TelemetryPlane telemetry;
  InstanceId greeted;
  Buffer frame;

  std::optional<std::int64_t> sample_rate_hz;  // in effect; none before the first configuration
  bool busy = false;
  std::deque<std::function<void()>> queued;
  Engine::Ticket last_ticket = 0;
  std::deque<Owed> owed;
  bool advancing = false;

  std::optional<net::TimerId> answer_timer;
  std::optional<net::TimerId> lease_timer;
  std::optional<net::TimerId> tick_timer;
  std::shared_ptr<bool> alive = std::make_shared<bool>(true);
};

}  // namespace loophole::signal
