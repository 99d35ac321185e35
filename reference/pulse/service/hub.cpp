#include "service/hub.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <utility>

#include "edits/refusals.hpp"
#include "loophole/core/text.hpp"

namespace loophole::pulse {

Hub::Hub(net::Loop& loop, session::Server& server)
    : server_(server), engine_(loop, *this), gestures_(std::make_unique<Gestures>(*this)), plugins_(*this) {
  server_.on_batch_end([this] { flush(); });
  server_.on_hello([this](const session::ClientInfo&, session::HelloReply& reply) {
    if (const session::EngineLink* link = engine_.link()) reply.engine = *link;
  });
  server_.on_disconnected([this](const session::ClientInfo& client, session::GoodbyeReason reason) {
    spdlog::info("{} left: {}", client.hello.client_id, to_string(reason));
    gestures_->client_gone(client.key);
  });
  server_.on_connected(
      [](const session::ClientInfo& client) { spdlog::info("{} {} connected", client.hello.client_id, client.hello.software.version); });
  engine_.on_tempo([this](const engine::TransportState& state) { tell_transport(state, {}); });
  engine_.on_graph([this] { plugins_.graph_sent(); }, [this](const graph::Graph& graph) { plugins_.graph_runs(graph); });
  serve_project(*this);
  serve_edits(*this);
  serve_history(*this);
  serve_parameters(*this);
  serve_transport(*this);
  serve_engine(*this);
  serve_plugins(*this);
  serve_devices(*this);
}

Hub::~Hub() = default;

const project::Project* Hub::project() const {
  return document_ ? &document_->project() : nullptr;
}
const parameter::Parameter* Hub::parameter(const ParameterId& id) const {
  return document_ ? document_->state().parameter(id) : nullptr;
}
Revision Hub::revision() const {
  return document_ ? document_->revision() : 0;
}

Result<Document*> Hub::need_document() const {
  if (document_) return document_.get();
  return make_error(errors::kProjectNone, "no project is open; send project.new or project.open first");
}

// ---- the project ----

namespace {

constexpr std::size_t kLongestName = 128;  // of a project

// project.changes has room for this many transactions, within the largest message.
constexpr ProjectFile::Bounds kChangesBounds{.most = 4'096, .most_bytes = topology::kMaxMessageBytes - 4'096};

Error already_open(const Document& document) {
  return make_error(errors::kProjectAlreadyOpen, "'" + document.path().string() + "' is open; close it first");
}

}  // namespace

Result<project::OpenReply> Hub::new_project(const project::New& command) {
  if (document_) return already_open(*document_);
  const auto path = std::filesystem::path(command.path).lexically_normal();
  std::string name = command.name.value_or(printable(path.stem().string(), kLongestName));
  if (name.empty()) name = "Project";
  auto document =
      Document::create({.path = path, .name = std::move(name), .sample_rate_hz = command.sample_rate_hz, .tempo_bpm = command.tempo_bpm});
  if (!document) return std::move(document).error();
  return opened(*std::move(document));
}

Result<project::OpenReply> Hub::open_project(const std::filesystem::path& path, const OpenProgress& progress) {
  if (document_) return already_open(*document_);
  auto document = Document::open(path.lexically_normal(), progress);
  if (!document) return std::move(document).error();
  return opened(*std::move(document));
}

Result<project::OpenReply> Hub::opened(std::unique_ptr<Document> document) {
  document_ = std::move(document);
  plugins_.project_opened();
  const project::Project& project = document_->project();
  spdlog::info("project '{}' open at revision {}: {}", project.name, document_->revision(), document_->path().string());
  engine_.project_opened();
  tell_opened();
  return project::OpenReply{
      .project_id = project.id, .name = project.name, .path = document_->path().string(), .revision = document_->revision()};
}

void Hub::tell_opened() {
  const project::Project& project = document_->project();
  server_.broadcast(project::Opened{
      .project_id = project.id, .name = project.name, .path = document_->path().string(), .revision = document_->revision()});
}

Result<project::SaveReply> Hub::save_project() {
  flush();
  auto document = need_document();
  if (!document) return std::move(document).error();
  if (auto saved = (*document)->save(); !saved) return std::move(saved).error();
  return project::SaveReply{.path = (*document)->path().string(), .revision = (*document)->revision()};
}

Result<project::SaveReply> Hub::save_project_as(const project::SaveAs& command) {
  flush();
  auto document = need_document();
  if (!document) return std::move(document).error();
  if (auto saved = (*document)->save_as(std::filesystem::path(command.path).lexically_normal(), command.name); !saved)
    return std::move(saved).error();
  spdlog::info("project '{}' goes on at {}", document_->project().name, document_->path().string());
  tell_opened();
  return project::SaveReply{.path = document_->path().string(), .revision = document_->revision()};
}

Result<project::ChangesReply> Hub::changes_since(const project::Changes& command) {
  flush();
  auto document = need_document();
  if (!document) return std::move(document).error();
  const project::Project& project = (*document)->project();
  if (command.project_id != project.id)
    return edits::pointed(make_error(errors::kProjectRevisionUnavailable,
                                     fmt::format("the open project is {}, '{}'; ask for project.snapshot", project.id.str(), project.name)),
                          "/projectId");
  const Revision since = command.since_revision;
  auto transactions = (*document)->transactions_after(since, kChangesBounds);
  if (!transactions) return std::move(transactions).error();
  const Revision revision = (*document)->revision();
  if (*transactions)
    return project::ChangesReply{
        .name = project.name, .path = (*document)->path().string(), .revision = revision, .transactions = **std::move(transactions)};
  return edits::pointed(
      make_error(errors::kProjectRevisionUnavailable,
                 since > revision
                     ? fmt::format("the project is at revision {}, not yet at {}; ask for project.snapshot", revision, since)
                     : fmt::format("what came after revision {} does not fit into one message; ask for project.snapshot", since)),
      "/sinceRevision");
}

Result<void> Hub::close_project() {
  flush();
  auto document = need_document();
  if (!document) return std::move(document).error();
  gestures_->project_closing();
  // Every edit is in the journal; what fails here only makes the next opening slower.
  if (auto saved = document_->save(); !saved) spdlog::warn("closing without a snapshot: {}", to_string(saved.error()));
  const ProjectId id = document_->project().id;
  spdlog::info("project '{}' closed at revision {}", document_->project().name, document_->revision());
  document_.reset();
  engine_.project_closed();
  server_.broadcast(project::Closed{.project_id = id});
  return {};
}

// ---- transactions ----

void Hub::submit(Edit edit, Provenance provenance, std::optional<MessageId> command, std::function<void(Result<Revision>)> done) {
  auto document = need_document();
  if (!document) return done(std::move(document).error());
  auto transaction = (*document)->stage(std::move(edit), std::move(provenance));
  if (!transaction) {
    spdlog::error("an edit was refused: {}", to_string(transaction.error()));
    return done(std::move(transaction).error());
  }
  pending_.push_back({.revision = (*document)->revision(),
                      .transaction = *std::move(transaction),
                      .command = std::move(command),
                      .done = std::move(done)});
}

void Hub::flush() {
  // Telling of one transaction may lead to the next (a client that reads too slowly is disconnected, and its gestures are committed); that
  // one is told after this one.
  if (delivering_) return;
  delivering_ = true;
  while (!pending_.empty()) deliver(std::exchange(pending_, {}));
  delivering_ = false;
}

void Hub::deliver(const std::vector<Pending>& pending) {
  if (auto committed = document_->commit(); !committed) {
    spdlog::error("{} edits were taken back: {}", pending.size(), to_string(committed.error()));
    for (const Pending& one : pending) one.done(committed.error());
    return;
  }
  for (const Pending& one : pending) {
    if (one.transaction) {
      gestures_->model_changed(one.transaction->changes);
      engine_.model_changed(one.transaction->changes);
      server_.broadcast(*one.transaction, one.command);
    }
    one.done(one.revision);
  }
}

// ---- the engine ----

void Hub::keep_engine(EngineKeeper& keeper, std::function<void()> on_state) {
  keeper_ = &keeper;
  engine_.on_live([&keeper] { keeper.mark_live(); });
  engine_.on_unusable([&keeper](const std::string& reason) { keeper.give_up_connection(reason); });
  keeper.on_connected([this, &keeper](EnginePort& port) { engine_.attach(port, *keeper.link()); });
  keeper.on_disconnecting([this] { engine_.detach(); });
  keeper.on_event([this](const wire::Message& event) { engine_event(event); });
  keeper.on_plugin_crashed([this](const GraphNodeId& node) { plugins_.crashed(node); });
  keeper.on_state([this, on_state = std::move(on_state)](engine::EngineState state, const std::string& reason) {
    engine_state(state, reason);
    if (on_state) on_state();
  });
  server_.on_counters([&keeper](session::CountersReply& counters) { add_counters(counters, keeper.counters()); });
}

void Hub::engine_state(engine::EngineState state, const std::string& reason) {
  using engine::EngineState;
  if (state == EngineState::failed)
    spdlog::error("engine {}: {}", to_string(state), reason);
  else if (state == EngineState::lost)
    spdlog::warn("engine {}: {}", to_string(state), reason);
  else
    spdlog::info("engine {}: {}", to_string(state), reason);
  // Gestures first: what fails when the engine detaches must find them waiting for the next one.
  if (state == EngineState::lost || state == EngineState::absent || state == EngineState::failed) gestures_->engine_lost();
  engine_.set_state(state, reason);
  tell_engine(reason);
  if (state == EngineState::running) gestures_->engine_back();
  if (state == EngineState::absent || state == EngineState::failed) gestures_->engine_gone();
}

Result<void> Hub::restart_engine() {
  if (keeper_ == nullptr) return make_error(errors::kEngineUnavailable, "this Pulse runs without an engine");
  return keeper_->restart();
}

void Hub::tell_engine(const std::string& reason) {
  engine::Changed changed{.state = engine_.state(),
                          .reason = reason.substr(0, 512),
                          .restarts = keeper_ == nullptr ? 0 : keeper_->restarts(),
                          .effective = engine_.effective(),
                          .latency_frames = {},
                          .link = {}};
  if (const session::EngineLink* link = engine_.link()) {
    changed.link = *link;
    changed.latency_frames = engine_.latency_frames();
  }
  server_.broadcast(std::move(changed));
}

void Hub::tell_transport(const engine::TransportState& state, std::optional<MessageId> command) {
  server_.broadcast(transport::Changed{.playing = state.playing,
                                       .position_frames = state.position_frames,
                                       .position_beats = state.position_beats,
                                       .tempo_bpm = state.tempo_bpm,
                                       .loop = state.loop},
                    std::move(command));
}

void Hub::engine_event(const wire::Message& event) {
  if (const auto* expired = event.as<stream::Expired>()) gestures_->stream_expired(*expired);
  if (const auto* failed = event.as<engine::PluginFailed>()) plugins_.failed(*failed);
  if (const auto* changed = event.as<device::Changed>()) server_.broadcast(*changed);
  if (const auto* lost = event.as<device::Lost>()) {
    spdlog::warn("audio device '{}' is lost: {}", lost->name, lost->reason);
    server_.broadcast(*lost);
  }
  if (const auto* xrun = event.as<engine::Xrun>()) spdlog::debug("the engine was late: {} times, {} in all", xrun->xruns, xrun->total);
  if (const auto* changed = event.as<engine::StateChanged>())
    spdlog::info("engine audio {}: {}", to_string(changed->state), changed->reason);
  if (const auto* applied = event.as<graph::Applied>(); applied != nullptr && !event.header.cid) engine_.applied_again(*applied);
  if (const auto* changed = event.as<engine::LatencyChanged>()) {
    engine_.latency_changed(changed->latency_frames);
    tell_engine("the latency of the graph changed");
  }
  if (const auto* changed = event.as<engine::DriverChanged>()) {
    spdlog::warn("engine driver changed to {} at {} Hz: {}", to_string(changed->effective.driver), changed->effective.sample_rate_hz,
                 changed->reason);
    engine_.driver_changed(*changed);
    tell_engine(changed->reason);
  }
}

}  // namespace loophole::pulse
