// Three real processes through the SDK: project, sound, gesture, undo, an engine that dies, the file.
#include <doctest/doctest.h>

#include <csignal>
#include <functional>
#include <set>

#include "app/names.hpp"
#include "app/sweep.hpp"
#include "demo/audio_files.hpp"
#include "loophole/core/clock.hpp"
#include "rig.hpp"

using namespace loophole;
using namespace std::chrono_literals;
using test::kWatchdog;
using test::Rig;

namespace {

// Asks until the answer is as wanted; the test fails when it never is.
template <class C>
typename C::Reply ask_until(aura::Client& client, const C& command, const std::function<bool(const typename C::Reply&)>& wanted) {
  typename C::Reply reply{};
  const auto end = Clock::now() + kWatchdog;
  for (;;) {
    reply = client.call(command).value();
    if (wanted(reply) || Clock::now() > end) break;
    bool again = false;
    client.after(20ms, [&again] { again = true; });
    REQUIRE(client.poll_until([&again] { return again; }, kWatchdog));
  }
  CHECK(wanted(reply));
  return reply;
}

engine::StatusReply running_engine(aura::Client& client, std::int64_t other_than_epoch = 0) {
  return ask_until(client, engine::Status{}, [&](const engine::StatusReply& status) {
    return status.state == engine::EngineState::running && status.link && status.link->epoch != other_than_epoch;
  });
}

engine::StatusReply equal_digests(aura::Client& client) {
  return ask_until(client, engine::Status{},
                   [](const engine::StatusReply& status) { return status.engine_digest && status.engine_digest == status.model_digest; });
}

void check_value(aura::Client& client, const ParameterId& parameter, double wanted) {
  const auto value = ask_until(client, parameter::Get{.parameter_id = parameter},
                               [&](const parameter::GetReply& reply) { return reply.engine_value == wanted; });
  CHECK(value.value == wanted);
  CHECK(client.mirror().state()->parameter(parameter)->value == wanted);
}

}  // namespace

