#include "loophole/signal/engine_server.hpp"

#include <algorithm>
#include <array>
#include <deque>
#include <functional>
#include <optional>
#include <utility>

#include "loophole/frames/meters.hpp"
#include "loophole/frames/parameter_stream.hpp"
#include "loophole/frames/transport_position.hpp"
#include "loophole/model/graph_patch.hpp"
#include "loophole/signal/live_graph.hpp"
#include "loophole/wire/topic.hpp"
#include "patch_pointer.hpp"

namespace loophole::signal {
namespace {

constexpr std::int64_t kReadingsPerSecond = 60;
constexpr std::chrono::milliseconds kTickInterval{100};
constexpr int kFramesPerTurn = 1024;  // then the Loop looks after the other planes
constexpr int kFramesBeforeClose = 65'536;
constexpr std::uint64_t kMostCount = 9'007'199'254'740'991;

std::int64_t count(std::uint64_t value) {
  return static_cast<std::int64_t>(std::min(value, kMostCount));
}

std::vector<rt::ParameterChange> changes_of(const std::vector<engine::HandleValue>& values) {
  std::vector<rt::ParameterChange> changes;
  changes.reserve(values.size());
  for (const auto& [handle, value] : values)
    changes.push_back({.handle = static_cast<std::uint32_t>(handle), .reserved = 0, .value = value});
  return changes;
}

}  // namespace

struct EngineServer::State {
  template <class C>
  using Request = session::Server::Request<C>;
  template <class C>
  using Kept = std::shared_ptr<Request<C>>;

  State(net::Loop& with_loop, EngineServerOptions with_options, Engine& with_engine, rt::AudioPort& with_port)
      : loop(with_loop), options(std::move(with_options)), engine(with_engine), port(with_port) {}

  ~State() {
    *alive = false;
    for (const auto& timer : {answer_timer, telemetry_timer, lease_timer, tick_timer})
      if (timer) loop.cancel(*timer);
    if (stream_socket) loop.unwatch(*stream_socket);
    if (telemetry_socket) loop.unwatch(*telemetry_socket);
    port.meters.set_wanted(false);
    port.transport.set_wanted(false);
  }

  Result<void> bind(net::Context& context) {
    auto stream_bound = net::StreamReceiver::bind(context, options.stream_endpoint, options.socket);
    if (!stream_bound) return stream_bound.error();
    stream_socket = *std::move(stream_bound);
    auto telemetry_bound = net::TelemetryPublisher::bind(context, options.telemetry_endpoint, options.socket);
    if (!telemetry_bound) return telemetry_bound.error();
    telemetry_socket = *std::move(telemetry_bound);
    link.stream_endpoint = stream_socket->endpoint();
    link.telemetry_endpoint = telemetry_socket->endpoint();

    auto server_bound = session::Server::bind(context, loop,
                                              {.endpoint = options.control_endpoint,
                                               .role = Role::signal,
                                               .peers = Role::pulse,
                                               .software_name = options.software_name,
                                               .software_version = options.software_version,
                                               .capabilities = options.capabilities,
                                               .heartbeat_interval = options.heartbeat_interval,
                                               .lease = options.lease,
                                               .max_clients = 1,
                                               .socket = options.socket});
    if (!server_bound) return server_bound.error();
    server = *std::move(server_bound);
    serve();
    loop.watch(*stream_socket, [this] { take_frames(kFramesPerTurn); });
    loop.watch(*telemetry_socket, [this] { subscriptions(); });
    tick_timer = loop.every(kTickInterval, [this] { advance(); });
    return {};
  }

  // --- commands -------------------------------------------------------------------------------------------------------------------------

