// Faulty messages and limits, on both edges: protocol/envelope.md, protocol/errors.md.
#include <algorithm>

#include "client_steps.hpp"
#include "loophole/core/bytes.hpp"
#include "loophole/frames/parameter_stream.hpp"
#include "loophole/messages/automation.hpp"
#include "loophole/messages/device.hpp"
#include "pulse/rig.hpp"

namespace loophole::conformance::pulse_cases {
namespace {

bool serves(Trial& t) {
  return t.aura().call(project::Snapshot{}).is_reply();
}

std::int64_t dropped(const session::CountersReply& counters) {
  return counters.malformed + counters.refused + counters.stream_frames_seen + counters.telemetry_frames_seen;
}

std::string event(const std::string& id, std::string_view name, std::string_view payload) {
  return with(envelope(id, name, payload), R"("kind":"command")", R"("kind":"event")");
}

}  // namespace

void add_fault_cases(std::vector<Case>& cases) {
  cases.push_back({
      .id = "pulse.faults.routes",
      .title = "A command that has no business here is refused, and does not reach the engine",
      .steps = "Send commands from signal, to signal, of the engine's edge, of an unknown name, and an event's name as a command.",
      .level = Level::required,
      .checks = {{"origin", {"ENV-29"}, "a command from signal is answered with envelope.wrongRoute"},
                 {"target", {"ENV-29"}, "a command to signal is answered with envelope.wrongRoute"},
                 {"edge", {"ENV-29"}, "graph.replace and engine.parameter.set are answered with envelope.wrongRoute"},
                 {"engine", {"ENV-29", "ENV-23"}, "the engine hears nothing of them"},
                 {"name", {"ENV-28"}, "an unknown name is answered with envelope.unknownName, under that name"},
                 {"kind", {"ENV-31"}, "a heartbeat as a command is answered with envelope.malformed"},
                 {"stays", {"ENV-36"}, "the connection serves afterwards"}},
      .run =
          [](Trial& t) {
            (void)new_project(t);
            running_engine(t);
            const Voice v = voice(t);
            if (!digests_agree(t)) throw CaseEnded("the engine was not brought up: " + digests(t));
            Aura& aura = t.aura();
            t.signal().forget_commands();
            const std::string ask = envelope("r1", "project.snapshot", "{}");
            const Answer origin = wrong(aura, "r1", with(ask, R"("origin":"aura")", R"("origin":"signal")"));
            t.check("origin", origin.refused(errors::kEnvelopeWrongRoute), origin.text());
            const Answer target = wrong(aura, "r2", with(with(ask, "r1", "r2"), R"("target":"pulse")", R"("target":"signal")"));
            t.check("target", target.refused(errors::kEnvelopeWrongRoute), target.text());
            const Answer replace =
                wrong(aura, "r3", envelope("r3", "graph.replace", R"({"revision":99,"graph":{"nodes":[],"connections":[]}})"));
            t.check("edge", replace.refused(errors::kEnvelopeWrongRoute), replace.text());
            const std::string handle = std::to_string(parameter_of(t, v.gain).handle);
            const Answer set =
                wrong(aura, "r4", envelope("r4", "engine.parameter.set", R"({"values":[{"handle":)" + handle + R"(,"value":-20}]})"));
            t.check("edge", set.refused(errors::kEnvelopeWrongRoute), set.text());
            const Answer name = wrong(aura, "r5", envelope("r5", "track.explode", "{}"));
            t.check("name", name.refused(errors::kEnvelopeUnknownName) && name.message()->header.name == "track.explode", name.text());
            const Answer kind = wrong(aura, "r6", envelope("r6", "session.heartbeat", R"({"sequence":1})"));
            t.check("kind", kind.refused(errors::kEnvelopeMalformed), kind.text());
            t.check("stays", serves(t), "project.snapshot is no longer answered");
            (void)done(t, parameter::Set{.parameter_id = v.gain, .value = -2});
            const auto* heard = t.signal().got<engine::ParameterSet>();
            t.check("engine",
                    heard != nullptr && heard->values.size() == 1 && heard->values[0].value == -2 && t.signal().live.revision() != 99,
                    "the first that it heard is not the value that was set after them");
          },
  });
  cases.push_back({
      .id = "pulse.faults.header",
      .title = "A broken header is answered where the id can be read",
      .steps = "Send commands that are JSON, with one member of the header missing or wrong.",
      .level = Level::required,
      .checks = {{"version", {"ENV-33"}, "another v is answered with envelope.malformed"},
                 {"missing", {"ENV-33", "ENV-15"}, "a missing name is answered with envelope.malformed, under the name `unknown`"},
                 {"no-kind", {"ENV-33"}, "an unknown kind is answered with envelope.malformed"},
                 {"no-payload", {"ENV-33"}, "a command without payload is answered"},
                 {"null", {"ENV-33"}, "null in the place of a member is refused"},
                 {"pointer", {"ERR-6"}, "the error has a pointer into the envelope"},
                 {"stays", {"ENV-36"}, "the connection serves afterwards"}},
      .run =
          [](Trial& t) {
            break_headers(t, t.aura(), Role::aura, Role::pulse, "project.snapshot");
            t.check("stays", serves(t), "project.snapshot is no longer answered");
          },
  });
  cases.push_back({
      .id = "pulse.faults.payload",
      .title = "A payload that breaks its schema is refused, and the error says where and why",
      .steps = "Send payloads with each kind of fault; ask for the project afterwards.",
      .level = Level::required,
      .checks = {{"type", {"ENV-35", "ERR-6"}, "a number for a text: payload.invalid with a pointer to it and the rule type"},
                 {"minimum", {"ENV-35", "ERR-6"}, "a tempo of 0: a pointer, and the rule that it breaks"},
                 {"length", {"ENV-35", "ERR-6"}, "an empty name: pointer and rule minLength"},
                 {"required", {"ENV-35"}, "a missing member: rule required; nothing was found there"},
                 {"null", {"ENV-35"}, "null is no value of any type"},
                 {"depths", {"ERR-6"}, "a fault in the second point of a list: the pointer leads there"},
                 {"path", {"ERR-6"}, "a path that is not absolute is refused with payload.invalid"},
                 {"unchanged", {"ENV-23", "MODEL-5"}, "nothing was changed"}},
      .run =
          [](Trial& t) {
            (void)new_project(t);
            const Voice v = voice(t);
            Aura& aura = t.aura();
            const auto before = snapshot(aura);
            const auto refused = [&](const Answer& answer, std::string_view pointer, std::string_view rule) {
              return answer.refused(errors::kPayloadInvalid) && (pointer.empty() || answer.error()->pointer == pointer) &&
                     (rule.empty() || answer.error()->rule == rule);
            };
            const Answer type = wrong(aura, "s1", envelope("s1", "track.add", R"({"name":17})"));
            t.check("type", refused(type, "/payload/name", "type"), type.text());
            const Answer minimum = wrong(aura, "s2", envelope("s2", "transport.setTempo", R"({"tempoBpm":0})"));
            t.check("minimum", refused(minimum, "/payload/tempoBpm", ""), minimum.text());
            const Answer length = wrong(aura, "s3", envelope("s3", "track.add", R"({"name":""})"));
            t.check("length", refused(length, "/payload/name", "minLength"), length.text());
            const Answer required = wrong(aura, "s4", envelope("s4", "track.add", "{}"));
            t.check("required", refused(required, "", "required"), required.text());
            const Answer null = wrong(aura, "s5", envelope("s5", "track.add", R"({"name":null})"));
            t.check("null", refused(null, "/payload/name", "type"), null.text());
            const Answer depths =
                wrong(aura, "s6",
                      envelope("s6", "automation.setPoints",
                               R"({"parameterId":")" + v.gain.value +
                                   R"(","fromFrames":0,"toFrames":9,"points":[{"positionFrames":1,"value":0,"shape":"hold"},)"
                                   R"({"positionFrames":2,"value":true,"shape":"hold"}]})"));
            t.check("depths", refused(depths, "/payload/points/1/value", "type"), depths.text());
            const Answer path = wrong(aura, "s7", envelope("s7", "project.saveAs", R"({"path":"here.loophole"})"));
            t.check("path", refused(path, "/payload/path", ""), path.text());
            t.check("unchanged", snapshot(aura) == before, "another project or revision");
          },
  });
  cases.push_back({
      .id = "pulse.faults.no-json",
      .title = "Bytes that are no JSON hurt nobody",
      .steps = "Send garbage: nothing, half a message, a byte order mark, 1e999, a lone surrogate, a zero byte, text after the object, "
               "another encoding.",
      .level = Level::required,
      .checks = {{"not-executed", {"ENV-1"}, "none of them is executed as the command that it resembles"},
                 {"counted", {"SEC-16", "GEN-4"}, "they are counted as malformed"},
                 {"stays", {"ENV-36", "SEC-16"}, "the connection serves afterwards"}},
      .run =
          [](Trial& t) {
            (void)new_project(t);
            Aura& aura = t.aura();
            const auto before = counters(aura);
            const std::string add = aura.text_of(track::Add{.name = "Drums"}, "j1");
            const std::vector<std::string> texts = no_json(add);
            for (const std::string& text : texts) aura.send_text(text, Meant::wrong);
            t.check("not-executed", project_of(aura).tracks.empty(), "a track was added");
            const auto after = counters(aura);
            t.check("counted", after.malformed >= before.malformed + static_cast<std::int64_t>(texts.size()),
                    "malformed rose by " + std::to_string(after.malformed - before.malformed) + " for " + std::to_string(texts.size()));
            t.check("stays", serves(t), "project.snapshot is no longer answered");
          },
  });
  cases.push_back({
      .id = "pulse.faults.events",
      .title = "Faulty events, and answers that nobody asked for, are dropped, counted and never answered",
      .steps = "Send events with a wrong payload, name and route; a reply, an error, and an error without cid.",
      .level = Level::required,
      .checks = {{"events", {"ENV-44", "ENV-30", "GEN-4"}, "each of the events is counted"},
                 {"answers", {"ENV-22", "ERR-9"}, "each of the answers is counted"},
                 {"silent", {"ENV-34", "ENV-44", "ERR-9"}, "nothing comes back"}},
      .run =
          [](Trial& t) {
            running_engine(t);  // which is told, and nothing else shall be
            Aura& aura = t.aura();
            const auto before = counters(aura);
            const std::size_t heard = aura.answers();
            aura.send_text(event("e1", "session.heartbeat", R"({"sequence":-7})"), Meant::wrong);
            aura.send_text(event("e2", "session.murmurs", "{}"), Meant::wrong);
            aura.send_text(event("e3", "project.closed", R"({"projectId":"prj-1"})"), Meant::wrong);
            const auto between = counters(aura);
            t.check("events", dropped(between) >= dropped(before) + 3,
                    "counters rose by " + std::to_string(dropped(between) - dropped(before)));
            const std::string head = R"({"v":1,"id":"a1","ts":"2026-01-31T12:00:00.000Z","origin":"aura","target":"pulse",)";
            const std::string error = R"("error":{"category":"invalid","code":"payload.invalid","message":"no"}})";
            aura.send_text(head + R"("cid":"m1","kind":"reply","name":"track.remove","payload":{"revision":1}})", Meant::wrong);
            aura.send_text(with(head, "a1", "a2") + R"("cid":"m1","kind":"error","name":"track.add",)" + error, Meant::wrong);
            aura.send_text(with(head, "a1", "a3") + R"("kind":"error","name":"unknown",)" + error, Meant::wrong);
            const auto after = counters(aura);
            t.check("answers", dropped(after) >= dropped(between) + 3,
                    "counters rose by " + std::to_string(dropped(after) - dropped(between)));
            t.check("silent", aura.answers() == heard + 2, std::to_string(aura.answers() - heard - 2) + " answers came back");
          },
  });
  cases.push_back({
      .id = "pulse.faults.parts",
      .title = "A control message is one part; what belongs on another plane is dropped",
      .steps = "Send track.add with an empty part before it, with a part behind it, and a stream frame on the control socket.",
      .level = Level::required,
      .checks = {{"not-executed", {"FRM-3"}, "messages of two parts are not executed"},
                 {"counted", {"FRM-3"}, "they are counted"},
                 {"frame", {"FRM-5"}, "a stream frame is counted, and not answered"},
                 {"stays", {"ENV-36"}, "the connection serves afterwards"}},
      .run =
          [](Trial& t) {
            running_engine(t);  // which is told, and nothing else shall be
            (void)new_project(t);
            Aura& aura = t.aura();
            const auto before = counters(aura);
            const std::string add = aura.text_of(track::Add{.name = "Drums"}, "k1");
            aura.send_parts({"", add});
            aura.send_parts({add, "x"});
            t.check("not-executed", project_of(aura).tracks.empty(), "a track was added");
            const auto between = counters(aura);
            t.check("counted", dropped(between) >= dropped(before) + 2,
                    "counters rose by " + std::to_string(dropped(between) - dropped(before)));
            const std::size_t heard = aura.answers();
            const frames::ParameterSample sample{.value = 1, .handle = 3};
            aura.send_parts({std::string(text_of(frames::make_parameter_stream({.stream_id = 1, .epoch = 7}, {&sample, 1})))});
            const auto after = counters(aura);
            t.check("frame", dropped(after) > dropped(between) && aura.answers() == heard + 1, "it was answered or not counted");
            t.check("stays", serves(t), "project.snapshot is no longer answered");
          },
  });
  cases.push_back({
      .id = "pulse.faults.engine",
      .title = "An engine that says what it must not hurts nobody",
      .steps =
          "As the engine, send garbage, answers that nobody asked for, events of a wrong route and name, and members that are newer; then "
          "let a value be set.",
      .level = Level::required,
      .checks = {{"stays", {"ENV-36", "SEC-16"}, "the engine's connection goes on: a value reaches it"},
                 {"aura", {"ENV-30", "ERR-9"}, "nothing of it reaches a user interface"},
                 {"silent", {"ENV-34"}, "the engine gets no answer to it"},
                 {"newer", {"ENV-5", "VER-6"}, "an event with members that nobody knows is taken"}},
      .run =
          [](Trial& t) {
            (void)new_project(t);
            Signal& signal = running_engine(t);
            const Voice v = voice(t);
            if (!digests_agree(t)) throw CaseEnded("the engine was not brought up: " + digests(t));
            const std::size_t heard = t.aura().order().size();
            const std::string head = R"({"v":1,"id":"x1","ts":"2026-01-31T12:00:00.000Z","origin":"signal","target":"pulse",)";
            signal.tell_raw("} no envelope {");
            signal.tell_raw("");
            signal.tell_raw(head + R"("cid":"nobody","kind":"reply","name":"graph.query","payload":{"revision":1,"values":[]}})");
            signal.tell_raw(with(head, "x1", "x2") +
                            R"("kind":"error","name":"unknown","error":{"category":"invalid","code":"payload.invalid","message":"no"}})");
            signal.tell_raw(with(head, "x1", "x3") + R"("kind":"event","name":"project.closed","payload":{"projectId":"prj-1"}})");
            signal.tell_raw(with(head, "x1", "x4") + R"("kind":"event","name":"engine.murmured","payload":{}})");
            signal.tell_raw(with(head, "x1", "x5") +
                            R"("tint":[{}],"kind":"event","name":"device.lost","payload":{"deviceId":"d","name":"Cable","reason":"pulled",)"
                            R"("blame":{"cat":true}}})");
            const auto* lost = t.aura().event<device::Lost>();
            t.check("newer", lost != nullptr && lost->name == "Cable", "no device.lost");
            t.check("silent", signal.answers() == 0, std::to_string(signal.answers()) + " answers came to the engine");
            (void)done(t, parameter::Set{.parameter_id = v.gain, .value = -7});
            t.check("stays", engine_has(t, v.gain, -7), engine_value(t, v.gain));
            const auto& order = t.aura().order();
            const std::size_t events =
                static_cast<std::size_t>(std::count_if(order.begin() + static_cast<std::ptrdiff_t>(heard), order.end(),
                                                       [](const std::string& one) { return one.ends_with(" event"); }));
            t.check("aura", events == 2, std::to_string(events) + " events came, not device.lost and project.changed alone");
          },
  });
  cases.push_back({
      .id = "pulse.faults.order",
      .title = "Faults are looked for in the order of the table",
      .steps = "Send commands with two faults each.",
      .level = Level::strict,
      .checks = {{"name-first", {"ENV-32"}, "an unknown name comes before a wrong route"},
                 {"route-first", {"ENV-32"}, "a wrong route comes before a broken payload"},
                 {"payload-first", {"ENV-32"}, "a broken payload comes before a missing hello"}},
      .run =
          [](Trial& t) {
            Aura& aura = t.join();
            const Answer payload = wrong(aura, "o1", envelope("o1", "track.add", R"({"name":17})"));
            t.check("payload-first", payload.refused(errors::kPayloadInvalid), payload.text());
            aura.greet();
            const Answer name =
                wrong(aura, "o2", with(envelope("o2", "track.explode", "{}"), R"("target":"pulse")", R"("target":"signal")"));
            t.check("name-first", name.refused(errors::kEnvelopeUnknownName), name.text());
            const Answer route = wrong(aura, "o3", envelope("o3", "graph.replace", R"({"revision":"x"})"));
            t.check("route-first", route.refused(errors::kEnvelopeWrongRoute), route.text());
          },
  });
  cases.push_back({
      .id = "pulse.limits.depth",
      .title = "Nesting is taken up to the limit and refused beyond it",
      .steps = "Send a command that is nested exactly as deep as the hello says; one deeper; a hundred thousand deep.",
      .level = Level::required,
      .checks = {{"within", {"ENV-38"}, "at the limit it is answered"},
                 {"beyond", {"SEC-16", "ENV-33"}, "one deeper is answered with envelope.tooLarge"},
                 {"far-beyond", {"SEC-16"}, "a hundred thousand deep hurts nobody"}},
      .run =
          [](Trial& t) {
            Aura& aura = t.aura();
            const auto limit = static_cast<std::size_t>(aura.reply().limits.max_depth);
            const Answer within = wrong(aura, "n1", nested(envelope("n1", "project.snapshot", "{}"), limit));
            t.check("within", within.is_reply(), within.text());
            aura.send_text(nested(envelope("n2", "project.snapshot", "{}"), limit + 1), Meant::wrong);
            const Answer beyond = aura.answer_beyond_limit("n2");
            t.check("beyond", beyond.refused(errors::kEnvelopeTooLarge), beyond.text());
            aura.send_text(std::string(100'000, '['), Meant::wrong);
            t.check("far-beyond", serves(t), "project.snapshot is no longer answered");
          },
  });
  cases.push_back({
      .id = "pulse.limits.sizes",
      .title = "Each message has a size of its own, and all together have one",
      .steps = "Send track.add of exactly 65,536 bytes, and of one more; automation.setPoints of exactly maxMessageBytes, and of one more.",
      .level = Level::required,
      .checks = {{"name-within", {"ENV-38"}, "track.add at its limit is done"},
                 {"name-beyond", {"ENV-33"}, "one byte more is answered with envelope.tooLarge"},
                 {"within", {"ENV-38"}, "a command of maxMessageBytes is done"},
                 {"beyond", {"ENV-33", "SEC-16"}, "one byte more is answered with envelope.tooLarge"},
                 {"stays", {"ENV-36"}, "the connection serves afterwards"}},
      .run =
          [](Trial& t) {
            (void)new_project(t);
            const Voice v = voice(t);
            Aura& aura = t.aura();
            const auto add = [&](const std::string& id, std::size_t size) {
              return padded(aura.text_of(track::Add{.name = "Drums"}, id), size);
            };
            const Answer name_within = said(aura, "z1", add("z1", 65'536));
            t.check("name-within", name_within.is_reply(), name_within.text());
            const Answer name_beyond = wrong(aura, "z2", add("z2", 65'537));
            t.check("name-beyond", name_beyond.refused(errors::kEnvelopeTooLarge), name_beyond.text());
            const auto limit = static_cast<std::size_t>(aura.reply().limits.max_message_bytes);
            const auto points = [&](const std::string& id) {
              return aura.text_of(automation::SetPoints{.parameter_id = v.gain, .from_frames = 0, .to_frames = 10, .points = {}}, id);
            };
            const Answer within = wrong(aura, "z3", padded(points("z3"), limit));
            t.check("within", within.is_reply(), within.text());
            aura.send_text(padded(points("z4"), limit + 1), Meant::wrong);
            const Answer beyond = aura.answer_beyond_limit("z4");
            t.check("beyond", beyond.refused(errors::kEnvelopeTooLarge), beyond.text());
            t.check("stays", serves(t), "project.snapshot is no longer answered");
          },
  });
  cases.push_back({
      .id = "pulse.limits.answer",
      .title = "A snapshot that would be too large does not go unanswered",
      .steps = "Put points of automation into the project until a snapshot would be larger than maxMessageBytes; ask for it; undo.",
      .level = Level::required,
      .checks = {{"refused",
                  {"ENV-45"},
                  "the edit that makes it too large is refused, or project.snapshot is answered with envelope.tooLarge"},
                 {"serves", {"ENV-36"}, "the connection serves afterwards"},
                 {"again", {"MODEL-19"}, "after an undo it is answered again"}},
      .run =
          [](Trial& t) {
            (void)new_project(t);
            Aura& aura = t.aura();
            const auto limit = static_cast<std::size_t>(aura.reply().limits.max_message_bytes);
            std::size_t written = 0;
            bool refused = false;
            while (written < limit) {
              const Voice v = voice(t);
              automation::SetPoints command{.parameter_id = v.gain, .from_frames = 0, .to_frames = 1'000'000'000, .points = {}};
              for (std::int64_t i = 0; i < 60'000; ++i)
                command.points.push_back(
                    {.position_frames = 1'000 * i, .value = -1.0 / static_cast<double>(i + 3), .shape = automation::Shape::linear});
              const std::string id = aura.next_id();
              const std::string text = aura.text_of(command, id);
              const Answer answer = said(aura, id, text);
              if (!answer.is_reply()) {
                refused = answer.error() != nullptr;
                t.require("refused", refused, answer.text());
                break;
              }
              written += text.size();
            }
            const Answer large = aura.call(project::Snapshot{});
            t.check("refused", refused ? large.is_reply() : large.refused(errors::kEnvelopeTooLarge), large.text());
            const Answer served = aura.call(history::Undo{});
            t.check("serves", served.is_reply(), served.text());
            const Answer again = aura.call(project::Snapshot{});
            t.check("again", again.as<project::SnapshotReply>() != nullptr, again.text());
          },
  });
  cases.push_back({
      .id = "pulse.limits.garbage",
      .title = "Thousands of broken messages hurt nobody",
      .steps = "Send 3,000 messages of changed and random bytes, and ask for the project after every hundred.",
      .level = Level::stress,
      .checks = {{"serves", {"SEC-16", "ENV-36"}, "every question in between is answered"},
                 {"unchanged", {"ENV-23"}, "the project is as it was"}},
      .run =
          [](Trial& t) {
            (void)new_project(t);
            (void)voice(t);
            Aura& aura = t.aura();
            const auto before = snapshot(aura);
            std::uint64_t state = 20'260'131;
            const auto below = [&state](std::uint64_t limit) {  // the same on every machine
              state = state * 6'364'136'223'846'793'005ULL + 1'442'695'040'888'963'407ULL;
              return (state >> 33U) % limit;
            };
            for (int i = 0; i < 3'000; ++i) {
              std::string text;
              if (i % 2 == 0) {
                text.resize(below(300));
                for (char& c : text) c = static_cast<char>(below(256));
              } else {
                text = envelope("v" + std::to_string(i), "project.snapshot", "{}");
                for (std::uint64_t changes = 1 + below(4); changes > 0; --changes) text[below(text.size())] = static_cast<char>(below(256));
              }
              aura.send_parts({text});
              if (i % 100 == 99) t.require("serves", serves(t), "project.snapshot is no longer answered");
            }
            t.check("unchanged", snapshot(aura) == before, "another project or revision");
          },
  });
}

}  // namespace loophole::conformance::pulse_cases
