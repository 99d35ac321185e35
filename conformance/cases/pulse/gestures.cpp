// Gestures, from their begin to an end that arrives: protocol/gestures.md.
#include "pulse/gestures.hpp"

#include <algorithm>
#include <set>

#include "loophole/messages/automation.hpp"

namespace loophole::conformance::pulse_cases {

Voice gesture_voice(Trial& t) {
  (void)new_project(t);
  running_engine(t);
  const Voice v = voice(t);
  (void)done(t, parameter::Set{.parameter_id = v.cutoff, .value = 440});
  if (!digests_agree(t)) throw CaseEnded("the engine was not brought up: " + digests(t));
  t.signal().forget_commands();
  return v;
}

parameter::GestureBeginReply begin(Aura& who, std::vector<ParameterId> parameters, parameter::OnAbandon on_abandon) {
  return done(who, parameter::GestureBegin{.parameter_ids = std::move(parameters), .on_abandon = on_abandon});
}

bool free_again(Trial& t, const ParameterId& id) {
  const Answer answer = t.aura().call(parameter::Set{.parameter_id = id, .value = parameter_of(t, id).value});
  return answer.is_reply();
}

void add_gesture_cases(std::vector<Case>& cases) {
  cases.push_back({
      .id = "pulse.gestures.end",
      .title = "A gesture ends with its final values, here and at the engine",
      .steps = "Begin on two parameters; move both as if by samples; end with a final value for one of them.",
      .level = Level::wire,
      .checks = {{"targets", {"GEST-3"}, "the targets come in the order that was asked for, with value, minimum, maximum and handle"},
                 {"stream", {"GEST-1", "GEST-2"}, "the engine took the stream before the answer, with these handles and this lease"},
                 {"model", {"GEST-8"}, "the begin changes nothing"},
                 {"value", {"GEST-25"}, "the final value is committed bit for bit"},
                 {"left-out", {"GEST-26"}, "the parameter that the end leaves out keeps its value"},
                 {"close", {"GEST-29", "GEST-41"}, "stream.close carries the committed value of every target"},
                 {"report", {"GEST-32"}, "the answer has the counts of the engine"},
                 {"transaction",
                  {"GEST-27", "MODEL-8"},
                  "it is one transaction with instance, command and gesture as cause, told to everybody"},
                 {"free", {"GEST-42"}, "the parameters are free afterwards"},
                 {"digest", {"GEST-41"}, "both digests are equal"}},
      .run =
          [](Trial& t) {
            const Voice v = gesture_voice(t);
            Aura& other = second_aura(t);
            Signal& signal = t.signal();
            const auto before = snapshot(t.aura());
            const auto begun = begin(t.aura(), {v.resonance, v.cutoff});
            const parameter::Parameter cutoff = parameter_of(t, v.cutoff);
            const parameter::Parameter resonance = parameter_of(t, v.resonance);
            const auto target = [](const parameter::Parameter& of) {
              return parameter::GestureTarget{
                  .parameter_id = of.id, .handle = of.handle, .value = of.value, .minimum = of.minimum, .maximum = of.maximum};
            };
            t.check("targets", begun.targets == std::vector{target(resonance), target(cutoff)}, "other targets");
            const auto open = signal.streams.find(begun.stream_id.value);
            t.require("stream",
                      open != signal.streams.end() && open->second.handles == std::vector<Handle>{resonance.handle, cutoff.handle} &&
                          open->second.lease_ms == begun.lease_ms && begun.link == signal.link(),
                      "the engine has no such stream");
            t.check("model", snapshot(t.aura()) == before, "another project or revision");
            signal.moved(cutoff.handle, 700);
            signal.moved(cutoff.handle, 750);
            signal.moved(resonance.handle, 0.9);
            const double final_value = 880.123456789;
            const std::string id =
                t.aura().send(parameter::GestureEnd{.gesture_id = begun.gesture_id, .values = {{v.cutoff, final_value}}});
            const Answer answer = t.aura().answer(id);
            const auto* reply = answer.as<parameter::GestureEndReply>();
            if (reply == nullptr) throw CaseEnded("the end was refused: " + answer.text());
            t.check("value", parameter_of(t, v.cutoff).value == final_value && reply->revision == before.revision + 1, answer.text());
            t.check("left-out", parameter_of(t, v.resonance).value == resonance.value, "another value");
            const auto* close = signal.got<stream::Close>();
            std::vector<engine::HandleValue> values = close != nullptr ? close->values : std::vector<engine::HandleValue>{};
            std::ranges::sort(values, {}, &engine::HandleValue::handle);
            std::vector<engine::HandleValue> wanted{{cutoff.handle, final_value}, {resonance.handle, resonance.value}};
            std::ranges::sort(wanted, {}, &engine::HandleValue::handle);
            t.check("close", close != nullptr && close->stream_id == begun.stream_id && values == wanted, "other values");
            t.check("report", reply->stream.frames_received == 3 && reply->stream.samples_applied == 3, answer.text());
            for (Aura* one : {&t.aura(), &other}) {
              const auto* changed = one->event<project::Changed>([&](const project::Changed& c) { return c.revision == reply->revision; });
              t.check("transaction",
                      changed != nullptr && changed->changes.size() == 1 && changed->cause.gesture_id == begun.gesture_id &&
                          changed->cause.command_id == MessageId(id) && changed->cause.instance_id == InstanceId(t.aura().instance()),
                      "no such transaction");
            }
            t.check("digest", digests_agree(t), digests(t));
            t.check("free", free_again(t, v.cutoff) && free_again(t, v.resonance), "a parameter is held");
          },
  });
  cases.push_back({
      .id = "pulse.gestures.revert",
      .title = "An end that asks to revert brings back the committed values",
      .steps = "Begin; move as if by samples; end with the outcome revert and a value.",
      .level = Level::required,
      .checks = {{"nothing", {"GEST-28", "GEST-39"}, "there is no transaction, and the reply has the present revision"},
                 {"close", {"GEST-29", "GEST-41"}, "stream.close carries the committed value"},
                 {"free", {"GEST-42"}, "the parameter is free afterwards"}},
      .run =
          [](Trial& t) {
            const Voice v = gesture_voice(t);
            const auto begun = begin(t.aura(), {v.cutoff});
            const Revision before = t.aura().mirror().revision();
            t.signal().moved(begun.targets.at(0).handle, 700);
            const auto reply =
                done(t, parameter::GestureEnd{
                            .gesture_id = begun.gesture_id, .values = {{v.cutoff, 900}}, .outcome = parameter::GestureOutcome::revert});
            t.check("nothing", reply.revision == before && snapshot(t.aura()).revision == before && parameter_of(t, v.cutoff).value == 440,
                    "revision " + std::to_string(reply.revision));
            const auto* close = t.signal().got<stream::Close>();
            t.check("close", close != nullptr && close->values == std::vector<engine::HandleValue>{{begun.targets[0].handle, 440}},
                    "other values");
            t.check("free", free_again(t, v.cutoff), "it is held");
          },
  });
  cases.push_back({
      .id = "pulse.gestures.nothing",
      .title = "An end that changes nothing makes no transaction",
      .steps = "Begin and end without values; begin and end with the committed value.",
      .level = Level::required,
      .checks = {{"none", {"GEST-28"}, "the revision is as it was, each time"}, {"closed", {"GEST-29"}, "the stream is closed, each time"}},
      .run =
          [](Trial& t) {
            const Voice v = gesture_voice(t);
            const Revision before = t.aura().mirror().revision();
            for (const bool same : {false, true}) {
              const auto begun = begin(t.aura(), {v.cutoff});
              parameter::GestureEnd end{.gesture_id = begun.gesture_id, .values = {}};
              if (same) end.values.push_back({v.cutoff, 440});
              const auto reply = done(t, end);
              t.check("none", reply.revision == before && snapshot(t.aura()).revision == before,
                      "revision " + std::to_string(reply.revision));
              t.check("closed", t.signal().streams.empty(), "the stream is open");
            }
          },
  });
  cases.push_back({
      .id = "pulse.gestures.automation",
      .title = "Final values and automation are one undo step; points that break the rules are refused and the gesture goes on",
      .steps = "Begin; end with points out of order, outside of their part, with a value out of range; then with good ones; undo.",
      .level = Level::required,
      .checks = {{"points", {"GEST-37"}, "points that break GEST-36 are answered with automation.invalidPoints"},
                 {"range", {"MODEL-35"}, "a final value out of range is answered with parameter.outOfRange"},
                 {"open", {"GEST-34"}, "after each refusal the gesture is still open: the stream too"},
                 {"unchanged", {"MODEL-5"}, "and nothing is changed"},
                 {"one", {"GEST-27"}, "value and points are one transaction"},
                 {"undo", {"GEST-27", "MODEL-29"}, "and one undo step"}},
      .run =
          [](Trial& t) {
            const Voice v = gesture_voice(t);
            const auto begun = begin(t.aura(), {v.cutoff});
            const auto before = snapshot(t.aura());
            using automation::Point;
            using automation::Shape;
            const auto end = [&](double value, std::vector<Point> points) {
              return parameter::GestureEnd{
                  .gesture_id = begun.gesture_id,
                  .values = {{v.cutoff, value}},
                  .automation = std::vector<parameter::GestureAutomation>{
                      {.parameter_id = v.cutoff, .from_frames = 100, .to_frames = 200, .points = std::move(points)}}};
            };
            const Answer order = t.aura().call(end(800, {{150, 700, Shape::hold}, {120, 600, Shape::hold}}));
            t.check("points", order.refused(errors::kAutomationInvalidPoints), order.text());
            const Answer outside = t.aura().call(end(800, {{200, 700, Shape::hold}}));
            t.check("points", outside.refused(errors::kAutomationInvalidPoints), outside.text());
            const Answer twice = t.aura().call(end(800, {{150, 700, Shape::hold}, {150, 600, Shape::hold}}));
            t.check("points", twice.refused(errors::kAutomationInvalidPoints), twice.text());
            const Answer range = t.aura().call(end(1e9, {}));
            t.check("range", range.refused(errors::kParameterOutOfRange), range.text());
            t.check("open", t.signal().streams.contains(begun.stream_id.value), "the stream was closed");
            t.check("unchanged", snapshot(t.aura()) == before, "another project or revision");
            const Answer good = t.aura().call(end(800, {{120, 600, Shape::linear}, {150, 700, Shape::hold}}));
            t.require("open", good.is_reply(), good.text());
            const auto& now = parameter_of(t, v.cutoff);
            t.check("one",
                    now.value == 800 && now.automation && now.automation->points.size() == 2 &&
                        t.aura().mirror().revision() == before.revision + 1,
                    "revision " + std::to_string(t.aura().mirror().revision()));
            (void)done(t, history::Undo{});
            t.check("undo", t.aura().mirror().project() == before.project, "another project");
          },
  });
  cases.push_back({
      .id = "pulse.gestures.held",
      .title = "A parameter is held by one gesture, and only by its client",
      .steps = "One user interface begins; another one sets, begins and ends; the first one begins again.",
      .level = Level::required,
      .checks = {{"set", {"GEST-5", "GEST-4"}, "parameter.set of another one and of the same one is answered with gesture.conflict"},
                 {"begin", {"GEST-5", "GEST-4"}, "so is a begin without takeOver"},
                 {"end", {"GEST-33"}, "an end by another one is answered with gesture.notFound"},
                 {"unchanged", {"GEST-33", "ENV-23"}, "the gesture goes on, and the value is as it was"},
                 {"twice", {"GEST-6"}, "a begin that names a parameter twice is answered with payload.invalid"},
                 {"others", {"GEST-5"}, "other parameters are not held"}},
      .run =
          [](Trial& t) {
            const Voice v = gesture_voice(t);
            Aura& other = second_aura(t);
            const auto begun = begin(t.aura(), {v.cutoff});
            for (Aura* one : {&t.aura(), &other}) {
              const Answer set = one->call(parameter::Set{.parameter_id = v.cutoff, .value = 500});
              t.check("set", set.refused(errors::kGestureConflict), set.text());
              const Answer again = one->call(parameter::GestureBegin{.parameter_ids = {v.resonance, v.cutoff}});
              t.check("begin", again.refused(errors::kGestureConflict), again.text());
            }
            const Answer end = other.call(parameter::GestureEnd{.gesture_id = begun.gesture_id, .values = {{v.cutoff, 500}}});
            t.check("end", end.refused(errors::kGestureNotFound), end.text());
            t.check("unchanged", t.signal().streams.contains(begun.stream_id.value) && parameter_of(t, v.cutoff).value == 440, "it is not");
            const Answer twice = other.call(parameter::GestureBegin{.parameter_ids = {v.resonance, v.resonance}});
            t.check("twice", twice.refused(errors::kPayloadInvalid), twice.text());
            const Answer free = other.call(parameter::Set{.parameter_id = v.resonance, .value = 0.5});
            t.check("others", free.is_reply(), free.text());
            const Answer done_now = t.aura().call(parameter::GestureEnd{.gesture_id = begun.gesture_id, .values = {{v.cutoff, 501}}});
            t.check("unchanged", done_now.is_reply() && parameter_of(t, v.cutoff).value == 501, done_now.text());
          },
  });
  cases.push_back({
      .id = "pulse.gestures.stream-ids",
      .title = "A stream id is new and random for each stream, and told to nobody else",
      .steps = "Begin and end forty gestures while another user interface listens.",
      .level = Level::required,
      .checks = {{"new", {"GEST-2"}, "no id comes twice"},
                 {"random", {"GEST-2"}, "each of the 64 bits is set in some and not in others"},
                 {"secret", {"SEC-14"}, "nothing that the other one heard has an id in it"}},
      .run =
          [](Trial& t) {
            const Voice v = gesture_voice(t);
            Aura& other = second_aura(t);
            other.keep_texts();
            std::set<std::string> ids;
            std::uint64_t ones = 0;
            std::uint64_t zeros = 0;
            for (int i = 0; i < 40; ++i) {
              const auto begun = begin(t.aura(), {v.cutoff});
              const std::uint64_t id = std::stoull(begun.stream_id.value, nullptr, 16);
              t.check("new", ids.insert(begun.stream_id.value).second, begun.stream_id.value + " came twice");
              ones |= id;
              zeros |= ~id;
              (void)done(t, parameter::GestureEnd{.gesture_id = begun.gesture_id, .values = {{v.cutoff, 100.0 + i}}});
            }
            t.check("random", ones == ~0ULL && zeros == ~0ULL, "a bit is the same in all of forty");
            (void)snapshot(other);
            for (const std::string& id : ids) t.check("secret", !other.heard_text(id), id + " was told");
          },
  });
  cases.push_back({
      .id = "pulse.gestures.commit-first",
      .title = "An end is committed before the stream is closed",
      .steps = "Hold the engine's answer to stream.close; end the gesture; look at the project.",
      .level = Level::required,
      .checks = {{"told", {"GEST-35"}, "the transaction was told when stream.close arrives or right after, without its answer"},
                 {"answer", {"GEST-32"}, "the end is answered when the engine has answered"},
                 {"counts", {"GEST-32"}, "with its counts"}},
      .run =
          [](Trial& t) {
            const Voice v = gesture_voice(t);
            const auto begun = begin(t.aura(), {v.cutoff});
            t.signal().moved(begun.targets.at(0).handle, 700);
            t.signal().hold<stream::Close>();
            const std::string id = t.aura().send(parameter::GestureEnd{.gesture_id = begun.gesture_id, .values = {{v.cutoff, 880}}});
            if (t.signal().got<stream::Close>() == nullptr) throw CaseEnded("the stream is not closed");
            t.check("told", snapshot(t.aura()).revision == t.aura().mirror().revision() && parameter_of(t, v.cutoff).value == 880,
                    "not committed");
            t.check("answer", !t.aura().answer(id, Milliseconds(50)).came(), "it was answered before");
            t.signal().release();
            const Answer answer = t.aura().answer(id);
            const auto* reply = answer.as<parameter::GestureEndReply>();
            t.check("answer", reply != nullptr, answer.text());
            t.check("counts", reply != nullptr && reply->stream.samples_applied == 1, answer.text());
          },
  });
  cases.push_back({
      .id = "pulse.gestures.no-engine",
      .title = "A begin waits for an engine that is being started, and is refused without one",
      .steps = "Hold the engine's answer to engine.configure; begin; let it answer. Then refuse every stream.",
      .level = Level::strict,
      .checks = {{"waits", {"GEST-7"}, "the begin is not refused while the engine is being started"},
                 {"then", {"GEST-7"}, "and done when it runs"}},
      .run =
          [](Trial& t) {
            t.signal().hold<engine::Configure>();
            if (t.signal().got<engine::Configure>() == nullptr) throw CaseEnded("the engine was not configured");
            (void)new_project(t);
            const Voice v = voice(t);
            const std::string id = t.aura().send(parameter::GestureBegin{.parameter_ids = {v.cutoff}});
            t.check("waits", !t.aura().answer(id, Milliseconds(1'000)).came(), "it was answered at once");
            t.signal().release();
            const Answer answer = t.aura().answer(id);
            t.check("then", answer.is_reply(), answer.text());
          },
  });
}

}  // namespace loophole::conformance::pulse_cases
