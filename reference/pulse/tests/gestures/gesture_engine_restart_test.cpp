// A gesture outlives the engine: it goes on in the new epoch, or ends well while there is none.

#include <doctest/doctest.h>

#include "support/studio.hpp"

using namespace loophole;
using namespace loophole::pulse;
using namespace loophole::pulse::test;

TEST_CASE("the engine is restarted: a new stream in the new epoch, and the end commits as ever") {
  Studio studio;
  studio.start_engine();
  StudioClient hand = studio.client();
  const parameter::Parameter cutoff = studio.make_song(hand).parameters[0];
  studio.settle();
  const auto lease = hand.call(parameter::GestureBegin{.parameter_ids = {cutoff.id}}).value();

  studio.lose_engine();
  studio.start_engine();
  const auto resumed = hand.wait_for<parameter::GestureResumed>();
  CHECK(resumed.gesture_id == lease.gesture_id);
  CHECK(resumed.stream_id != lease.stream_id);
  CHECK(resumed.link.epoch == lease.link.epoch + 1);
  CHECK(studio.signal->streams.contains(resumed.stream_id));

  const auto ended =
      hand.call(parameter::GestureEnd{.gesture_id = lease.gesture_id, .values = {{.parameter_id = cutoff.id, .value = 900}}}).value();
  CHECK(ended.stream.samples_applied == 30);
  CHECK(studio.signal->values[cutoff.handle] == 900);
}

TEST_CASE("the end comes while the engine is away: committed at once, and the next engine has the value") {
  Studio studio;
  studio.start_engine();
  StudioClient hand = studio.client();
  const parameter::Parameter cutoff = studio.make_song(hand).parameters[0];
  studio.settle();
  const auto lease = hand.call(parameter::GestureBegin{.parameter_ids = {cutoff.id}}).value();
  studio.lose_engine();
  const auto ended =
      hand.call(parameter::GestureEnd{.gesture_id = lease.gesture_id, .values = {{.parameter_id = cutoff.id, .value = 900}}}).value();
  CHECK(ended.stream == stream::StreamReport{});
  CHECK(studio.hub->parameter(cutoff.id)->value == 900);
  studio.start_engine();
  CHECK(studio.signal->values[cutoff.handle] == 900);
  CHECK(studio.signal->streams.empty());
}

TEST_CASE("the engine does not come back: the gesture ends uncommitted") {
  Studio studio;
  studio.start_engine();
  StudioClient hand = studio.client();
  const parameter::Parameter cutoff = studio.make_song(hand).parameters[0];
  studio.settle();
  (void)hand.call(parameter::GestureBegin{.parameter_ids = {cutoff.id}}).value();
  studio.lose_engine();
  studio.hub->engine_state(engine::EngineState::failed, "it died too often");
  const auto told = hand.wait_for<parameter::GestureEnded>();
  CHECK(told.reason == parameter::GestureEndReason::engine_lost);
  CHECK(!told.committed);
  CHECK(!studio.hub->gestures().holds(cutoff.id));
}

TEST_CASE("the engine is lost while a begin waits for it: refused, and the parameter is free") {
  Studio studio;
  studio.start_engine();
  StudioClient hand = studio.client();
  const parameter::Parameter cutoff = studio.make_song(hand).parameters[0];
  studio.settle();
  studio.signal->hold = "stream.open";
  std::optional<Result<parameter::GestureBeginReply>> answer;
  hand.begin(parameter::GestureBegin{.parameter_ids = {cutoff.id}}, answer);
  while (studio.signal->received.back() != "stream.open") studio.wait();
  studio.lose_engine();
  while (!answer) studio.wait();
  CHECK(is(answer->error(), errors::kEngineUnavailable));
  CHECK(!studio.hub->gestures().holds(cutoff.id));
}
