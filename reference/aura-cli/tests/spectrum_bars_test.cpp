// A spectrum in the columns of a terminal.
#include "view/spectrum_bars.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "view/text.hpp"

using namespace loophole;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t kBins = 1025;

// Silence but for a tone, as wide as the window makes it.
void update(cli::SpectrumBars& bars, double frequency_hz, double level_db, Clock::time_point now, std::uint64_t epoch = 1) {
  std::array<float, kBins> magnitudes{};
  magnitudes.fill(-100);
  const double bin = frequency_hz * 2048 / 48'000;
  for (std::size_t i = 0; i < kBins; ++i) {
    const double far = static_cast<double>(i) - bin;
    if (std::abs(far) < 2) magnitudes[i] = static_cast<float>(level_db - 6 * far * far);
  }
  bars.update({.epoch = epoch, .sample_rate_hz = 48'000, .window_frames = 2048, .magnitudes_db = magnitudes}, now);
}

// Column of the highest place where a line has this; npos: in none.
std::size_t column_of(const std::vector<std::string>& lines, char what) {
  for (std::size_t row = 0; row + 2 < lines.size(); ++row)
    if (const auto at = lines[row].find(what, 6); at != std::string::npos) return at;
  return std::string::npos;
}

}  // namespace

TEST_CASE("lines fill the terminal and are never wider, in any size and style") {
  const auto now = Clock::now();
  for (const int width : {20, 40, 80, 132}) {
    for (const std::size_t rows : {1U, 4U, 23U, 50U}) {
      for (const bool rich : {false, true}) {
        cli::SpectrumBars bars({.live = true, .colour = rich, .unicode = rich, .width = width});
        update(bars, 1000, -6, now);
        const auto lines = bars.lines(now, rows);
        CHECK(lines.size() == rows);
        for (const std::string& line : lines) CHECK(cli::columns(line) <= static_cast<std::size_t>(width));
      }
    }
  }
}

TEST_CASE("a tone stands above its frequency on the axis, and its peak is named between the bins") {
  const auto now = Clock::now();
  cli::SpectrumBars bars(cli::TerminalTraits{});
  for (const auto& one : {std::pair{100.0, "100"}, std::pair{1000.0, "1k"}, std::pair{10'000.0, "10k"}}) {
    const double hz = one.first;
    const std::string label = one.second;
    bars.reset();
    update(bars, hz, -6, now);
    const auto lines = bars.lines(now, 23);
    const auto tone = column_of(lines, '#');
    REQUIRE(tone != std::string::npos);
    const auto named = lines.back().find(" " + label + " ");
    REQUIRE(named != std::string::npos);
    CHECK(tone + 4 >= named);
    CHECK(tone <= named + 5);
    REQUIRE(bars.peak());
    CHECK(bars.peak()->frequency_hz == doctest::Approx(hz).epsilon(0.01));
    CHECK(bars.peak()->level_db == doctest::Approx(-6).epsilon(0.1));
  }
}

TEST_CASE("a peak is held above its column, then falls") {
  const auto start = Clock::now();
  cli::SpectrumBars bars(cli::TerminalTraits{});
  const auto row_of_mark = [&bars](Clock::time_point now) {
    const auto lines = bars.lines(now, 23);
    for (std::size_t row = 0; row + 2 < lines.size(); ++row)
      if (lines[row].find('-', 6) != std::string::npos) return row;
    return std::string::npos;
  };
  update(bars, 1000, 0, start);
  update(bars, 1000, -60, start + 100ms);
  CHECK(row_of_mark(start + 200ms) == 0);
  const auto later = row_of_mark(start + 3s);
  CHECK(later > 0);
  CHECK(later < 20);
  CHECK(row_of_mark(start + 1min) == std::string::npos);
}

TEST_CASE("without a terminal there is one plain line; before the first frame it says so") {
  cli::SpectrumBars bars(cli::TerminalTraits{});
  CHECK(bars.summary() == "no spectrum yet");
  CHECK_FALSE(bars.peak());
  update(bars, 1000, -6, Clock::now());
  CHECK(bars.summary().starts_with("1 kHz -6.0 dB; 63 Hz -100, 250 Hz -100, 1 kHz -7, "));
  CHECK(cli::frequency_text(440.2) == "440 Hz");
  CHECK(cli::frequency_text(12'340) == "12.3 kHz");
}

TEST_CASE("a rate below that of the axis ends it where the spectrum ends") {
  cli::SpectrumBars bars(cli::TerminalTraits{});
  std::array<float, kBins> magnitudes{};
  bars.update({.epoch = 1, .sample_rate_hz = 8'000, .window_frames = 2048, .magnitudes_db = magnitudes}, Clock::now());
  const auto lines = bars.lines(Clock::now(), 23);
  CHECK(lines.back().find("2k") != std::string::npos);
  CHECK(lines.back().find("5k") == std::string::npos);
}

TEST_CASE("with another engine the peaks that are held begin anew") {
  const auto now = Clock::now();
  cli::SpectrumBars bars(cli::TerminalTraits{});
  update(bars, 1'000, -6, now);
  update(bars, 1'000, -80, now);
  CHECK(column_of(bars.lines(now, 20), '-') != std::string::npos);
  update(bars, 1'000, -80, now, 2);
  CHECK(column_of(bars.lines(now, 20), '-') == std::string::npos);
}
