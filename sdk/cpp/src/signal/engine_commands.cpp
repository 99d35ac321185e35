#include <algorithm>
#include <utility>

#include "engine_server_state.hpp"
#include "loophole/model/graph_patch.hpp"
#include "patch_pointer.hpp"

namespace loophole::signal {
namespace {

Error unsupported_kind(const graph::GraphNode& node, std::size_t index) {
  Error error = make_error(errors::kNodeKindUnsupported, "node '" + node.id.str() + "' is of the kind " +
                                                             std::string(to_string(node.kind)) + ", which this engine does not have");
  error.pointer = "/graph/nodes/" + std::to_string(index) + "/kind";
  return error;
}

}  // namespace

void EngineServer::State::serve_commands() {
  in_order<engine::Configure>([this](Kept<engine::Configure> request) { configure(std::move(request)); });
  in_order<engine::Start>([this](Kept<engine::Start> request) { start(std::move(request)); });
  in_order<engine::Stop>([this](Kept<engine::Stop> request) { stop(std::move(request)); });
  in_order<engine::State>([this](Kept<engine::State> request) { request->reply(engine.state()); });
  in_order<graph::Replace>([this](Kept<graph::Replace> request) { replace(std::move(request)); });
  in_order<graph::Patch>([this](Kept<graph::Patch> request) { patch(std::move(request)); });
  in_order<graph::Query>([this](Kept<graph::Query> request) { query(std::move(request)); });
  in_order<engine::ParameterSet>([this](Kept<engine::ParameterSet> request) { set_parameters(std::move(request)); });
  in_order<engine::AutomationSet>([this](Kept<engine::AutomationSet> request) { set_automation(std::move(request)); });
  in_order<engine::TransportSet>([this](Kept<engine::TransportSet> request) { set_transport(std::move(request)); });
}

void EngineServer::State::configure(Kept<engine::Configure> request) {
  const engine::Configure& wanted = request->command();
  const auto before = engine.state().state;
  engine.configure(wanted, hold_others_until<engine::Effective>([this, request, before](Result<engine::Effective> effective) {
                     tell_state(before, "configured, as asked for");
                     if (!effective) return request->fail(std::move(effective).error());
                     set_sample_rate(effective->sample_rate_hz);
                     owe([request, reply = *std::move(effective)] { request->reply(reply); });
                   }));
}

void EngineServer::State::start(Kept<engine::Start> request) {
  const auto before = engine.state().state;
  engine.start(hold_others_until<void>([this, request, before](Result<void> started) {
    if (!started) return request->fail(std::move(started).error());
    tell_state(before, "started, as asked for");
    request->reply(engine.state());
  }));
}

void EngineServer::State::stop(Kept<engine::Stop> request) {
  const auto before = engine.state().state;
  engine.stop();
  tell_state(before, "stopped, as asked for");
  request->reply(engine.state());
}

void EngineServer::State::tell_state(engine::AudioState before, std::string_view reason) {
  const engine::AudioState now = engine.state().state;
  if (now != before) server->broadcast(engine::StateChanged{.state = now, .reason = std::string(reason)});
}

template <class C>
void EngineServer::State::go_live(Kept<C> request, graph::Replace wanted, std::function<Error(Error)> locate) {
  const auto fail = [request, locate](Error error) { request->fail(locate ? locate(std::move(error)) : std::move(error)); };
  auto order = check_graph(wanted.graph);
  if (!order) return fail(std::move(order).error());
  for (std::size_t i = 0; i < wanted.graph.nodes.size(); ++i)
    if (const graph::GraphNode& node = wanted.graph.nodes[i]; !engine.has_kind(node.kind)) return fail(unsupported_kind(node, i));
  hand_over_graph(std::move(wanted), *std::move(order), [this, request, fail](Result<void> handed) {
    if (!handed) return fail(std::move(handed).error());
    const graph::Applied applied{.revision = live.revision(), .digest = *live.digest(), .latency_frames = engine.latency_frames()};
    owe([this, request, applied] {
      server->send(request->client(), applied, request->command_id());
      request->reply({.revision = applied.revision, .digest = applied.digest, .latency_frames = applied.latency_frames});
    });
  });
}

void EngineServer::State::hand_over_graph(graph::Replace wanted, GraphOrder order, std::function<void(Result<void>)> done) {
  struct Prepared {
    graph::Replace wanted;
    GraphOrder order;
  };
  const auto prepared = std::make_shared<Prepared>(Prepared{std::move(wanted), std::move(order)});
  const auto went_live = [this, prepared, done = std::move(done)](Result<Engine::Ticket> ticket) {
    if (!ticket) return done(std::move(ticket).error());
    handed_over(*ticket);
    live.replace(std::move(prepared->wanted));
    // What waits was sent before this graph and is older than its values; what a gesture holds is newer.
    const std::vector<rt::ParameterChange> forgotten = port.parameters.forget_waiting();
    port.parameters.push(leases.after_graph(live, forgotten));
    done({});
  };
  engine.replace_graph(prepared->wanted.graph, prepared->order, hold_others_until<Engine::Ticket>(went_live));
}

void EngineServer::State::replace(Kept<graph::Replace> request) {
  go_live(request, request->command(), {});
}

void EngineServer::State::patch(Kept<graph::Patch> request) {
  const graph::Patch& command = request->command();
  const graph::Graph* base = live.graph();
  if (base == nullptr || command.base_revision != live.revision()) {
    Error error = make_error(errors::kGraphWrongBase, base == nullptr ? "there is no graph to patch; send graph.replace"
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

void EngineServer::State::query(Kept<graph::Query> request) {
  owe([this, request, revision = live.revision(), digest = live.digest()] {
    request->reply({.revision = revision, .digest = digest, .values = engine.held_values()});
  });
}

void EngineServer::State::set_parameters(Kept<engine::ParameterSet> request) {
  const std::vector<engine::HandleValue>& values = request->command().values;
  if (auto checked = live.check(values); !checked) return request->fail(std::move(checked).error());
  port.parameters.push(leases.commits(values));
  live.commit(values);
  owe([request, digest = *live.digest()] { request->reply({.digest = digest}); });
}

void EngineServer::State::set_automation(Kept<engine::AutomationSet> request) {
  const std::vector<engine::AutomationLane>& lanes = request->command().lanes;
  if (auto checked = live.check(lanes); !checked) return request->fail(std::move(checked).error());
  const auto reply = [this, request] { owe([request, digest = *live.digest()] { request->reply({.digest = digest}); }); };
  const auto ticket = engine.set_automation(lanes);
  if (ticket) {
    handed_over(*ticket);
    live.commit(lanes);
    return reply();
  }
  if (!is(ticket.error(), errors::kEngineUnsupported)) return request->fail(ticket.error());
  // The same graph once more, with everything that was committed since and these lanes.
  LiveGraph next = live;
  next.commit(lanes);
  hand_over_graph({.revision = live.revision(), .graph = *next.graph()}, check_graph(*next.graph()).value(),
                  [request, reply](Result<void> handed) {
                    if (!handed) return request->fail(std::move(handed).error());
                    reply();
                  });
}

void EngineServer::State::set_transport(Kept<engine::TransportSet> request) {
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

}  // namespace loophole::signal
