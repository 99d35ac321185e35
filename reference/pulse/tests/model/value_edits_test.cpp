// Values that are whole numbers, automation, and the tempo.

#include <doctest/doctest.h>

#include "model/inverse.hpp"
#include "support/song.hpp"

using namespace loophole;
using namespace loophole::pulse;
using namespace loophole::pulse::test;
using automation::Mode;
using automation::Point;
using automation::Shape;
using parameter::ParameterKind;

namespace {

// "Voice" has a plugin with a parameter of each kind and one that cannot be automated.
struct Scene : Song {
  Scene() {
    node::Node node = make_node(node::NodeKind::filter, {}, handles).value();
    node.parameters.resize(1);
    const auto add = [&](const std::string& id, ParameterKind kind, double maximum) {
      parameter::Parameter parameter = node.parameters[0];
      parameter.id = ParameterId(id);
      parameter.key = id;
      parameter.name = id;
      parameter.kind = kind;
      parameter.minimum = parameter.initial = parameter.value = 0;
      parameter.maximum = maximum;
      parameter.unit = "";
      parameter.handle = handles.take();
      parameter.automatable = id != "fixed";
      node.parameters.push_back(std::move(parameter));
    };
    add("voices", ParameterKind::int_, 16);
    add("on", ParameterKind::bool_, 1);
    add("mode", ParameterKind::choice, 3);
    add("depth", ParameterKind::float_, 1);
    add("fixed", ParameterKind::float_, 1);
    state.apply(project::NodeAdded{.channel_id = track().channel.id, .index = 1, .node = node}).value();
  }
  [[nodiscard]] const std::vector<Point>& points(const ParameterId& id) const { return state.parameter(id)->automation.value().points; }
};

const ParameterId kDepth("depth");
const ParameterId kFixed("fixed");

Point point(std::int64_t position, double value) {
  return {.position_frames = position, .value = value, .shape = Shape::linear};
}

}  // namespace

TEST_CASE("int, bool and choice take whole numbers of their range and nothing between") {
  Scene scene;
  for (const char* id : {"voices", "on", "mode"}) {
    CAPTURE(id);
    const Error between = refusal(scene, parameter::Set{.parameter_id = ParameterId(id), .value = 0.5});
    CHECK(is(between, errors::kParameterOutOfRange));
    CHECK(between.pointer == "/value");
    CHECK(between.message.find("whole numbers") != std::string::npos);
    CHECK(is(refusal(scene, parameter::Set{.parameter_id = ParameterId(id), .value = 17}), errors::kParameterOutOfRange));
    (void)scene.made(parameter::Set{.parameter_id = ParameterId(id), .value = 1});
    CHECK(scene.state.parameter(ParameterId(id))->value == 1);
  }
  (void)scene.made(parameter::Set{.parameter_id = kDepth, .value = 0.5});
}

