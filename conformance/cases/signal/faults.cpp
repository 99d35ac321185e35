// Faulty messages, and how they are answered: protocol/envelope.md, protocol/errors.md.
#include "client_steps.hpp"
#include "loophole/core/bytes.hpp"
#include "signal/rig.hpp"

namespace loophole::conformance::signal_cases {
namespace {

bool serves(Trial& t) {
  return t.pulse().call(graph::Query{}).is_reply();
}

std::string event(std::string_view name, std::string_view payload) {
  return with(with(envelope("e1", name, payload), R"("kind":"command")", R"("kind":"event")"), R"("id":"e1")",
              R"("id":"e1)" + std::string(name.substr(8)) + "\"");
}

}  // namespace

void add_fault_cases(std::vector<Case>& cases) {
  cases.push_back({
      .id = "signal.faults.routes",
      .title = "A command that has no business here is refused",
      .steps = "Send commands from aura, to pulse, of the other edge, of an unknown name, and an event's name as a command.",
      .level = Level::required,
      .checks = {{"origin", {"ENV-29", "ENG-1"}, "a command from aura is answered with envelope.wrongRoute"},
                 {"target", {"ENV-29"}, "a command to pulse is answered with envelope.wrongRoute"},
                 {"edge", {"ENV-29"}, "a command of the edge between Aura and Pulse is answered with envelope.wrongRoute"},
                 {"name", {"ENV-28"}, "an unknown name is answered with envelope.unknownName, under that name"},
                 {"kind", {"ENV-31"}, "a heartbeat as a command is answered with envelope.malformed"},
                 {"stays", {"ENV-36"}, "the connection serves afterwards"}},
      .run =
          [](Trial& t) {
            Pulse& pulse = t.pulse();
            const std::string query = envelope("r1", "graph.query", "{}");
            const Answer origin = wrong(pulse, "r1", with(query, R"("origin":"pulse")", R"("origin":"aura")"));
            t.check("origin", origin.refused(errors::kEnvelopeWrongRoute), origin.text());
            const Answer target = wrong(pulse, "r2", with(with(query, "r1", "r2"), R"("target":"signal")", R"("target":"pulse")"));
            t.check("target", target.refused(errors::kEnvelopeWrongRoute), target.text());
            const Answer edge = wrong(pulse, "r3", envelope("r3", "track.add", R"({"name":"Drums"})"));
            t.check("edge", edge.refused(errors::kEnvelopeWrongRoute), edge.text());
            const Answer name = wrong(pulse, "r4", envelope("r4", "graph.explode", "{}"));
            t.check("name", name.refused(errors::kEnvelopeUnknownName) && name.message()->header.name == "graph.explode", name.text());
            const Answer kind = wrong(pulse, "r5", envelope("r5", "session.heartbeat", R"({"sequence":1})"));
            t.check("kind", kind.refused(errors::kEnvelopeMalformed), kind.text());
            t.check("stays", serves(t), "graph.query is no longer answered");
          },
  });
  cases.push_back({
      .id = "signal.faults.header",
      .title = "A broken header is answered where the id can be read",
      .steps = "Send commands that are JSON, with one member of the header missing or wrong.",
      .level = Level::required,
      .checks = {{"version", {"ENV-33"}, "another v is answered with envelope.malformed"},
                 {"missing", {"ENV-33"}, "a missing name is answered with envelope.malformed, under the name `unknown`"},
                 {"no-kind", {"ENV-33"}, "an unknown kind is answered with envelope.malformed"},
                 {"no-payload", {"ENV-33"}, "a command without payload is answered"},
                 {"null", {"ENV-33", "ENV-7"}, "null in the place of a member is refused"},
                 {"pointer", {"ERR-6"}, "the error has a pointer into the envelope"},
                 {"stays", {"ENV-36"}, "the connection serves afterwards"}},
      .run =
          [](Trial& t) {
            break_headers(t, t.pulse(), Role::pulse, Role::signal, "graph.query");
            t.check("stays", serves(t), "graph.query is no longer answered");
          },
  });
  cases.push_back({
      .id = "signal.faults.payload",
      .title = "A payload that breaks its schema is refused, and the error says where and why",
      .steps = "Send payloads with each kind of fault; ask for the graph afterwards.",
      .level = Level::required,
      .checks = {{"type", {"ENV-35", "ERR-6"}, "a text for a number: payload.invalid with a pointer to it and the rule type"},
                 {"minimum", {"ENV-35", "ERR-6"}, "a sample rate below the minimum: pointer and rule minimum"},
                 {"min-items", {"ENV-35", "ERR-6"}, "an empty list: pointer and rule minItems"},
                 {"required", {"ENV-35"}, "a missing member: rule required; nothing was found there"},
                 {"null", {"ENV-7", "ENV-35"}, "null is no value of any type"},
                 {"depths", {"ERR-6"}, "a fault deep in a graph: the pointer leads there"},
                 {"unchanged", {"ENV-23"}, "nothing was changed"}},
      .run =
          [](Trial& t) {
            const std::string before = put(t, voice());
            Pulse& pulse = t.pulse();
            const auto refused = [&](const Answer& answer, std::string_view pointer, std::string_view rule) {
              return answer.refused(errors::kPayloadInvalid) && (pointer.empty() || answer.error()->pointer == pointer) &&
                     answer.error()->rule == rule && answer.error()->expected && (answer.error()->found || rule == "required");
            };
            const Answer type = wrong(pulse, "s1", envelope("s1", "engine.transport.set", R"({"tempoBpm":"fast"})"));
            t.check("type", refused(type, "/payload/tempoBpm", "type"), type.text());
            const Answer minimum = wrong(pulse, "s2", envelope("s2", "engine.configure", R"({"sampleRateHz":7999,"blockFrames":256})"));
            t.check("minimum", refused(minimum, "/payload/sampleRateHz", "minimum"), minimum.text());
            const Answer items = wrong(pulse, "s3", envelope("s3", "engine.parameter.set", R"({"values":[]})"));
            t.check("min-items", refused(items, "/payload/values", "minItems"), items.text());
            const Answer required = wrong(pulse, "s4", envelope("s4", "graph.replace", R"({"revision":2})"));
            t.check("required", refused(required, "", "required"), required.text());
            const Answer null = wrong(pulse, "s5", envelope("s5", "engine.transport.set", R"({"playing":null})"));
            t.check("null", refused(null, "/payload/playing", "type"), null.text());
            std::string deep = pulse.text_of(graph::Replace{.revision = 2, .graph = voice()}, "s6");
            const Answer depths = wrong(pulse, "s6", with(deep, R"("key":"gain","value":0)", R"("key":"gain","value":false)"));
            t.check("depths", refused(depths, "/payload/graph/nodes/1/parameters/0/value", "type"), depths.text());
            const std::string after = digest(t);
            t.check("unchanged", after == before, "digest " + after);
          },
  });
  cases.push_back({
      .id = "signal.faults.no-json",
      .title = "Bytes that are no JSON hurt nobody",
      .steps = "Send garbage: nothing, half a message, a byte order mark, 1e999, a lone surrogate, a zero byte, text after the object, "
               "another encoding.",
      .level = Level::required,
      .checks = {{"not-executed", {"ENV-1"}, "none of them is executed as the command that it resembles"},
                 {"counted", {"ENV-33", "SEC-16"}, "they are counted as malformed"},
                 {"stays", {"ENV-36", "SEC-16"}, "the connection serves afterwards"}},
      .run =
          [](Trial& t) {
            put(t, voice(), 1);
            Pulse& pulse = t.pulse();
            const auto before = counters(t);
            const std::string patch = pulse.text_of(graph::Patch{.base_revision = 1, .revision = 2}, "j1");
            const std::vector<std::string> texts = no_json(patch);
            for (const std::string& text : texts) pulse.send_text(text, Meant::wrong);
            const auto now = query(t);
            t.check("not-executed", now.revision == 1, "revision " + std::to_string(now.revision) + " is live");
            const auto after = counters(t);
            t.check("counted", after.malformed >= before.malformed + static_cast<std::int64_t>(texts.size()),
                    "malformed rose by " + std::to_string(after.malformed - before.malformed) + " for " + std::to_string(texts.size()));
            t.check("stays", serves(t), "graph.query is no longer answered");
          },
  });
  cases.push_back({
      .id = "signal.faults.events",
      .title = "A faulty event is dropped and counted",
      .steps = "Send a heartbeat with a wrong payload, an event of an unknown name, and one of a wrong route.",
      .level = Level::required,
      .checks = {{"counted", {"ENV-44", "ENV-30", "GEN-4"}, "each is counted"}, {"silent", {"ENV-44"}, "none is answered"}},
      .run =
          [](Trial& t) {
            const auto before = counters(t);
            Pulse& pulse = t.pulse();
            const std::size_t heard = pulse.answers();
            pulse.send_text(event("session.heartbeat", R"({"sequence":-7})"), Meant::wrong);
            pulse.send_text(event("session.murmurs", "{}"), Meant::wrong);
            pulse.send_text(with(event("session.heartbeat", R"({"sequence":7})"), R"("target":"signal")", R"("target":"aura")"),
                            Meant::wrong);
            const auto after = counters(t);
            t.check("counted", after.malformed + after.refused >= before.malformed + before.refused + 3,
                    "malformed and refused rose by " + std::to_string(after.malformed + after.refused - before.malformed - before.refused));
            t.check("silent", pulse.answers() == heard + 1, std::to_string(pulse.answers() - heard - 1) + " more answers came");
          },
  });
  cases.push_back({
      .id = "signal.faults.answers",
      .title = "Answers that nobody asked for are dropped, counted and never answered",
      .steps = "Send a reply, an error, an error without cid and a broken error.",
      .level = Level::required,
      .checks = {{"silent", {"ENV-34", "ERR-9"}, "nothing is sent back"}, {"counted", {"ENV-22", "ERR-9"}, "they are counted"}},
      .run =
          [](Trial& t) {
            const auto before = counters(t);
            Pulse& pulse = t.pulse();
            const std::size_t heard = pulse.answers();
            const std::string head = R"({"v":1,"id":"a1","ts":"2026-01-31T12:00:00.000Z","origin":"pulse","target":"signal",)";
            const std::string error = R"("error":{"category":"invalid","code":"payload.invalid","message":"no"}})";
            pulse.send_text(head + R"("cid":"m1","kind":"reply","name":"graph.query","payload":{"revision":1,"values":[]}})", Meant::wrong);
            pulse.send_text(with(head, "a1", "a2") + R"("cid":"m1","kind":"error","name":"graph.query",)" + error, Meant::wrong);
            pulse.send_text(with(head, "a1", "a3") + R"("kind":"error","name":"unknown",)" + error, Meant::wrong);
            pulse.send_text(with(head, "a1", "a4") + R"("cid":"m1","kind":"error","name":"graph.query","error":17})", Meant::wrong);
            const auto after = counters(t);
            t.check("silent", pulse.answers() == heard + 1, std::to_string(pulse.answers() - heard - 1) + " answers came back");
            t.check("counted", after.malformed + after.refused >= before.malformed + before.refused + 4,
                    "malformed and refused rose by " + std::to_string(after.malformed + after.refused - before.malformed - before.refused));
          },
  });
  cases.push_back({
      .id = "signal.faults.parts",
      .title = "A control message is one part; what belongs on another plane is dropped",
      .steps = "Send a command with an empty part before it, one with a part behind it, and a stream frame on the control socket.",
      .level = Level::required,
      .checks = {{"not-executed", {"FRM-3"}, "messages of two parts are not executed"},
                 {"counted", {"FRM-3"}, "they are counted"},
                 {"frame", {"FRM-5"}, "a stream frame on the control socket is counted, and not answered"},
                 {"stays", {"ENV-36"}, "the connection serves afterwards"}},
      .run =
          [](Trial& t) {
            put(t, voice(), 1);
            Pulse& pulse = t.pulse();
            const auto before = counters(t);
            const std::string patch = pulse.text_of(graph::Patch{.base_revision = 1, .revision = 2}, "k1");
            pulse.send_parts({"", patch});
            pulse.send_parts({patch, "x"});
            const auto now = query(t);
            t.check("not-executed", now.revision == 1, "revision " + std::to_string(now.revision) + " is live");
            const auto between = counters(t);
            t.check("counted", faults(between) >= faults(before) + 2,
                    "counters rose by " + std::to_string(faults(between) - faults(before)));
            const std::size_t heard = pulse.answers();
            const frames::ParameterSample sample{.value = 1, .handle = 3};
            pulse.send_parts({std::string(text_of(frames::make_parameter_stream({.stream_id = 1, .epoch = t.epoch()}, {&sample, 1})))});
            const auto after = counters(t);
            t.check("frame", faults(after) > faults(between) && pulse.answers() == heard + 1, "it was answered or not counted");
            t.check("stays", serves(t), "graph.query is no longer answered");
          },
  });
  cases.push_back({
      .id = "signal.faults.order",
      .title = "Faults are looked for in the order of the table",
      .steps = "Send commands with two faults each.",
      .level = Level::strict,
      .checks = {{"name-first", {"ENV-32"}, "an unknown name comes before a wrong route"},
                 {"route-first", {"ENV-32"}, "a wrong route comes before a broken payload"},
                 {"payload-first", {"ENV-32"}, "a broken payload comes before a missing hello"}},
      .run =
          [](Trial& t) {
            Pulse& pulse = t.connect();
            const Answer payload = wrong(pulse, "o1", envelope("o1", "engine.parameter.set", R"({"values":[]})"));
            t.check("payload-first", payload.refused(errors::kPayloadInvalid), payload.text());
            pulse.greet();
            const Answer name =
                wrong(pulse, "o2", with(envelope("o2", "graph.explode", "{}"), R"("target":"signal")", R"("target":"aura")"));
            t.check("name-first", name.refused(errors::kEnvelopeUnknownName), name.text());
            const Answer route = wrong(pulse, "o3", envelope("o3", "track.add", R"({"name":17})"));
            t.check("route-first", route.refused(errors::kEnvelopeWrongRoute), route.text());
          },
  });
}

}  // namespace loophole::conformance::signal_cases
