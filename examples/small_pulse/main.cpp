// A Pulse of one's own, as small as it can be: one project in memory, tracks with a gain, and an engine that plays what they are.
//
//   loophole-signal --control ipc:///tmp/x/control --stream ipc:///tmp/x/stream --telemetry ipc:///tmp/x/telemetry &
//   example-small_pulse my-session ipc:///tmp/x/control
//   aura-cli --session my-session track add Voice
#include <unistd.h>

#include <cstdio>
#include <loophole/model/graph_patch.hpp>
#include <loophole/model/project_state.hpp>
#include <loophole/pulse.hpp>

namespace lp = loophole;
using lp::session::Server;

namespace {

lp::Handle next_handle = 1;  // never given twice, so that a late frame of something removed moves nothing new

lp::channel::Channel new_channel() {
  const lp::ChannelId id(lp::random_id("chn"));
  return {.id = id,
          .gain = {.id = lp::ParameterId(lp::random_id("prm")),
                   .owner_id = lp::OwnerId(id.str()),
                   .key = "gain",
                   .name = "Gain",
                   .kind = lp::parameter::ParameterKind::float_,
                   .minimum = -90,
                   .maximum = 24,
                   .unit = "dB",
                   .curve = lp::parameter::Curve::decibel,
                   .automatable = true,
                   .smoothing_ms = 20,
                   .handle = next_handle++},
          .meter_handle = next_handle++};
}

// The engine's view of the project: each track's gain into the master's, into the output.
lp::graph::Graph derive(const lp::project::Project& project) {
  lp::graph::Graph graph{.nodes = {{.id = lp::GraphNodeId("out"), .kind = lp::graph::GraphNodeKind::output}}};
  const auto add = [&](const std::string& id, const lp::parameter::Parameter& gain, const std::string& to) {
    lp::graph::GraphNode node{.id = lp::GraphNodeId(id), .kind = lp::graph::GraphNodeKind::gain};
    node.parameters.push_back({gain.handle, gain.key, gain.value, gain.minimum, gain.maximum, gain.smoothing_ms, {}});
    graph.nodes.push_back(std::move(node));
    graph.connections.push_back({.from = lp::GraphNodeId(id), .to = lp::GraphNodeId(to)});
  };
  add("master", project.master.gain, "out");
  for (const lp::track::Track& track : project.tracks) add(track.id.str(), track.channel.gain, "master");
  return graph;
}

struct SmallPulse {
  lp::model::ProjectState state{
      {.id = lp::ProjectId(lp::random_id("prj")), .name = "Song", .sample_rate_hz = 48'000, .tempo_bpm = 120, .master = new_channel()}};
  lp::Revision revision = 0;
  lp::net::Context context;
  lp::net::Loop loop;
  std::unique_ptr<Server> server;
  std::unique_ptr<lp::pulse::IpcEnginePort> engine;
  std::optional<lp::graph::Graph> live;  // what the engine runs
  lp::Revision live_revision = 0;
  bool sending = false;

  // One transaction: applied, told to every client, then answered; the engine follows when it can.
  template <class C>
  lp::Revision commit(const Server::Request<C>& request, std::string label, lp::project::Change change) {
    state.apply(change).value();  // it was made for this state
    ++revision;
    server->broadcast(lp::project::Changed{.revision = revision,
                                           .cause = {.instance_id = request.instance_id(), .command_id = request.command_id()},
                                           .label = std::move(label),
                                           .origin = lp::project::TransactionOrigin::edit,
                                           .changes = {std::move(change)}},
                      request.command_id());
    follow();
    return revision;
  }

  // One graph in flight; what changes meanwhile goes into the next.
  void follow() {
    if (!engine || engine->state() != lp::session::PortState::ready || sending) return;
    const lp::graph::Graph wanted = derive(state.project());
    const auto answered = [this, wanted](lp::Result<lp::graph::AppliedReply> answer) {
      sending = false;
      const bool equal = answer && answer->digest == lp::wire::graph_digest(wanted);
      live = equal ? std::optional(wanted) : std::nullopt;  // not known any more: the whole graph next
      if (!answer) return static_cast<void>(std::printf("engine: %s\n", to_string(answer.error()).c_str()));
      live_revision = answer->revision;
      std::printf("engine runs revision %lld, digests %s\n", static_cast<long long>(live_revision), equal ? "equal" : "differ");
      std::fflush(stdout);
      if (equal) follow();
    };
    if (!live) {
      engine->call(lp::graph::Replace{.revision = revision, .graph = wanted}, answered);
    } else {
      auto operations = lp::model::make_patch(*live, wanted);
      if (operations.empty()) return;
      engine->call(lp::graph::Patch{.base_revision = live_revision, .revision = revision, .operations = std::move(operations)}, answered);
    }
    sending = true;
  }

  void serve() {
    server->on<lp::project::Snapshot>([this](Server::Request<lp::project::Snapshot> request) {
      request.reply({.revision = revision, .path = {}, .project = state.project()});
    });
    server->on<lp::track::Add>([this](Server::Request<lp::track::Add> request) {
      lp::track::Track track{.id = lp::TrackId(lp::random_id("trk")), .name = request.command().name, .channel = new_channel()};
      lp::track::AddReply reply{.track_id = track.id, .channel_id = track.channel.id};
      const auto end = static_cast<std::int64_t>(state.project().tracks.size());
      reply.revision = commit(request, "Add Track", lp::project::TrackAdded{.index = end, .track = std::move(track)});
      request.reply(std::move(reply));
    });
    server->on<lp::parameter::Set>([this](Server::Request<lp::parameter::Set> request) {
      const auto& [id, value] = request.command();
      const lp::parameter::Parameter* parameter = state.parameter(id);
      if (parameter == nullptr)
        return request.fail(lp::make_error(lp::errors::kParameterNotFound, "there is no parameter '" + id.str() + "'"));
      if (value < parameter->minimum || value > parameter->maximum)
        return request.fail(lp::make_error(lp::errors::kParameterOutOfRange, parameter->name + " goes from -90 to 24 dB"));
      request.reply({.revision = commit(request, "Set Gain", lp::project::ParameterChanged{.parameter_id = id, .value = value})});
    });
  }
};

int fail(const lp::Error& error) {
  std::fprintf(stderr, "%s\n", to_string(error).c_str());
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string session = argc > 1 ? argv[1] : "default";
  SmallPulse pulse;
  const auto folder = lp::net::session_dir(session);
  if (!folder) return fail(folder.error());
  auto server =
      Server::bind(pulse.context, pulse.loop, {.endpoint = lp::net::ipc_endpoint(*folder / "project"), .software_name = "small-pulse"});
  if (!server) return fail(server.error());
  pulse.server = *std::move(server);
  pulse.serve();
  if (argc > 2) {
    auto engine = lp::pulse::IpcEnginePort::connect(pulse.context, pulse.loop, {.endpoint = argv[2], .client_id = "small-pulse"});
    if (!engine) return fail(engine.error());
    pulse.engine = *std::move(engine);
    pulse.engine->on_state([&](lp::session::PortState state) {
      if (state == lp::session::PortState::ready)
        pulse.engine->call(lp::engine::Configure{.sample_rate_hz = 48'000, .block_frames = 256},
                           [&](lp::Result<lp::engine::Effective>) { pulse.follow(); });
    });
  }
  const auto published = lp::session::publish(
      {.name = session,
       .process_id = ::getpid(),
       .project_endpoint = pulse.server->endpoint(),
       .software = {.name = "small-pulse", .version = "1"},
       .protocol = {.major = lp::wire::kProtocolMajor, .min_minor = lp::wire::kProtocolMinMinor, .max_minor = lp::wire::kProtocolMinor}});
  if (!published) return fail(published.error());
  std::printf("session '%s' is served at %s\n", session.c_str(), pulse.server->endpoint().c_str());
  std::fflush(stdout);
  pulse.loop.run();
}
