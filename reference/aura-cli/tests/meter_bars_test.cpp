#include "view/meter_bars.hpp"

#include <doctest/doctest.h>

#include <array>

#include "view/text.hpp"

using namespace loophole;
using namespace std::chrono_literals;

namespace {

const std::vector<cli::MeterName> kNames{{.name = "Voice", .handle = 3}, {.name = "A track with a long name", .handle = 4}};

void update(cli::MeterBars& bars, float peak, float rms, Clock::time_point now) {
  const std::array levels{aura::Level{.handle = 3, .channel = 0, .peak = peak, .rms = rms}};
  bars.update({.epoch = 1, .levels = levels}, now);
}

std::size_t count(const std::string& text, char c) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), c));
}

}  // namespace

TEST_CASE("lines are exactly as wide as the terminal, with any level and in any style") {
  const auto now = Clock::now();
  for (const int width : {40, 80, 132}) {
    for (const bool unicode : {false, true}) {
      for (const bool colour : {false, true}) {
        cli::MeterBars bars({.live = true, .colour = colour, .unicode = unicode, .width = width});
        for (const float peak : {0.0F, 0.001F, 0.5F, 1.0F, 4.0F}) {
          update(bars, peak, peak / 2, now);
          const auto lines = bars.lines(kNames, now, 24);
          REQUIRE(lines.size() == 4);
          for (const std::string& line : lines) CHECK(cli::columns(line) <= static_cast<std::size_t>(width));
          CHECK(cli::columns(lines[0]) == cli::columns(lines[3]));
        }
      }
    }
  }
}

TEST_CASE("a louder signal has a longer bar") {
  const auto now = Clock::now();
  cli::MeterBars bars(cli::TerminalTraits{});
  update(bars, 0.01F, 0.005F, now);
  const auto quiet = count(bars.lines(kNames, now, 24)[0], '#');
  update(bars, 0.9F, 0.5F, now);
  CHECK(count(bars.lines(kNames, now, 24)[0], '#') > quiet);
  CHECK(bars.lines(kNames, now, 24)[0].find("-0.9 dB") != std::string::npos);
}

TEST_CASE("a peak is held, then falls") {
  const auto start = Clock::now();
  cli::MeterBars bars(cli::TerminalTraits{});
  update(bars, 1.0F, 0.7F, start);
  update(bars, 0.001F, 0.0005F, start + 100ms);
  const auto held = bars.lines(kNames, start + 200ms, 24)[0].find('|');
  const auto later = bars.lines(kNames, start + 2500ms, 24)[0].find('|');
  REQUIRE(held != std::string::npos);
  REQUIRE(later != std::string::npos);
  CHECK(later < held);
  CHECK(bars.lines(kNames, start + 1min, 24)[0].find('|') == std::string::npos);
}

TEST_CASE("without a terminal there is one plain line, with the master and the loudest where not all fit") {
  const auto now = Clock::now();
  cli::MeterBars bars(cli::TerminalTraits{});
  update(bars, 0.5F, 0.25F, now);
  CHECK(bars.summary(kNames, now, 80) == "Voice -6.0 ?  A track with a long~ ? ?");
  std::vector<cli::MeterName> many;
  for (int i = 0; i < 1000; ++i) many.push_back({.name = "Track " + std::to_string(i), .handle = 100 + i});
  many.push_back(kNames[0]);
  many.push_back({.name = "Master", .handle = 9});
  CHECK(bars.summary(many, now, 60) == "Master ? ?  Voice -6.0 ?  Track 0 ? ?  Track 1 ? ?  998 more");
}

TEST_CASE("names have the room that there is, and no more than they need") {
  const auto now = Clock::now();
  cli::MeterBars narrow({.unicode = true, .width = 60});
  CHECK(narrow.lines(kNames, now, 24)[2].starts_with("  A track with a long… L "));
  cli::MeterBars wide({.unicode = true, .width = 120});
  CHECK(wide.lines(kNames, now, 24)[2].starts_with("  A track with a long name L "));
  const std::vector<cli::MeterName> east{{.name = "声の録音", .handle = 1}, {.name = "Master", .handle = 2}};
  CHECK(wide.lines(east, now, 24)[0].starts_with("  声の録音 L "));
  CHECK(wide.lines(east, now, 24)[2].starts_with("  Master   L "));
  CHECK(cli::columns(wide.lines(east, now, 24)[0]) == cli::columns(wide.lines(east, now, 24)[2]));
  cli::MeterBars tiny({.unicode = true, .width = 20});
  for (const std::string& line : tiny.lines(kNames, now, 24)) CHECK(cli::columns(line) <= 20);
}

