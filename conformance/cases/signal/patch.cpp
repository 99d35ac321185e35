// Patches of the live graph: protocol/engine.md.
#include "loophole/wire/graph_digest.hpp"
#include "signal/rig.hpp"

namespace loophole::conformance::signal_cases {
namespace {

graph::Connection connection(const char* from, const char* to) {
  return {.from = GraphNodeId(from), .to = GraphNodeId(to)};
}

// voice() with another gain between gain and meter.
graph::Patch insert_gain() {
  return {.base_revision = 1,
          .revision = 2,
          .operations = {graph::Disconnect{.connection = connection("gain", "meter")}, graph::AddNode{.node = gain("second", 20, -6)},
                         graph::Connect{.connection = connection("gain", "second")},
                         graph::Connect{.connection = connection("second", "meter")}}};
}

}  // namespace

void add_patch_cases(std::vector<Case>& cases) {
  cases.push_back({
      .id = "signal.patch.applied",
      .title = "A patch makes another graph of the live one, in the order of its operations",
      .steps = "Play a tone; patch a second gain of -6 dB into the chain; replace a node; remove it again.",
      .level = Level::required,
      .checks = {{"digest", {"ENG-20", "ENG-26", "DIG-1"}, "the digest is that of the result"},
                 {"heard", {"ENG-18", "TEL-11"}, "the meter shows 6 dB less after the answer"},
                 {"replaced", {"ENG-20"}, "node.replace keeps the connections"},
                 {"removed", {"ENG-20"}, "node.remove takes the connections with it"}},
      .run =
          [](Trial& t) {
            play(t, voice());
            watch_meters(t);
            Pulse& pulse = t.pulse();
            const graph::Graph result = chain({tone("tone", 1), gain("gain", 3), gain("second", 20, -6), meter("meter", kMeter), output()});
            const Answer answer = pulse.call(insert_gain());
            const auto* reply = answer.as<graph::AppliedReply>();
            t.require("digest", reply != nullptr && reply->revision == 2 && reply->digest == wire::graph_digest(result), answer.text());
            t.check("heard", shows(t, kToneDb - 6), shown(t));
            const Answer replaced = pulse.call(
                graph::Patch{.base_revision = 2, .revision = 3, .operations = {graph::ReplaceNode{.node = gain("second", 20, -12)}}});
            t.check("replaced", replaced.is_reply() && shows(t, kToneDb - 12), replaced.text());
            const Answer removed = pulse.call(graph::Patch{.base_revision = 3,
                                                           .revision = 4,
                                                           .operations = {graph::RemoveNode{.node_id = GraphNodeId("second")},
                                                                          graph::Connect{.connection = connection("gain", "meter")}}});
            const auto* plain = removed.as<graph::AppliedReply>();
            t.check("removed", plain != nullptr && plain->digest == wire::graph_digest(voice()), removed.text());
          },
  });
  cases.push_back({
      .id = "signal.patch.wrong-base",
      .title = "A patch of another graph than the live one is refused",
      .steps = "Put revision 1; patch revision 7; patch before there is a graph at all is not possible either.",
      .level = Level::required,
      .checks = {{"refused", {"ENG-19"}, "it is answered with graph.wrongBase"},
                 {"unchanged", {"ENG-17", "ENV-23"}, "the graph is as it was"}},
      .run =
          [](Trial& t) {
            const std::string before = put(t, voice(), 1);
            graph::Patch patch = insert_gain();
            patch.base_revision = 7;
            patch.revision = 8;
            const Answer answer = t.pulse().call(patch);
            t.check("refused", answer.refused(errors::kGraphWrongBase), answer.text());
            const graph::QueryReply now = query(t);
            t.check("unchanged", now.revision == 1 && now.digest && now.digest->value == before,
                    "revision " + std::to_string(now.revision));
          },
  });
  cases.push_back({
      .id = "signal.patch.result-counts",
      .title = "Only the result of a patch has to be a valid graph",
      .steps = "Patch by way of a cycle, of two outputs and of a node without connections, all gone at the end.",
      .level = Level::required,
      .checks = {{"taken", {"ENG-20"}, "the patch is taken"}, {"digest", {"DIG-1"}, "the digest is that of the result"}},
      .run =
          [](Trial& t) {
            put(t, voice(), 1);
            graph::Patch patch = insert_gain();
            patch.operations.insert(patch.operations.begin(), {graph::Connect{.connection = connection("meter", "gain")},
                                                               graph::AddNode{.node = node("out-2", Kind::output)}});
            patch.operations.push_back(graph::Disconnect{.connection = connection("meter", "gain")});
            patch.operations.push_back(graph::RemoveNode{.node_id = GraphNodeId("out-2")});
            const Answer answer = t.pulse().call(patch);
            const auto* reply = answer.as<graph::AppliedReply>();
            t.require("taken", reply != nullptr, answer.text());
            const graph::Graph result = chain({tone("tone", 1), gain("gain", 3), gain("second", 20, -6), meter("meter", kMeter), output()});
            t.check("digest", reply->digest == wire::graph_digest(result), answer.text());
          },
  });
  cases.push_back({
      .id = "signal.patch.refused",
      .title = "A patch that cannot be applied is refused as a whole, and the error points at the operation",
      .steps = "Send patches whose third operation alone is at fault, and one whose result is no graph.",
      .level = Level::required,
      .checks = {{"add", {"ENG-17", "ENG-21"}, "node.add of an id that is there: graph.invalid, pointer /payload/operations/2/…"},
                 {"remove", {"ENG-17", "ENG-21"}, "node.remove of what is not there: graph.invalid, with this pointer"},
                 {"connect", {"ENG-17", "ENG-21"}, "connection.add of one that is there: graph.invalid, with this pointer"},
                 {"disconnect", {"ENG-17", "ENG-21"}, "connection.remove of what is not there: graph.invalid, with this pointer"},
                 {"result", {"ENG-17", "ENG-22"}, "a result without output: graph.invalid"},
                 {"unchanged", {"ENG-17", "ENV-23"}, "the graph is as it was after each of them"},
                 {"heard", {"ENG-17"}, "and goes on sounding"}},
      .run =
          [](Trial& t) {
            play(t, voice());
            watch_meters(t);
            const std::string before = digest(t);
            const auto attempt = [&](std::string_view check, std::vector<graph::Operation> operations, bool points) {
              const Answer answer = t.pulse().call(graph::Patch{.base_revision = 1, .revision = 2, .operations = std::move(operations)});
              const bool right = answer.refused(errors::kGraphInvalid) &&
                                 (!points || answer.error()->pointer.value_or("").starts_with("/payload/operations/2"));
              t.check(check, right, answer.text());
              const graph::QueryReply now = query(t);
              t.check("unchanged", now.revision == 1 && now.digest && now.digest->value == before,
                      "after '" + std::string(check) + "' another graph is live");
            };
            const graph::Operation first = graph::AddNode{.node = gain("x", 30)};
            const graph::Operation second = graph::AddNode{.node = gain("y", 31)};
            attempt("add", {first, second, graph::AddNode{.node = gain("gain", 32)}}, true);
            attempt("remove", {first, second, graph::RemoveNode{.node_id = GraphNodeId("z")}}, true);
            attempt("connect", {first, second, graph::Connect{.connection = connection("gain", "meter")}}, true);
            attempt("disconnect", {first, second, graph::Disconnect{.connection = connection("x", "y")}}, true);
            attempt("result", {first, second, graph::RemoveNode{.node_id = GraphNodeId("out")}}, false);
            t.check("heard", keeps(t, kToneDb), shown(t));
          },
  });
}

}  // namespace loophole::conformance::signal_cases
