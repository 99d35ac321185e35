#include "loophole/signal/engine_server.hpp"

#include <algorithm>
#include <utility>

#include "engine_server_state.hpp"

namespace loophole::signal {
namespace {

constexpr std::chrono::milliseconds kTickInterval{100};
constexpr int kFramesPerTurn = 1024;  // then the Loop looks after the other planes

}  // namespace

std::int64_t count_of(std::uint64_t value) {
  constexpr std::uint64_t kMost = 9'007'199'254'740'991;
  return static_cast<std::int64_t>(std::min(value, kMost));
}

EngineServer::State::State(net::Loop& with_loop, EngineServerOptions with_options, Engine& with_engine, rt::AudioPort& with_port)
    : loop(with_loop),
      options(std::move(with_options)),
      engine(with_engine),
      port(with_port),
      link{.epoch = new_epoch(), .stream_endpoint = {}, .telemetry_endpoint = {}},
      leases(link.epoch),
      telemetry(loop, port, static_cast<std::uint64_t>(link.epoch), options.telemetry_interval,
                [this](frames::EngineStats& stats) { fill_stats(stats); }) {}

EngineServer::State::~State() {
  *alive = false;
  for (const auto& timer : {answer_timer, lease_timer, tick_timer})
    if (timer) loop.cancel(*timer);
  if (stream_socket) loop.unwatch(*stream_socket);
}

Result<void> EngineServer::State::bind(net::Context& context) {
  auto stream_bound = net::StreamReceiver::bind(context, options.stream_endpoint, options.socket);
  if (!stream_bound) return stream_bound.error();
  stream_socket = *std::move(stream_bound);
  if (auto bound = telemetry.bind(context, options.telemetry_endpoint, options.socket); !bound) return bound;
  link.stream_endpoint = stream_socket->endpoint();
  link.telemetry_endpoint = telemetry.endpoint();

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
  tick_timer = loop.every(kTickInterval, [this] { advance(); });
  return {};
}

void EngineServer::State::serve() {
  server->on_hello([this](const session::ClientInfo&, session::HelloReply& reply) { reply.engine = link; });
  server->on_connected([this](const session::ClientInfo& pulse) {
    // Another Pulse knows nothing of the gestures of the one before, and its model wins.
    if (std::exchange(greeted, pulse.hello.instance_id) != pulse.hello.instance_id) leases.close_all();
  });
  server->on_counters([this](session::CountersReply& counters) { add_counts(counters); });
  serve_commands();
  serve_hosting();
  serve_streams();
}

void EngineServer::State::no_longer_busy() {
  busy = false;
  while (!busy && !queued.empty()) {
    const auto next = std::move(queued.front());
    queued.pop_front();
    next();
  }
}

void EngineServer::State::handed_over(Engine::Ticket ticket) {
  last_ticket = std::max(last_ticket, ticket);
}

void EngineServer::State::owe(std::function<void()> answer) {
  owed.push_back({last_ticket, std::nullopt, std::move(answer)});
  advance();
}

void EngineServer::State::advance() {
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

void EngineServer::State::add_counts(session::CountersReply& counters) const {
  const net::ReceiveCounters& received = stream_socket->counters();
  counters.malformed += count_of(leases.counters().malformed_frames + received.oversized);
  counters.stream_frames_seen += count_of(received.stream_frames);
  counters.stream_samples_applied += count_of(leases.counters().applied);
  counters.stream_samples_lost += count_of(leases.counters().lost);
  counters.stream_samples_refused += count_of(leases.counters().refused());
  counters.telemetry_frames_seen += count_of(received.telemetry_frames);
  counters.telemetry_frames_sent += count_of(telemetry.sent());
  counters.telemetry_frames_dropped += count_of(telemetry.dropped());
}

void EngineServer::State::fill_stats(frames::EngineStats& stats) const {
  const net::ReceiveCounters& received = stream_socket->counters();
  const StreamCounters& samples = leases.counters();
  stats.nodes = live.graph() != nullptr ? static_cast<std::uint32_t>(live.graph()->nodes.size()) : 0;
  stats.streams_open = static_cast<std::uint32_t>(leases.size());
  stats.stream_frames_received = received.stream_frames;
  stats.stream_frames_malformed = samples.malformed_frames + received.oversized;
  stats.stream_samples_received = samples.samples;
  stats.stream_samples_applied = samples.applied;
  stats.stream_samples_refused = samples.refused();
  stats.stream_samples_lost = samples.lost;
  stats.telemetry_frames_sent = telemetry.sent();
  stats.telemetry_frames_dropped = telemetry.dropped();
}

EngineServer::EngineServer() = default;
EngineServer::~EngineServer() = default;

Result<std::unique_ptr<EngineServer>> EngineServer::start(net::Context& context, net::Loop& loop, EngineServerOptions options,
                                                          Engine& engine, rt::AudioPort& port) {
  std::unique_ptr<EngineServer> made(new EngineServer);
  made->state_ = std::make_unique<State>(loop, std::move(options), engine, port);
  if (auto bound = made->state_->bind(context); !bound) return bound.error();
  return made;
}

void EngineServer::tell(engine::DriverChanged event) {
  const bool other_rate = state_->sample_rate_hz && *state_->sample_rate_hz != event.effective.sample_rate_hz;
  state_->set_sample_rate(event.effective.sample_rate_hz);
  state_->server->broadcast(std::move(event));
  if (other_rate) state_->tell_applied_again();
}

void EngineServer::State::set_sample_rate(std::int64_t rate_hz) {
  sample_rate_hz = rate_hz;
  telemetry.set_sample_rate(rate_hz);
}

void EngineServer::State::tell_applied_again() {
  if (live.graph() == nullptr) return;
  server->broadcast(graph::Applied{.revision = live.revision(), .digest = *live.digest(), .latency_frames = engine.latency_frames()});
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
