// Envelopes, commands and answers: protocol/envelope.md.
#include <algorithm>

#include "loophole/wire/graph_digest.hpp"
#include "signal/rig.hpp"

namespace loophole::conformance::signal_cases {
namespace {

// A patch that changes nothing but the revision: not idempotent, so a repetition shows.
graph::Patch empty_patch(Revision base) {
  return {.base_revision = base, .revision = base + 1};
}

}  // namespace

void add_envelope_cases(std::vector<Case>& cases) {
  cases.push_back({
      .id = "signal.envelope.member-order",
      .title = "Members come in any order",
      .steps = "Send graph.query with its members backwards, and a payload before the header.",
      .level = Level::wire,
      .checks = {{"backwards", {"ENV-4"}, "the command is answered"},
                 {"graph", {"ENV-4"}, "a graph with its members in another order is taken"}},
      .run =
          [](Trial& t) {
            const Answer answer = said(t.pulse(), "b1",
                                       R"({"payload":{},"name":"graph.query","kind":"command","target":"signal","origin":"pulse",)"
                                       R"("ts":"2026-01-31T12:00:00.000Z","id":"b1","v":1})");
            t.check("backwards", answer.as<graph::QueryReply>() != nullptr, answer.text());
            const Answer taken =
                said(t.pulse(), "b2",
                     R"({"payload":{"graph":{"connections":[],"nodes":[{"clips":[],"parameters":[],"kind":"output","id":"out"}]},)"
                     R"("revision":4},"name":"graph.replace","kind":"command","target":"signal","origin":"pulse",)"
                     R"("ts":"2026-01-31T12:00:00.000Z","id":"b2","v":1})");
            const auto* reply = taken.as<graph::AppliedReply>();
            t.check("graph", reply != nullptr && reply->revision == 4, taken.text());
          },
  });
  cases.push_back({
      .id = "signal.envelope.unknown-members",
      .title = "Members that are not known are ignored, at every depth",
      .steps = "Send commands with invented members in the header, the payload, a node and a parameter, holding all kinds of values.",
      .level = Level::required,
      .checks = {{"header", {"ENV-5", "VER-6"}, "invented members of the header are ignored"},
                 {"payload", {"ENV-5", "VER-6"}, "invented members of the payload and of what is in it are ignored"},
                 {"counted", {"HELLO-17", "GEN-4"}, "they are counted as newer"},
                 {"digest", {"ENV-5", "DIG-1"}, "the graph is the same as without them"}},
      .run =
          [](Trial& t) {
            Pulse& pulse = t.pulse();
            const Answer header = said(
                pulse, "u1", with(envelope("u1", "graph.query", "{}"), R"({"v":1)", R"({"x":{"y":[1,null,{"z":"}"}]},"v":1,"null":null)"));
            t.check("header", header.is_reply(), header.text());
            t.check("counted", counters(t).newer > 0, "newer is 0");
            const std::string before = put(t, voice());
            std::string text = pulse.text_of(graph::Replace{.revision = 2, .graph = voice()}, "u2");
            text = with(text, R"("revision":2)", R"("revision":2,"colour":[[],{}],"big":1e300)");
            text = with(text, R"("kind":"gain")", R"("kind":"gain","kinds":["gain"],"x":null)");
            text = with(text, R"("key":"gain")", R"("key":"gain","keys":{"key":"gain"})");
            const Answer taken = said(pulse, "u2", text);
            t.require("payload", taken.is_reply(), taken.text());
            t.check("digest", taken.need<graph::AppliedReply>().digest.value == before, taken.text());
          },
  });
  cases.push_back({
      .id = "signal.envelope.numbers",
      .title = "A number is the same however it is written",
      .steps = "Send integers and numbers as 48000.0, 2.56e2 and 12e1.",
      .level = Level::required,
      .checks = {{"integers", {"ENV-13"}, "engine.configure with 48000.0 and 2.56e2 is answered"},
                 {"numbers", {"ENV-13"}, "a tempo of 12e1 is 120"},
                 {"digest", {"ENV-13", "DIG-1"}, "a graph with numbers written otherwise has the same digest"}},
      .run =
          [](Trial& t) {
            Pulse& pulse = t.pulse();
            const Answer configured =
                said(pulse, "n1", envelope("n1", "engine.configure", R"({"sampleRateHz":48000.0,"blockFrames":2.56e2})"));
            t.check("integers", configured.as<engine::Effective>() != nullptr, configured.text());
            const Answer tempo = said(pulse, "n2", envelope("n2", "engine.transport.set", R"({"tempoBpm":12e1})"));
            const auto* state = tempo.as<engine::TransportState>();
            t.check("numbers", state != nullptr && state->tempo_bpm == 120.0, tempo.text());
            const auto node = [](const char* handle, const char* value) {
              return std::string(R"({"revision":1,"graph":{"nodes":[{"id":"g","kind":"gain","clips":[],"parameters":[{"handle":)") +
                     handle + R"(,"key":"gain","value":)" + value +
                     R"(,"minimum":-90,"maximum":12,"smoothingMs":5}]},{"id":"out","kind":"output","parameters":[],"clips":[]}],)"
                     R"("connections":[{"from":"g","to":"out"}]}})";
            };
            const Answer plain = said(pulse, "n3", envelope("n3", "graph.replace", node("7", "-12")));
            const Answer other = said(pulse, "n4", envelope("n4", "graph.replace", node("0.7e1", "-1.2e+1")));
            const auto* first = plain.as<graph::AppliedReply>();
            const auto* second = other.as<graph::AppliedReply>();
            t.check("digest", first != nullptr && second != nullptr && first->digest == second->digest, other.text());
          },
  });
  cases.push_back({
      .id = "signal.envelope.member-twice",
      .title = "Of a member that comes twice the last one counts, where it is not refused",
      .steps = "Send engine.transport.set with two tempos.",
      .level = Level::required,
      .checks = {{"last", {"ENV-9"}, "the answer is a refusal, or the tempo is the last one"}},
      .run =
          [](Trial& t) {
            const Answer answer =
                said(t.pulse(), "d1", envelope("d1", "engine.transport.set", R"({"tempoBpm":90,"tempoBpm":91})"), Meant::wrong);
            const auto* state = answer.as<engine::TransportState>();
            const bool refused = answer.refused(errors::kEnvelopeMalformed) || answer.refused(errors::kPayloadInvalid);
            t.check("last", refused || (state != nullptr && state->tempo_bpm == 91.0), answer.text());
          },
  });
  cases.push_back({
      .id = "signal.envelope.time-stamps",
      .title = "Nobody acts on ts",
      .steps = "Send commands from 1999, from 2099 and from before the one before.",
      .level = Level::required,
      .checks = {{"ignored", {"ENV-10"}, "all of them are answered as any other"}},
      .run =
          [](Trial& t) {
            int number = 0;
            for (const char* year : {"1999", "2099", "2001"}) {
              const std::string id = "t" + std::to_string(++number);
              const Answer answer = said(t.pulse(), id, with(envelope(id, "graph.query", "{}"), "2026", year));
              t.check("ignored", answer.is_reply(), answer.text());
            }
          },
  });
  cases.push_back({
      .id = "signal.envelope.unknown-labels",
      .title = "A label that is not known is taken where the enumeration is open, and refused where it is closed",
      .steps = "Configure a driver that nobody has heard of; say goodbye for a reason nobody has heard of; send a kind of envelope and a "
               "tag that do not exist.",
      .level = Level::required,
      .checks = {{"open", {"ENV-11", "VER-6"}, "engine.configure with an unknown driver is not refused as a broken schema"},
                 {"tag", {"VER-7"}, "an unknown tag of a union is refused with payload.invalid"},
                 {"closed", {"VER-7"}, "an unknown label of a closed enumeration is refused with payload.invalid"}},
      .run =
          [](Trial& t) {
            Pulse& pulse = t.pulse();
            const Answer open =
                said(pulse, "l1", envelope("l1", "engine.configure", R"({"sampleRateHz":48000,"blockFrames":256,"driver":"sundial"})"),
                     Meant::wrong);
            t.check("open", open.came() && !open.refused(errors::kPayloadInvalid) && !open.refused(errors::kEnvelopeMalformed),
                    open.text());
            const Answer tag =
                said(pulse, "l2", envelope("l2", "graph.patch", R"({"baseRevision":0,"revision":1,"operations":[{"type":"node.paint"}]})"),
                     Meant::wrong);
            t.check("tag", tag.refused(errors::kPayloadInvalid), tag.text());
            const Answer closed =
                said(pulse, "l3", with(pulse.text_of(pulse.own_hello(), "l3"), R"("role":"pulse")", R"("role":"drummer")"), Meant::wrong);
            t.check("closed", closed.refused(errors::kPayloadInvalid), closed.text());
          },
  });
  cases.push_back({
      .id = "signal.envelope.answers",
      .title = "Each command gets exactly one answer, with its id and name",
      .steps = "Send fifty commands without waiting, some of which are refused; collect the answers; ask once more.",
      .level = Level::required,
      .checks = {{"each", {"ENV-14", "ENV-15"}, "each of them is answered, with its id as cid and its name"},
                 {"once", {"ENV-14"}, "no further answer comes"},
                 {"order", {"ENV-18"}, "the value that counts at the end is that of the last command"}},
      .run =
          [](Trial& t) {
            put(t, voice());
            Pulse& pulse = t.pulse();
            std::vector<std::string> ids;
            for (int i = 0; i < 50; ++i)
              ids.push_back(i % 5 == 4 ? pulse.send(engine::ParameterSet{.values = {{.handle = 4'000, .value = 1}}})
                                       : pulse.send(engine::ParameterSet{.values = {{.handle = kGain, .value = -static_cast<double>(i)}}}));
            for (std::size_t i = 0; i < ids.size(); ++i) {
              const Answer answer = pulse.answer(ids[i]);
              const bool right = i % 5 == 4 ? answer.refused(errors::kGraphUnknownHandle) : answer.is_reply();
              t.check("each", right && answer.message()->header.name == "engine.parameter.set", ids[i] + ": " + answer.text());
            }
            const graph::QueryReply reply = query(t);
            t.check("order", !reply.values.empty() && reply.digest && *reply.digest == wire::graph_digest(voice(-48)),
                    "another digest than that of a gain of -48 dB");
            bool further = false;
            for (const std::string& id : ids) further = further || pulse.answer(id, Milliseconds(0)).came();
            t.check("once", !further, "a command was answered again");
          },
  });
  cases.push_back({
      .id = "signal.envelope.events-first",
      .title = "Events that a command caused come before its answer, with its id as cid",
      .steps = "Put a graph; look at the order of what comes.",
      .level = Level::required,
      .checks = {{"event", {"ENV-17"}, "graph.applied comes with the id of graph.replace as cid"},
                 {"before", {"ENV-16"}, "it comes before the answer"},
                 {"says", {"ENG-26"}, "event and answer tell the same revision and digest"}},
      .run =
          [](Trial& t) {
            Pulse& pulse = t.pulse();
            const std::string id = pulse.send(graph::Replace{.revision = 3, .graph = voice()});
            const Answer answer = pulse.answer(id);
            const auto* reply = answer.as<graph::AppliedReply>();
            if (reply == nullptr) throw CaseEnded("a valid graph was not taken: " + answer.text());
            const auto& order = pulse.order();
            const auto event = std::ranges::find(order, "graph.applied event");
            t.check("before", event < std::ranges::find(order, "graph.replace reply"),
                    event == order.end() ? "no graph.applied" : "the answer came first");
            const auto* applied = pulse.event<graph::Applied>();
            t.require("event", applied != nullptr && pulse.last_event().header.cid && pulse.last_event().header.cid->value == id,
                      "no graph.applied with this cid");
            t.check("says", applied->revision == reply->revision && applied->digest == reply->digest, "another revision or digest");
          },
  });
  cases.push_back({
      .id = "signal.envelope.retry",
      .title = "A command that is not idempotent and arrives again is not executed again",
      .steps = "Patch a graph; send the same patch with the same id again, on the same connection and on a new one of the same instance.",
      .level = Level::required,
      .checks = {{"same", {"ENV-24"}, "it gets the answer of the first time"},
                 {"reconnected", {"ENV-24", "ENV-25"}, "so it does on a new connection"},
                 {"once", {"ENV-24"}, "it was executed once"}},
      .run =
          [](Trial& t) {
            put(t, voice(), 1);
            Pulse& pulse = t.pulse();
            const std::string text = pulse.text_of(empty_patch(1), "p1");
            const Answer first = said(pulse, "p1", text);
            if (!first.is_reply()) throw CaseEnded("the patch was refused: " + first.text());
            const Answer second = said(pulse, "p1", text);
            const auto same = [&](const Answer& answer) {
              const auto* reply = answer.as<graph::AppliedReply>();
              return reply != nullptr && reply->revision == 2 && reply->digest == first.need<graph::AppliedReply>().digest;
            };
            t.check("same", same(second), second.text());
            Pulse& again = t.connect();
            again.be(pulse.instance());
            again.greet();
            const Answer third = said(again, "p1", text);
            t.check("reconnected", same(third), third.text());
            const Answer now = again.call(graph::Query{});
            const auto* reply = now.as<graph::QueryReply>();
            t.check("once", reply != nullptr && reply->revision == 2, now.text());
          },
  });
  cases.push_back({
      .id = "signal.envelope.retry-memory",
      .title = "The answers to the newest 64 commands are remembered",
      .steps = "Send 64 patches one after the other; send the first of them again.",
      .level = Level::required,
      .checks = {{"remembered", {"ENV-25", "ENV-24"}, "it gets the answer of the first time"},
                 {"once", {"ENV-24"}, "the newest revision stays live"}},
      .run =
          [](Trial& t) {
            put(t, voice(), 1);
            Pulse& pulse = t.pulse();
            for (Revision i = 1; i <= 64; ++i) {
              const std::string id = "p" + std::to_string(i);
              const Answer answer = said(pulse, id, pulse.text_of(empty_patch(i), id));
              if (!answer.is_reply()) throw CaseEnded("a patch was refused: " + answer.text());
            }
            const Answer again = said(pulse, "p1", pulse.text_of(empty_patch(1), "p1"));
            const auto* reply = again.as<graph::AppliedReply>();
            t.check("remembered", reply != nullptr && reply->revision == 2, again.text());
            const auto now = query(t);
            t.check("once", now.revision == 65, "revision " + std::to_string(now.revision));
          },
  });
  cases.push_back({
      .id = "signal.envelope.thousand",
      .title = "A thousand commands that wait are all answered",
      .steps = "Send 1,000 questions without reading an answer; then read.",
      .level = Level::required,
      .checks = {{"all", {"FRM-11", "FRM-10", "ENV-14"}, "each of them is answered"}},
      .run =
          [](Trial& t) {
            Pulse& pulse = t.pulse();
            std::vector<std::string> ids;
            for (int i = 0; i < 1'000; ++i) ids.push_back(pulse.send(graph::Query{}));
            for (const std::string& id : ids) {
              const Answer answer = pulse.answer(id);
              t.require("all", answer.is_reply(), id + ": " + answer.text());
            }
          },
  });
}

}  // namespace loophole::conformance::signal_cases
