// Buses, sends and outputs: audio may go anywhere but in a circle, and nothing leads to a bus that is gone.

#include <doctest/doctest.h>

#include "model/inverse.hpp"
#include "support/song.hpp"

using namespace loophole;
using namespace loophole::pulse;
using namespace loophole::pulse::test;
using Names = std::vector<std::string>;

namespace {

// Buses "Drums", "Reverb" and "Hall"; "Voice" goes to "Drums" and sends to "Reverb".
struct Scene : Song {
  BusId drums = add("Drums");
  BusId reverb = add("Reverb");
  BusId hall = add("Hall");

  Scene() {
    output(track().channel.id, drums);
    send(track().channel.id, reverb);
  }
  BusId add(const std::string& name) { return made(routing::AddBus{.name = name, .index = {}}).reply.bus_id; }
  void output(const ChannelId& channel, const BusId& bus) { (void)made(routing::SetOutput{.channel_id = channel, .bus_id = bus}); }
  SendId send(const ChannelId& channel, const BusId& bus) {
    return made(routing::AddSend{.channel_id = channel, .bus_id = bus, .pre_fader = false}).reply.send_id;
  }
  [[nodiscard]] ChannelId channel_of(const BusId& bus) const { return state.bus(bus)->channel.id; }
};

}  // namespace

TEST_CASE("a bus is added at its place, with a channel into the master") {
  Song song;
  (void)song.made(routing::AddBus{.name = "B", .index = {}});
  const auto planned = song.made(routing::AddBus{.name = "A", .index = 0});
  CHECK(planned.edit.label == "Add Bus \"A\"");
  CHECK(names(song.project().buses) == Names{"A", "B"});
  CHECK(planned.reply.bus_id == song.bus().id);
  CHECK(planned.reply.channel_id == song.bus().channel.id);
  CHECK(!song.bus().channel.output.has_value());
  const Error error = refusal(song, routing::AddBus{.name = "C", .index = 3});
  CHECK(is(error, errors::kPayloadInvalid));
  CHECK(error.pointer == "/index");
  CHECK(error.expected == "0 to 2");
}

TEST_CASE("a bus gets another name") {
  Scene scene;
  CHECK(scene.made(routing::RenameBus{.bus_id = scene.reverb, .name = "Plate"}).edit.label == "Rename Bus to \"Plate\"");
  CHECK(names(scene.project().buses) == Names{"Drums", "Plate", "Hall"});
  const Error error = refusal(scene, routing::RenameBus{.bus_id = BusId("x"), .name = "y"});
  CHECK(is(error, errors::kBusNotFound));
  CHECK(error.pointer == "/busId");
}

TEST_CASE("a bus goes with everything that leads to it; taken back, everything leads there again") {
  Scene scene;
  scene.output(scene.channel_of(scene.hall), scene.reverb);
  scene.send(scene.channel_of(scene.drums), scene.reverb);
  scene.send(scene.channel_of(scene.drums), scene.hall);
  scene.send(scene.channel_of(scene.drums), scene.reverb);
  const project::Project before = scene.project();
  const auto planned = edits::plan(scene.context, routing::RemoveBus{.bus_id = scene.reverb}).value();
  CHECK(planned.edit.label == "Remove Bus \"Reverb\"");
  CHECK(planned.edit.changes.size() == 5);
  std::vector<project::Change> back;
  for (const project::Change& change : planned.edit.changes) {
    back.push_back(inverse_of(scene.state, change).value());
    scene.state.apply(change).value();
  }
  CHECK(names(scene.project().buses) == Names{"Drums", "Hall"});
  CHECK(scene.track().channel.sends.empty());
  CHECK(scene.track().channel.output == scene.drums);
  CHECK(scene.bus(0).channel.sends.size() == 1);
  CHECK(!scene.bus(1).channel.output.has_value());
  for (auto change = back.rbegin(); change != back.rend(); ++change) scene.state.apply(*change).value();
  CHECK(scene.project() == before);
  const Error error = refusal(scene, routing::RemoveBus{.bus_id = BusId("x")});
  CHECK(is(error, errors::kBusNotFound));
  CHECK(error.pointer == "/busId");
}

