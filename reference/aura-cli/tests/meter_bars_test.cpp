#include "view/meter_bars.hpp"

#include <doctest/doctest.h>

#include <array>

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

TEST_CASE("without a terminal there is one plain line") {
  cli::MeterBars bars(cli::TerminalTraits{});
  update(bars, 0.5F, 0.25F, Clock::now());
  CHECK(bars.summary(kNames) == "Voice -6.0 -120.0  A track with a long name -120.0 -120.0");
}

TEST_CASE("text is cut to a width by columns, not bytes") {
  const cli::TerminalTraits traits{.unicode = true};
  CHECK(cli::columns("a…b") == 3);
  CHECK(cli::columns("\x1b[1;31mred\x1b[0m") == 3);
  CHECK(cli::fitted(traits, "abcdef", 4) == "abc…");
  CHECK(cli::fitted(traits, "äöü", 3) == "äöü");
}

TEST_CASE("a clip is marked until the levels are forgotten") {
  const auto now = Clock::now();
  cli::MeterBars bars(cli::TerminalTraits{});
  const std::array levels{aura::Level{.handle = 3, .channel = 1, .peak = 1.2F, .rms = 0.5F, .clipped = 7}};
  bars.update({.epoch = 1, .levels = levels}, now);
  update(bars, 0.1F, 0.05F, now);
  auto lines = bars.lines(kNames, now, 24);
  CHECK(lines[0].find("CLIP") == std::string::npos);
  CHECK(lines[1].find("CLIP") != std::string::npos);
  bars.reset();
  CHECK(bars.lines(kNames, now, 24)[1].find("CLIP") == std::string::npos);
}

TEST_CASE("in few rows the sides share a line, then the first meters are left out and counted") {
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
  const auto few = bars.lines(names, now, 2);
  REQUIRE(few.size() == 2);
  CHECK(few[0] == "  2 more above");
  CHECK(few[1].find("Master") != std::string::npos);
}
