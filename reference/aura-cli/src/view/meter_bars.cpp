#include "view/meter_bars.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "view/text.hpp"

namespace loophole::cli {
namespace {

constexpr double kFloorDb = -60;  // left end of a bar
constexpr int kWide = 48;         // columns from which on there is room for everything
constexpr std::size_t kLeastBar = 30;
constexpr std::size_t kLongestInLine = 20;

double position(double db) {
  return std::clamp((db - kFloorDb) / -kFloorDb, 0.0, 1.0);
}

std::string level_text(bool known, double db) {
  if (!known) return "     ?";
  return db <= kFloorDb * 2 ? "  -inf" : fmt::format("{:6.1f}", db);
}

}  // namespace

std::vector<MeterName> meter_names(const project::Project& project) {
  std::vector<MeterName> names;
  for (const track::Track& track : project.tracks)
    names.push_back({.name = terminal_text(track.name), .handle = track.channel.meter_handle});
  for (const routing::Bus& bus : project.buses) names.push_back({.name = terminal_text(bus.name), .handle = bus.channel.meter_handle});
  names.push_back({.name = "Master", .handle = project.master.meter_handle});
  return names;
}

double decibels(double ratio) noexcept {
  return ratio <= 1e-6 ? -120.0 : 20.0 * std::log10(ratio);
}

void MeterBars::update(const aura::MetersView& meters, Clock::time_point now) {
  if (meters.epoch != epoch_) reset();
  epoch_ = meters.epoch;
  for (const aura::Level& level : meters.levels) {
    Channel& channel = channels_[{level.handle, level.channel}];
    channel.known = true;
    channel.peak_db = decibels(static_cast<double>(level.peak));
    channel.rms_db = decibels(static_cast<double>(level.rms));
    if (level.clipped > 0) channel.clipped = now;
    channel.hold.take(channel.peak_db, now);
  }
}

void MeterBars::forget_levels() {
  for (auto& [meter, channel] : channels_) channel = {.clipped = channel.clipped};
}

void MeterBars::clear_clips() {
  for (auto& [meter, channel] : channels_) channel.clipped.reset();
}

bool MeterBars::clips(const Channel& channel, Clock::time_point now) const {
  return channel.clipped && (!clip_hold_ || now - *channel.clipped < *clip_hold_);
}

const MeterBars::Channel& MeterBars::channel(std::int64_t handle, std::uint32_t number) const {
  static const Channel unknown;
  const auto found = channels_.find({handle, number});
  return found == channels_.end() ? unknown : found->second;
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
  both.known = left.known || right.known;
  both.hold = left.hold.highest() >= right.hold.highest() ? left.hold : right.hold;
  both.clipped = std::max(left.clipped, right.clipped);
  return both;
}

// "  Voice      L ········ -12.3 dB CLIP"; in few columns "Voice ···· -12.3!".
MeterBars::Parts MeterBars::parts(const std::vector<MeterName>& names) const {
  std::size_t longest = 4;
  for (const MeterName& name : names) longest = std::max(longest, columns(name.name));
  const auto width = static_cast<std::size_t>(traits_.width);
  if (traits_.width < kWide) {
    const std::size_t name = std::min(longest, std::max<std::size_t>(4, width / 3));
    const std::size_t fixed = name + 1 + 1 + 6 + 1;
    return {.name = name, .bar = width > fixed + 3 ? width - fixed : 3, .wide = false};
  }
  constexpr std::size_t kFixed = 2 + 3 + 1 + 6 + 3 + 5;
  const std::size_t room = width - kFixed;
  const std::size_t name = std::min(longest, std::max<std::size_t>(10, room > 2 * kLeastBar ? room - kLeastBar : room / 2));
  return {.name = name, .bar = room - name};
}

std::string MeterBars::line(const Parts& parts, const std::string& name, const char* side, const Channel& channel,
                            Clock::time_point now) const {
  const double mark_db = channel.hold.mark(now);
  const std::string title = styled(traits_, Style::bold, padded({.unicode = traits_.unicode}, name, parts.name));
  const std::string meter = bar(channel, mark_db, parts.bar);
  const std::string level = level_text(channel.known, std::max(channel.peak_db, std::min(mark_db, channel.hold.highest())));
  const bool clip = clips(channel, now);
  if (!parts.wide) return title + " " + meter + " " + level + (clip ? styled(traits_, Style::bad, "!") : " ");
  return fmt::format("  {} {} {} {} dB {}", title, side, meter, level, clip ? styled(traits_, Style::bad, "CLIP") : "    ");
}

std::size_t MeterBars::shown(std::size_t meters, std::size_t rows) noexcept {
  if (meters <= rows) return meters - std::min<std::size_t>(meters, 1);
  return rows - std::min<std::size_t>(rows, 1);
}

std::vector<std::string> MeterBars::lines(const std::vector<MeterName>& names, Clock::time_point now, std::size_t rows,
                                          std::size_t first) const {
  std::vector<std::string> out;
  if (names.empty() || rows == 0) return out;
  const Parts widths = parts(names);
  const bool both = names.size() * 2 <= rows;
  const auto add = [&](const MeterName& name) {
    if (!both) return out.push_back(line(widths, name.name, " ", louder(name.handle), now));
    out.push_back(line(widths, name.name, "L", channel(name.handle, 0), now));
    out.push_back(line(widths, "", "R", channel(name.handle, 1), now));
  };
  const std::size_t end = std::min(names.size() - 1, first + shown(names.size(), rows));
  for (std::size_t i = first; i < end; ++i) add(names[i]);
  add(names.back());
  return out;
}

std::string MeterBars::summary(const std::vector<MeterName>& names, Clock::time_point now, std::size_t width) const {
  std::vector<std::string> texts;
  std::vector<double> peaks_db;
  for (const MeterName& name : names) {
    const Channel both = louder(name.handle);
    const auto level = [](const Channel& one) { return one.known ? fmt::format("{:.1f}", one.peak_db) : "?"; };
    texts.push_back(fmt::format("{} {} {}{}", fitted({.unicode = traits_.unicode}, name.name, kLongestInLine),
                                level(channel(name.handle, 0)), level(channel(name.handle, 1)), clips(both, now) ? " CLIP" : ""));
    peaks_db.push_back(both.peak_db);
  }
  std::string all;
  for (const std::string& text : texts) all += (all.empty() ? "" : "  ") + text;
  if (columns(all) <= width) return all;
  std::vector<std::size_t> order(names.size() - 1);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return peaks_db[a] > peaks_db[b]; });
  std::string out = texts.back();
  std::size_t left = order.size();
  for (const std::size_t i : order) {
    const std::string more = fmt::format("  {} more", left - 1);
    if (columns(out) + 2 + columns(texts[i]) + more.size() > width) break;
    out += "  " + texts[i];
    --left;
  }
  return left == 0 ? out : out + fmt::format("  {} more", left);
}

std::string MeterBars::line_behind(const std::string& begin, const std::vector<MeterName>& names, Clock::time_point now,
                                   std::size_t width) const {
  const std::size_t taken = columns(begin) + 2;
  return fitted({.unicode = traits_.unicode}, begin + "  " + summary(names, now, width - std::min(width, taken)), width);
}

}  // namespace loophole::cli
