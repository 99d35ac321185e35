// What has to go to clients in one message stays small enough for it, and steps of the history undo what was edited and nothing else.

#include <doctest/doctest.h>

#include "support/random_edits.hpp"
#include "support/scratch_folder.hpp"

using namespace loophole;
using namespace loophole::pulse;
using namespace loophole::pulse::test;

namespace {

constexpr std::size_t kMegabyte = 1'048'576;

// A plugin with a state of so many bytes.
Edit add_plugin(const Document& document, const std::string& id, std::size_t state_bytes) {
  node::Node node{.id = NodeId(id),
                  .kind = node::NodeKind::plugin,
                  .name = "Sampler",
                  .bypassed = false,
                  .status = NodeStatus::ready,
                  .plugin = PluginId("urn:test:sampler"),
                  .state = PluginState(std::string(state_bytes, 'A')),
                  .meter_handle = {},
                  .parameters = {}};
  Edit edit{.label = "Add Sampler", .changes = {}};
  edit.changes.emplace_back(project::NodeAdded{.channel_id = document.project().master.id, .index = 0, .node = std::move(node)});
  return edit;
}

Edit change_node(const Document& document, const std::string& id, bool bypassed, NodeStatus status) {
  const node::Node* node = document.state().node(NodeId(id));
  Edit edit{.label = "Change", .changes = {}};
  edit.changes.emplace_back(
      project::NodeChanged{.node_id = node->id, .name = node->name, .bypassed = bypassed, .status = status, .state = node->state});
  return edit;
}

}  // namespace

TEST_CASE("a project grows to what a message holds and no further, and can be made smaller again") {
  const ScratchFolder folder;
  const auto path = folder / "song.loophole";
  auto document = Document::create({.path = path, .name = "Song"}).value();
  do_edit(*document, add_plugin(*document, "nod-a", 7 * kMegabyte));
  do_edit(*document, add_plugin(*document, "nod-b", 7 * kMegabyte));
  const project::Project before = document->project();
  const auto refused = document->stage(add_plugin(*document, "nod-c", 7 * kMegabyte), {});
  REQUIRE_FALSE(refused);
  CHECK(is(refused.error(), errors::kPayloadInvalid));
  CHECK(refused.error().message.find("remove something first") != std::string::npos);
  CHECK(document->project() == before);
  CHECK(document->revision() == 2);
  CHECK_FALSE(document->has_staged());
  // What is small still fits, and a file that was opened again knows how large it is.
  do_edit(*document, add_plugin(*document, "nod-d", 100));
  document.reset();
  document = Document::open(path).value();
  CHECK_FALSE(document->stage(add_plugin(*document, "nod-c", 7 * kMegabyte), {}));
  do_undo(*document);
  do_undo(*document);
  do_edit(*document, add_plugin(*document, "nod-c", 7 * kMegabyte));
  CHECK(document->project().master.nodes.size() == 2);
}

TEST_CASE("undo takes back what the step changed, and leaves what the engine marked since") {
  const ScratchFolder folder;
  auto document = Document::create({.path = folder / "song.loophole", .name = "Song"}).value();
  do_edit(*document, add_plugin(*document, "nod-a", 10));
  Edit preset = change_node(*document, "nod-a", false, NodeStatus::ready);
  std::get<project::NodeChanged>(preset.changes[0]).state = PluginState("BBBB");
  do_edit(*document, std::move(preset));
  // The plugin crashes for the third time.
  (void)document
      ->stage(change_node(*document, "nod-a", true, NodeStatus::crashed), {.origin = project::TransactionOrigin::engine, .cause = {}})
      .value();
  REQUIRE(document->commit());
  do_undo(*document);
  const node::Node* node = document->state().node(NodeId("nod-a"));
  CHECK(node->state == PluginState(std::string(10, 'A')));
  CHECK(node->bypassed);
  CHECK(node->status == NodeStatus::crashed);
  do_redo(*document);
  node = document->state().node(NodeId("nod-a"));
  CHECK(node->state == PluginState("BBBB"));
  CHECK(node->bypassed);
}
