// The engine follows the model: values, structure, transport; and gets all of it again after a restart.

#include <doctest/doctest.h>

#include <algorithm>

#include "derive/derive_graph.hpp"
#include "loophole/wire/graph_digest.hpp"
#include "support/studio.hpp"

using namespace loophole;
using namespace loophole::pulse;
using namespace loophole::pulse::test;

namespace {

std::ptrdiff_t count(const ScriptedEngine& engine, const std::string& name) {
  return std::count(engine.received.begin(), engine.received.end(), name);
}

}  // namespace

TEST_CASE("an engine that comes late gets configuration, graph and transport, in this order") {
  Studio studio;
  StudioClient user = studio.client();
  (void)studio.make_song(user);
  studio.start_engine();
  CHECK(studio.signal->received == std::vector<std::string>{"engine.configure", "graph.replace", "engine.transport.set"});
  CHECK(studio.signal->graph == derive_graph(*studio.hub->project()));
}

TEST_CASE("a value goes as a value, structure as a graph, a name not at all") {
  Studio studio;
  studio.start_engine();
  StudioClient user = studio.client();
  const node::Node filter = studio.make_song(user);
  studio.settle();
  studio.signal->received.clear();
  (void)user.call(parameter::Set{.parameter_id = filter.parameters[0].id, .value = 555}).value();
  studio.settle();
  CHECK(studio.signal->received == std::vector<std::string>{"engine.parameter.set"});
  CHECK(studio.signal->values[filter.parameters[0].handle] == 555);
  (void)user.call(track::Rename{.track_id = studio.hub->project()->tracks[0].id, .name = "New"}).value();
  studio.settle();
  CHECK(studio.signal->received.size() == 1);
  (void)user.call(track::Add{.name = "More", .index = {}}).value();
  studio.settle();
  CHECK(studio.signal->received.back() == "graph.patch");
  CHECK(wire::graph_digest(studio.signal->graph) == wire::graph_digest(derive_graph(*studio.hub->project())));
}

