// Points that a client took down during a gesture: one transaction with the final values; and gestures on sends and buses that go.

#include <doctest/doctest.h>

#include "support/studio.hpp"

using namespace loophole;
using namespace loophole::pulse;
using namespace loophole::pulse::test;
using automation::Point;
using automation::Shape;

namespace {

struct Scene : Studio {
  StudioClient hand = client();
  parameter::Parameter cutoff;
  GestureId gesture;

  Scene() {
    start_engine();
    cutoff = make_song(hand).parameters[0];
    settle();
    gesture = begin(cutoff.id);
  }
  GestureId begin(const ParameterId& id) { return hand.call(parameter::GestureBegin{.parameter_ids = {id}}).value().gesture_id; }
  Result<parameter::GestureEndReply> end(std::int64_t from, std::int64_t to, std::vector<Point> points,
                                         parameter::GestureOutcome outcome = parameter::GestureOutcome::commit) {
    return hand.call(parameter::GestureEnd{
        .gesture_id = gesture,
        .values = {{.parameter_id = cutoff.id, .value = 880}},
        .automation = {{{.parameter_id = cutoff.id, .from_frames = from, .to_frames = to, .points = std::move(points)}}},
        .outcome = outcome});
  }
  [[nodiscard]] const parameter::Parameter& now() const { return *hub->parameter(cutoff.id); }
};

const std::vector<Point> kPoints{{.position_frames = 10, .value = 440, .shape = Shape::linear},
                                 {.position_frames = 90, .value = 880, .shape = Shape::hold}};

}  // namespace

TEST_CASE("points and final values are one transaction and one step") {
  Scene scene;
  const Revision before = scene.hub->revision();
  CHECK(scene.end(10, 100, kPoints).value().revision == before + 1);
  CHECK(scene.now().value == 880);
  CHECK(scene.now().automation.value().points == kPoints);
  CHECK(scene.hand.of<project::Changed>().back().changes.size() == 2);
  (void)scene.hand.call(history::Undo{}).value();
  CHECK(scene.now() == scene.cutoff);
}

TEST_CASE("a gesture that is taken back leaves no points") {
  Scene scene;
  const Revision before = scene.hub->revision();
  CHECK(scene.end(10, 100, kPoints, parameter::GestureOutcome::revert).value().revision == before);
  CHECK(scene.now() == scene.cutoff);
}

TEST_CASE("points that are wrong are refused where they are, and the gesture is still open") {
  Scene scene;
  const Error order = scene.end(10, 90, kPoints).error();
  CHECK(is(order, errors::kAutomationInvalidPoints));
  CHECK(order.pointer == "/payload/automation/0/points/1/positionFrames");
  const Error stranger =
      scene.hand
          .call(parameter::GestureEnd{
              .gesture_id = scene.gesture,
              .values = {},
              .automation = {{{.parameter_id = scene.hub->project()->master.gain.id, .from_frames = 0, .to_frames = 1, .points = {}}}}})
          .error();
  CHECK(is(stranger, errors::kPayloadInvalid));
  CHECK(stranger.pointer == "/payload/automation/0/parameterId");
  CHECK(scene.now() == scene.cutoff);
  CHECK(scene.end(10, 100, kPoints));
}

TEST_CASE("a gesture ends when the send or the bus of its parameter is removed, and an undo that would remove it is refused meanwhile") {
  Scene scene;
  const ChannelId channel = scene.hub->project()->tracks[0].channel.id;
  const BusId bus = scene.hand.call(routing::AddBus{.name = "Reverb", .index = {}}).value().bus_id;
  const SendId send = scene.hand.call(routing::AddSend{.channel_id = channel, .bus_id = bus, .pre_fader = false}).value().send_id;
  const ParameterId level = scene.hub->project()->tracks[0].channel.sends[0].level.id;
  const ParameterId gain = scene.hub->project()->buses[0].channel.gain.id;
  const GestureId on_level = scene.begin(level);
  const GestureId on_gain = scene.begin(gain);
  CHECK(is(scene.hand.call(history::Undo{}).error(), errors::kHistoryGestureOpen));
  (void)scene.hand.call(routing::RemoveSend{.send_id = send}).value();
  CHECK(scene.hand.wait_for<parameter::GestureEnded>(1).gesture_id == on_level);
  (void)scene.hand.call(routing::RemoveBus{.bus_id = bus}).value();
  const auto ended = scene.hand.wait_for<parameter::GestureEnded>(2);
  CHECK(ended.gesture_id == on_gain);
  CHECK(ended.reason == parameter::GestureEndReason::target_removed);
}