TEST_CASE("the story of the system, through the SDK") {
  Rig rig("e2e");
  const auto recording = rig.folder() / "played.wav";
  rig.start_pulse({"--driver", "paced", "--record", recording.string()});
  std::optional<aura::Client> connected(rig.connect());
  aura::Client& client = *connected;
  CHECK(client.hello().protocol.major == 1);
  std::int64_t last_revision = 0;
  client.on_change([&](const project::Changed& changed) {
    CHECK(changed.revision == last_revision + 1);
    CHECK(changed.cause.instance_id == client.instance_id());
    last_revision = changed.revision;
  });
  const auto first = running_engine(client);
  CHECK(first.software.value().name == "loophole-signal");

  // A project: a clip, and a tone through a filter.
  const auto file = rig.folder() / "song.loophole";
  REQUIRE(client.call(project::New{.path = file.string(), .name = {}}).has_value());
  const auto voice = client.call(track::Add{.name = "Voice", .index = {}}).value().track_id;
  const auto synth_added = client.call(track::Add{.name = "Synth", .index = {}}).value();
  const auto synth = synth_added.track_id;
  REQUIRE(client.call(clip::Add{.track_id = voice, .path = rig.make_wav("a.wav").string(), .start_frames = 0, .name = {}}).has_value());
  REQUIRE(
      client.call(node::Add{.channel_id = synth_added.channel_id, .kind = node::NodeKind::test_tone, .plugin = {}, .name = {}, .index = {}})
          .has_value());
  REQUIRE(
      client.call(node::Add{.channel_id = synth_added.channel_id, .kind = node::NodeKind::filter, .plugin = {}, .name = {}, .index = {}})
          .has_value());
  CHECK(last_revision == client.revision());
  CHECK(*client.project() == *client.call(project::Snapshot{}).value().project);
  equal_digests(client);

  // It plays: meters and position come from the engine.
  aura::Telemetry& telemetry = client.telemetry();
  telemetry.subscribe(aura::Telemetry::Topic::transport);
  telemetry.subscribe(aura::Telemetry::Topic::meters);
  CHECK(client.call(transport::Play{}).value().playing);
  const auto loud = [&](const TrackId& track) {
    const auto* level = telemetry.meters().find(client.mirror().state()->track(track)->channel.meter_handle, 0);
    return level != nullptr && level->peak > 0.01F;
  };
  CHECK(client.poll_until([&] { return loud(voice) && loud(synth); }, kWatchdog));
  CHECK(client.poll_until(
      [&] { return telemetry.transport() && telemetry.transport()->playing && telemetry.transport()->position_frames > 4800; }, kWatchdog));

  // A gesture: samples to the engine, one step in the history, nothing of it through Pulse.
  const parameter::Parameter cutoff = **cli::find_parameter(*client.project(), "Synth/Cutoff");
  const auto steps = client.call(history::List{}).value().entries.size();
  {
    auto gesture = client.begin_gesture(cutoff.id).value();
    const auto swept =
        cli::run_sweep(client, gesture, {{.parameter = cutoff, .from = 200, .to = 5000}}, {.length = std::chrono::duration<double>(0.5)});
    CHECK(swept.set == 120);
    const auto end = gesture.finish();
    REQUIRE(end.has_value());
    CHECK(end->stream.samples_received == static_cast<std::int64_t>(gesture.counters().samples_sent));
    CHECK(end->stream.samples_applied == end->stream.samples_received);
    CHECK(end->stream.samples_lost == 0);
    CHECK(gesture.counters().samples_sent + gesture.counters().coalesced == 120);
    REQUIRE(end->values.size() == 1);
    CHECK(end->values[0].value == 5000);
  }
  CHECK(client.call(history::List{}).value().entries.size() == steps + 1);
  check_value(client, cutoff.id, 5000);
  const auto counters = client.call(session::Counters{}).value();
  CHECK(counters.stream_frames_seen == 0);
  CHECK(counters.telemetry_frames_seen == 0);

  // Undo and redo: model and engine follow.
  REQUIRE(client.call(history::Undo{}).has_value());
  check_value(client, cutoff.id, cutoff.value);
  REQUIRE(client.call(history::Redo{}).has_value());
  check_value(client, cutoff.id, 5000);

  // The engine dies in the middle of a gesture: it comes back with the same graph, and the gesture goes on.
  const auto before = equal_digests(client);
  auto held = client.begin_gesture(cutoff.id).value();
  held.set(700);
  REQUIRE(cli::program_of(static_cast<pid_t>(before.process_id)) == "loophole-signal");
  REQUIRE(kill(static_cast<pid_t>(before.process_id), SIGKILL) == 0);
  const auto second = running_engine(client, first.link->epoch);
  CHECK(second.process_id != before.process_id);
  CHECK(second.restarts == 1);
  CHECK(std::set<std::int64_t>(second.epochs.begin(), second.epochs.end()).size() == 2);
  CHECK(client.poll_until([&] { return held.counters().resumed == 1; }, kWatchdog));
  CHECK(held.is_open());
  held.set(900);
  const auto end = held.finish();
  REQUIRE(end.has_value());
  CHECK(end->values[0].value == 900);
  check_value(client, cutoff.id, 900);
  equal_digests(client);
  CHECK(client.poll_until([&] { return telemetry.meters().epoch == static_cast<std::uint64_t>(second.link->epoch) && loud(synth); },
                          kWatchdog));
  CHECK(telemetry.counters().gaps == 0);

  // The file: the same project, revision and history after opening it again.
  REQUIRE(client.call(history::Undo{}).has_value());
  REQUIRE(client.call(transport::Stop{}).has_value());
  const auto saved = client.call(project::Save{}).value();
  const auto project = client.call(project::Snapshot{}).value();
  const auto history = client.call(history::List{}).value();
  CHECK(saved.revision == project.revision);
  REQUIRE(client.call(project::Close{}).has_value());
  CHECK(client.project() == nullptr);
  client.on_change({});
  REQUIRE(client.call(project::Open{.path = file.string()}).has_value());
  CHECK(client.call(project::Snapshot{}).value() == project);
  CHECK(client.call(history::List{}).value() == history);
  CHECK(*client.project() == *project.project);

  // The end: nothing is left, and what was played is in the recording.
  connected.reset();
  rig.stop_pulse();
  CHECK_FALSE(rig.pulse().group_alive());
  const auto audio = cli::measure_audio(recording);
  REQUIRE(audio.has_value());
  CHECK(audio->seconds > 0);
  CHECK(audio->rms_db > -60);
}

TEST_CASE("killing the user interface in a gesture leaves a defined project") {
  Rig rig("gone");
  rig.start_pulse({"--driver", "paced"});
  auto watcher = rig.connect();
  running_engine(watcher);
  REQUIRE(watcher.call(project::New{.path = (rig.folder() / "song.loophole").string(), .name = {}}).has_value());
  const auto track = watcher.call(track::Add{.name = "Synth", .index = {}}).value().track_id;
  equal_digests(watcher);
  const ParameterId gain = watcher.mirror().state()->track(track)->channel.gain.id;
  std::optional<project::TransactionOrigin> origin;
  watcher.on_change([&](const project::Changed& changed) { origin = changed.origin; });
  {
    std::optional<aura::Client> other(rig.connect());
    auto gesture = other->begin_gesture(gain).value();
    gesture.set(-7);
    // The engine has the value; the client goes away without an end. A sample that found its stream not dialled yet goes when it is polled.
    ask_until(watcher, parameter::Get{.parameter_id = gain}, [&](const parameter::GetReply& reply) {
      other->poll();
      return reply.engine_value == -7.0;
    });
    other.reset();
  }
  CHECK(watcher.poll_until([&] { return origin.has_value(); }, kWatchdog));
  CHECK(origin == project::TransactionOrigin::abandoned);
  check_value(watcher, gain, -7);
}
