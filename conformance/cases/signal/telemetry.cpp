// Telemetry: protocol/telemetry.md, protocol/framing.md.
#include <algorithm>
#include <cmath>

#include "loophole/core/clock.hpp"
#include "signal/rig.hpp"

namespace loophole::conformance::signal_cases {
namespace {

void begin(Trial& t) {
  play(t, voice());
}

bool comes(Trial& t, std::string_view topic, std::size_t frames = 1) {
  const std::size_t wanted = t.watcher().count(topic) + frames;
  for (std::size_t now = 0; (now = t.watcher().count(topic)) < wanted;)
    if (!t.wait([&] { return t.watcher().count(topic) > now; })) return false;  // many frames take their time; none comes is the fault
  return true;
}

graph::Graph watched_tone(double frequency) {
  graph::GraphNode analyser = node("analyser", Kind::analyser);
  analyser.meter_handle = 50;
  return chain({tone("tone", 1, frequency, -6), analyser, output()});
}

}  // namespace

void add_telemetry_cases(std::vector<Case>& cases) {
  cases.push_back({
      .id = "signal.telemetry.frames",
      .title = "Each topic brings its frames, numbered and in time",
      .steps = "Subscribe to meters, transport and stats; take forty frames of meters.",
      .level = Level::wire,
      .checks = {{"meters", {"FRM-23"}, "frames of meters come"},
                 {"transport", {"FRM-23"}, "frames of transport come"},
                 {"stats", {"FRM-23"}, "frames of stats come"},
                 {"sequence",
                  {"TEL-1"},
                  "sequence rises by one with each frame that was sent: a number is missing only where a reading is (TEL-6)"},
                 {"time", {"TEL-2"}, "engine_frames and time_ns do not go back"},
                 {"epoch", {"ENG-8"}, "each frame has the epoch of the hello"}},
      .run =
          [](Trial& t) {
            begin(t);
            Watcher& watcher = t.watcher();
            for (const char* topic : {"meters", "transport", "stats"}) watcher.subscribe(topic);
            t.check("meters", comes(t, "meters", 40), "not forty frames of meters");
            t.check("transport", watcher.count("transport") > 0, "no frame of transport");
            t.check("stats", watcher.count("stats") > 0 || comes(t, "stats"), "no frame of stats");
            const auto& frames = watcher.meters["meters"];
            for (std::size_t i = 0; i < frames.size(); ++i) {
              const auto& now = frames[i].header;
              t.check("epoch", now.epoch == t.epoch(), "epoch " + std::to_string(now.epoch));
              if (i == 0) continue;
              const auto& before = frames[i - 1].header;
              // The plane may lose a frame (TEL-6): its reading is missing as well then.
              const bool lost = now.sequence > before.sequence && now.engine_frames - now.length_frames > before.engine_frames;
              t.check("sequence", now.sequence == before.sequence + 1 || lost,
                      std::to_string(now.sequence) + " after " + std::to_string(before.sequence) + ", and no reading is missing");
              t.check("time", now.engine_frames >= before.engine_frames && now.time_ns >= before.time_ns,
                      "frame " + std::to_string(now.sequence));
            }
          },
  });
  cases.push_back({
      .id = "signal.telemetry.meters",
      .title = "A meter shows what passes it",
      .steps = "Play a sine of -12 dB; look at readings of both channels; stop the transport.",
      .level = Level::required,
      .checks = {{"peak", {"TEL-9", "TEL-11"}, "the peak is -12 dB"},
                 {"rms", {"TEL-9"}, "the RMS is 3 dB below it"},
                 {"channels", {"TEL-9"}, "both channels have readings"},
                 {"clipped", {"TEL-9"}, "nothing is counted as clipped"},
                 {"follows", {"TEL-10", "TEL-23"}, "readings follow each other without a gap"},
                 {"silence", {"TEL-9"}, "with the transport stopped it shows silence"}},
      .run =
          [](Trial& t) {
            begin(t);
            watch_meters(t);
            t.require("peak", shows(t, kToneDb), shown(t));
            const auto reading = t.watcher().reading(kMeter);
            t.check("rms", std::abs(reading->rms / reading->peak - std::sqrt(0.5)) < 0.02, shown(t));
            t.check("clipped", reading->clipped == 0, std::to_string(reading->clipped) + " samples");
            (void)comes(t, "meters", 10);
            const auto& frames = t.watcher().meters["meters"];
            const auto& last = frames.back();
            const auto channel = [&](std::uint16_t number) {
              return std::ranges::any_of(last.readings, [&](const auto& r) { return r.handle == kMeter && r.channel == number; });
            };
            t.check("channels", channel(0) && channel(1), std::to_string(last.readings.size()) + " readings");
            for (std::size_t i = 1; i < frames.size(); ++i) {
              const auto& now = frames[i].header;
              const std::uint64_t begins = now.engine_frames - now.length_frames;
              const std::uint64_t ended = frames[i - 1].header.engine_frames;
              const bool lost = now.sequence > frames[i - 1].header.sequence + 1;  // by the plane, which may
              t.check("follows", lost ? begins >= ended : begins == ended,
                      "a reading of " + std::to_string(now.length_frames) + " frames that ends at " + std::to_string(now.engine_frames) +
                          " after one that ends at " + std::to_string(ended));
            }
            (void)t.pulse().call(engine::TransportSet{.playing = false});
            t.check("silence", shows(t, -200), shown(t));
          },
  });
  cases.push_back({
      .id = "signal.telemetry.clipping",
      .title = "What is above full scale is counted as clipped",
      .steps = "Play a sine of -12 dB through a gain of 12 dB and another of 12 dB.",
      .level = Level::required,
      .checks = {{"peak", {"TEL-9"}, "the peak is 12 dB above full scale"}, {"clipped", {"TEL-9"}, "samples are counted as clipped"}},
      .run =
          [](Trial& t) {
            play(t, chain({tone("tone", 1), gain("gain", 3, 12), gain("more", 4, 12), meter("meter", kMeter), output()}));
            watch_meters(t);
            t.check("peak", shows(t, 12), shown(t));
            const auto reading = t.watcher().reading(kMeter);
            t.check("clipped", reading && reading->clipped > 0, "clipped is 0");
          },
  });
  cases.push_back({
      .id = "signal.telemetry.removed-meter",
      .title = "A meter of a node that is gone is no longer in the readings",
      .steps = "Watch two meters; put a graph with one of them.",
      .level = Level::required,
      .checks = {{"both", {"TEL-11"}, "both have readings"},
                 {"gone", {"TEL-12"}, "then one has none"},
                 {"stays", {"TEL-12"}, "and the other one has"}},
      .run =
          [](Trial& t) {
            play(t, chain({tone("tone", 1), meter("early", 8), gain("gain", 3), meter("meter", kMeter), output()}));
            watch_meters(t);
            t.check("both", shows(t, kToneDb, 8) && shows(t, kToneDb), shown(t, 8));
            put(t, voice(), 2);
            const auto has = [&](std::uint32_t handle) {
              const auto& frames = t.watcher().meters["meters"];
              return std::ranges::any_of(frames.back().readings, [&](const auto& r) { return r.handle == handle; });
            };
            t.check("gone", t.wait([&] { return !has(8); }), "it still has readings");
            t.check("stays", comes(t, "meters", 5) && has(kMeter) && !has(8), shown(t));
          },
  });
  cases.push_back({
      .id = "signal.telemetry.many-meters",
      .title = "Meters that do not fit into one frame are all there",
      .steps = "Watch 500 meters.",
      .level = Level::required,
      .checks = {{"all", {"TEL-23", "FRM-37"}, "every meter has a reading over the same frames"}},
      .run =
          [](Trial& t) {
            graph::Graph graph = chain({tone("tone", 1), output()});
            for (int i = 0; i < 500; ++i) {
              graph.nodes.push_back(meter("meter-" + std::to_string(i), 1'000 + i));
              graph.connections.push_back({.from = GraphNodeId("tone"), .to = graph.nodes.back().id});
            }
            play(t, graph);
            watch_meters(t);
            const bool all = t.wait([&] {
              const auto& frames = t.watcher().meters["meters"];
              std::map<std::uint64_t, std::size_t> readings;
              for (const auto& frame : frames)
                readings[frame.header.engine_frames] +=
                    static_cast<std::size_t>(std::ranges::count(frame.readings, 0, &frames::MeterReading::channel));
              return std::ranges::any_of(readings, [](const auto& one) { return one.second == 500; });
            });
            t.check("all", all, "no reading has all 500");
          },
  });
  cases.push_back({
      .id = "signal.telemetry.clock",
      .title = "Frames have the time at which their audio was begun",
      .steps = "Watch the transport for two seconds; compare engine_frames with time_ns, and with the clock of this machine.",
      .level = Level::required,
      .checks = {{"rate", {"TEL-3"}, "engine_frames rise with time_ns at the sample rate"},
                 {"now", {"TEL-3"}, "time_ns is of the monotonic clock, of just now"}},
      .run =
          [](Trial& t) {
            const engine::Effective effective = configure(t);
            put(t, voice());
            t.watcher().subscribe("transport");
            if (!comes(t, "transport", 100)) throw CaseEnded("not a hundred frames of transport");
            const auto& all = t.watcher().positions["transport"];
            // Blocks may be begun late, never early: of each end of the watch the earliest counts.
            const auto least = [&](std::size_t from, std::size_t to) {
              std::int64_t found = std::numeric_limits<std::int64_t>::max();
              for (std::size_t i = from; i < to; ++i)
                found = std::min(found, static_cast<std::int64_t>(all[i].time_ns) -
                                            static_cast<std::int64_t>(static_cast<double>(all[i].engine_frames) * 1e9 /
                                                                      static_cast<double>(effective.sample_rate_hz)));
              return found;
            };
            const std::int64_t drift = least(all.size() - 40, all.size()) - least(0, 40);
            t.check("rate", std::abs(drift) < 50'000'000,
                    "within a second and a half the map from frames to time moved by " + std::to_string(drift) + " ns");
            const auto behind = static_cast<std::int64_t>(monotonic_ns()) - static_cast<std::int64_t>(all.back().time_ns);
            t.check("now", behind > -1'000'000'000 && behind < 3'000'000'000,
                    std::to_string(behind) + " ns behind the clock of this machine");
          },
  });
  cases.push_back({
      .id = "signal.telemetry.rates",
      .title = "A topic with a rate is sent no more often than that",
      .steps = "Subscribe to meters@010 and transport@005 for two seconds of the engine's clock.",
      .level = Level::required,
      .checks = {{"meters", {"FRM-28", "FRM-23"}, "meters@010 brings at most ten frames a second, give or take one"},
                 {"transport", {"FRM-28", "FRM-23"}, "transport@005 brings at most five"}},
      .run =
          [](Trial& t) {
            begin(t);
            Watcher& watcher = t.watcher();
            watcher.subscribe("meters@010");
            watcher.subscribe("transport@005");
            if (!comes(t, "meters@010", 21) || !t.wait([&] { return watcher.count("transport@005") >= 8; }, 4 * t.patience()))
              throw CaseEnded("too few frames came");
            const auto most = [](const auto& frames, auto time) {
              std::size_t found = 0;
              for (std::size_t i = 0; i < frames.size(); ++i) {
                std::size_t within = 0;
                while (i + within < frames.size() && time(frames[i + within]) - time(frames[i]) < 1'000'000'000) ++within;
                found = std::max(found, within);
              }
              return found;
            };
            const auto meters = most(watcher.meters["meters@010"], [](const Watcher::Meters& one) { return one.header.time_ns; });
            const auto transport =
                most(watcher.positions["transport@005"], [](const frames::TransportPosition& one) { return one.time_ns; });
            t.check("meters", meters <= 11, std::to_string(meters) + " in one second");
            t.check("transport", transport <= 6, std::to_string(transport) + " in one second");
          },
  });
  cases.push_back({
      .id = "signal.telemetry.topics",
      .title = "Only what is subscribed to is sent, and only topics",
      .steps = "Subscribe to texts that are no topics, then to stats; then to meters as well, and no longer.",
      .level = Level::required,
      .checks = {{"no-topics", {"FRM-26"}, "nothing comes for them"},
                 {"goes-on", {"FRM-26", "FRM-23"}, "stats come"},
                 {"stops", {"FRM-23"}, "after the last subscription ended no more frames of it come"}},
      .run =
          [](Trial& t) {
            begin(t);
            Watcher& watcher = t.watcher();
            const std::vector<std::string> none{"meter",     "metersx",   "meters@0",    "meters@000", "meters@241", "meters@30",
                                                "spectrum",  "spectrum/", "spectrum/01", "spectrum/x", "STATS",      std::string(300, 'x'),
                                                "transport/"};
            for (const std::string& topic : none) watcher.subscribe(topic);
            watcher.subscribe("stats");
            t.check("goes-on", comes(t, "stats", 2), "no frames of stats");
            std::size_t others = 0;
            for (const std::string& topic : none) others += watcher.count(topic);
            t.check("no-topics", others == 0, std::to_string(others) + " frames");
            for (const std::string& topic : none) watcher.unsubscribe(topic);
            watcher.subscribe("meters@020");
            if (!comes(t, "meters@020", 3)) throw CaseEnded("no frames of meters@020");
            watcher.unsubscribe("meters@020");
            if (!comes(t, "stats", 1)) throw CaseEnded("no frames of stats");  // by then the end of the subscription has long arrived
            const std::size_t count = watcher.count("meters@020");
            watcher.subscribe("meters@020");
            if (!comes(t, "meters@020", 1)) throw CaseEnded("no frames of meters@020 after another subscription");
            const auto& frames = watcher.meters["meters@020"];
            const std::uint64_t gap = frames[count].header.sequence - frames[count - 1].header.sequence;
            t.check("stops", gap <= 5, std::to_string(gap) + " frames were sent while nobody had subscribed");
          },
  });
  cases.push_back({
      .id = "signal.telemetry.spectrum",
      .title = "A spectrum shows the sine where it is",
      .steps =
          "Play a sine of 3,000 Hz and -6 dB into an analyser; subscribe to its spectrum, and to one of a handle that no analyser has.",
      .level = Level::required,
      .checks = {{"bins", {"TEL-18"}, "there are bins from 0 Hz to half of the sample rate"},
                 {"window", {"TEL-19"}, "the window is one of those that the schema names"},
                 {"peak", {"TEL-18", "TEL-19"}, "the highest bin is that of 3,000 Hz, give or take one"},
                 {"height", {"TEL-18"}, "it is about -6 dB"},
                 {"nobody", {"TEL-20"}, "the other subscription brings nothing"},
                 {"then", {"TEL-20"}, "until there is such an analyser"}},
      .run =
          [](Trial& t) {
            play(t, watched_tone(3'000));
            Watcher& watcher = t.watcher();
            watcher.subscribe("spectrum/51");
            watcher.subscribe("spectrum/50");
            if (!comes(t, "spectrum/50", 20)) throw CaseEnded("no frames came to a subscription to 'spectrum/50'");
            const auto& one = watcher.spectra["spectrum/50"].back();
            t.require("bins", !one.magnitudes_db.empty() && one.magnitudes_db.size() == one.header.window_frames / 2 + 1,
                      std::to_string(one.magnitudes_db.size()) + " bins");
            t.check("window", static_cast<int>(one.header.window) <= 4, "window " + std::to_string(static_cast<int>(one.header.window)));
            const auto highest = std::ranges::max_element(one.magnitudes_db) - one.magnitudes_db.begin();
            const double bin = 3'000.0 * one.header.window_frames / one.header.sample_rate_hz;
            t.check("peak", std::abs(static_cast<double>(highest) - bin) <= 1,
                    "bin " + std::to_string(highest) + " where " + std::to_string(bin) + " was due");
            t.check("height", std::abs(one.magnitudes_db[static_cast<std::size_t>(highest)] + 6) < 2,
                    std::to_string(one.magnitudes_db[static_cast<std::size_t>(highest)]) + " dB");
            t.check("nobody", watcher.count("spectrum/51") == 0, "frames of an analyser that is not there");
            graph::Graph other = watched_tone(3'000);
            other.nodes[1].meter_handle = 51;
            put(t, other, 2);
            t.check("then", comes(t, "spectrum/51"), "no frames of the analyser that is there now");
          },
  });
  cases.push_back({
      .id = "signal.telemetry.statistics",
      .title = "Statistics count, and do not go back",
      .steps = "Watch stats; send samples, good and bad; compare with session.counters.",
      .level = Level::required,
      .checks = {{"rises", {"TEL-21"}, "no count goes down"},
                 {"same", {"TEL-22", "GEST-22"}, "samples applied, refused and lost are what session.counters says"},
                 {"facts", {"TEL-21"}, "sample rate, block and number of nodes are those in effect"}},
      .run =
          [](Trial& t) {
            const engine::Effective effective = configure(t);
            put(t, voice());
            Watcher& watcher = t.watcher();
            watcher.subscribe("stats@010");
            Hand& hand = open(t);
            const auto before = counters(t);
            for (int i = 0; i < 10; ++i) hand.move(kGain, -static_cast<double>(i));
            hand.move(kGain, 500);
            hand.header.sequence += 4;
            hand.move(kGain, -3);
            (void)counted(t, before, 12);
            if (!comes(t, "stats@010", 3)) throw CaseEnded("no frames of stats@010");
            const auto& all = watcher.stats["stats@010"];
            for (std::size_t i = 1; i < all.size(); ++i)
              t.check("rises",
                      all[i].blocks >= all[i - 1].blocks && all[i].stream_frames_received >= all[i - 1].stream_frames_received &&
                          all[i].stream_samples_applied >= all[i - 1].stream_samples_applied &&
                          all[i].late_blocks >= all[i - 1].late_blocks && all[i].telemetry_frames_sent >= all[i - 1].telemetry_frames_sent,
                      "a count went down");
            const auto equal = [](std::uint64_t a, std::int64_t b) { return a == static_cast<std::uint64_t>(b); };
            session::CountersReply now;
            const bool same = soon(t, [&] {  // each is told in its own time
              now = counters(t);
              return equal(all.back().stream_samples_applied, now.stream_samples_applied) &&
                     equal(all.back().stream_samples_refused, now.stream_samples_refused) &&
                     equal(all.back().stream_samples_lost, now.stream_samples_lost) &&
                     now.stream_samples_lost - before.stream_samples_lost == 4;
            });
            const auto& last = all.back();
            t.check("same", same,
                    "stats: applied " + std::to_string(last.stream_samples_applied) + ", refused " +
                        std::to_string(last.stream_samples_refused) + ", lost " + std::to_string(last.stream_samples_lost) +
                        "; counters: " + std::to_string(now.stream_samples_applied) + ", " + std::to_string(now.stream_samples_refused) +
                        ", " + std::to_string(now.stream_samples_lost));
            t.check(
                "facts",
                last.nodes == 4 && equal(last.sample_rate_hz, effective.sample_rate_hz) && equal(last.block_frames, effective.block_frames),
                std::to_string(last.nodes) + " nodes, " + std::to_string(last.sample_rate_hz) + " Hz");
          },
  });
  cases.push_back({
      .id = "signal.telemetry.stalled",
      .title = "A subscriber that does not read slows nobody down",
      .steps = "Let an Aura subscribe to everything at the highest rates and read nothing; watch meters with another one.",
      .level = Level::required,
      .checks = {{"others", {"FRM-13", "FRM-8"}, "the other one gets its frames"}, {"control", {"FRM-13"}, "the control plane answers"}},
      .run =
          [](Trial& t) {
            begin(t);
            const auto stalled = t.stalled_subscriber({"meters@240", "transport@240", "stats@240", "meters"});
            watch_meters(t);
            t.check("others", comes(t, "meters", 90), "not ninety frames came");
            t.check("control", t.pulse().call(graph::Query{}).is_reply(), "graph.query is not answered");
          },
  });
}

}  // namespace loophole::conformance::signal_cases