  void serve() {
    server->on_hello([this](const session::ClientInfo&, session::HelloReply& reply) { reply.engine = link; });
    server->on_connected([this](const session::ClientInfo& pulse) {
      // Another Pulse knows nothing of the gestures of the one before, and its model wins.
      if (std::exchange(greeted, pulse.hello.instance_id) != pulse.hello.instance_id) leases.close_all();
    });
    server->on_counters([this](session::CountersReply& counters) { add_counts(counters); });
    in_order<engine::Configure>([this](Kept<engine::Configure> request) { configure(std::move(request)); });
    in_order<graph::Replace>([this](Kept<graph::Replace> request) { replace(std::move(request)); });
    in_order<graph::Patch>([this](Kept<graph::Patch> request) { patch(std::move(request)); });
    in_order<graph::Query>([this](Kept<graph::Query> request) { query(std::move(request)); });
    in_order<engine::ParameterSet>([this](Kept<engine::ParameterSet> request) { set_parameters(std::move(request)); });
    in_order<engine::TransportSet>([this](Kept<engine::TransportSet> request) { set_transport(std::move(request)); });
    in_order<stream::Open>([this](Kept<stream::Open> request) { open_stream(std::move(request)); });
    in_order<stream::Close>([this](Kept<stream::Close> request) { close_stream(std::move(request)); });
  }

  // A graph may take long to prepare; what comes after it may speak of its parameters, so it waits.
  template <class C, class Handler>
  void in_order(Handler handler) {
    server->on<C>([this, handler](Request<C> request) {
      auto kept = std::make_shared<Request<C>>(std::move(request));
      if (!busy) return handler(std::move(kept));
      queued.emplace_back([handler, kept] { handler(kept); });
    });
  }

  void no_longer_busy() {
    busy = false;
    while (!busy && !queued.empty()) {
      const auto next = std::move(queued.front());
      queued.pop_front();
      next();
    }
  }

  void configure(Kept<engine::Configure> request) {
    busy = true;
    const engine::Configure& wanted = request->command();
    engine.configure(wanted, [this, request, still = alive](Result<engine::Effective> effective) {
      if (!*still) return;
      if (effective) {
        set_intervals(effective->sample_rate_hz);
        owe([request, reply = *std::move(effective)] { request->reply(reply); });
      } else {
        request->fail(std::move(effective).error());
      }
      no_longer_busy();
    });
  }

  void replace(Kept<graph::Replace> request) { go_live(request, request->command(), {}); }

  void patch(Kept<graph::Patch> request) {
    const graph::Patch& command = request->command();
    const graph::Graph* base = live.graph();
    if (base == nullptr || command.base_revision != live.revision()) {
      Error error =
          make_error(errors::kGraphWrongBase, base == nullptr ? "there is no graph to patch; send graph.replace"
                                                              : "the live graph is of revision " + std::to_string(live.revision()) +
                                                                    ", the patch is for " + std::to_string(command.base_revision) +
                                                                    "; send graph.replace");
      error.pointer = "/baseRevision";
      return request->fail(std::move(error));
    }
    auto patched = model::apply_patch(*base, command.operations);
    if (!patched) return request->fail(std::move(patched).error());
    graph::Replace result{.revision = command.revision, .graph = *std::move(patched)};
    const auto locate = [request, nodes = node_ids(result.graph), connections = result.graph.connections](Error error) {
      return point_into_patch(std::move(error), nodes, connections, request->command().operations);
    };
    go_live(request, std::move(result), locate);
  }

  // Checks, prepares and hands over a graph, and answers when it is live. `locate` makes a pointer into the graph one into the command.
  template <class C>
  void go_live(Kept<C> request, graph::Replace wanted, std::function<Error(Error)> locate) {
    const auto fail = [request, locate](Error error) { request->fail(locate ? locate(std::move(error)) : std::move(error)); };
    auto order = check_graph(wanted.graph);
    if (!order) return fail(std::move(order).error());
    busy = true;
    struct Prepared {
      graph::Replace wanted;
      GraphOrder order;
    };
    const auto prepared = std::make_shared<Prepared>(Prepared{std::move(wanted), *std::move(order)});
    engine.replace_graph(
        prepared->wanted.graph, prepared->order, [this, request, fail, prepared, still = alive](Result<Engine::Ticket> ticket) {
          if (!*still) return;
          if (ticket) {
            handed_over(*ticket);
            live.replace(std::move(prepared->wanted));
            // What waits was sent before this graph and is older than its values; what a gesture holds is newer.
            port.parameters.forget_waiting();
            port.parameters.push(leases.held_by_gestures(live));
            const graph::Applied applied{.revision = live.revision(), .digest = *live.digest(), .latency_frames = engine.latency_frames()};
            owe([this, request, applied] {
              server->send(request->client(), applied, request->command_id());
              request->reply({.revision = applied.revision, .digest = applied.digest, .latency_frames = applied.latency_frames});
            });
          } else {
            fail(std::move(ticket).error());
          }
          no_longer_busy();
        });
  }