TEST_CASE("points take the place of those in their part; the first ones are played") {
  Scene scene;
  const auto set = [&](std::int64_t from, std::int64_t to, std::vector<Point> points) {
    return scene.made(automation::SetPoints{.parameter_id = kDepth, .from_frames = from, .to_frames = to, .points = std::move(points)});
  };
  CHECK(set(0, 100, {point(0, 0.1), point(50, 0.2), point(99, 0.3)}).edit.label == "Draw Automation of depth");
  CHECK(scene.state.parameter(kDepth)->automation->mode == Mode::read);
  set(50, 99, {point(60, 0.4), point(61, 0.5)});
  CHECK(scene.points(kDepth) == std::vector{point(0, 0.1), point(60, 0.4), point(61, 0.5), point(99, 0.3)});
  set(61, 1'000, {});
  CHECK(scene.points(kDepth) == std::vector{point(0, 0.1), point(60, 0.4)});
  set(30, 30, {});
  CHECK(scene.points(kDepth).size() == 2);
}

TEST_CASE("points that are not in order, not in their part or not in the range are refused one by one") {
  Scene scene;
  const auto set = [&](std::int64_t from, std::int64_t to, std::vector<Point> points) {
    return refusal(scene, automation::SetPoints{.parameter_id = kDepth, .from_frames = from, .to_frames = to, .points = std::move(points)});
  };
  const auto invalid_at = [](const Error& error, const std::string& pointer) {
    CHECK(is(error, errors::kAutomationInvalidPoints));
    CHECK(error.pointer == pointer);
  };
  invalid_at(set(0, 100, {point(5, 0), point(4, 0)}), "/points/1/positionFrames");
  invalid_at(set(0, 100, {point(5, 0), point(5, 1)}), "/points/1/positionFrames");
  invalid_at(set(10, 100, {point(9, 0)}), "/points/0/positionFrames");
  invalid_at(set(10, 100, {point(100, 0)}), "/points/0/positionFrames");
  invalid_at(set(10, 9, {}), "/toFrames");
  const Error value = set(0, 100, {point(5, 0), point(6, 1.5)});
  CHECK(is(value, errors::kParameterOutOfRange));
  CHECK(value.pointer == "/points/1/value");
  const Error shape = set(0, 100, {{.position_frames = 1, .value = 0, .shape = Shape::unknown}});
  CHECK(is(shape, errors::kPayloadInvalid));
  CHECK(shape.pointer == "/points/0/shape");
  // Whole numbers stay whole on the way.
  CHECK(is(refusal(scene,
                   automation::SetPoints{.parameter_id = ParameterId("mode"), .from_frames = 0, .to_frames = 9, .points = {point(1, 0.5)}}),
           errors::kParameterOutOfRange));
}

TEST_CASE("clearing takes points and leaves the mode; a part, from somewhere on, or all") {
  Scene scene;
  (void)scene.made(automation::SetPoints{
      .parameter_id = kDepth, .from_frames = 0, .to_frames = 50, .points = {point(0, 0), point(10, 0), point(20, 0), point(30, 0)}});
  (void)scene.made(automation::SetMode{.parameter_id = kDepth, .mode = Mode::latch});
  const auto clear = [&](std::optional<std::int64_t> from, std::optional<std::int64_t> to) {
    return scene.made(automation::Clear{.parameter_id = kDepth, .from_frames = from, .to_frames = to}).edit.label;
  };
  CHECK(clear(5, 20) == "Clear Automation of depth");
  CHECK(scene.points(kDepth) == std::vector{point(0, 0), point(20, 0), point(30, 0)});
  clear(30, {});
  CHECK(scene.points(kDepth).size() == 2);
  clear({}, 1);
  CHECK(scene.points(kDepth) == std::vector{point(20, 0)});
  clear({}, {});
  CHECK(scene.points(kDepth).empty());
  CHECK(scene.state.parameter(kDepth)->automation->mode == Mode::latch);
  const Error error = refusal(scene, automation::Clear{.parameter_id = kDepth, .from_frames = 5, .to_frames = 4});
  CHECK(is(error, errors::kPayloadInvalid));
  CHECK(error.pointer == "/toFrames");
}

TEST_CASE("a mode is set with or without points") {
  Scene scene;
  CHECK(scene.made(automation::SetMode{.parameter_id = kDepth, .mode = Mode::touch}).edit.label == "Set Automation of depth to touch");
  CHECK(scene.state.parameter(kDepth)->automation == automation::Lane{.mode = Mode::touch, .points = {}});
  const Error error = refusal(scene, automation::SetMode{.parameter_id = kDepth, .mode = Mode::unknown});
  CHECK(is(error, errors::kPayloadInvalid));
  CHECK(error.pointer == "/mode");
}

TEST_CASE("parameters that are not there or cannot be automated") {
  Scene scene;
  const auto both = [&](auto command) {
    command.parameter_id = kFixed;
    const Error fixed = refusal(scene, command);
    CHECK(is(fixed, errors::kAutomationUnsupported));
    CHECK(fixed.pointer == "/parameterId");
    command.parameter_id = ParameterId("x");
    const Error missing = refusal(scene, command);
    CHECK(is(missing, errors::kParameterNotFound));
    CHECK(missing.pointer == "/parameterId");
  };
  both(automation::SetPoints{.parameter_id = {}, .from_frames = 0, .to_frames = 1, .points = {}});
  both(automation::Clear{.parameter_id = {}, .from_frames = {}, .to_frames = {}});
  both(automation::SetMode{.parameter_id = {}, .mode = Mode::read});
}

TEST_CASE("the tempo is an edit") {
  Scene scene;
  const auto planned = scene.made(transport::SetTempo{.tempo_bpm = 97.5});
  CHECK(planned.edit.label == "Set Tempo");
  CHECK(planned.reply.tempo_bpm == 97.5);
  CHECK(scene.project().tempo_bpm == 97.5);
}

TEST_CASE("what moves a parameter under a hand: values, automation, plugin state, and the end of what it belongs to") {
  Scene scene;
  const auto bus = scene.made(routing::AddBus{.name = "Reverb", .index = {}}).reply;
  const ChannelId voice = scene.track().channel.id;
  const SendId send = scene.made(routing::AddSend{.channel_id = voice, .bus_id = bus.bus_id, .pre_fader = false}).reply.send_id;
  const node::Node& filter = scene.track().channel.nodes[0];
  const ParameterId level = scene.state.send(send)->level.id;
  const ParameterId gain = scene.track().channel.gain.id;
  const auto touches = [&](const project::Change& change, const ParameterId& id) {
    const auto touched = touched_parameters(scene.state, change);
    return std::find(touched.begin(), touched.end(), id) != touched.end();
  };
  CHECK(touches(project::ParameterChanged{.parameter_id = gain, .value = 1}, gain));
  CHECK(touches(project::AutomationChanged{.parameter_id = gain, .automation = {}}, gain));
  CHECK(touches(project::NodeRemoved{.channel_id = voice, .node_id = filter.id}, filter.parameters[0].id));
  CHECK(touches(project::SendRemoved{.channel_id = voice, .send_id = send}, level));
  CHECK(touches(project::BusRemoved{.bus_id = bus.bus_id}, scene.bus().channel.gain.id));
  for (const ParameterId& id : {gain, level, filter.parameters[0].id})
    CHECK(touches(project::TrackRemoved{.track_id = scene.track().id}, id));
  project::NodeChanged changed{
      .node_id = filter.id, .name = filter.name, .bypassed = true, .status = filter.status, .state = PluginState("AAAA")};
  CHECK(touches(changed, filter.parameters[0].id));
  changed.state = filter.state;
  CHECK(!touches(changed, filter.parameters[0].id));
  CHECK(!touches(project::NodeMoved{.node_id = filter.id, .channel_id = voice, .index = 1}, filter.parameters[0].id));
}
