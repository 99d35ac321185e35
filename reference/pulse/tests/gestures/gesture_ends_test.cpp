// Each way in which a gesture can end, and what is left of it in model, history and engine.

#include <doctest/doctest.h>

#include "support/studio.hpp"

using namespace loophole;
using namespace loophole::pulse;
using namespace loophole::pulse::test;
using parameter::GestureEndReason;

namespace {

struct Scene : Studio {
  StudioClient hand = client();
  StudioClient other = client();
  node::Node filter;
  parameter::Parameter cutoff;

  Scene() {
    start_engine();
    filter = make_song(hand);
    cutoff = filter.parameters[0];
    settle();
  }
  parameter::GestureBeginReply begin(parameter::OnAbandon on_abandon = parameter::OnAbandon::commit) {
    return hand.call(parameter::GestureBegin{.parameter_ids = {cutoff.id}, .on_abandon = on_abandon}).value();
  }
  Result<parameter::GestureEndReply> end(const GestureId& id, double value) {
    return hand.call(parameter::GestureEnd{.gesture_id = id, .values = {{.parameter_id = cutoff.id, .value = value}}});
  }
  [[nodiscard]] double committed() const { return hub->parameter(cutoff.id)->value; }
  [[nodiscard]] std::size_t steps() const { return hub->document()->history().entries().size(); }
};

}  // namespace

