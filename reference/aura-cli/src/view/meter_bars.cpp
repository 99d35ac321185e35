#include "view/meter_bars.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace loophole::cli {
namespace {

constexpr double kFloorDb = -60;  // left end of a bar
constexpr std::size_t kNameColumns = 10;

double position(double db) {
  return std::clamp((db - kFloorDb) / -kFloorDb, 0.0, 1.0);
}

std::string level_text(double db) {
  return db <= kFloorDb * 2 ? "  -inf" : fmt::format("{:6.1f}", db);
}

}  // namespace

std::vector<MeterName> meter_names(const project::Project& project) {
  std::vector<MeterName> names;
  for (const track::Track& track : project.tracks) names.push_back({.name = track.name, .handle = track.channel.meter_handle});
  for (const routing::Bus& bus : project.buses) names.push_back({.name = bus.name, .handle = bus.channel.meter_handle});
  names.push_back({.name = "Master", .handle = project.master.meter_handle});
  return names;
}

double decibels(double ratio) noexcept {
  return ratio <= 1e-6 ? -120.0 : 20.0 * std::log10(ratio);
}

void MeterBars::update(const aura::MetersView& meters, Clock::time_point now) {
  for (const aura::Level& level : meters.levels) {
    Channel& channel = channels_[{level.handle, level.channel}];
    channel.peak_db = decibels(static_cast<double>(level.peak));
    channel.rms_db = decibels(static_cast<double>(level.rms));
    channel.clipped = channel.clipped || level.clipped > 0;
    channel.hold.take(channel.peak_db, now);
  }
}

const MeterBars::Channel& MeterBars::channel(std::int64_t handle, std::uint32_t number) const {
  static const Channel silent;
  const auto found = channels_.find({handle, number});
  return found == channels_.end() ? silent : found->second;
}

// The bar is the peak; its bright part is the RMS; the mark is the peak that is held.
std::string MeterBars::bar(const Channel& channel, double mark_db, std::size_t width) const {
  const auto cells = [width](double db) { return static_cast<std::size_t>(std::lround(position(db) * static_cast<double>(width))); };
  const std::size_t loud = cells(channel.rms_db);
  const std::size_t peak = std::max(loud, cells(channel.peak_db));
  const std::size_t mark_cell = cells(mark_db);
  std::string out;
  std::string style;
  const auto put = [&](const std::string& code, const char* text) {
    if (traits_.colour && code != style) out += fmt::format("\x1b[0;{}m", code);
    style = code;
    out += text;
  };
  for (std::size_t i = 0; i < width; ++i) {
    const double db = kFloorDb - kFloorDb * (static_cast<double>(i) + 0.5) / static_cast<double>(width);
    const std::string colour = level_colour(db);
    if (mark_cell > 0 && i + 1 == mark_cell && mark_cell >= peak)
      put("1;" + colour, traits_.unicode ? "▎" : "|");
    else if (i < loud)
      put(colour, traits_.unicode ? "█" : "#");
    else if (i < peak)
      put(colour, traits_.unicode ? "▒" : "=");
    else
      put("2", traits_.unicode ? "·" : ".");
  }
  return traits_.colour ? out + "\x1b[0m" : out;
}

MeterBars::Channel MeterBars::louder(std::int64_t handle) const {
  const Channel& left = channel(handle, 0);
  const Channel& right = channel(handle, 1);
  Channel both = left.peak_db >= right.peak_db ? left : right;
  both.hold = left.hold.highest() >= right.hold.highest() ? left.hold : right.hold;
  both.clipped = left.clipped || right.clipped;
  return both;
}

// "  Voice      L ········ -12.3 dB CLIP"
std::string MeterBars::line(const std::string& name, const char* side, const Channel& channel, Clock::time_point now) const {
  const std::size_t fixed = 2 + kNameColumns + 3 + 1 + 6 + 3 + 5;
  const std::size_t width = static_cast<std::size_t>(std::max(10, traits_.width - static_cast<int>(fixed)));
  const double mark_db = channel.hold.mark(now);
  std::string title = fitted({.unicode = traits_.unicode}, name, kNameColumns);
  title.append(kNameColumns - std::min(kNameColumns, columns(title)), ' ');
  return fmt::format("  {} {} {} {} dB {}", styled(traits_, Style::bold, title), side, bar(channel, mark_db, width),
                     level_text(std::max(channel.peak_db, std::min(mark_db, channel.hold.highest()))),
                     channel.clipped ? styled(traits_, Style::bad, "CLIP") : "    ");
}

std::vector<std::string> MeterBars::lines(const std::vector<MeterName>& names, Clock::time_point now, std::size_t rows) const {
  std::vector<std::string> out;
  const bool both = names.size() * 2 <= rows;
  for (const MeterName& name : names) {
    if (!both) {
      out.push_back(line(name.name, " ", louder(name.handle), now));
      continue;
    }
    out.push_back(line(name.name, "L", channel(name.handle, 0), now));
    out.push_back(line("", "R", channel(name.handle, 1), now));
  }
  if (out.size() <= rows) return out;
  const std::size_t missing = out.size() - rows + 1;
  out.erase(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(missing));  // the master stays
  out.insert(out.begin(), fmt::format("  {} more above", missing));
  return out;
}

std::string MeterBars::summary(const std::vector<MeterName>& names) const {
  std::string out;
  for (const MeterName& name : names)
    out += fmt::format("{}{} {:.1f} {:.1f}", out.empty() ? "" : "  ", name.name, channel(name.handle, 0).peak_db,
                       channel(name.handle, 1).peak_db);
  return out;
}

}  // namespace loophole::cli