  void query(Kept<graph::Query> request) {
    owe([this, request, revision = live.revision(), digest = live.digest()] {
      request->reply({.revision = revision, .digest = digest, .values = engine.held_values()});
    });
  }

  void set_parameters(Kept<engine::ParameterSet> request) {
    const std::vector<engine::HandleValue>& values = request->command().values;
    if (auto checked = live.check(values); !checked) return request->fail(std::move(checked).error());
    port.parameters.push(changes_of(values));
    live.commit(values);
    owe([request, digest = *live.digest()] { request->reply({.digest = digest}); });
  }

  void set_transport(Kept<engine::TransportSet> request) {
    const auto& wanted = request->command().loop;
    if (wanted && wanted->enabled && wanted->end_frames <= wanted->start_frames) {
      Error error = make_error(errors::kTransportInvalidLoop, "the loop ends at " + std::to_string(wanted->end_frames) + " and begins at " +
                                                                  std::to_string(wanted->start_frames) + "; it must end behind its begin");
      error.pointer = "/loop/endFrames";
      return request->fail(std::move(error));
    }
    const auto ticket = engine.set_transport(request->command());
    if (!ticket) return request->fail(ticket.error());
    handed_over(*ticket);
    owe([this, request] { request->reply(engine.transport()); });
  }

  void open_stream(Kept<stream::Open> request) {
    if (auto opened = leases.open(request->command(), live, Clock::now()); !opened) return request->fail(std::move(opened).error());
    schedule_expiry();
    request->reply({});
  }

  void close_stream(Kept<stream::Close> request) {
    take_frames(kFramesBeforeClose);  // samples sent before the end come on another socket, and may wait there still
    const stream::Close& command = request->command();
    if (leases.is_open(command.stream_id))
      if (auto checked = live.check(command.values); !checked) return request->fail(std::move(checked).error());
    auto closed = leases.close(command.stream_id);
    if (!closed) return request->fail(std::move(closed).error());
    port.parameters.push(changes_of(command.values));
    live.commit(command.values);
    stream::CloseReply reply{.report = closed->report, .last_values = std::move(closed->last_values), .digest = *live.digest()};
    owe([request, reply = std::move(reply)] { request->reply(reply); });
  }

  // --- answers that wait for the audio thread -------------------------------------------------------------------------------------------

  struct Owed {
    Engine::Ticket ticket = 0;
    std::optional<rt::ParameterFeed::Mark> mark;  // none while values wait outside of the queue
    std::function<void()> answer;
  };

  void handed_over(Engine::Ticket ticket) { last_ticket = std::max(last_ticket, ticket); }

  // Answers when the audio thread has taken everything that was handed over until now.
  void owe(std::function<void()> answer) {
    owed.push_back({last_ticket, std::nullopt, std::move(answer)});
    advance();
  }

  void advance() {
    if (advancing) return;
    advancing = true;
    engine.tick();
    const bool flushed = port.parameters.flush();
    while (!owed.empty()) {
      Owed& first = owed.front();
      if (!first.mark && flushed) first.mark = port.parameters.mark();
      if (!first.mark || !port.parameters.applied(*first.mark) || !engine.taken(first.ticket)) break;
      const auto answer = std::move(first.answer);
      owed.pop_front();
      answer();
    }
    advancing = false;
    const bool wait_for_audio = !owed.empty() || port.parameters.waiting();
    if (wait_for_audio && !answer_timer) answer_timer = loop.every(options.answer_interval, [this] { advance(); });
    if (!wait_for_audio && answer_timer) loop.cancel(*std::exchange(answer_timer, std::nullopt));
  }

