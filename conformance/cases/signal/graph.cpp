// Graphs: protocol/engine.md, protocol/graph-digest.md.
#include <algorithm>
#include <cmath>

#include "loophole/wire/graph_digest.hpp"
#include "signal/rig.hpp"

namespace loophole::conformance::signal_cases {
namespace {

// A graph that must be refused leaves the one before as it was.
void refused(Trial& t, std::string_view check, const graph::Graph& bad, const errors::Code& code, const std::string& before) {
  const Answer answer = t.pulse().call(graph::Replace{.revision = 90, .graph = bad});
  t.check(check, answer.refused(code), answer.text());
  const graph::QueryReply now = query(t);
  t.check("unchanged", now.revision == 1 && now.digest && now.digest->value == before,
          "after '" + std::string(check) + "' the revision is " + std::to_string(now.revision));
}

graph::GraphNode plugin_node(std::string id, std::string plugin) {
  graph::GraphNode made = node(std::move(id), Kind::plugin);
  made.plugin = PluginId(std::move(plugin));
  return made;
}

}  // namespace

void add_graph_cases(std::vector<Case>& cases) {
  cases.push_back({
      .id = "signal.graph.digest",
      .title = "The digest is that of the canonical form",
      .steps =
          "Put graphs of growing richness, the last one again with everything in another order; compare each digest with one of our own.",
      .level = Level::required,
      .checks = {{"smallest", {"DIG-1", "ENG-26"}, "an output alone"},
                 {"chain", {"DIG-1", "ENG-26"}, "a chain of nodes with parameters and a meter"},
                 {"values", {"DIG-1"}, "negative zero, a value of many digits, a node id beyond ASCII, a bypassed node"},
                 {"automation", {"DIG-1"}, "parameters with automation"},
                 {"order", {"DIG-1"}, "everything in another order: the same digest"},
                 {"query", {"ENG-26"}, "graph.query tells the same revision and digest"}},
      .run =
          [](Trial& t) {
            const auto compare = [&t](std::string_view check, const graph::Graph& graph, Revision revision) {
              const Answer answer = t.pulse().call(graph::Replace{.revision = revision, .graph = graph});
              const auto* reply = answer.as<graph::AppliedReply>();
              const std::string own = wire::graph_digest(graph).value;
              t.check(check, reply != nullptr && reply->digest.value == own && reply->revision == revision,
                      "not " + own + ", but: " + answer.text());
            };
            compare("smallest", chain({output()}), 1);
            compare("chain", voice(), 2);
            graph::Graph odd = voice();
            odd.nodes[1].parameters[0].value = -0.0;
            odd.nodes[0].parameters[0].value = 440.123456789012345;
            odd.nodes[1].bypassed = true;
            compare("values", odd, 3);
            graph::Graph rich = odd;
            rich.nodes[1].parameters[0].automation =
                automation::Lane{.mode = automation::Mode::read,
                                 .points = {{.position_frames = 0, .value = -6, .shape = automation::Shape::linear},
                                            {.position_frames = 9'007'199'254'740'991, .value = 0, .shape = automation::Shape::hold}}};
            compare("automation", rich, 4);
            const std::string before = digest(t);
            std::ranges::reverse(rich.nodes);
            std::ranges::reverse(rich.connections);
            for (auto& one : rich.nodes) std::ranges::reverse(one.parameters);
            compare("order", rich, 5);
            const graph::QueryReply now = query(t);
            t.check("query", now.revision == 5 && now.digest && now.digest->value == before, "revision " + std::to_string(now.revision));
          },
  });
  cases.push_back({
      .id = "signal.graph.kinds",
      .title = "An engine has every kind of node",
      .steps = "Put a graph with one node of each kind of the table.",
      .level = Level::required,
      .checks = {{"taken", {"ENG-64"}, "the graph is taken"}, {"digest", {"DIG-1"}, "with its digest"}},
      .run =
          [](Trial& t) {
            graph::GraphNode analyser = node("analyser", Kind::analyser);
            analyser.meter_handle = 50;
            graph::Graph all = chain({
                node("clips", Kind::clip_player),
                tone("tone", 1),
                node("filter", Kind::filter, {parameter(11, "cutoff", 1'000, 20, 20'000), parameter(12, "resonance", 0, 0, 1)}),
                gain("gain", 13),
                node("pan", Kind::pan, {parameter(14, "position", 0, -1, 1)}),
                node("delay", Kind::delay,
                     {parameter(15, "time", 50, 1, 2'000), parameter(16, "feedback", 0.2, 0, 0.9), parameter(17, "mix", 0.5, 0, 1)}),
                node("mixer", Kind::bus_mixer),
                meter("meter", kMeter),
                analyser,
                output(),
            });
            all.nodes.push_back(node("send", Kind::send, {parameter(18, "level", 0, -90, 12)}));
            all.nodes.push_back(node("return", Kind::return_));
            all.nodes.push_back(plugin_node("plugin", "urn:example:not-installed"));
            const auto connect = [&all](const char* from, const char* to) {
              all.connections.push_back({.from = GraphNodeId(from), .to = GraphNodeId(to)});
            };
            connect("gain", "send");
            connect("send", "return");
            connect("return", "plugin");
            connect("plugin", "mixer");
            const Answer answer = t.pulse().call(graph::Replace{.revision = 1, .graph = all});
            const auto* reply = answer.as<graph::AppliedReply>();
            t.require("taken", reply != nullptr, answer.text());
            t.check("digest", reply->digest == wire::graph_digest(all), answer.text());
          },
  });
  cases.push_back({
      .id = "signal.graph.invalid",
      .title = "A graph that is none is refused, and the one before goes on",
      .steps = "Put a graph; then graphs with each fault; after each, ask for the live one.",
      .level = Level::required,
      .checks = {{"cycle", {"ENG-22"}, "a cycle is answered with graph.invalid"},
                 {"self", {"ENG-22"}, "a node that is connected to itself is answered with graph.invalid"},
                 {"no-output", {"ENG-22"}, "no output is answered with graph.invalid"},
                 {"two-outputs", {"ENG-22"}, "two outputs are answered with graph.invalid"},
                 {"id-twice", {"ENG-22"}, "an id that is there twice is answered with graph.invalid"},
                 {"handle-twice", {"ENG-22"}, "a handle that is there twice is answered with graph.invalid"},
                 {"meter-handle", {"ENG-22"}, "a meterHandle that is the handle of a parameter is answered with graph.invalid"},
                 {"nowhere", {"ENG-22"}, "a connection to a node that is not there is answered with graph.invalid"},
                 {"key", {"ENG-69"}, "a key that the kind does not have is answered with graph.invalid"},
                 {"unchanged", {"ENG-17", "ENV-23"}, "the graph before is live after each of them"}},
      .run =
          [](Trial& t) {
            const std::string before = put(t, voice(), 1);
            const auto with_connection = [](const char* from, const char* to) {
              graph::Graph bad = voice();
              bad.connections.push_back({.from = GraphNodeId(from), .to = GraphNodeId(to)});
              return bad;
            };
            refused(t, "cycle", with_connection("meter", "gain"), errors::kGraphInvalid, before);
            refused(t, "self", with_connection("gain", "gain"), errors::kGraphInvalid, before);
            refused(t, "nowhere", with_connection("gain", "elsewhere"), errors::kGraphInvalid, before);
            refused(t, "no-output", chain({tone("tone", 1), gain("gain", 3)}), errors::kGraphInvalid, before);
            graph::Graph two = voice();
            two.nodes.push_back(node("out-2", Kind::output));
            refused(t, "two-outputs", two, errors::kGraphInvalid, before);
            graph::Graph ids = voice();
            ids.nodes.push_back(node("gain", Kind::bus_mixer));
            refused(t, "id-twice", ids, errors::kGraphInvalid, before);
            refused(t, "handle-twice", chain({tone("tone", 1), gain("gain", 2), output()}), errors::kGraphInvalid, before);
            refused(t, "meter-handle", chain({tone("tone", 1), meter("meter", 1), output()}), errors::kGraphInvalid, before);
            graph::Graph key = voice();
            key.nodes[1].parameters[0].key = "brightness";
            refused(t, "key", key, errors::kGraphInvalid, before);
          },
  });
  cases.push_back({
      .id = "signal.graph.wrong",
      .title = "A graph that makes no sense is refused, and the one before goes on",
      .steps = "Put a graph; then graphs with each fault of the list; after each, ask for the live one.",
      .level = Level::strict,
      .checks = {{"connection-twice", {"ENG-74"}, "a connection that is there twice"},
                 {"from-output", {"ENG-74"}, "a connection that comes from the output"},
                 {"key-twice", {"ENG-74"}, "a node that has a key twice"},
                 {"value", {"ENG-74"}, "a value outside of minimum and maximum"},
                 {"points-order", {"ENG-74"}, "points that do not rise by position"},
                 {"points-value", {"ENG-74"}, "a point outside of minimum and maximum"},
                 {"meter-handle", {"ENG-74"}, "a gain with a meterHandle"},
                 {"no-meter-handle", {"ENG-74"}, "a meter without one"},
                 {"plugin", {"ENG-74"}, "a gain that names a plugin"},
                 {"no-plugin", {"ENG-74"}, "a plugin that does not say which"},
                 {"clips", {"ENG-74"}, "a gain with clips"},
                 {"unchanged", {"ENG-74", "ENV-23"}, "the graph before is live after each of them"}},
      .run =
          [](Trial& t) {
            const std::string before = put(t, voice(), 1);
            const auto changed = [](auto change) {
              graph::Graph bad = voice();
              change(bad);
              return bad;
            };
            const auto wrong = [&](std::string_view check, const graph::Graph& bad) {
              refused(t, check, bad, errors::kGraphInvalid, before);
            };
            const auto with_points = [&](std::vector<automation::Point> points) {
              return changed([&](graph::Graph& bad) {
                bad.nodes[1].parameters[0].automation = automation::Lane{.mode = automation::Mode::read, .points = std::move(points)};
              });
            };
            wrong("connection-twice", changed([](graph::Graph& bad) { bad.connections.push_back(bad.connections[0]); }));
            wrong("from-output", changed([](graph::Graph& bad) {
                    bad.nodes.push_back(gain("behind", 70));
                    bad.connections.push_back({.from = output().id, .to = GraphNodeId("behind")});
                  }));
            wrong("key-twice", changed([](graph::Graph& bad) {
                    bad.nodes[1].parameters.push_back(bad.nodes[1].parameters[0]);
                    bad.nodes[1].parameters[1].handle = 71;
                  }));
            wrong("value", changed([](graph::Graph& bad) { bad.nodes[1].parameters[0].value = 1'000; }));
            wrong("points-order", with_points({{100, 0, automation::Shape::hold}, {50, 0, automation::Shape::hold}}));
            wrong("points-value", with_points({{100, 1'000, automation::Shape::hold}}));
            wrong("meter-handle", changed([](graph::Graph& bad) { bad.nodes[1].meter_handle = 72; }));
            wrong("no-meter-handle", changed([](graph::Graph& bad) { bad.nodes[2].meter_handle.reset(); }));
            wrong("plugin", changed([](graph::Graph& bad) { bad.nodes[1].plugin = PluginId("urn:loophole-conformance:tin"); }));
            wrong("no-plugin", changed([](graph::Graph& bad) { bad.nodes.push_back(node("plugin", Kind::plugin)); }));
            wrong("clips", changed([](graph::Graph& bad) {
                    bad.nodes[1].clips.push_back({.path = "/nowhere.wav", .start_frames = 0, .length_frames = 1});
                  }));
          },
  });
  cases.push_back({
      .id = "signal.graph.unknown-kind",
      .title = "A kind of node that the engine does not have is refused",
      .steps = "Put a graph; then one with a node of the kind `kaleidoscope`.",
      .level = Level::required,
      .checks = {{"refused", {"ENG-23", "ENV-11"}, "it is answered with node.kindUnsupported"},
                 {"unchanged", {"ENG-17"}, "the graph before is live"}},
      .run =
          [](Trial& t) {
            const std::string before = put(t, voice(), 1);
            Pulse& pulse = t.pulse();
            const std::string text = pulse.text_of(
                graph::Replace{.revision = 90, .graph = chain({tone("tone", 1), node("mix", Kind::bus_mixer), output()})}, "k1");
            pulse.send_text(with(text, R"("kind":"busMixer")", R"("kind":"kaleidoscope")"), Meant::wrong);
            const Answer answer = pulse.answer("k1");
            t.check("refused", answer.refused(errors::kNodeKindUnsupported), answer.text());
            const std::string after = digest(t);
            t.check("unchanged", after == before, "digest " + after);
          },
  });
  cases.push_back({
      .id = "signal.graph.unreadable-file",
      .title = "A graph with a file that cannot be read is refused, and the file is named",
      .steps = "Put a graph with a clip of a file that does not exist.",
      .level = Level::required,
      .checks = {{"refused", {"ENG-70"}, "it is answered with clip.fileUnreadable"},
                 {"named", {"ENG-70"}, "the message has the path"},
                 {"unchanged", {"ENG-17", "ENV-23"}, "the graph before is live"}},
      .run =
          [](Trial& t) {
            const std::string before = put(t, voice(), 1);
            graph::GraphNode player = node("clips", Kind::clip_player);
            player.clips.push_back({.path = "/nowhere/voice-that-is-not-there.wav", .length_frames = 48'000});
            const Answer answer = t.pulse().call(graph::Replace{.revision = 90, .graph = chain({player, output()})});
            t.check("refused", answer.refused(errors::kClipFileUnreadable), answer.text());
            t.check("named", answer.error() != nullptr && answer.error()->message.find("voice-that-is-not-there.wav") != std::string::npos,
                    answer.text());
            const std::string after = digest(t);
            t.check("unchanged", after == before, "digest " + after);
          },
  });
  cases.push_back({
      .id = "signal.graph.missing-plugin",
      .title = "A plugin that is not installed makes no graph fail",
      .steps = "Play a tone through a plugin that nobody has; put the graph again.",
      .level = Level::required,
      .checks = {{"taken", {"ENG-46"}, "the graph is taken"},
                 {"told", {"ENG-47"}, "engine.plugin.failed names the node, with status missing"},
                 {"passes", {"ENG-46"}, "the tone passes through"},
                 {"digest", {"DIG-1"}, "the digest has plugin and state as they came"},
                 {"again", {"ENG-47"}, "it is told again for the next graph with this node"}},
      .run =
          [](Trial& t) {
            graph::GraphNode plugin = plugin_node("lost", "urn:example:not-installed");
            plugin.state = PluginState("AAEC");
            const graph::Graph graph = chain({tone("tone", 1), plugin, meter("meter", kMeter), output()});
            configure(t);
            Pulse& pulse = t.pulse();
            const Answer answer = pulse.call(graph::Replace{.revision = 1, .graph = graph});
            const auto* reply = answer.as<graph::AppliedReply>();
            t.require("taken", reply != nullptr, answer.text());
            t.check("digest", reply->digest == wire::graph_digest(graph), answer.text());
            const auto* failed = pulse.event<engine::PluginFailed>();
            t.check("told", failed != nullptr && failed->node_id.value == "lost" && failed->status == NodeStatus::missing,
                    "no such engine.plugin.failed");
            (void)pulse.call(engine::TransportSet{.playing = true});
            watch_meters(t);
            t.check("passes", shows(t, kToneDb), shown(t));
            put(t, graph, 2);
            t.check("again", pulse.event<engine::PluginFailed>() != nullptr, "no engine.plugin.failed for the second graph");
          },
  });
  cases.push_back({
      .id = "signal.graph.order-of-commands",
      .title = "What comes after a graph finds it live",
      .steps = "Send graph.replace, engine.parameter.set, stream.open and graph.query without waiting in between.",
      .level = Level::required,
      .checks = {{"parameter", {"ENG-3", "ENV-18"}, "the parameter of the new graph is set"},
                 {"stream", {"ENG-3"}, "a stream on it is opened"},
                 {"query", {"ENG-3"}, "the query tells the new graph with this value"}},
      .run =
          [](Trial& t) {
            Pulse& pulse = t.pulse();
            const std::string put_id = pulse.send(graph::Replace{.revision = 8, .graph = voice()});
            const std::string set_id = pulse.send(engine::ParameterSet{.values = {{.handle = kGain, .value = -7}}});
            const std::string open_id =
                pulse.send(stream::Open{.stream_id = StreamId(hex(kStream)), .handles = {kGain}, .lease_ms = 30'000});
            const std::string query_id = pulse.send(graph::Query{});
            (void)pulse.answer(put_id);
            const Answer set = pulse.answer(set_id);
            t.check("parameter", set.is_reply(), set.text());
            const Answer opened = pulse.answer(open_id);
            t.check("stream", opened.is_reply(), opened.text());
            const Answer asked = pulse.answer(query_id);
            const auto* reply = asked.as<graph::QueryReply>();
            t.check("query", reply != nullptr && reply->revision == 8 && reply->digest == wire::graph_digest(voice(-7)), asked.text());
          },
  });
  cases.push_back({
      .id = "signal.graph.without-driver",
      .title = "An engine that does not run answers all the same",
      .steps = "engine.stop; put a graph, set a value, open and close a stream, move the transport; engine.start.",
      .level = Level::required,
      .checks = {{"stopped", {"ENG-15", "ENG-16"}, "the state is stopped, and engine.state.changed says so"},
                 {"graph", {"ENG-6"}, "graph.replace is answered"},
                 {"value", {"ENG-6"}, "engine.parameter.set is answered"},
                 {"stream", {"ENG-6"}, "stream.close is answered"},
                 {"transport", {"ENG-6"}, "engine.transport.set is answered"},
                 {"kept", {"ENG-15"}, "engine.start goes on with the graph"}},
      .run =
          [](Trial& t) {
            configure(t);
            Pulse& pulse = t.pulse();
            const Answer stopped = pulse.call(engine::Stop{});
            const auto* state = stopped.as<engine::StateReply>();
            const auto* told =
                pulse.event<engine::StateChanged>([](const auto& event) { return event.state == engine::AudioState::stopped; });
            t.check("stopped", state != nullptr && state->state == engine::AudioState::stopped && told != nullptr, stopped.text());
            const Answer graph = pulse.call(graph::Replace{.revision = 1, .graph = voice()});
            t.require("graph", graph.is_reply(), graph.text());
            const Answer value = pulse.call(engine::ParameterSet{.values = {{.handle = kGain, .value = -3}}});
            t.check("value", value.is_reply(), value.text());
            (void)open(t);
            const Answer closed = close(t, kStream, {{.handle = kGain, .value = -4}});
            t.check("stream", closed.is_reply(), closed.text());
            const Answer moved = pulse.call(engine::TransportSet{.position_frames = 4'800});
            const auto* transport = moved.as<engine::TransportState>();
            t.check("transport", transport != nullptr && transport->position_frames == 4'800, moved.text());
            const Answer started = pulse.call(engine::Start{});
            const graph::QueryReply now = query(t);
            t.check("kept", started.is_reply() && now.digest && *now.digest == wire::graph_digest(voice(-4)), started.text());
          },
  });
  cases.push_back({
      .id = "signal.graph.configure",
      .title = "The answer to engine.configure says what is in effect, and the same again changes nothing",
      .steps = "Put a graph; ask for 44,100 Hz, then for the same again.",
      .level = Level::required,
      .checks = {{"effective", {"ENG-10"}, "the answer is what engine.state says is in effect"},
                 {"same", {"ENG-13"}, "the same configuration again is answered the same, and no state or driver is told as changed"},
                 {"runs", {"ENG-13", "ENG-15"}, "the engine still runs, with its graph"}},
      .run =
          [](Trial& t) {
            configure(t);
            const std::string before = put(t, voice());
            Pulse& pulse = t.pulse();
            const engine::Configure wanted{.sample_rate_hz = 44'100, .block_frames = 256};
            const Answer answer = pulse.call(wanted);
            const auto* effective = answer.as<engine::Effective>();
            const Answer asked = pulse.call(engine::State{});
            const auto* state = asked.as<engine::StateReply>();
            t.require("effective", effective != nullptr && state != nullptr && state->effective == *effective, answer.text());
            const std::size_t heard = pulse.order().size();
            const Answer again = pulse.call(wanted);
            const auto* third = again.as<engine::Effective>();
            bool quiet = true;
            for (std::size_t i = heard; i < pulse.order().size(); ++i)
              quiet = quiet && pulse.order()[i] != "engine.state.changed event" && pulse.order()[i] != "engine.driver.changed event";
            t.check("same", third != nullptr && *third == *effective && quiet, again.text());
            t.check("runs", state->state != engine::AudioState::stopped && digest(t) == before, asked.text());
          },
  });
}

}  // namespace loophole::conformance::signal_cases
