// The transport: protocol/engine.md, protocol/telemetry.md.
#include <cmath>

#include "signal/rig.hpp"

namespace loophole::conformance::signal_cases {
namespace {

using Position = frames::TransportPosition;

Answer set(Trial& t, engine::TransportSet change) {
  return t.pulse().call(change);
}

const std::vector<Position>& positions(Trial& t) {
  return t.watcher().positions["transport"];
}

// Waits for a position that came after the first `from` and for which `like` holds.
std::optional<Position> position(Trial& t, std::size_t from, const std::function<bool(const Position&)>& like) {
  std::optional<Position> found;
  (void)t.wait([&] {
    const auto& all = positions(t);
    for (; from < all.size(); ++from)
      if (like(all[from])) {
        found = all[from];
        return true;
      }
    return false;
  });
  return found;
}

std::string text(const std::optional<Position>& at) {
  if (!at) return "no such position";
  return "position " + std::to_string(at->position_frames) + (at->playing ? ", playing" : ", stopped");
}

void begin(Trial& t) {
  configure(t);
  put(t, voice());
  t.watcher().subscribe("transport");
  if (!t.wait([&] { return !positions(t).empty(); })) throw CaseEnded("no frame came to a subscription to 'transport'");
}

}  // namespace

void add_transport_cases(std::vector<Case>& cases) {
  cases.push_back({
      .id = "signal.transport.moves",
      .title = "The transport starts, runs and stops as it is told",
      .steps = "Watch positions; start from frame 96,000 at 90 beats a minute; stop.",
      .level = Level::required,
      .checks = {{"answer", {"ENG-39", "ENG-40"}, "the answer has position, tempo and playing as set"},
                 {"starts", {"ENG-39", "ENG-40"}, "the first running position is not before the one that was set"},
                 {"runs", {"TEL-13"}, "positions rise by as many frames as engine_frames"},
                 {"beats", {"TEL-15"}, "position_beats is the position in quarter notes at 90 a minute"},
                 {"stops", {"ENG-39"}, "after the stop the position stays"}},
      .run =
          [](Trial& t) {
            begin(t);
            const std::size_t from = positions(t).size();
            const Answer answer = set(t, {.playing = true, .position_frames = 96'000, .tempo_bpm = 90});
            const auto* state = answer.as<engine::TransportState>();
            t.check("answer", state != nullptr && state->playing && state->tempo_bpm == 90 && state->position_frames >= 96'000,
                    answer.text());
            const auto first = position(t, from, [](const Position& p) { return p.playing; });
            t.require("starts", first && first->position_frames >= 96'000 && first->position_frames < 96'000 + 48'000, text(first));
            const auto later =
                position(t, from, [&](const Position& p) { return p.playing && p.position_frames > first->position_frames + 4'800; });
            t.require("runs", later && later->position_frames - first->position_frames == later->engine_frames - first->engine_frames,
                      text(later));
            const double beats = static_cast<double>(later->position_frames) / later->sample_rate_hz * later->tempo_bpm / 60;
            t.check("beats", later->tempo_bpm == 90 && std::abs(later->position_beats - beats) < 1e-6,
                    "position_beats " + std::to_string(later->position_beats));
            (void)set(t, {.playing = false});
            const std::size_t stopped_from = positions(t).size();
            const auto stopped = position(t, stopped_from, [](const Position& p) { return !p.playing; });
            const auto still = position(t, positions(t).size() + 2, [](const Position&) { return true; });
            t.check("stops", stopped && still && !still->playing && still->position_frames == stopped->position_frames, text(still));
          },
  });
  cases.push_back({
      .id = "signal.transport.leaves-the-rest",
      .title = "What engine.transport.set does not name stays",
      .steps = "Set tempo, loop and position; then only the tempo.",
      .level = Level::required,
      .checks = {{"stays", {"ENG-39"}, "loop and position are as before"}, {"set", {"ENG-39"}, "the tempo is the new one"}},
      .run =
          [](Trial& t) {
            begin(t);
            const transport::Loop loop{.enabled = true, .start_frames = 4'800, .end_frames = 9'600};
            (void)set(t, {.position_frames = 1'234, .loop = loop, .tempo_bpm = 77});
            const Answer answer = set(t, {.tempo_bpm = 78.5});
            const auto* state = answer.as<engine::TransportState>();
            t.check("set", state != nullptr && state->tempo_bpm == 78.5, answer.text());
            t.check("stays", state != nullptr && state->position_frames == 1'234 && state->loop == loop && !state->playing, answer.text());
          },
  });
  cases.push_back({
      .id = "signal.transport.invalid-loop",
      .title = "A loop that does not end behind its begin is refused",
      .steps = "Set an enabled loop from 9600 to 9600 together with a new tempo; then the same loop, not enabled.",
      .level = Level::required,
      .checks = {{"refused", {"ENG-43"}, "it is answered with transport.invalidLoop"},
                 {"whole", {"ENV-23"}, "the tempo of the refused command was not set"},
                 {"disabled", {"ENG-43"}, "a loop that is not enabled may be anything"}},
      .run =
          [](Trial& t) {
            begin(t);
            (void)set(t, {.tempo_bpm = 101});
            const Answer answer =
                set(t, {.loop = transport::Loop{.enabled = true, .start_frames = 9'600, .end_frames = 9'600}, .tempo_bpm = 55});
            t.check("refused", answer.refused(errors::kTransportInvalidLoop), answer.text());
            const Answer disabled = set(t, {.loop = transport::Loop{.enabled = false, .start_frames = 9'600, .end_frames = 9'600}});
            const auto* state = disabled.as<engine::TransportState>();
            t.check("disabled", state != nullptr, disabled.text());
            t.check("whole", state != nullptr && state->tempo_bpm == 101, disabled.text());
          },
  });
  cases.push_back({
      .id = "signal.transport.loop",
      .title = "A running transport goes round in its loop",
      .steps = "Loop from 24,000 to 36,000 and start at 23,000; watch 40 positions.",
      .level = Level::required,
      .checks = {{"inside", {"ENG-41"}, "no position is at or behind the end of the loop"},
                 {"round", {"ENG-41"}, "it goes back to the begin, to the frame"}},
      .run =
          [](Trial& t) {
            begin(t);
            const std::size_t from = positions(t).size();
            (void)set(t, {.playing = true,
                          .position_frames = 23'000,
                          .loop = transport::Loop{.enabled = true, .start_frames = 24'000, .end_frames = 36'000}});
            if (!t.wait([&] { return positions(t).size() >= from + 40; })) throw CaseEnded("forty positions did not come");
            std::optional<Position> before;
            bool round = false;
            for (std::size_t i = from; i < positions(t).size(); ++i) {
              const Position& now = positions(t)[i];
              if (!now.playing) continue;
              t.check("inside", now.position_frames < 36'000, text(now));
              if (before) {
                const std::uint64_t rendered = now.engine_frames - before->engine_frames;
                std::uint64_t expected = before->position_frames + rendered;
                while (expected >= 36'000) expected -= 12'000;
                round = round || now.position_frames < before->position_frames;
                t.check("round", now.position_frames == expected, text(now) + " where " + std::to_string(expected) + " was due");
              }
              before = now;
            }
            t.check("round", round, "it never went back");
          },
  });
  cases.push_back({
      .id = "signal.transport.behind-the-loop",
      .title = "A transport behind the end of the loop goes on",
      .steps = "Loop from 0 to 12,000 and start at 48,000.",
      .level = Level::required,
      .checks = {{"goes-on", {"ENG-42"}, "positions rise from 48,000 and do not jump back"}},
      .run =
          [](Trial& t) {
            begin(t);
            const std::size_t from = positions(t).size();
            (void)set(t, {.playing = true,
                          .position_frames = 48'000,
                          .loop = transport::Loop{.enabled = true, .start_frames = 0, .end_frames = 12'000}});
            const auto later = position(t, from, [](const Position& p) { return p.playing && p.position_frames > 52'800; });
            t.check("goes-on", later.has_value(), text(later));
          },
  });
  cases.push_back({
      .id = "signal.transport.told-at-once",
      .title = "A start, a jump and a stop are told at once",
      .steps = "Subscribe to one position a second; start, jump and stop within it.",
      .level = Level::required,
      .checks = {{"start", {"TEL-14"}, "a running position comes well before the second is over"},
                 {"jump", {"TEL-14"}, "so does one at the new place"},
                 {"stop", {"TEL-14"}, "so does a stopped one"}},
      .run =
          [](Trial& t) {
            configure(t);
            put(t, voice());
            Watcher& watcher = t.watcher();
            watcher.subscribe("transport@001");
            auto& all = watcher.positions["transport@001"];
            if (!t.wait([&] { return !all.empty(); })) throw CaseEnded("no frame came to a subscription to 'transport@001'");
            const auto at_once = [&](const std::function<bool(const Position&)>& like) {
              // By the clock of the engine: the frame is of less than half a second after the one before.
              const std::uint64_t before = all.back().time_ns;
              return t.wait([&] { return like(all.back()) && all.back().time_ns - before < 700'000'000; });
            };
            // Each change well inside of a second of its own, so that the regular frame cannot be taken for it.
            const auto regular = [&] {
              const std::size_t count = all.size();
              (void)t.wait([&] { return all.size() > count; });
            };
            regular();
            (void)set(t, {.playing = true, .position_frames = 0});
            t.check("start", at_once([](const Position& p) { return p.playing; }), text(all.back()));
            regular();
            (void)set(t, {.position_frames = 4'800'000});
            t.check("jump", at_once([](const Position& p) { return p.position_frames >= 4'800'000; }), text(all.back()));
            regular();
            (void)set(t, {.playing = false});
            t.check("stop", at_once([](const Position& p) { return !p.playing; }), text(all.back()));
          },
  });
}

}  // namespace loophole::conformance::signal_cases
