// Every other ending of a gesture, each with its outcome: protocol/gestures.md.
#include <algorithm>

#include "pulse/gestures.hpp"

namespace loophole::conformance::pulse_cases {
namespace {

using parameter::GestureEnded;
using parameter::GestureEndReason;

// What every ending without an answer to an end is held to.
struct Ending {
  GestureEndReason reason;
  bool committed;
};
void ended(Trial& t, const std::vector<Aura*>& who, const parameter::GestureBeginReply& begun, const Ending& as) {
  for (Aura* one : who) {
    const auto* told = one->event<GestureEnded>([&](const GestureEnded& e) { return e.gesture_id == begun.gesture_id; },
                                                t.patience_after(2 * std::max(Milliseconds(begun.lease_ms), lease_of(*one))));
    t.check("ended", told != nullptr && told->reason == as.reason && told->committed == as.committed,
            told == nullptr ? "no parameter.gesture.ended" : "another reason or outcome");
    t.check("once",
            one->event<GestureEnded>([&](const GestureEnded& e) { return e.gesture_id == begun.gesture_id; }, Milliseconds(0)) == nullptr,
            "it came twice");
  }
}

const Check kEnded{"ended", {"GEST-40", "GEST-39"}, "parameter.gesture.ended comes to every user interface, with reason and outcome"};
const Check kOnce{"once", {"GEST-39"}, "it comes once"};
const Check kFree{"free", {"GEST-42"}, "the parameters are free afterwards"};
const Check kEngine{"engine", {"GEST-41", "ENG-27"}, "the engine comes to hold the committed value, and both digests are equal"};

// Committed values, as the engine and the suite see them.
void at_engine(Trial& t, const ParameterId& id, double value) {
  t.check("engine", parameter_of(t, id).value == value && engine_has(t, id, value) && digests_agree(t),
          engine_value(t, id) + ", " + digests(t));
}

}  // namespace

void add_ending_cases(std::vector<Case>& cases) {
  cases.push_back({
      .id = "pulse.endings.goodbye-commit",
      .title = "A client that says goodbye: the last values that the engine applied are committed",
      .steps = "Another user interface begins on two parameters; one is moved as if by samples; it says goodbye.",
      .level = Level::required,
      .checks = {kEnded,
                 kOnce,
                 {"close", {"GEST-43"}, "stream.close carries no value for the parameters"},
                 {"value", {"GEST-43"}, "the value that the engine applied last is committed"},
                 {"unmoved", {"GEST-44"}, "the parameter that no sample reached keeps its value"},
                 {"set", {"GEST-47"}, "the committed value of every target is set at the engine afterwards"},
                 {"step", {"MODEL-32", "MODEL-8"}, "the transaction has the origin abandoned, and is a step that can be undone"},
                 kEngine,
                 kFree},
      .run =
          [](Trial& t) {
            const Voice v = gesture_voice(t);
            Aura& leaver = second_aura(t);
            const auto begun = begin(leaver, {v.cutoff, v.resonance});
            const double resonance = parameter_of(t, v.resonance).value;
            t.signal().moved(begun.targets.at(0).handle, 700);
            leaver.tell(session::Goodbye{.reason = session::GoodbyeReason::closing});
            const auto* close = t.signal().got<stream::Close>();
            t.check("close", close != nullptr && close->values.empty(), "it carries values, or did not come");
            const auto* changed = t.aura().event<project::Changed>(
                [](const project::Changed& one) { return one.origin == project::TransactionOrigin::abandoned; });
            t.require("step", changed != nullptr && changed->cause.gesture_id == begun.gesture_id, "no transaction of this origin");
            t.check("value", parameter_of(t, v.cutoff).value == 700, "another value");
            t.check("unmoved", parameter_of(t, v.resonance).value == resonance, "another value");
            const auto has = [&](Handle handle, double value) {
              return t.signal().got<engine::ParameterSet>([=](const engine::ParameterSet& set) {
                return std::ranges::find(set.values, engine::HandleValue{.handle = handle, .value = value}) != set.values.end();
              });
            };
            t.check("set", has(begun.targets[0].handle, 700) != nullptr, "engine.parameter.set did not come");
            ended(t, {&t.aura()}, begun, {.reason = GestureEndReason::lease_expired, .committed = true});
            at_engine(t, v.cutoff, 700);
            (void)done(t, history::Undo{});
            t.check("step", parameter_of(t, v.cutoff).value == 440, "undo leads elsewhere");
            t.check("free", free_again(t, v.cutoff) && free_again(t, v.resonance), "a parameter is held");
          },
  });
  cases.push_back({
      .id = "pulse.endings.goodbye-revert",
      .title = "A client that says goodbye and asked to revert: nothing is committed",
      .steps = "Another user interface begins with onAbandon revert; a parameter is moved as if by samples; it says goodbye.",
      .level = Level::required,
      .checks = {kEnded, kOnce, {"nothing", {"GEST-39"}, "there is no transaction"}, kEngine, kFree},
      .run =
          [](Trial& t) {
            const Voice v = gesture_voice(t);
            Aura& leaver = second_aura(t);
            const auto begun = begin(leaver, {v.cutoff}, parameter::OnAbandon::revert);
            const Revision before = t.aura().mirror().revision();
            t.signal().moved(begun.targets.at(0).handle, 700);
            leaver.tell(session::Goodbye{.reason = session::GoodbyeReason::closing});
            ended(t, {&t.aura()}, begun, {.reason = GestureEndReason::lease_expired, .committed = false});
            t.check("nothing", snapshot(t.aura()).revision == before, "there is one");
            at_engine(t, v.cutoff, 440);
            t.check("free", free_again(t, v.cutoff), "it is held");
          },
  });
  cases.push_back({
      .id = "pulse.endings.client-dies",
      .title = "A client that vanishes: its gestures end when its lease is over",
      .steps = "Another user interface begins, and its connection is cut without a word; wait for the lease.",
      .level = Level::required,
      .checks = {kEnded, kOnce, {"value", {"GEST-43"}, "the value that the engine applied last is committed"}, kEngine, kFree},
      .run =
          [](Trial& t) {
            const Voice v = gesture_voice(t);
            Aura& leaver = second_aura(t);
            const auto begun = begin(leaver, {v.cutoff});
            t.signal().moved(begun.targets.at(0).handle, 700);
            leaver.disconnect();
            ended(t, {&t.aura()}, begun, {.reason = GestureEndReason::lease_expired, .committed = true});
            t.check("value", parameter_of(t, v.cutoff).value == 700, "another value");
            at_engine(t, v.cutoff, 700);
            t.check("free", free_again(t, v.cutoff), "it is held");
          },
  });
  cases.push_back({
      .id = "pulse.endings.stream-expired",
      .title = "A client that falls silent on the stream: the engine says stream.expired",
      .steps = "Begin; say stream.expired with last values, as the engine; end the gesture afterwards.",
      .level = Level::required,
      .checks = {kEnded,
                 kOnce,
                 {"value", {"GEST-43"}, "the last value of the engine is committed, with the origin abandoned"},
                 {"set", {"GEST-47"}, "it is set at the engine, though the stream left it there"},
                 {"late-end", {"GEST-63"}, "an end afterwards is answered with gesture.expired"},
                 kEngine,
                 kFree},
      .run =
          [](Trial& t) {
            const Voice v = gesture_voice(t);
            const auto begun = begin(t.aura(), {v.cutoff});
            t.signal().expire(begun.stream_id, {{begun.targets.at(0).handle, 700}});
            ended(t, {&t.aura()}, begun, {.reason = GestureEndReason::lease_expired, .committed = true});
            const auto* changed = t.aura().event<project::Changed>(
                [](const project::Changed& one) { return one.origin == project::TransactionOrigin::abandoned; });
            t.check("value", changed != nullptr && parameter_of(t, v.cutoff).value == 700, "another value or origin");
            t.check("set", t.signal().got<engine::ParameterSet>() != nullptr, "engine.parameter.set did not come");
            const Answer late = t.aura().call(parameter::GestureEnd{.gesture_id = begun.gesture_id, .values = {{v.cutoff, 880}}});
            t.check("late-end", late.refused(errors::kGestureExpired), late.text());
            at_engine(t, v.cutoff, 700);
            t.check("free", free_again(t, v.cutoff), "it is held");
          },
  });
  cases.push_back({
      .id = "pulse.endings.crossing",
      .title = "A stream.close that crosses a stream.expired: report and values come from the event",
      .steps =
          "Another user interface begins and says goodbye; answer stream.close with stream.unknown, and say stream.expired with values.",
      .level = Level::required,
      .checks = {kEnded, kOnce, {"value", {"GEST-48", "GEST-43"}, "the value of the event is committed"}, kEngine, kFree},
      .run =
          [](Trial& t) {
            const Voice v = gesture_voice(t);
            Aura& leaver = second_aura(t);
            const auto begun = begin(leaver, {v.cutoff});
            t.signal().hold<stream::Close>();
            leaver.tell(session::Goodbye{.reason = session::GoodbyeReason::closing});
            if (t.signal().got<stream::Close>() == nullptr) throw CaseEnded("the stream is not closed");
            t.signal().expire(begun.stream_id, {{begun.targets.at(0).handle, 690}});
            t.signal().release();  // answered with stream.unknown
            ended(t, {&t.aura()}, begun, {.reason = GestureEndReason::lease_expired, .committed = true});
            t.check("value", parameter_of(t, v.cutoff).value == 690, "another value");
            at_engine(t, v.cutoff, 690);
            t.check("free", free_again(t, v.cutoff), "it is held");
          },
  });
  cases.push_back({
      .id = "pulse.endings.engine-dies",
      .title = "When the engine dies, open gestures go on with the next one",
      .steps = "Begin; let the engine die; look at the stream of the next one; end.",
      .level = Level::required,
      .checks = {{"resumed", {"GEST-49"}, "parameter.gesture.resumed comes to its client, with the new link"},
                 {"new-id", {"GEST-49", "GEST-2"}, "with a new stream id"},
                 {"open", {"GEST-49"}, "the engine took a stream of this id for the same parameters"},
                 {"graph", {"ENG-58", "GEST-41"}, "the graph has the committed value"},
                 {"end", {"GEST-39"}, "the end is done as ever"},
                 kEngine},
      .run =
          [](Trial& t) {
            const Voice v = gesture_voice(t);
            const auto begun = begin(t.aura(), {v.cutoff});
            t.signal().crash();
            const auto* resumed = t.aura().event<parameter::GestureResumed>({}, Milliseconds(5'000) + t.patience());
            t.require("resumed", resumed != nullptr && resumed->gesture_id == begun.gesture_id && resumed->link == t.signal().link(),
                      "it did not come");
            t.check("new-id", resumed->stream_id != begun.stream_id, "the same id");
            const auto open = t.signal().streams.find(resumed->stream_id.value);
            t.check("open", open != t.signal().streams.end() && open->second.handles == std::vector<Handle>{begun.targets.at(0).handle},
                    "it did not");
            t.check("graph", t.signal().live.value(begun.targets.at(0).handle) == 440, engine_value(t, v.cutoff));
            const Answer end = t.aura().call(parameter::GestureEnd{.gesture_id = begun.gesture_id, .values = {{v.cutoff, 880}}});
            t.check("end", end.is_reply() && parameter_of(t, v.cutoff).value == 880, end.text());
            at_engine(t, v.cutoff, 880);
          },
  });
  cases.push_back({
      .id = "pulse.endings.end-without-engine",
      .title = "An end that arrives while there is no engine is committed, with a report of zeros",
      .steps = "Begin; let the engine die, and hold the hello of the next one; end; let it answer.",
      .level = Level::required,
      .checks = {{"committed", {"GEST-39", "ENG-60"}, "the end is answered, and its value committed"},
                 {"zeros", {"GEST-32"}, "the report has zeros"},
                 kEngine},
      .run =
          [](Trial& t) {
            const Voice v = gesture_voice(t);
            const auto begun = begin(t.aura(), {v.cutoff});
            t.signal().moved(begun.targets.at(0).handle, 700);
            t.signal().hold<session::Hello>();
            t.signal().crash();
            if (t.aura().event<engine::Changed>([](const engine::Changed& one) { return one.state == engine::EngineState::lost; }) ==
                nullptr)
              throw CaseEnded("the death of the engine was not told");
            const Answer end = t.aura().call(parameter::GestureEnd{.gesture_id = begun.gesture_id, .values = {{v.cutoff, 880}}});
            const auto* reply = end.as<parameter::GestureEndReply>();
            t.require("committed", reply != nullptr && parameter_of(t, v.cutoff).value == 880, end.text());
            t.check("zeros", reply->stream == stream::StreamReport{}, end.text());
            if (t.signal().got<session::Hello>() == nullptr) throw CaseEnded("no other engine is greeted");
            t.signal().release();
            at_engine(t, v.cutoff, 880);
          },
  });
  cases.push_back({
      .id = "pulse.endings.target-removed",
      .title = "When a parameter of a gesture is removed, the gesture ends and nothing of it is committed",
      .steps = "One user interface begins on a filter's cutoff and a channel's gain; another one removes the filter.",
      .level = Level::required,
      .checks = {kEnded,
                 kOnce,
                 {"nothing", {"GEST-55"}, "the transaction of the removal is the only one"},
                 {"others", {"GEST-55"}, "the other parameter goes back to its committed value at the engine"},
                 {"late-end", {"GEST-63"}, "an end afterwards is answered with gesture.targetRemoved"},
                 kEngine,
                 kFree},
      .run =
          [](Trial& t) {
            const Voice v = gesture_voice(t);
            Aura& other = second_aura(t);
            const auto begun = begin(t.aura(), {v.cutoff, v.gain});
            const double gain = parameter_of(t, v.gain).value;
            t.signal().moved(begun.targets.at(0).handle, 700);
            t.signal().moved(begun.targets.at(1).handle, -12);
            const auto removed = done(other, node::Remove{.node_id = v.filter});
            ended(t, {&t.aura(), &other}, begun, {.reason = GestureEndReason::target_removed, .committed = false});
            t.check("nothing", snapshot(t.aura()).revision == removed.revision && parameter_of(t, v.gain).value == gain,
                    "another revision or value");
            const Handle handle = begun.targets[1].handle;
            t.check("others", t.wait([&] { return t.signal().streams.empty(); }), "the stream is open");
            const auto given_back = [&](const auto& values) {
              return std::ranges::find(values, engine::HandleValue{.handle = handle, .value = gain}) != values.end();
            };
            const bool closed =
                t.signal().got<stream::Close>([&](const stream::Close& one) { return given_back(one.values); }, Milliseconds(0)) != nullptr;
            t.check("others", closed || t.signal().got<engine::ParameterSet>([&](const engine::ParameterSet& one) {
              return given_back(one.values);
            }) != nullptr,
                    "neither stream.close nor engine.parameter.set has its committed value");
            const Answer late = t.aura().call(parameter::GestureEnd{.gesture_id = begun.gesture_id, .values = {{v.gain, -3}}});
            t.check("late-end", late.refused(errors::kGestureTargetRemoved), late.text());
            at_engine(t, v.gain, gain);
            t.check("free", free_again(t, v.gain), "it is held");
          },
  });
  cases.push_back({
      .id = "pulse.endings.taken-over",
      .title = "A begin that takes over ends the gesture of another client before it begins",
      .steps = "One user interface begins and moves; another one begins with takeOver.",
      .level = Level::required,
      .checks = {kEnded,
                 kOnce,
                 {"value", {"GEST-56", "GEST-43"}, "the value of the first one is committed, and is that of the second one's target"},
                 {"order", {"GEST-56"}, "the first stream is closed before the second is opened"},
                 {"late-end", {"GEST-63"}, "an end of the first one is answered with gesture.notFound"},
                 {"second", {"GEST-56", "GEST-39"}, "the second one ends as any other"},
                 kEngine,
                 kFree},
      .run =
          [](Trial& t) {
            const Voice v = gesture_voice(t);
            Aura& other = second_aura(t);
            const auto first = begin(t.aura(), {v.cutoff});
            t.signal().moved(first.targets.at(0).handle, 700);
            const auto second = done(other, parameter::GestureBegin{.parameter_ids = {v.cutoff}, .take_over = true});
            t.check("value", second.targets.at(0).value == 700, "value " + std::to_string(second.targets.at(0).value));
            ended(t, {&t.aura(), &other}, first, {.reason = GestureEndReason::taken_over, .committed = true});
            const auto& order = t.signal().order();
            const auto close = std::ranges::find(order, "stream.close");
            t.check("order", close != order.end() && std::find(close, order.end(), "stream.open") != order.end(), "another order");
            const Answer late = t.aura().call(parameter::GestureEnd{.gesture_id = first.gesture_id, .values = {{v.cutoff, 600}}});
            t.check("late-end", late.refused(errors::kGestureNotFound), late.text());
            const Answer end = other.call(parameter::GestureEnd{.gesture_id = second.gesture_id, .values = {{v.cutoff, 880}}});
            t.check("second", end.is_reply(), end.text());
            at_engine(t, v.cutoff, 880);
            t.check("free", free_again(t, v.cutoff), "it is held");
          },
  });
  cases.push_back({
      .id = "pulse.endings.undo-meanwhile",
      .title = "An undo that touches a parameter of an open gesture is refused, and the gesture goes on",
      .steps = "Set the cutoff twice; begin on it; undo; end; undo twice, redo, with another gesture open.",
      .level = Level::required,
      .checks = {{"undo", {"GEST-57"}, "history.undo is answered with history.gestureOpen"},
                 {"redo", {"GEST-57"}, "so is history.redo"},
                 {"goes-on", {"GEST-57"}, "the gesture goes on and can be ended"},
                 {"other", {"GEST-57"}, "a step that does not touch it can be undone"}},
      .run =
          [](Trial& t) {
            const Voice v = gesture_voice(t);
            (void)done(t, parameter::Set{.parameter_id = v.cutoff, .value = 550});
            const auto first = begin(t.aura(), {v.cutoff});
            const Answer undo = t.aura().call(history::Undo{});
            t.check("undo", undo.refused(errors::kHistoryGestureOpen), undo.text());
            const Answer end = t.aura().call(parameter::GestureEnd{.gesture_id = first.gesture_id, .values = {{v.cutoff, 660}}});
            t.check("goes-on", end.is_reply() && parameter_of(t, v.cutoff).value == 660, end.text());
            (void)done(t, history::Undo{});
            const auto second = begin(t.aura(), {v.cutoff});
            const Answer redo = t.aura().call(history::Redo{});
            t.check("redo", redo.refused(errors::kHistoryGestureOpen), redo.text());
            const Answer revert = t.aura().call(
                parameter::GestureEnd{.gesture_id = second.gesture_id, .values = {}, .outcome = parameter::GestureOutcome::revert});
            t.check("goes-on", revert.is_reply() && parameter_of(t, v.cutoff).value == 550, revert.text());
            (void)done(t, track::Add{.name = "Other"});
            (void)begin(t.aura(), {v.cutoff});
            const Answer other = t.aura().call(history::Undo{});
            t.check("other", other.is_reply(), other.text());
          },
  });
  cases.push_back({
      .id = "pulse.endings.project-closed",
      .title = "Closing the project ends all gestures first, and nothing of them is committed",
      .steps = "Begin on two parameters in two gestures; close the project; end one of them; open the project again.",
      .level = Level::required,
      .checks = {kEnded,
                 kOnce,
                 {"before", {"GEST-58"}, "parameter.gesture.ended comes before project.closed"},
                 {"closed", {"GEST-58"}, "both streams are closed"},
                 {"late-end", {"GEST-63"}, "an end afterwards is answered with project.none"},
                 {"nothing", {"GEST-39"}, "opened again, revision and values are those of before"}},
      .run =
          [](Trial& t) {
            const Voice v = gesture_voice(t);
            Aura& other = second_aura(t);
            const auto one = begin(t.aura(), {v.cutoff});
            const auto two = begin(other, {v.resonance});
            t.signal().moved(one.targets.at(0).handle, 700);
            const auto before = snapshot(t.aura());
            (void)done(t, project::Close{});
            const auto& order = t.aura().order();
            const auto closed = std::ranges::find(order, "project.closed event");
            t.check("before", std::count(order.begin(), closed, "parameter.gesture.ended event") == 2, "another order");
            ended(t, {&t.aura(), &other}, one, {.reason = GestureEndReason::project_closed, .committed = false});
            ended(t, {&t.aura(), &other}, two, {.reason = GestureEndReason::project_closed, .committed = false});
            t.check("closed", t.wait([&] { return t.signal().streams.empty(); }), "a stream is open");
            const Answer late = t.aura().call(parameter::GestureEnd{.gesture_id = one.gesture_id, .values = {{v.cutoff, 600}}});
            t.check("late-end", late.refused(errors::kProjectNone), late.text());
            (void)done(t, project::Open{.path = song(t).string()});
            const auto after = snapshot(t.aura());
            t.check("nothing", after.revision == before.revision && after.project == before.project, "another project or revision");
          },
  });
}

}  // namespace loophole::conformance::pulse_cases