TEST_CASE("automation alone goes as automation, with something else as a graph") {
  Studio studio;
  studio.start_engine();
  StudioClient user = studio.client();
  const node::Node filter = studio.make_song(user);
  studio.settle();
  studio.signal->received.clear();
  const automation::Point point{.position_frames = 480, .value = 700, .shape = automation::Shape::linear};
  const automation::SetPoints draw{.parameter_id = filter.parameters[0].id, .from_frames = 0, .to_frames = 48'000, .points = {point}};
  (void)user.call(draw).value();
  studio.settle();
  CHECK(studio.signal->received == std::vector<std::string>{"engine.automation.set"});
  const auto is_live = [&] { return wire::graph_digest(studio.signal->graph) == wire::graph_digest(derive_graph(*studio.hub->project())); };
  CHECK(is_live());
  // A patch that follows is one of the graph with the automation.
  (void)user.call(track::Add{.name = "More", .index = {}}).value();
  studio.settle();
  CHECK(studio.signal->received.back() == "graph.patch");
  CHECK(is_live());
  // While one message is under way, automation and structure become one more.
  studio.signal->hold = "graph.patch";
  (void)user.call(track::Add{.name = "Held", .index = {}}).value();
  (void)user.call(automation::Clear{.parameter_id = filter.parameters[0].id, .from_frames = {}, .to_frames = {}}).value();
  (void)user.call(track::Add{.name = "Last", .index = {}}).value();
  studio.signal->release();
  studio.settle();
  CHECK(count(*studio.signal, "engine.automation.set") == 1);
  CHECK(is_live());
}

TEST_CASE("after automation with another digest the whole graph follows") {
  Studio studio;
  studio.start_engine();
  StudioClient user = studio.client();
  const node::Node filter = studio.make_song(user);
  studio.settle();
  studio.signal->graph = {};  // it answers with the digest of something else
  studio.signal->received.clear();
  (void)user.call(automation::SetMode{.parameter_id = filter.parameters[0].id, .mode = automation::Mode::read}).value();
  studio.settle();
  CHECK(studio.signal->received == std::vector<std::string>{"engine.automation.set", "graph.replace"});
  CHECK(wire::graph_digest(studio.signal->graph) == wire::graph_digest(derive_graph(*studio.hub->project())));
}

TEST_CASE("while a graph is under way many edits become one more, and their answers do not wait") {
  Studio studio;
  studio.start_engine();
  StudioClient user = studio.client();
  const node::Node filter = studio.make_song(user);
  studio.settle();
  studio.signal->received.clear();
  studio.signal->hold = "graph.patch";
  for (int i = 0; i < 20; ++i) (void)user.call(track::Add{.name = "T", .index = {}}).value();
  (void)user.call(parameter::Set{.parameter_id = filter.parameters[0].id, .value = 321}).value();
  CHECK(count(*studio.signal, "graph.patch") == 1);
  studio.signal->release();
  studio.settle();
  CHECK(count(*studio.signal, "graph.patch") + count(*studio.signal, "graph.replace") == 2);
  CHECK(wire::graph_digest(studio.signal->graph) == wire::graph_digest(derive_graph(*studio.hub->project())));
}

TEST_CASE("status and parameter.get: both digests and values are equal once asked") {
  Studio studio;
  studio.start_engine();
  StudioClient user = studio.client();
  const node::Node filter = studio.make_song(user);
  (void)user.call(parameter::Set{.parameter_id = filter.parameters[0].id, .value = 444}).value();
  const auto value = user.call(parameter::Get{.parameter_id = filter.parameters[0].id}).value();
  CHECK(value.value == 444);
  CHECK(value.engine_value == 444);
  const auto status = user.call(engine::Status{}).value();
  CHECK(status.state == engine::EngineState::running);
  REQUIRE(status.model_digest.has_value());
  CHECK(status.engine_digest == status.model_digest);
  CHECK(status.link.has_value());
}

TEST_CASE("without an engine: edits work, transport says why not, values and digest of the engine are absent") {
  Studio studio;
  StudioClient user = studio.client();
  const node::Node filter = studio.make_song(user);
  CHECK(user.call(parameter::Set{.parameter_id = filter.parameters[0].id, .value = 444}));
  CHECK(!user.call(parameter::Get{.parameter_id = filter.parameters[0].id}).value().engine_value.has_value());
  CHECK(is(user.call(transport::Play{}).error(), errors::kEngineUnavailable));
  const auto status = user.call(engine::Status{}).value();
  CHECK(status.state == engine::EngineState::absent);
  CHECK(!status.engine_digest.has_value());
  CHECK(status.model_digest.has_value());
}

TEST_CASE("transport: the engine's answer, an event to all, and playing again after a restart") {
  Studio studio;
  studio.start_engine();
  StudioClient user = studio.client();
  StudioClient other = studio.client();
  (void)studio.make_song(user);
  CHECK(user.call(transport::Seek{.position_frames = 48'000}).value().position_frames == 48'000);
  CHECK(user.call(transport::Play{}).value().playing);
  CHECK(other.wait_for<transport::Changed>(2).playing);
  studio.lose_engine();
  studio.start_engine();
  CHECK(studio.signal->playing);
  CHECK(studio.signal->position_frames >= 48'000);
}

TEST_CASE("the tempo is told to the engine and to everybody, moves the transport nowhere, and can be undone") {
  Studio studio;
  studio.start_engine();
  StudioClient user = studio.client();
  (void)studio.make_song(user);
  (void)user.call(transport::Seek{.position_frames = 48'000}).value();
  (void)user.call(transport::Play{}).value();
  studio.settle();
  studio.signal->received.clear();
  CHECK(user.call(transport::SetTempo{.tempo_bpm = 97.5}).value().tempo_bpm == 97.5);
  auto told = user.wait_for<transport::Changed>(3);
  CHECK(told.tempo_bpm == 97.5);
  CHECK(told.playing);
  CHECK(told.position_frames == 48'000);
  CHECK(studio.signal->received == std::vector<std::string>{"engine.transport.set"});
  (void)user.call(history::Undo{}).value();
  CHECK(user.wait_for<transport::Changed>(4).tempo_bpm == 120);
}

TEST_CASE("a command to play that comes during a restart is done after it") {
  Studio studio;
  studio.start_engine();
  StudioClient user = studio.client();
  (void)studio.make_song(user);
  studio.lose_engine();
  std::optional<Result<transport::StateReply>> answer;
  user.begin(transport::Play{}, answer);
  (void)user.call(track::Add{.name = "meanwhile", .index = {}}).value();
  CHECK(!answer.has_value());
  studio.start_engine();
  while (!answer) studio.wait();
  CHECK(answer->value().playing);
}

TEST_CASE("closing the project silences the engine") {
  Studio studio;
  studio.start_engine();
  StudioClient user = studio.client();
  (void)studio.make_song(user);
  (void)user.call(transport::Play{}).value();
  (void)user.call(project::Close{}).value();
  studio.settle();
  CHECK(studio.signal->graph == silent_graph());
  CHECK(!studio.signal->playing);
}

TEST_CASE("an engine that runs another graph than it was given gets the whole one, once") {
  Studio studio;
  studio.start_engine();
  StudioClient user = studio.client();
  (void)studio.make_song(user);
  studio.settle();
  studio.signal->received.clear();
  studio.signal->wrong_digests = 1;
  (void)user.call(track::Add{.name = "More", .index = {}}).value();
  studio.settle();
  CHECK(studio.signal->received == std::vector<std::string>{"graph.patch", "graph.replace"});

  studio.signal->received.clear();
  studio.signal->wrong_digests = 100;
  (void)user.call(track::Add{.name = "More", .index = {}}).value();
  studio.settle();
  CHECK(studio.signal->received == std::vector<std::string>{"graph.patch", "graph.replace"});
}

TEST_CASE("a patch that is refused is followed by the whole graph") {
  Studio studio;
  studio.start_engine();
  StudioClient user = studio.client();
  (void)studio.make_song(user);
  studio.settle();
  studio.signal->received.clear();
  studio.signal->revision = 77;  // somebody else's
  (void)user.call(track::Add{.name = "More", .index = {}}).value();
  studio.settle();
  CHECK(studio.signal->received == std::vector<std::string>{"graph.patch", "graph.replace"});
  CHECK(studio.signal->revision == studio.hub->revision());
}

TEST_CASE("values that were committed since are part of what a patch is made for") {
  Studio studio;
  studio.start_engine();
  StudioClient user = studio.client();
  const node::Node filter = studio.make_song(user);
  (void)user.call(parameter::Set{.parameter_id = filter.parameters[0].id, .value = 555}).value();
  studio.settle();
  (void)user.call(track::Add{.name = "More", .index = {}}).value();
  studio.settle();
  CHECK(studio.signal->received.back() == "graph.patch");
  CHECK(studio.signal->values[filter.parameters[0].handle] == 555);
  CHECK(wire::graph_digest(studio.signal->graph) == wire::graph_digest(derive_graph(*studio.hub->project())));
}

TEST_CASE("kinds of nodes that the engine does not have are passed by, and everything else sounds") {
  Studio studio;
  studio.start_engine();
  StudioClient user = studio.client();
  const node::Node filter = studio.make_song(user);
  studio.settle();
  studio.lose_engine();
  studio.start_engine([](ScriptedEngine& engine) { engine.lacks = {graph::GraphNodeKind::filter}; });
  studio.settle();
  const auto node = std::find_if(studio.signal->graph.nodes.begin(), studio.signal->graph.nodes.end(),
                                 [&](const graph::GraphNode& one) { return one.id.str() == filter.id.str(); });
  REQUIRE(node != studio.signal->graph.nodes.end());
  CHECK(node->kind == graph::GraphNodeKind::gain);
  CHECK(node->parameters.empty());
  const auto status = user.call(engine::Status{}).value();
  CHECK(status.engine_digest == status.model_digest);
}

TEST_CASE("the loop: checked, told to all, and there again after a restart; where the transport is can be asked") {
  Studio studio;
  studio.start_engine();
  StudioClient user = studio.client();
  StudioClient other = studio.client();
  (void)studio.make_song(user);
  const transport::Loop loop{.enabled = true, .start_frames = 48'000, .end_frames = 96'000};
  CHECK(user.call(transport::SetLoop{.loop = loop}).value().loop == loop);
  CHECK(other.wait_for<transport::Changed>().loop == loop);
  const Error refused = user.call(transport::SetLoop{.loop = {.enabled = true, .start_frames = 5, .end_frames = 5}}).error();
  CHECK(is(refused, errors::kTransportInvalidLoop));
  CHECK(refused.pointer == "/payload/loop/endFrames");
  CHECK(user.call(transport::State{}).value().loop == loop);
  studio.lose_engine();
  studio.start_engine();
  CHECK(studio.signal->cycle == loop);
  CHECK(other.of<transport::Changed>().size() == 1);  // a question changes nothing
}
