// A project with plugins of three makers plays, is saved, and sounds the same after it was opened again by another Pulse and engine.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>

#include "loophole/core/clock.hpp"
#include "rig.hpp"

using namespace loophole;
using namespace std::chrono_literals;
using test::kWatchdog;
using test::Rig;

namespace {

struct Wanted {
  const char* plugin;
  std::vector<std::pair<const char*, double>> values;  // other than it comes with
};

const std::vector<Wanted>& makers() {
  static const std::vector<Wanted> all{
      {"http://drobilla.net/plugins/mda/Overdrive", {{"drive", 0.8}, {"muffle", 0.3}}},
      {"http://gareus.org/oss/lv2/fil4#stereo", {{"LowPass", 1}, {"LPfreq", 1'000}}},
      {"http://calf.sourceforge.net/plugins/Reverb", {{"amount", 1.5}, {"decay_time", 4}}},
  };
  return all;
}

// By then a value that was set while nothing played has been reached.
constexpr std::int64_t kClipBegin = 24'000;
constexpr std::int64_t kHeard = 120'000;

struct SongRig : Rig {
  SongRig() : Rig("song") { ::setenv("LV2_PATH", "/usr/local/lib/lv2:/usr/lib/lv2", 1); }

  template <class C>
  typename C::Reply call(const C& command) {
    auto reply = client->call(command);
    REQUIRE_MESSAGE(reply.has_value(), (reply ? "" : reply.error().message));
    return *std::move(reply);
  }
  template <class C, class Wanted>
  void ask_until(const C& command, const Wanted& wanted) {
    const auto end = Clock::now() + kWatchdog;
    while (!wanted(call(command))) {
      REQUIRE_MESSAGE(Clock::now() < end, "waited in vain for " << std::string(C::kName));
      bool again = false;
      client->after(10ms, [&again] { again = true; });
      REQUIRE(client->poll_until([&again] { return again; }, kWatchdog));
    }
  }
  [[nodiscard]] std::string file() const { return (folder() / "song.loophole").string(); }
  [[nodiscard]] std::string recording() const { return (folder() / ("played" + std::to_string(pass) + ".wav")).string(); }

  void start() {
    ++pass;
    start_pulse({"--driver", "offline", "--record", recording()});
    client.emplace(connect());
    ask_until(engine::Status{}, [](const engine::StatusReply& status) { return status.state == engine::EngineState::running; });
  }
  void open() {
    start();
    call(project::Open{.path = file()});
  }
  // What is heard from the begin of the project, which is saved then.
  std::vector<float> play_and_save() {
    ask_until(engine::Status{}, [](const engine::StatusReply& status) {
      return status.state == engine::EngineState::running && status.engine_digest && status.engine_digest == status.model_digest;
    });
    for (const NodeId& plugin : plugins)
      if (const node::Node& there = *client->mirror().state()->node(plugin); !there.bypassed) CHECK(there.status == NodeStatus::ready);
    call(transport::Play{});
    ask_until(transport::State{}, [](const transport::StateReply& state) { return state.position_frames > kHeard; });
    call(transport::Stop{});
    call(project::Save{});
    call(project::Close{});
    client.reset();
    stop_pulse();
    return recorded();
  }
  [[nodiscard]] std::vector<float> recorded() const {
    SF_INFO info{};
    SNDFILE* sound = sf_open(recording().c_str(), SFM_READ, &info);
    REQUIRE(sound != nullptr);
    std::vector<float> samples(kHeard * 2);
    CHECK(info.channels == 2);
    CHECK(sf_readf_float(sound, samples.data(), kHeard) == kHeard);
    sf_close(sound);
    return samples;
  }

  std::optional<aura::Client> client;
  std::vector<NodeId> plugins;
  int pass = 0;
};

float farthest(const std::vector<float>& one, const std::vector<float>& other) {
  float most = 0;
  for (std::size_t i = 0; i < one.size(); ++i) most = std::max(most, std::fabs(one[i] - other[i]));
  return most;
}

}  // namespace

TEST_CASE("a project with plugins of mda, x42 and Calf sounds the same when it is opened again, and each of them is heard") {
  SongRig rig;
  rig.start();
  rig.call(project::New{.path = rig.file(), .name = {}});
  const auto track = rig.call(track::Add{.name = "Voice", .index = {}});
  rig.call(clip::Add{.track_id = track.track_id, .path = rig.make_wav("voice.wav").string(), .start_frames = kClipBegin, .name = {}});
  for (const Wanted& wanted : makers()) {
    CAPTURE(wanted.plugin);
    const NodeId id =
        rig
            .call(node::Add{
                .channel_id = track.channel_id, .kind = node::NodeKind::plugin, .plugin = PluginId(wanted.plugin), .name = {}, .index = {}})
            .node_id;
    const auto& parameters = rig.client->mirror().state()->node(id)->parameters;
    for (const auto& value : wanted.values) {
      const auto found = std::ranges::find(parameters, std::string(value.first), &parameter::Parameter::key);
      REQUIRE(found != parameters.end());
      rig.call(parameter::Set{.parameter_id = found->id, .value = std::clamp(value.second, found->minimum, found->maximum)});
    }
    rig.plugins.push_back(id);
  }
  // With states beside the values, as a host keeps what only the plugin knows.
  for (const NodeId& plugin : rig.plugins)
    rig.call(plugin::StateSet{.node_id = plugin, .state = rig.call(plugin::StateGet{.node_id = plugin}).state});
  const auto model = rig.call(project::Snapshot{});
  const std::vector<float> first = rig.play_and_save();
  CHECK(std::ranges::any_of(first, [](float sample) { return std::fabs(sample) > 0.05F; }));

  rig.open();
  CHECK(rig.call(project::Snapshot{}).project == model.project);
  const std::vector<float> again = rig.play_and_save();
  CHECK(farthest(first, again) < 1e-5F);

  std::vector<float> before = first;
  for (const NodeId& plugin : rig.plugins) {
    CAPTURE(plugin.str());
    rig.open();
    rig.call(node::SetBypass{.node_id = plugin, .bypassed = true});
    const std::vector<float> without = rig.play_and_save();
    CHECK(farthest(before, without) > 0.001F);
    before = without;
  }
}
