// Plugins that fail: a real engine process that dies in a plugin comes back, in the end without it, and the project says which it was.

#include <doctest/doctest.h>

#include <cstdlib>

#include "derive/derive_graph.hpp"
#include "engine/supervisor.hpp"
#include "loophole/wire/graph_digest.hpp"
#include "support/kept_studio.hpp"

using namespace loophole;
using namespace loophole::pulse;
using namespace loophole::pulse::test;
using engine::EngineState;

namespace {

struct Stage : KeptStudio {
  Stage() {
    const char* program = std::getenv("LOOPHOLE_PLUGIN_ENGINE");
    REQUIRE(program != nullptr);
    keep(std::make_unique<Supervisor>(
        context, loop,
        SupervisorOptions{
            .program = program, .arguments = {}, .folder = folder.path(), .backoff = {.first_delay = std::chrono::milliseconds(1)}}));
  }
  // Puts a plugin on the first track, as an edit.
  NodeId add_plugin(StudioClient& user, const std::string& plugin) {
    (void)make_song(user);
    const NodeId id("nod-plugin");
    node::Node node{.id = id,
                    .kind = node::NodeKind::plugin,
                    .name = "Reverb",
                    .bypassed = false,
                    .status = NodeStatus::ready,
                    .plugin = PluginId(plugin),
                    .state = {},
                    .meter_handle = {},
                    .parameters = {}};
    Edit edit{.label = "Add Node \"Reverb\"", .changes = {}};
    edit.changes.emplace_back(project::NodeAdded{.channel_id = hub->project()->tracks[0].channel.id, .index = 0, .node = std::move(node)});
    hub->submit(std::move(edit), {}, {}, [](Result<Revision> revision) { REQUIRE(revision); });
    hub->flush();
    return id;
  }
};

}  // namespace

TEST_CASE("a plugin that keeps taking the engine down comes back bypassed and marked, and everything else sounds") {
  Stage stage;
  StudioClient user = stage.client();
  const NodeId id = stage.add_plugin(user, "urn:test:crash");
  const std::size_t steps = user.call(history::List{}).value().entries.size();
  stage.keeper->start();
  stage.wait_for_state(EngineState::running);

  (void)user.wait_for<plugin::Crashed>(3);
  const auto crashes = user.of<plugin::Crashed>();
  REQUIRE(crashes.size() == 3);
  for (std::size_t i = 0; i < crashes.size(); ++i) {
    CHECK(crashes[i].node_id == id);
    CHECK(crashes[i].plugin == PluginId("urn:test:crash"));
    CHECK(crashes[i].crashes == static_cast<std::int64_t>(i) + 1);
    CHECK(crashes[i].bypassed == (i == 2));
  }
  const node::Node& node = stage.hub->project()->tracks[0].channel.nodes[0];
  CHECK(node.status == NodeStatus::crashed);
  CHECK(node.bypassed);
  CHECK(stage.keeper->restarts() == 3);
  const auto status = user.call(engine::Status{}).value();
  CHECK(status.engine_digest == status.model_digest);

  // The mark is a transaction that every client hears of, and no step that a user undoes by mistake.
  const auto marked = user.of<project::Changed>().back();
  CHECK(marked.origin == project::TransactionOrigin::engine);
  CHECK(marked.label == "Plugin \"Reverb\" crashed");
  CHECK(user.call(history::List{}).value().entries.size() == steps);
  CHECK(user.call(history::Undo{}).value().label == "Add Node \"Reverb\"");
}

TEST_CASE("a plugin that is missing is marked, and told") {
  Stage stage;
  StudioClient user = stage.client();
  const NodeId id = stage.add_plugin(user, "urn:test:missing");
  stage.keeper->start();
  const auto failed = user.wait_for<plugin::Failed>();
  CHECK(failed.node_id == id);
  CHECK(failed.status == NodeStatus::missing);
  CHECK(failed.reason == "it is not installed");
  CHECK(stage.hub->project()->tracks[0].channel.nodes[0].status == NodeStatus::missing);
  CHECK_FALSE(stage.hub->project()->tracks[0].channel.nodes[0].bypassed);
  CHECK(stage.keeper->restarts() == 0);
}

TEST_CASE("a plugin that was missing is ready again when a scan has found it, and not before") {
  Stage stage;
  StudioClient user = stage.client();
  const NodeId id = stage.add_plugin(user, "urn:test:missing");
  const auto status = [&] { return stage.hub->document()->state().node(id)->status; };
  const std::size_t steps = user.call(history::List{}).value().entries.size();
  stage.keeper->start();
  stage.wait_for_state(EngineState::running);
  CHECK(status() == NodeStatus::missing);
  // Other graphs change nothing: the engine says it again for each.
  (void)user.call(node::SetBypass{.node_id = id, .bypassed = true}).value();
  stage.settle();
  CHECK(status() == NodeStatus::missing);
  (void)user.call(node::SetBypass{.node_id = id, .bypassed = false}).value();
  stage.settle();
  CHECK(status() == NodeStatus::missing);
  (void)user.wait_for<plugin::Failed>(2);

  CHECK(user.call(plugin::Scan{}).value().found == 1);
  stage.settle();
  CHECK(status() == NodeStatus::ready);
  CHECK(user.of<plugin::Failed>().size() == 2);
  while (user.of<project::Changed>().back().label != "Plugin \"Reverb\" ready") stage.wait();
  CHECK(user.of<project::Changed>().back().origin == project::TransactionOrigin::engine);
  CHECK(user.call(history::List{}).value().entries.size() == steps + 2);  // the bypasses
}

TEST_CASE("a restart that was asked for is a new epoch, and no crash of a plugin") {
  Stage stage;
  StudioClient user = stage.client();
  (void)stage.make_song(user);
  stage.keeper->start();
  stage.wait_for_state(EngineState::running);
  const auto before = user.call(engine::Status{}).value();
  const auto after = user.call(engine::Restart{}).value();
  CHECK(after.state == EngineState::running);
  REQUIRE(after.epochs.size() == 2);
  CHECK(after.epochs[1] != after.epochs[0]);
  CHECK(after.process_id != before.process_id);
  CHECK(after.engine_digest == before.engine_digest);
  CHECK(user.of<plugin::Crashed>().empty());
}

TEST_CASE("without anybody who could start an engine a restart is refused") {
  Studio studio;
  StudioClient user = studio.client();
  CHECK(is(user.call(engine::Restart{}).error(), errors::kEngineUnavailable));
}