TEST_CASE("begin grants a lease: stream, endpoint, epoch, range") {
  Scene scene;
  const auto lease = scene.begin();
  CHECK(lease.stream_id.str().size() == 16);
  CHECK(lease.link.epoch == scene.epoch);
  CHECK(lease.link.stream_endpoint == "ipc:///s");
  REQUIRE(lease.targets.size() == 1);
  CHECK(lease.targets[0].handle == scene.cutoff.handle);
  CHECK(lease.targets[0].value == 1'000);
  CHECK(lease.targets[0].minimum == 20);
  CHECK(lease.targets[0].maximum == 20'000);
  CHECK(scene.signal->streams.contains(lease.stream_id));
}

TEST_CASE("end: one transaction, one undo step, the engine holds the value, the report comes back") {
  Scene scene;
  const auto lease = scene.begin();
  const std::size_t before = scene.steps();
  const auto ended = scene.end(lease.gesture_id, 880).value();
  CHECK(scene.committed() == 880);
  CHECK(scene.steps() == before + 1);
  CHECK(scene.hub->document()->history().entries().back().label == "Set Cutoff");
  CHECK(ended.revision == scene.hub->revision());
  CHECK(ended.stream.samples_applied == 30);
  CHECK(ended.values == std::vector<parameter::ParameterValue>{{.parameter_id = scene.cutoff.id, .value = 880}});
  CHECK(scene.signal->values[scene.cutoff.handle] == 880);
  CHECK(scene.signal->streams.empty());
  const auto changed = scene.hand.of<project::Changed>().back();
  CHECK(changed.cause.gesture_id == lease.gesture_id);
  CHECK(changed.cause.command_id.has_value());
  CHECK(changed.origin == project::TransactionOrigin::edit);
  CHECK(scene.hand.call(history::Undo{}).value().label == "Set Cutoff");
  scene.settle();
  CHECK(scene.committed() == 1'000);
  CHECK(scene.signal->values[scene.cutoff.handle] == 1'000);
}

TEST_CASE("end at the value of the beginning: no transaction, the stream is closed") {
  Scene scene;
  const auto lease = scene.begin();
  const Revision before = scene.hub->revision();
  CHECK(scene.end(lease.gesture_id, 1'000).value().revision == before);
  CHECK(scene.signal->streams.empty());
}

TEST_CASE("end with outcome revert: no transaction, the engine goes back") {
  Scene scene;
  const auto lease = scene.begin();
  const Revision before = scene.hub->revision();
  scene.signal->last_values = {{.handle = scene.cutoff.handle, .value = 5'000}};
  const auto ended =
      scene.hand.call(parameter::GestureEnd{.gesture_id = lease.gesture_id, .values = {}, .outcome = parameter::GestureOutcome::revert});
  CHECK(ended.value().revision == before);
  CHECK(scene.signal->values[scene.cutoff.handle] == 1'000);
}

TEST_CASE("end out of range is refused and the gesture stays open") {
  Scene scene;
  const auto lease = scene.begin();
  const auto refused = scene.end(lease.gesture_id, 30'000);
  CHECK(is(refused.error(), errors::kParameterOutOfRange));
  CHECK(refused.error().pointer == "/payload/values/0/value");
  CHECK(scene.committed() == 1'000);
  CHECK(scene.end(lease.gesture_id, 2'000).value().values[0].value == 2'000);
}

TEST_CASE("end of a gesture that is not there, was ended, or is another client's") {
  Scene scene;
  CHECK(is(scene.end(GestureId("none"), 500).error(), errors::kGestureNotFound));
  const auto lease = scene.begin();
  CHECK(is(scene.other.call(parameter::GestureEnd{.gesture_id = lease.gesture_id, .values = {}}).error(), errors::kGestureNotFound));
  (void)scene.end(lease.gesture_id, 500).value();
  CHECK(is(scene.end(lease.gesture_id, 600).error(), errors::kGestureNotFound));
  CHECK(scene.committed() == 500);
}

TEST_CASE("a second hand is refused, or takes over and the first is told") {
  Scene scene;
  const auto lease = scene.begin();
  const auto refused = scene.other.call(parameter::GestureBegin{.parameter_ids = {scene.cutoff.id}});
  CHECK(is(refused.error(), errors::kGestureConflict));
  CHECK(refused.error().pointer == "/payload/parameterIds/0");
  CHECK(is(scene.other.call(parameter::Set{.parameter_id = scene.cutoff.id, .value = 99}).error(), errors::kGestureConflict));

  scene.signal->last_values = {{.handle = scene.cutoff.handle, .value = 700}};
  const auto taken = scene.other.call(parameter::GestureBegin{.parameter_ids = {scene.cutoff.id}, .take_over = true}).value();
  CHECK(taken.targets[0].value == 700);
  const auto told = scene.hand.wait_for<parameter::GestureEnded>();
  CHECK(told.gesture_id == lease.gesture_id);
  CHECK(told.reason == GestureEndReason::taken_over);
  CHECK(told.committed);
  CHECK(is(scene.end(lease.gesture_id, 500).error(), errors::kGestureNotFound));
  CHECK(
      scene.other.call(parameter::GestureEnd{.gesture_id = taken.gesture_id, .values = {{.parameter_id = scene.cutoff.id, .value = 800}}}));
  CHECK(scene.committed() == 800);
}

TEST_CASE("the client dies: the last applied value is committed as abandoned") {
  Scene scene;
  const auto lease = scene.begin();
  const std::size_t before = scene.steps();
  scene.signal->last_values = {{.handle = scene.cutoff.handle, .value = 640}};
  scene.hand.leave();
  const auto told = scene.other.wait_for<parameter::GestureEnded>();
  CHECK(told.gesture_id == lease.gesture_id);
  CHECK(told.committed);
  CHECK(scene.committed() == 640);
  CHECK(scene.steps() == before + 1);
  const auto changed = scene.other.of<project::Changed>().back();
  CHECK(changed.origin == project::TransactionOrigin::abandoned);
  CHECK(changed.label == "Set Cutoff (abandoned)");
  CHECK(changed.cause.gesture_id == lease.gesture_id);
}

TEST_CASE("the client dies and had asked to revert: the engine goes back, nothing is committed") {
  Scene scene;
  (void)scene.begin(parameter::OnAbandon::revert);
  const Revision before = scene.hub->revision();
  scene.signal->last_values = {{.handle = scene.cutoff.handle, .value = 640}};
  scene.hand.leave();
  CHECK(!scene.other.wait_for<parameter::GestureEnded>().committed);
  scene.settle();
  CHECK(scene.hub->revision() == before);
  CHECK(scene.signal->values[scene.cutoff.handle] == 1'000);
}

TEST_CASE("the lease ends: committed as abandoned, and a late end is told so") {
  Scene scene;
  const auto lease = scene.begin();
  scene.signal->streams.clear();
  scene.hub->gestures().stream_expired(
      {.stream_id = lease.stream_id, .report = {}, .values = {{.handle = scene.cutoff.handle, .value = 720}}});
  const auto told = scene.hand.wait_for<parameter::GestureEnded>();
  CHECK(told.reason == GestureEndReason::lease_expired);
  CHECK(told.committed);
  CHECK(scene.committed() == 720);
  CHECK(is(scene.end(lease.gesture_id, 500).error(), errors::kGestureExpired));
}

TEST_CASE("the lease ends while the end is on its way: the end counts, with the report of the expiry") {
  Scene scene;
  const auto lease = scene.begin();
  scene.signal->streams.clear();
  scene.signal->hold = "stream.close";
  std::optional<Result<parameter::GestureEndReply>> answer;
  scene.hand.begin(parameter::GestureEnd{.gesture_id = lease.gesture_id, .values = {{.parameter_id = scene.cutoff.id, .value = 500}}},
                   answer);
  while (scene.signal->received.back() != "stream.close") scene.wait();
  scene.hub->gestures().stream_expired(
      {.stream_id = lease.stream_id,
       .report = {.frames_received = 1, .samples_received = 4, .samples_applied = 4, .samples_lost = 0, .samples_refused = 0},
       .values = {{.handle = scene.cutoff.handle, .value = 720}}});
  scene.signal->release();
  while (!answer) scene.wait();
  scene.settle();
  CHECK(answer->value().stream.samples_applied == 4);
  CHECK(scene.committed() == 500);
  CHECK(scene.signal->values[scene.cutoff.handle] == 500);
}

TEST_CASE("the target is removed: nothing is committed, the end is told why") {
  Scene scene;
  const auto lease = scene.begin();
  (void)scene.other.call(node::Remove{.node_id = scene.filter.id}).value();
  const auto told = scene.hand.wait_for<parameter::GestureEnded>();
  CHECK(told.reason == GestureEndReason::target_removed);
  CHECK(!told.committed);
  CHECK(is(scene.end(lease.gesture_id, 500).error(), errors::kGestureTargetRemoved));
  CHECK(scene.signal->streams.empty());
}

TEST_CASE("the project is closed: the gesture ends uncommitted") {
  Scene scene;
  (void)scene.begin();
  (void)scene.other.call(project::Close{}).value();
  CHECK(scene.hand.wait_for<parameter::GestureEnded>().reason == GestureEndReason::project_closed);
  CHECK(scene.signal->streams.empty());
}

TEST_CASE("undo and redo of a step under a hand are refused; of others they are not") {
  Scene scene;
  (void)scene.hand.call(parameter::Set{.parameter_id = scene.cutoff.id, .value = 300}).value();
  (void)scene.hand.call(parameter::Set{.parameter_id = scene.filter.parameters[1].id, .value = 0.5}).value();
  const auto lease = scene.begin();
  CHECK(scene.other.call(history::Undo{}));  // the resonance
  const auto refused = scene.other.call(history::Undo{});
  CHECK(is(refused.error(), errors::kHistoryGestureOpen));
  CHECK(scene.committed() == 300);
  (void)scene.end(lease.gesture_id, 300).value();
  CHECK(scene.other.call(history::Undo{}));  // the cutoff
  const auto again = scene.begin();
  CHECK(is(scene.other.call(history::Redo{}).error(), errors::kHistoryGestureOpen));
  // The step before removes the node with the parameter.
  CHECK(is(scene.other.call(history::Undo{}).error(), errors::kHistoryGestureOpen));
  (void)scene.end(again.gesture_id, 1'000).value();
  CHECK(scene.other.call(history::Undo{}));
}

TEST_CASE("several targets: one step; a value left out stays; a stranger's parameter is refused") {
  Scene scene;
  const ParameterId resonance = scene.filter.parameters[1].id;
  const auto lease = scene.hand.call(parameter::GestureBegin{.parameter_ids = {scene.cutoff.id, resonance}}).value();
  CHECK(lease.targets.size() == 2);
  const auto stranger = scene.hand.call(parameter::GestureEnd{
      .gesture_id = lease.gesture_id, .values = {{.parameter_id = scene.hub->project()->master.gain.id, .value = 0}}});
  CHECK(stranger.error().pointer == "/payload/values/0/parameterId");
  const auto ended = scene.end(lease.gesture_id, 4'000).value();
  CHECK(ended.values.size() == 2);
  CHECK(ended.values[1].value == scene.filter.parameters[1].value);
  CHECK(scene.steps() == 3);
}

TEST_CASE("a begin that cannot be: unknown, named twice, no engine, refused by the engine") {
  Scene scene;
  CHECK(scene.hand.call(parameter::GestureBegin{.parameter_ids = {ParameterId("x")}}).error().pointer == "/payload/parameterIds/0");
  CHECK(scene.hand.call(parameter::GestureBegin{.parameter_ids = {scene.cutoff.id, scene.cutoff.id}}).error().pointer ==
        "/payload/parameterIds/1");
  scene.signal->fail_next = make_error(errors::kGraphUnknownHandle, "no");
  CHECK(is(scene.hand.call(parameter::GestureBegin{.parameter_ids = {scene.cutoff.id}}).error(), errors::kGraphUnknownHandle));
  CHECK(!scene.hub->gestures().holds(scene.cutoff.id));
  scene.hub->engine_state(engine::EngineState::failed, "gone");
  CHECK(is(scene.hand.call(parameter::GestureBegin{.parameter_ids = {scene.cutoff.id}}).error(), errors::kEngineUnavailable));
}
