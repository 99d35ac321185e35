// What is heard: clips, ramps, state that is kept. protocol/engine.md, protocol/realtime.md.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <numbers>

#include "signal/rig.hpp"

namespace loophole::conformance::signal_cases {
namespace {

// One channel of 16 bits: a second of silence, then a second of a sine.
std::string write_sine(Trial& t, const char* name, std::uint32_t rate, double hz, double amplitude) {
  const std::uint32_t frames = rate * 2;
  std::string wav = "RIFF....WAVEfmt ";
  const auto put = [&wav](std::uint32_t value, std::size_t bytes) {
    for (std::size_t i = 0; i < bytes; ++i) wav += static_cast<char>(value >> (8 * i));
  };
  put(16, 4);
  put(1, 2);
  put(1, 2);
  put(rate, 4);
  put(rate * 2, 4);
  put(2, 2);
  put(16, 2);
  wav += "data";
  put(frames * 2, 4);
  for (std::uint32_t i = 0; i < frames; ++i) {
    const double value = i < rate ? 0 : amplitude * std::sin(2 * std::numbers::pi * hz * i / rate);
    put(static_cast<std::uint32_t>(static_cast<std::int32_t>(std::lround(value * 32'767))), 2);
  }
  const auto size = static_cast<std::uint32_t>(wav.size() - 8);
  std::memcpy(wav.data() + 4, &size, sizeof size);
  const auto path = t.folder() / name;
  write_file(path, wav);
  return path.string();
}

graph::Graph clip_graph(graph::GraphClip clip, Kind last = Kind::meter) {
  graph::GraphNode player = node("clips", Kind::clip_player);
  player.clips.push_back(std::move(clip));
  graph::GraphNode watch = node("watch", last);
  watch.meter_handle = kMeter;
  return chain({player, watch, output()});
}

// The transport goes round between these frames.
void go_round(Trial& t, std::int64_t from, std::int64_t to) {
  const Answer answer = t.pulse().call(engine::TransportSet{
      .playing = true, .position_frames = from, .loop = transport::Loop{.enabled = true, .start_frames = from, .end_frames = to}});
  if (!answer.is_reply()) throw CaseEnded("the transport does not loop: " + answer.text());
}

}  // namespace

void add_sound_cases(std::vector<Case>& cases) {
  cases.push_back({
      .id = "signal.sound.clip",
      .title = "A clip is heard at its place, from its place in the file, on both sides",
      .steps = "Play a file of a silent second and a second of a sine of -6 dB: the clip begins at 96,000, half a second before the sine, "
               "for a second.",
      .level = Level::required,
      .checks = {{"silent-part", {"ENG-66"}, "the half second before the sine is silent"},
                 {"heard", {"ENG-66"}, "then the sine is heard"},
                 {"both-sides", {"ENG-66"}, "on the right side as well, though the file has one channel"},
                 {"ends", {"ENG-66"}, "behind its length the clip is silent, though the file goes on"},
                 {"before", {"ENG-66"}, "before its start it is silent"}},
      .run =
          [](Trial& t) {
            const std::string path = write_sine(t, "sine.wav", 48'000, 1'000, 0.5);
            play(t, clip_graph({.path = path, .start_frames = 96'000, .offset_frames = 24'000, .length_frames = 48'000, .gain_db = 0}));
            watch_meters(t);
            go_round(t, 97'000, 118'000);
            t.check("silent-part", shows(t, -200), shown(t));
            go_round(t, 122'000, 142'000);
            t.check("heard", shows(t, -6.02), shown(t));
            const auto& readings = t.watcher().meters["meters"].back().readings;
            t.check("both-sides",
                    std::ranges::any_of(readings, [](const auto& r) { return r.channel == 1 && std::abs(r.peak - 0.5F) < 0.02F; }),
                    shown(t));
            go_round(t, 146'000, 166'000);
            t.check("ends", shows(t, -200), shown(t));
            go_round(t, 60'000, 90'000);
            t.check("before", shows(t, -200), shown(t));
          },
  });
  cases.push_back({
      .id = "signal.sound.other-rate",
      .title = "A file of another sample rate has its right pitch",
      .steps = "Play a file of 24,000 Hz with a sine of 2,000 Hz into an analyser.",
      .level = Level::required,
      .checks = {{"pitch", {"ENG-67"}, "the highest bin is that of 2,000 Hz"},
                 {"length", {"ENG-67"}, "the sine begins a second after the clip"}},
      .run =
          [](Trial& t) {
            const std::string path = write_sine(t, "slow.wav", 24'000, 2'000, 0.5);
            const graph::GraphClip clip{.path = path, .start_frames = 0, .offset_frames = 0, .length_frames = 96'000, .gain_db = 0};
            play(t, clip_graph(clip, Kind::analyser));
            go_round(t, 52'000, 92'000);
            Watcher& watcher = t.watcher();
            watcher.subscribe("spectrum/9");
            const auto& all = watcher.spectra["spectrum/9"];
            double bin = -1;
            const bool found = t.wait([&] {
              if (all.empty()) return false;
              const auto& one = all.back();
              if (one.magnitudes_db.empty()) return false;
              const auto highest = std::ranges::max_element(one.magnitudes_db);
              bin = static_cast<double>(highest - one.magnitudes_db.begin()) * one.header.sample_rate_hz / one.header.window_frames;
              return *highest > -20 && std::abs(bin - 2'000) < 60;
            });
            t.check("pitch", found, "the highest bin is at " + std::to_string(bin) + " Hz");
            put(t, clip_graph(clip), 2);
            watch_meters(t);
            go_round(t, 1'000, 46'000);
            t.check("length", shows(t, -200), shown(t));
          },
  });
  cases.push_back({
      .id = "signal.sound.state-kept",
      .title = "A node that is in the old and the new graph keeps its state",
      .steps = "Play a tone into a delay of 800 ms that gives out the echo alone; stop the transport before the echo; put a graph with a "
               "node more; listen.",
      .level = Level::required,
      .checks = {{"echo", {"ENG-24"}, "the echo is heard, though the tone has long ended and the graph is another"}},
      .run =
          [](Trial& t) {
            const auto with_delay = [](bool more) {
              std::vector<graph::GraphNode> nodes{
                  tone("tone", 1),
                  node("delay", Kind::delay,
                       {parameter(15, "time", 800, 1, 2'000), parameter(16, "feedback", 0, 0, 0.9), parameter(17, "mix", 1, 0, 1)})};
              if (more) nodes.push_back(gain("more", 30));
              nodes.push_back(meter("meter", kMeter));
              nodes.push_back(output());
              return chain(std::move(nodes));
            };
            configure(t);
            put(t, with_delay(false));
            watch_meters(t);
            (void)t.pulse().call(engine::TransportSet{.playing = true});
            t.pass(Milliseconds(300));  // what is recorded into the delay
            (void)t.pulse().call(engine::TransportSet{.playing = false});
            put(t, with_delay(true), 2);
            t.check("echo", shows(t, kToneDb), shown(t));
          },
  });
  cases.push_back({
      .id = "signal.sound.ramps",
      .title = "A value of a new node is there at once; a change takes its smoothing time",
      .steps = "Put a gain of -20 dB with a smoothing of ten seconds; set it to 12 dB; then put one with no smoothing.",
      .level = Level::required,
      .checks = {{"first", {"RT-14"}, "-20 dB is heard at once"},
                 {"smoothed", {"RT-11", "GEST-18"}, "a second after the change it is not at 12 dB yet"},
                 {"at-once", {"RT-11"}, "with a smoothing of 0 a change is heard at once"}},
      .run =
          [](Trial& t) {
            const auto graph = [](double smoothing_ms) {
              return chain({tone("tone", 1), gain("gain", kGain, -20, smoothing_ms), meter("meter", kMeter), output()});
            };
            play(t, graph(10'000));
            watch_meters(t);
            t.check("first", shows(t, kToneDb - 20), shown(t));
            (void)t.pulse().call(engine::ParameterSet{.values = {{.handle = kGain, .value = 12}}});
            const auto& frames = t.watcher().meters["meters"];
            const std::uint64_t begin = frames.back().header.engine_frames;
            (void)t.wait([&] { return frames.back().header.engine_frames > begin + 48'000; });
            const auto reading = t.watcher().reading(kMeter);
            t.check("smoothed", frames.back().header.engine_frames < begin + 8 * 48'000 && reading && reading->peak < 0.9F, shown(t));
            put(t, graph(0), 2);
            (void)t.pulse().call(engine::ParameterSet{.values = {{.handle = kGain, .value = 0}}});
            t.check("at-once", shows(t, kToneDb), shown(t));
          },
  });
  cases.push_back({
      .id = "signal.sound.values-together",
      .title = "Values of one command come into force in the same block",
      .steps = "Play a tone with two levels without smoothing; move one 12 dB up and the other 12 dB down in one command, twenty times, "
               "and back.",
      .level = Level::required,
      .checks = {{"together", {"ENG-32", "RT-9"}, "no reading shows one of them without the other"}},
      .run =
          [](Trial& t) {
            play(t, chain({tone("tone", 1), gain("up", 20, 0, 0), gain("down", 21, 0, 0), meter("meter", kMeter), output()}));
            watch_meters(t);
            if (!shows(t, kToneDb)) throw CaseEnded("the tone is not heard: " + shown(t));
            const auto& frames = t.watcher().meters["meters"];
            const std::size_t from = frames.size();
            for (int i = 0; i < 20; ++i) {
              const double db = i % 2 == 0 ? 12 : 0;
              (void)t.pulse().call(engine::ParameterSet{.values = {{.handle = 20, .value = db}, {.handle = 21, .value = -db}}});
            }
            (void)keeps(t, kToneDb);
            const float limit = static_cast<float>(std::pow(10, (kToneDb + 3) / 20));
            for (std::size_t i = from; i < frames.size(); ++i)
              for (const auto& reading : frames[i].readings)
                t.check("together", reading.peak < limit, "a reading of " + std::to_string(reading.peak));
            t.check("together", frames.size() > from, "no readings came");
          },
  });
}

}  // namespace loophole::conformance::signal_cases