  // --- stream plane ---------------------------------------------------------------------------------------------------------------------

  void take_frames(int at_most) {
    for (int i = 0; i < at_most && stream_socket->receive(frame); ++i) {
      const auto view = frames::read_parameter_stream(frame);
      if (view)
        port.parameters.push(leases.take(*view, live, Clock::now()));
      else
        leases.count_malformed();
    }
    if (port.parameters.waiting() && !answer_timer) advance();
  }

  void schedule_expiry() {
    if (lease_timer) loop.cancel(*std::exchange(lease_timer, std::nullopt));
    const auto next = leases.next_expiry();
    if (!next) return;
    lease_timer = loop.after(std::max(*next - Clock::now(), Clock::duration::zero()), [this] {
      lease_timer.reset();
      take_frames(kFramesBeforeClose);  // this process may have slept while samples arrived
      for (stream::Expired& expired : leases.expire(Clock::now())) server->broadcast(std::move(expired));
      schedule_expiry();
    });
  }

  // --- telemetry plane ------------------------------------------------------------------------------------------------------------------

  void set_intervals(std::int64_t sample_rate_hz) {
    const auto interval = static_cast<std::uint32_t>(std::max<std::int64_t>(1, sample_rate_hz / kReadingsPerSecond));
    port.meters.set_interval(interval);
    port.transport.set_interval(interval);
  }

  void subscriptions() {
    telemetry_socket->read_subscriptions();
    const bool meters = telemetry_socket->wanted(wire::topic::kMeters);
    const bool transport = telemetry_socket->wanted(wire::topic::kTransport);
    port.meters.set_wanted(meters);
    port.transport.set_wanted(transport);
    const bool wanted = meters || transport;
    if (wanted && !telemetry_timer) telemetry_timer = loop.every(options.telemetry_interval, [this] { publish(); });
    if (!wanted && telemetry_timer) loop.cancel(*std::exchange(telemetry_timer, std::nullopt));
  }

  void publish() {
    while (port.meters.take(batch)) {
      if (!telemetry_socket->wanted(wire::topic::kMeters)) continue;
      readings.clear();
      for (const rt::LevelReading& level : batch.readings)
        readings.push_back({.handle = level.handle,
                            .channel = static_cast<std::uint16_t>(level.channel),
                            .clipped = static_cast<std::uint16_t>(std::min(level.clipped, 0xFFFFU)),
                            .peak = level.peak,
                            .rms = level.rms});
      telemetry_socket->send(wire::topic::kMeters, frames::write_meters(meters_frame,
                                                                        {.epoch = static_cast<std::uint64_t>(link.epoch),
                                                                         .sequence = meters_sequence++,
                                                                         .engine_frames = batch.engine_frames,
                                                                         .time_ns = batch.time_ns,
                                                                         .length_frames = batch.length_frames},
                                                                        readings));
      ++telemetry_sent;
    }
    rt::TransportReading reading;
    while (port.transport.take(reading)) {
      if (!telemetry_socket->wanted(wire::topic::kTransport)) continue;
      telemetry_socket->send(wire::topic::kTransport, frames::write_transport_position(transport_frame, position_of(reading)));
      ++telemetry_sent;
    }
  }

  frames::TransportPosition position_of(const rt::TransportReading& reading) {
    const double seconds =
        reading.sample_rate_hz > 0 ? static_cast<double>(reading.position_frames) / static_cast<double>(reading.sample_rate_hz) : 0.0;
    return {.epoch = static_cast<std::uint64_t>(link.epoch),
            .sequence = transport_sequence++,
            .engine_frames = reading.engine_frames,
            .time_ns = reading.time_ns,
            .position_frames = reading.position_frames,
            .sample_rate_hz = reading.sample_rate_hz,
            .playing = reading.playing != 0,
            .position_beats = seconds * reading.tempo_bpm / 60.0,
            .tempo_bpm = reading.tempo_bpm,
            .loop_enabled = reading.loop_enabled != 0,
            .loop_start_frames = reading.loop_start_frames,
            .loop_end_frames = reading.loop_end_frames};
  }

