#include "view/transport_lines.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace loophole::cli {
namespace {

double seconds_of(std::uint64_t frames, const aura::TransportView& transport) {
  return static_cast<double>(frames) / transport.sample_rate_hz;
}

bool usable(const std::optional<aura::TransportView>& transport) {
  return transport && transport->sample_rate_hz != 0;
}

std::string loop_bar(const aura::TransportView& transport, const TerminalTraits& traits, std::size_t width) {
  const double length = static_cast<double>(transport.loop_end_frames) - static_cast<double>(transport.loop_start_frames);
  const double inside = static_cast<double>(transport.position_frames) - static_cast<double>(transport.loop_start_frames);
  const bool within = length > 0 && inside >= 0 && inside < length;
  const auto at = within ? static_cast<std::size_t>(inside / length * static_cast<double>(width)) : width;
  std::string bar;
  for (std::size_t i = 0; i < width; ++i) {
    if (i == at)
      bar += styled(traits, Style::accent, traits.unicode ? "█" : "#");
    else
      bar += traits.unicode ? "─" : "-";
  }
  return bar;
}

}  // namespace

std::string clock_text(double seconds) {
  const auto whole = static_cast<std::int64_t>(std::floor(seconds * 1000));
  return fmt::format("{:02d}:{:02d}.{:03d}", whole / 60'000, whole / 1000 % 60, whole % 1000);
}

std::vector<std::string> transport_lines(const std::optional<aura::TransportView>& transport, std::uint64_t missing,
                                         const TerminalTraits& traits) {
  if (!usable(transport)) return {};
  const char* sign = transport->playing ? (traits.unicode ? "▶ playing" : "> playing") : (traits.unicode ? "■ stopped" : "= stopped");
  std::vector<std::string> lines{fmt::format("  {}   {}   beat {:.2f}   {:g} bpm",
                                             styled(traits, transport->playing ? Style::good : Style::plain, sign),
                                             styled(traits, Style::bold, clock_text(seconds_of(transport->position_frames, *transport))),
                                             transport->position_beats, transport->tempo_bpm)};
  if (transport->loop_enabled) {
    const std::string from = clock_text(seconds_of(transport->loop_start_frames, *transport));
    const std::string to = clock_text(seconds_of(transport->loop_end_frames, *transport));
    const std::size_t taken = from.size() + to.size() + 11;
    const auto width = static_cast<std::size_t>(std::max(10, traits.width - static_cast<int>(taken)));
    lines.push_back(fmt::format("  loop {} {} {}", from, loop_bar(*transport, traits, width), to));
  } else {
    lines.emplace_back("  no loop");
  }
  lines.push_back(styled(traits, Style::dim,
                         fmt::format("  frame {} at {} Hz   epoch {}   {} missing", transport->position_frames, transport->sample_rate_hz,
                                     transport->epoch, missing)));
  return lines;
}

std::string transport_summary(const std::optional<aura::TransportView>& transport) {
  if (!usable(transport)) return {};
  std::string text =
      fmt::format("{} {}  beat {:.2f}  {:g} bpm", transport->playing ? "playing" : "stopped",
                  clock_text(seconds_of(transport->position_frames, *transport)), transport->position_beats, transport->tempo_bpm);
  if (transport->loop_enabled)
    text += fmt::format("  loop {} to {}", clock_text(seconds_of(transport->loop_start_frames, *transport)),
                        clock_text(seconds_of(transport->loop_end_frames, *transport)));
  return text;
}

}  // namespace loophole::cli
