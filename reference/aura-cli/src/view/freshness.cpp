#include "view/freshness.hpp"

#include <fmt/format.h>

#include "view/transport_lines.hpp"

namespace loophole::cli {

std::string age_text(std::chrono::duration<double> age) {
  const double seconds = age.count();
  if (seconds < 60) return fmt::format("nothing new for {:.1f} s", seconds);
  return fmt::format("nothing new for {} min {} s", static_cast<std::int64_t>(seconds) / 60, static_cast<std::int64_t>(seconds) % 60);
}

std::string trouble(const aura::Client& client, const Freshness& frames, Clock::time_point now) {
  const auto age = frames.age(now);
  const std::string old = age ? ", " + age_text(*age) : "";
  if (!client.is_connected()) return "Pulse does not answer" + old;
  if (!client.engine_link()) return "no engine" + old;
  if (!frames.any()) return "no frame yet";
  return age ? age_text(*age) : "";
}

std::string position_text(const aura::Telemetry& telemetry, const TerminalTraits& traits) {
  const auto& transport = telemetry.transport();
  if (!transport || transport->sample_rate_hz == 0) return {};
  const char* sign = transport->playing ? (traits.unicode ? "▶" : ">") : (traits.unicode ? "■" : "=");
  return fmt::format("{} {}", sign, clock_text(static_cast<double>(transport->position_frames) / transport->sample_rate_hz));
}

std::string head_text(aura::Client& client, const Freshness& frames, const TerminalTraits& traits, Clock::time_point now) {
  const std::string wrong = trouble(client, frames, now);
  const std::string position = position_text(client.telemetry(), traits);
  if (wrong.empty()) return position;
  return styled(traits, Style::bad, wrong) + (position.empty() ? "" : "  " + styled(traits, Style::dim, position));
}

}  // namespace loophole::cli
