// A project with plugins of three makers sounds the same whenever it is rendered: twice by the Pulse that made it, and after it was saved
// and opened by another one.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <functional>

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

// Each begins anew with its engine and has no random source. Calf Reverb moves with an oscillator of its own, which counts the frames that
// it has run: the offline driver runs it only while the transport does, so it is at the same place each time.
const std::vector<Wanted>& makers() {
  static const std::vector<Wanted> all{
      {"http://drobilla.net/plugins/mda/Overdrive", {{"drive", 0.8}, {"muffle", 0.3}}},
      {"http://gareus.org/oss/lv2/fil4#stereo", {{"LowPass", 1}, {"LPfreq", 1'000}}},
      {"http://calf.sourceforge.net/plugins/Reverb", {{"amount", 1.5}, {"decay_time", 4}}},
  };
  return all;
}

constexpr std::int64_t kHeard = 120'000;
constexpr std::int64_t kFrom = 0;  // where a fade would be heard that an edit left over

// -90 dB of full scale, about the last bit of a file of 16 bits; as a rule there is no difference at all. A plugin that got its values
// after it was started comes to them by a ramp of its own, and one that was started with them does not: fil4 is 2e-12 apart then.
constexpr float kSame = 3.16e-5F;

class SongRig : public Rig {
 public:
  SongRig() : Rig("song") { ::setenv("LV2_PATH", "/usr/local/lib/lv2:/usr/lib/lv2", 1); }

  template <class C>
  typename C::Reply call(const C& command) {
    auto reply = client->call(command);
    const std::string why = reply ? std::string() : to_string(reply.error());
    REQUIRE_MESSAGE(reply.has_value(), why);
    return *std::move(reply);
  }
  template <class C, class Holds>
  void ask_until(const C& command, const Holds& holds) {
    const auto end = Clock::now() + kWatchdog;
    while (!holds(call(command))) {
      REQUIRE_MESSAGE(Clock::now() < end, "waited in vain for " << std::string(C::kName));
      bool again = false;
      client->after(5ms, [&again] { again = true; });
      REQUIRE(client->poll_until([&again] { return again; }, kWatchdog));
    }
  }
  [[nodiscard]] std::string file() const { return (folder() / "song.loophole").string(); }

  void start() {
    ++pass_;
    played_ = 0;
    start_pulse({"--driver", "offline", "--record", recording()});
    client.emplace(connect());
    ask_until(engine::Status{}, [](const engine::StatusReply& status) { return status.state == engine::EngineState::running; });
  }
  void open() {
    start();
    call(project::Open{.path = file()});
  }
  void stop() {
    client.reset();
    stop_pulse();
  }
  const parameter::Parameter& parameter(const NodeId& node, const std::string& key) {
    const auto& all = client->mirror().state()->node(node)->parameters;
    const auto found = std::ranges::find(all, key, &parameter::Parameter::key);
    REQUIRE_MESSAGE(found != all.end(), key);
    return *found;
  }

  // Plays from the begin until kHeard is behind it. Then the engine ends, and its recording is complete.
  std::vector<float> render(const std::function<void()>& end_engine) {
    ask_until(engine::Status{}, [](const engine::StatusReply& status) {
      return status.state == engine::EngineState::running && status.engine_digest && status.engine_digest == status.model_digest;
    });
    for (const NodeId& plugin : plugins)
      if (const node::Node& there = *client->mirror().state()->node(plugin); !there.bypassed) CHECK(there.status == NodeStatus::ready);
    call(transport::Seek{.position_frames = 0});
    call(transport::Play{});
    ask_until(transport::State{}, [](const transport::StateReply& state) { return state.position_frames > kHeard; });
    call(transport::Stop{});
    end_engine();
    return read_on();
  }

  std::optional<aura::Client> client;
  std::vector<NodeId> plugins;

 private:
  [[nodiscard]] std::string recording() const { return (folder() / ("played" + std::to_string(pass_) + ".wav")).string(); }
  // What the engine that ended has added to the recording.
  std::vector<float> read_on() {
    SF_INFO info{};
    SNDFILE* sound = sf_open(recording().c_str(), SFM_READ, &info);
    REQUIRE(sound != nullptr);
    CHECK(info.channels == 2);
    CHECK(sf_seek(sound, played_, SEEK_SET) == played_);
    std::vector<float> samples(kHeard * 2);
    CHECK(sf_readf_float(sound, samples.data(), kHeard) == kHeard);
    played_ = info.frames;
    sf_close(sound);
    return samples;
  }

  int pass_ = 0;
  sf_count_t played_ = 0;
};

float farthest(const std::vector<float>& one, const std::vector<float>& other) {
  float most = 0;
  for (std::size_t i = 0; i < one.size(); ++i) most = std::max(most, std::fabs(one[i] - other[i]));
  return most;
}

// Tracks with a clip each, through one plugin of each maker, whose values, automation and state are not those that it comes with.
void make_song(SongRig& rig) {
  rig.call(project::New{.path = rig.file(), .name = {}});
  const std::string voice = rig.make_wav("voice.wav").string();
  for (const Wanted& wanted : makers()) {
    CAPTURE(wanted.plugin);
    const auto track = rig.call(track::Add{.name = "Voice", .index = {}});
    rig.call(clip::Add{.track_id = track.track_id, .path = voice, .start_frames = kFrom, .name = {}});
    rig.plugins.push_back(
        rig
            .call(node::Add{
                .channel_id = track.channel_id, .kind = node::NodeKind::plugin, .plugin = PluginId(wanted.plugin), .name = {}, .index = {}})
            .node_id);
    for (const auto& [key, value] : wanted.values)
      rig.call(parameter::Set{.parameter_id = rig.parameter(rig.plugins.back(), key).id, .value = value});
  }
  const auto& swept = rig.parameter(rig.plugins[1], "LPfreq");
  rig.call(automation::SetPoints{.parameter_id = swept.id,
                                 .from_frames = 0,
                                 .to_frames = kHeard,
                                 .points = {{.position_frames = 20'000, .value = 2'000, .shape = automation::Shape::linear},
                                            {.position_frames = 40'000, .value = 700, .shape = automation::Shape::hold}}});
  rig.call(automation::SetMode{.parameter_id = swept.id, .mode = automation::Mode::read});
  for (const NodeId& plugin : rig.plugins)
    rig.call(plugin::StateSet{.node_id = plugin, .state = rig.call(plugin::StateGet{.node_id = plugin}).state});
}

}  // namespace

TEST_CASE("a project with plugins of mda, x42 and Calf sounds the same when it is opened again, and each of them is heard") {
  SongRig rig;
  rig.start();
  make_song(rig);
  const auto model = rig.call(project::Snapshot{});
  const std::vector<float> first = rig.render([&] { rig.call(engine::Restart{}); });
  CHECK(std::ranges::any_of(first, [](float sample) { return std::fabs(sample) > 0.05F; }));
  rig.call(project::Save{});
  const std::vector<float> second = rig.render([&] { rig.stop(); });
  CHECK(farthest(first, second) < kSame);

  rig.open();
  CHECK(rig.call(project::Snapshot{}).project == model.project);
  const std::vector<float> again = rig.render([&] { rig.stop(); });
  CHECK(farthest(first, again) < kSame);
  MESSAGE("apart by " << farthest(first, second) << " in the same Pulse, and by " << farthest(first, again) << " in another one");

  for (const NodeId& plugin : rig.plugins) {
    CAPTURE(plugin.str());
    rig.open();
    rig.call(node::SetBypass{.node_id = plugin, .bypassed = true});
    const std::vector<float> without = rig.render([&] {
      rig.call(history::Undo{});
      rig.stop();
    });
    CHECK(farthest(first, without) > 0.001F);
  }
}