TEST_CASE("an output is set to a bus, and to the master again") {
  Scene scene;
  const ChannelId voice = scene.track().channel.id;
  CHECK(scene.made(routing::SetOutput{.channel_id = voice, .bus_id = scene.hall}).edit.label == "Set Output to \"Hall\"");
  CHECK(scene.track().channel.output == scene.hall);
  CHECK(scene.made(routing::SetOutput{.channel_id = voice, .bus_id = {}}).edit.label == "Set Output to Master");
  CHECK(!scene.track().channel.output.has_value());
  const Error nobody = refusal(scene, routing::SetOutput{.channel_id = ChannelId("x"), .bus_id = {}});
  CHECK(is(nobody, errors::kChannelNotFound));
  CHECK(nobody.pointer == "/channelId");
  const Error nowhere = refusal(scene, routing::SetOutput{.channel_id = voice, .bus_id = BusId("x")});
  CHECK(is(nowhere, errors::kBusNotFound));
  CHECK(nowhere.pointer == "/busId");
}

TEST_CASE("an output or a send that would close a circle is refused with the way round") {
  Scene scene;
  scene.output(scene.channel_of(scene.drums), scene.reverb);
  scene.send(scene.channel_of(scene.reverb), scene.hall);
  const auto refused = [&](const auto& command, const std::string& way) {
    const Error error = refusal(scene, command);
    CAPTURE(error.message);
    CHECK(is(error, errors::kRoutingCycle));
    CHECK(error.pointer == "/busId");
    CHECK(error.message.find(": " + way + ";") != std::string::npos);
  };
  const ChannelId hall = scene.channel_of(scene.hall);
  refused(routing::SetOutput{.channel_id = hall, .bus_id = scene.drums}, R"("Hall" -> "Drums" -> "Reverb" -> "Hall")");
  refused(routing::AddSend{.channel_id = hall, .bus_id = scene.reverb, .pre_fader = false}, R"("Hall" -> "Reverb" -> "Hall")");
  refused(routing::SetOutput{.channel_id = hall, .bus_id = scene.hall}, R"("Hall" -> "Hall")");
  // Everything ends in the master.
  refused(routing::SetOutput{.channel_id = scene.project().master.id, .bus_id = scene.hall}, R"(Master -> "Hall" -> Master)");
  refused(routing::AddSend{.channel_id = scene.project().master.id, .bus_id = scene.hall, .pre_fader = true},
          R"(Master -> "Hall" -> Master)");
  // Two ways to the same bus are no circle.
  scene.output(scene.channel_of(scene.drums), scene.hall);
  scene.send(scene.channel_of(scene.drums), scene.reverb);
}

TEST_CASE("sends: where to, before or behind the level, a level of their own; several to the same bus if need be") {
  Scene scene;
  const ChannelId voice = scene.track().channel.id;
  const auto planned = scene.made(routing::AddSend{.channel_id = voice, .bus_id = scene.reverb, .pre_fader = true});
  CHECK(planned.edit.label == "Add Send to \"Reverb\"");
  REQUIRE(scene.track().channel.sends.size() == 2);
  const channel::Send& send = scene.track().channel.sends[1];
  CHECK(send.id == planned.reply.send_id);
  CHECK(send.bus_id == scene.reverb);
  CHECK(send.pre_fader);
  CHECK(send.level.owner_id.str() == send.id.str());
  CHECK(scene.state.parameter(send.level.id) == &send.level);
  CHECK(scene.made(routing::RemoveSend{.send_id = planned.reply.send_id}).edit.label == "Remove Send to \"Reverb\"");
  CHECK(scene.track().channel.sends.size() == 1);

  const Error gone = refusal(scene, routing::RemoveSend{.send_id = planned.reply.send_id});
  CHECK(is(gone, errors::kSendNotFound));
  CHECK(gone.pointer == "/sendId");
  CHECK(refusal(scene, routing::AddSend{.channel_id = ChannelId("x"), .bus_id = scene.reverb, .pre_fader = false}).pointer == "/channelId");
  CHECK(refusal(scene, routing::AddSend{.channel_id = voice, .bus_id = BusId("x"), .pre_fader = false}).pointer == "/busId");
}

TEST_CASE("a channel with as many sends as there can be takes no more") {
  Scene scene;
  const ChannelId voice = scene.track().channel.id;
  while (scene.track().channel.sends.size() < 256) scene.send(voice, scene.hall);
  const Error error = refusal(scene, routing::AddSend{.channel_id = voice, .bus_id = scene.hall, .pre_fader = false});
  CHECK(is(error, errors::kPayloadInvalid));
  CHECK(error.pointer == "/channelId");
}
