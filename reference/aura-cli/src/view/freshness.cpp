#include "view/freshness.hpp"

#include <fmt/format.h>

#include "view/transport_lines.hpp"

namespace loophole::cli {

std::string age_text(std::chrono::duration<double> age) {
  const double seconds = age.count();
  if (seconds < 60) return fmt::format("nothing new for {:.1f} s", seconds);
  return fmt::format("nothing new for {} min {} s", static_cast<std::int64_t>(seconds) / 60, static_cast<std::int64_t>(seconds) % 60);
}

std::string trouble(aura::Client& client, aura::Telemetry::Topic topic) {
  const aura::Telemetry& telemetry = client.telemetry();
  const auto age = telemetry.age(topic);
  const bool old = age && *age > telemetry.live_for(topic);
  const std::string how_old = old ? age_text(*age) : "";
  const auto with_age = [&](const char* wrong) { return wrong + (old ? ", " + how_old : ""); };
  if (!client.is_connected()) return with_age("Pulse does not answer");
  if (!client.engine_link()) return with_age("no engine");
  return age ? how_old : "no frame yet";
}

std::string position_text(const std::optional<aura::TransportView>& transport, const TerminalTraits& traits) {
  if (!transport || transport->sample_rate_hz == 0) return {};
  const char* sign = transport->playing ? (traits.unicode ? "▶" : ">") : (traits.unicode ? "■" : "=");
  return fmt::format("{} {}", sign, clock_text(static_cast<double>(transport->position_frames) / transport->sample_rate_hz));
}

std::string head_text(aura::Client& client, const std::string& wrong, const TerminalTraits& traits) {
  const aura::Telemetry& telemetry = client.telemetry();
  const std::string position = position_text(telemetry.transport(kAnyAge), traits);
  const bool known = wrong.empty() && telemetry.transport();
  const std::string shown = position.empty() || known ? position : styled(traits, Style::dim, position);
  if (wrong.empty()) return shown;
  return styled(traits, Style::bad, wrong) + (shown.empty() ? "" : "  " + shown);
}

}  // namespace loophole::cli