TEST_CASE("a clip is marked until it is cleared, the levels are forgotten, or its time is over where it has one") {
  const auto now = Clock::now();
  cli::MeterBars bars(cli::TerminalTraits{});
  const std::array levels{aura::Level{.handle = 3, .channel = 1, .peak = 1.2F, .rms = 0.5F, .clipped = 7}};
  const auto marked = [&](std::size_t line, Clock::time_point at) {
    return bars.lines(kNames, at, 24)[line].find("CLIP") != std::string::npos;
  };
  bars.update({.epoch = 1, .levels = levels}, now);
  update(bars, 0.1F, 0.05F, now);
  CHECK_FALSE(marked(0, now));
  CHECK(marked(1, now + 1h));
  bars.clear_clips();
  CHECK_FALSE(marked(1, now));
  bars.update({.epoch = 1, .levels = levels}, now);
  CHECK(marked(1, now));
  bars.hold_clips(2s);
  CHECK(marked(1, now + 1900ms));
  CHECK_FALSE(marked(1, now + 2s));
  bars.hold_clips({});
  CHECK(marked(1, now + 2s));
  bars.reset();
  CHECK_FALSE(marked(1, now));
}

TEST_CASE("in few rows the sides share a line, then the meters scroll above the master") {
  const auto now = Clock::now();
  cli::MeterBars bars(cli::TerminalTraits{});
  const std::array levels{aura::Level{.handle = 3, .channel = 0, .peak = 0.01F}, aura::Level{.handle = 3, .channel = 1, .peak = 1.0F}};
  bars.update({.epoch = 1, .levels = levels}, now);
  CHECK(bars.lines(kNames, now, 4).size() == 4);
  const auto shared = bars.lines(kNames, now, 3);
  REQUIRE(shared.size() == 2);
  CHECK(shared[0].find(" 0.0 dB") != std::string::npos);  // the louder one
  auto names = kNames;
  names.push_back({.name = "Master", .handle = 9});
  CHECK(cli::MeterBars::shown(names.size(), 2) == 1);
  for (const std::size_t first : {0U, 1U}) {
    const auto few = bars.lines(names, now, 2, first);
    REQUIRE(few.size() == 2);
    CHECK(few[0].find(names[first].name.substr(0, 7)) != std::string::npos);
    CHECK(few[1].find("Master") != std::string::npos);
  }
}

TEST_CASE("a level that is not known does not look like silence") {
  const auto now = Clock::now();
  cli::MeterBars bars(cli::TerminalTraits{});
  const auto line = [&](std::size_t rows) { return bars.lines(kNames, now, rows)[0]; };
  for (const std::size_t rows : {24U, 3U}) {
    CHECK(line(rows).find("     ? dB") != std::string::npos);
    CHECK(line(rows).find("-inf") == std::string::npos);
  }
  CHECK(bars.summary(kNames, now, 80).starts_with("Voice ? ?"));
  const std::array silence{aura::Level{.handle = 3, .channel = 0}, aura::Level{.handle = 3, .channel = 1}};
  bars.update({.epoch = 1, .levels = silence}, now);
  for (const std::size_t rows : {24U, 3U}) CHECK(line(rows).find("  -inf dB") != std::string::npos);
  CHECK(bars.summary(kNames, now, 80).starts_with("Voice -120.0 -120.0"));
  bars.forget_levels();
  CHECK(line(24).find("     ? dB") != std::string::npos);
}

TEST_CASE("CLIP and levels end with the first frame of another engine, and with no other") {
  const auto now = Clock::now();
  cli::MeterBars bars(cli::TerminalTraits{});
  const std::array loud{aura::Level{.handle = 3, .channel = 0, .peak = 1.2F, .rms = 0.5F, .clipped = 7}};
  const auto has = [&](const char* part) { return bars.lines(kNames, now, 24)[0].find(part) != std::string::npos; };
  bars.update({.epoch = 1, .levels = loud}, now);
  bars.update({.epoch = 1, .levels = {}}, now);
  CHECK(has("1.6 dB CLIP"));
  bars.forget_levels();
  CHECK(has("? dB CLIP"));
  bars.update({.epoch = 2, .levels = {}}, now);
  CHECK(has("? dB"));
  CHECK_FALSE(has("CLIP"));
}

TEST_CASE("a plain line has the width that there is, whatever stands before the levels") {
  const auto now = Clock::now();
  const cli::MeterBars bars(cli::TerminalTraits{});
  std::vector<cli::MeterName> many;
  for (int i = 0; i < 30; ++i) many.push_back({.name = "Track " + std::to_string(i), .handle = i});
  many.push_back({.name = "Master", .handle = 99});
  for (const std::string begin : {"= 00:00.000", "Pulse does not answer, nothing new for 12 min 5 s  = 00:00.000"})
    for (const std::size_t width : {1U, 12U, 20U, 39U, 40U, 80U, 132U})
      CHECK(cli::columns(bars.line_behind(begin, many, now, width)) <= width);
  CHECK(bars.line_behind("= 00:00.000", many, now, 40) == "= 00:00.000  Master ? ?  30 more");
}
