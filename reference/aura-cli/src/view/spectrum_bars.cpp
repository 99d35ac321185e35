#include "view/spectrum_bars.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace loophole::cli {
namespace {

constexpr double kFloorDb = -90;     // bottom of the columns
constexpr double kSilenceDb = -120;  // below this there is no peak
constexpr double kLowestHz = 20;
constexpr double kHighestHz = 20'000;
constexpr std::size_t kMargin = 6;  // of the decibels: " -20 |"

// Height of a level in eighths of a row.
std::size_t height_of(double db, std::size_t rows) {
  const double part = std::clamp((db - kFloorDb) / -kFloorDb, 0.0, 1.0);
  return static_cast<std::size_t>(std::lround(part * static_cast<double>(rows) * 8));
}

const char* column_part(std::size_t eighths, bool unicode) {
  static constexpr std::array<const char*, 9> kBlocks{" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  if (unicode) return kBlocks[eighths];
  if (eighths == 0) return " ";
  return eighths >= 4 ? "#" : ".";
}

// Decibels before the row, counted from the top, that they belong to; blank before the others.
std::string margin(std::size_t row, std::size_t rows, const TerminalTraits& traits) {
  const int step = rows >= 18 ? 10 : (rows >= 6 ? 20 : 40);
  for (int db = 0; db > static_cast<int>(kFloorDb); db -= step) {
    const double place = db / kFloorDb * static_cast<double>(rows);
    if (static_cast<std::size_t>(place) != row) continue;
    return styled(traits, Style::dim, db == 0 ? "0 dB " : fmt::format("{:4} ", db)) + (traits.unicode ? "┤" : "|");
  }
  return std::string("     ") + (traits.unicode ? "│" : "|");
}

}  // namespace

std::string frequency_text(double frequency_hz) {
  return frequency_hz < 1000 ? fmt::format("{:.0f} Hz", frequency_hz) : fmt::format("{:.3g} kHz", frequency_hz / 1000);
}

void SpectrumBars::update(const aura::SpectrumView& spectrum, Clock::time_point now) {
  if (spectrum.magnitudes_db.empty() || spectrum.window_frames == 0) return;
  if (spectrum.magnitudes_db.size() != levels_db_.size() || sample_rate_hz_ != spectrum.sample_rate_hz || epoch_ != spectrum.epoch) reset();
  epoch_ = spectrum.epoch;
  sample_rate_hz_ = spectrum.sample_rate_hz;
  window_frames_ = spectrum.window_frames;
  levels_db_.assign(spectrum.magnitudes_db.begin(), spectrum.magnitudes_db.end());
  holds_.resize(levels_db_.size());
  for (std::size_t bin = 0; bin < levels_db_.size(); ++bin) holds_[bin].take(levels_db_[bin], now);
}

void SpectrumBars::reset() {
  levels_db_.clear();
  holds_.clear();
}

double SpectrumBars::frequency_of(double bin) const noexcept {
  return bin * sample_rate_hz_ / window_frames_;
}

double SpectrumBars::highest_hz() const noexcept {
  return sample_rate_hz_ > 0 ? std::min(kHighestHz, sample_rate_hz_ / 2) : kHighestHz;
}

std::optional<SpectrumBars::Peak> SpectrumBars::peak() const {
  const auto highest = std::max_element(levels_db_.begin(), levels_db_.end());
  if (highest == levels_db_.end() || *highest < kSilenceDb) return std::nullopt;
  double bin = static_cast<double>(highest - levels_db_.begin());
  double level_db = *highest;
  if (highest != levels_db_.begin() && highest + 1 != levels_db_.end()) {
    // A parabola through three points.
    const double left = *(highest - 1);
    const double right = *(highest + 1);
    const double bend = left - 2 * *highest + right;
    const double aside = bend < 0 ? 0.5 * (left - right) / bend : 0;
    bin += aside;
    level_db -= 0.25 * (left - right) * aside;
  }
  return Peak{.frequency_hz = frequency_of(bin), .level_db = level_db};
}

double SpectrumBars::level_between(const std::vector<double>& bins, double from_hz, double to_hz) const {
  const double from = from_hz * window_frames_ / sample_rate_hz_;
  const double to = to_hz * window_frames_ / sample_rate_hz_;
  const auto last = static_cast<double>(bins.size() - 1);
  double level = kSilenceDb;
  for (double bin = std::ceil(from); bin < to && bin <= last; ++bin) level = std::max(level, bins[static_cast<std::size_t>(bin)]);
  if (std::ceil(from) < to) return level;
  const double middle = std::min((from + to) / 2, last);
  const double below = std::floor(middle);
  const double above = std::min(below + 1, last);
  return std::lerp(bins[static_cast<std::size_t>(below)], bins[static_cast<std::size_t>(above)], middle - below);
}

// The axis below the columns, and its frequencies where there is room for them.
std::vector<std::string> SpectrumBars::axis(std::size_t width) const {
  std::vector<bool> ticks(width, false);
  std::string labels = "  Hz";
  for (const int hz : {20, 50, 100, 200, 500, 1'000, 2'000, 5'000, 10'000, 20'000}) {
    if (hz > highest_hz()) break;
    const double place = std::log(hz / kLowestHz) / std::log(highest_hz() / kLowestHz) * static_cast<double>(width);
    const std::size_t column = std::min(static_cast<std::size_t>(place), width - 1);
    const std::string text = hz < 1000 ? std::to_string(hz) : std::to_string(hz / 1000) + "k";
    const std::size_t begin = std::min(kMargin + column - text.size() / 2, kMargin + width - text.size());
    if (begin <= labels.size()) continue;
    ticks[column] = true;
    labels.append(begin - labels.size(), ' ');
    labels += text;
  }
  std::string line = std::string("     ") + (traits_.unicode ? "└" : "+");
  for (const bool tick : ticks) line += tick ? (traits_.unicode ? "┴" : "+") : (traits_.unicode ? "─" : "-");
  return {styled(traits_, Style::dim, line), labels};
}

std::vector<std::string> SpectrumBars::lines(Clock::time_point now, std::size_t rows) const {
  if (levels_db_.empty()) return {"", "  no spectrum yet"};
  const std::size_t width = static_cast<std::size_t>(std::max(10, traits_.width - static_cast<int>(kMargin) - 1));
  const std::size_t high = rows > 3 ? rows - 2 : 1;
  std::vector<double> marks_db(holds_.size());
  std::transform(holds_.begin(), holds_.end(), marks_db.begin(), [now](const PeakHold& hold) { return hold.mark(now); });
  std::vector<std::size_t> columns(width);
  std::vector<std::size_t> marks(width);
  const double ratio = highest_hz() / kLowestHz;
  for (std::size_t column = 0; column < width; ++column) {
    const auto edge_hz = [&](std::size_t at) { return kLowestHz * std::pow(ratio, static_cast<double>(at) / static_cast<double>(width)); };
    columns[column] = height_of(level_between(levels_db_, edge_hz(column), edge_hz(column + 1)), high);
    marks[column] = height_of(level_between(marks_db, edge_hz(column), edge_hz(column + 1)), high);
  }

  std::vector<std::string> out;
  for (std::size_t row = 0; row < high; ++row) {
    const std::size_t bottom = (high - 1 - row) * 8;  // of this row
    const std::string colour = level_colour(kFloorDb * static_cast<double>(row) / static_cast<double>(high));
    std::string line = margin(row, high, traits_);
    std::string style;
    for (std::size_t column = 0; column < width; ++column) {
      const std::size_t part = std::min<std::size_t>(columns[column] > bottom ? columns[column] - bottom : 0, 8);
      const bool marked = part == 0 && marks[column] > bottom && marks[column] <= bottom + 8;
      const std::string wanted = (marked ? "1;" : "0;") + colour;
      if (traits_.colour && wanted != style && (marked || part > 0)) line += fmt::format("\x1b[0;{}m", style = wanted);
      line += marked ? (traits_.unicode ? "─" : "-") : column_part(part, traits_.unicode);
    }
    out.push_back(traits_.colour ? line + "\x1b[0m" : line);
  }
  if (rows < 3) return out;
  for (std::string& line : axis(width)) out.push_back(std::move(line));
  return out;
}

std::string SpectrumBars::summary() const {
  if (levels_db_.empty()) return "no spectrum yet";
  const auto highest = peak();
  std::string out = highest ? fmt::format("{} {:.1f} dB;", frequency_text(highest->frequency_hz), highest->level_db) : "silent;";
  for (const int hz : {63, 250, 1'000, 4'000, 16'000}) {
    if (hz > highest_hz()) break;
    out += fmt::format("{} {} {:.0f}", hz == 63 ? "" : ",", frequency_text(hz), level_between(levels_db_, hz / 2.0, hz * 2.0));
  }
  return out;
}

}  // namespace loophole::cli