  void add_counts(session::CountersReply& counters) const {
    const net::ReceiveCounters& received = stream_socket->counters();
    counters.malformed += count(leases.counters().malformed_frames + received.oversized);
    counters.stream_frames_seen += count(received.stream_frames);
    counters.stream_samples_applied += count(leases.counters().applied);
    counters.stream_samples_lost += count(leases.counters().lost);
    counters.stream_samples_refused += count(leases.counters().refused());
    counters.telemetry_frames_seen += count(received.telemetry_frames);
    counters.telemetry_frames_sent += count(telemetry_sent);
    counters.telemetry_frames_dropped += count(port.meters.dropped() + port.transport.dropped());
  }

  net::Loop& loop;
  EngineServerOptions options;
  Engine& engine;
  rt::AudioPort& port;
  session::EngineLink link{.epoch = new_epoch(), .stream_endpoint = {}, .telemetry_endpoint = {}};

  std::unique_ptr<net::StreamReceiver> stream_socket;
  std::unique_ptr<net::TelemetryPublisher> telemetry_socket;
  std::unique_ptr<session::Server> server;

  LiveGraph live;
  StreamLeases leases{link.epoch};
  InstanceId greeted;
  Buffer frame;

  bool busy = false;
  std::deque<std::function<void()>> queued;
  Engine::Ticket last_ticket = 0;
  std::deque<Owed> owed;
  bool advancing = false;

  // A batch of the meter board is one frame.
  std::array<std::byte, frames::meters_bytes(rt::MeterBoard::kBatchMeters* rt::kMeterChannels)> meters_frame{};
  std::array<std::byte, frames::kTransportPositionFixedBytes> transport_frame{};
  rt::MeterBatch batch;
  std::vector<frames::MeterReading> readings;
  std::uint64_t meters_sequence = 0;
  std::uint64_t transport_sequence = 0;
  std::uint64_t telemetry_sent = 0;

  std::optional<net::TimerId> answer_timer;
  std::optional<net::TimerId> telemetry_timer;
  std::optional<net::TimerId> lease_timer;
  std::optional<net::TimerId> tick_timer;
  std::shared_ptr<bool> alive = std::make_shared<bool>(true);
};

EngineServer::EngineServer() = default;
EngineServer::~EngineServer() = default;

Result<std::unique_ptr<EngineServer>> EngineServer::start(net::Context& context, net::Loop& loop, EngineServerOptions options,
                                                          Engine& engine, rt::AudioPort& port) {
  std::unique_ptr<EngineServer> made(new EngineServer);
  made->state_ = std::make_unique<State>(loop, std::move(options), engine, port);
  if (auto bound = made->state_->bind(context); !bound) return bound.error();
  return made;
}

void EngineServer::driver_changed(engine::Effective effective, std::string reason) {
  state_->set_intervals(effective.sample_rate_hz);
  state_->server->broadcast(engine::DriverChanged{.effective = std::move(effective), .reason = std::move(reason)});
}

void EngineServer::tell_payload(const wire::MessageDesc& event, wire::Payload payload) {
  state_->server->broadcast_payload(event, std::move(payload), {});
}

void EngineServer::close(session::GoodbyeReason reason) {
  state_->server->close(reason);
}

const session::EngineLink& EngineServer::link() const noexcept {
  return state_->link;
}
net::InProcessAddress EngineServer::in_process() const {
  return state_->server->in_process();
}
const std::string& EngineServer::control_endpoint() const noexcept {
  return state_->server->endpoint();
}
const StreamCounters& EngineServer::stream_counters() const noexcept {
  return state_->leases.counters();
}
session::CountersReply EngineServer::counters() const {
  session::CountersReply counts = state_->server->counters();
  state_->add_counts(counts);
  return counts;
}

}  // namespace loophole::signal
