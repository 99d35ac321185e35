// Nodes: every built-in kind, their places in chains, bypass, and what takes the place of another.

#include <doctest/doctest.h>

#include "support/song.hpp"

using namespace loophole;
using namespace loophole::pulse;
using namespace loophole::pulse::test;
using Names = std::vector<std::string>;

TEST_CASE("every built-in kind of node, with the parameters that engines have for it") {
  Song song;
  const auto keys_of = [&](node::NodeKind kind) {
    (void)song.made(node::Add{.channel_id = song.track().channel.id, .kind = kind, .plugin = {}, .name = {}, .index = {}});
    const node::Node& made = song.track().channel.nodes.back();
    CHECK(made.meter_handle.has_value() == (kind == node::NodeKind::analyser));
    Names keys;
    for (const parameter::Parameter& parameter : made.parameters) keys.push_back(parameter.key);
    return keys;
  };
  CHECK(keys_of(node::NodeKind::test_tone) == Names{"frequency", "level"});
  CHECK(keys_of(node::NodeKind::filter) == Names{"cutoff", "resonance"});
  CHECK(keys_of(node::NodeKind::gain) == Names{"gain"});
  CHECK(keys_of(node::NodeKind::pan) == Names{"position"});
  CHECK(keys_of(node::NodeKind::delay) == Names{"time", "feedback", "mix"});
  CHECK(keys_of(node::NodeKind::analyser).empty());
}

TEST_CASE("a node that is no plugin takes no plugin") {
  const Song song;
  const Error added = refusal(song, node::Add{.channel_id = song.track().channel.id,
                                              .kind = node::NodeKind::pan,
                                              .plugin = PluginId("urn:example:reverb"),
                                              .name = {},
                                              .index = {}});
  CHECK(is(added, errors::kPayloadInvalid));
  CHECK(added.pointer == "/plugin");
  CHECK(refusal(song, node::Replace{.node_id = song.track().channel.nodes[0].id,
                                    .kind = node::NodeKind::pan,
                                    .plugin = PluginId("urn:example:reverb"),
                                    .name = {}})
            .pointer == "/plugin");
}

TEST_CASE("a node moves in its chain and to other channels, with its parameters and their handles") {
  Song song;
  const ChannelId voice = song.track().channel.id;
  const node::Node filter = song.track().channel.nodes[0];
  (void)song.made(node::Add{.channel_id = voice, .kind = node::NodeKind::pan, .plugin = {}, .name = {}, .index = {}});
  CHECK(song.made(node::Move{.node_id = filter.id, .index = 1, .channel_id = {}}).edit.label == "Move Filter");
  CHECK(names(song.track().channel.nodes) == Names{"Pan", "Filter"});
  (void)song.made(node::Move{.node_id = filter.id, .index = 0, .channel_id = song.project().master.id});
  CHECK(names(song.track().channel.nodes) == Names{"Pan"});
  CHECK(song.project().master.nodes == std::vector{filter});
  (void)song.made(parameter::Set{.parameter_id = filter.parameters[0].id, .value = 555});  // it is found where it is now

  const Error behind = refusal(song, node::Move{.node_id = filter.id, .index = 1, .channel_id = {}});
  CHECK(is(behind, errors::kPayloadInvalid));
  CHECK(behind.pointer == "/index");
  CHECK(behind.expected == "0 to 0");
  const Error nobody = refusal(song, node::Move{.node_id = NodeId("x"), .index = 0, .channel_id = {}});
  CHECK(is(nobody, errors::kNodeNotFound));
  CHECK(nobody.pointer == "/nodeId");
  const Error nowhere = refusal(song, node::Move{.node_id = filter.id, .index = 0, .channel_id = ChannelId("x")});
  CHECK(is(nowhere, errors::kChannelNotFound));
  CHECK(nowhere.pointer == "/channelId");
}

TEST_CASE("bypass and back: nothing else of the node changes") {
  Song song;
  const node::Node before = song.track().channel.nodes[0];
  CHECK(song.made(node::SetBypass{.node_id = before.id, .bypassed = true}).edit.label == "Bypass Filter");
  CHECK(song.track().channel.nodes[0].bypassed);
  CHECK(song.made(node::SetBypass{.node_id = before.id, .bypassed = false}).edit.label == "End Bypass of Filter");
  CHECK(song.track().channel.nodes[0] == before);
  const Error error = refusal(song, node::SetBypass{.node_id = NodeId("x"), .bypassed = true});
  CHECK(is(error, errors::kNodeNotFound));
  CHECK(error.pointer == "/nodeId");
}

TEST_CASE("what replaces a node stands in its place, with an id and parameters of its own") {
  Song song;
  const ChannelId voice = song.track().channel.id;
  (void)song.made(node::Add{.channel_id = voice, .kind = node::NodeKind::gain, .plugin = {}, .name = {}, .index = 0});
  (void)song.made(node::Add{.channel_id = voice, .kind = node::NodeKind::pan, .plugin = {}, .name = {}, .index = {}});
  const node::Node filter = song.track().channel.nodes[1];
  const auto planned = song.made(node::Replace{.node_id = filter.id, .kind = node::NodeKind::delay, .plugin = {}, .name = "Echo"});
  CHECK(planned.edit.label == "Replace Filter with Echo");
  CHECK(names(song.track().channel.nodes) == Names{"Gain", "Echo", "Pan"});
  CHECK(song.track().channel.nodes[1].id == planned.reply.node_id);
  CHECK(song.state.node(filter.id) == nullptr);
  CHECK(song.state.parameter(filter.parameters[0].id) == nullptr);
  const Error nobody = refusal(song, node::Replace{.node_id = filter.id, .kind = node::NodeKind::pan, .plugin = {}, .name = {}});
  CHECK(is(nobody, errors::kNodeNotFound));
  CHECK(nobody.pointer == "/nodeId");
  const Error strange =
      refusal(song, node::Replace{.node_id = planned.reply.node_id, .kind = node::NodeKind::unknown, .plugin = {}, .name = {}});
  CHECK(is(strange, errors::kNodeKindUnsupported));
  CHECK(strange.pointer == "/kind");
}
