#include "demo/stage.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "view/freshness.hpp"
#include "view/text.hpp"

namespace loophole::cli {
namespace {

constexpr std::chrono::milliseconds kDrawInterval{40};
constexpr std::size_t kIdColumns = 22;

// A live meter block must leave room for the story.
TerminalTraits usable(TerminalTraits traits) {
  if (traits.height < 14) traits.live = false;
  traits.width = std::min(traits.width, 100);
  return traits;
}

}  // namespace

Stage::Stage(const TerminalTraits& traits, Voice voice) : traits_(usable(traits)), voice_(voice), bars_(traits_), block_(traits_) {}

void Stage::print(const std::string& line) {
  if (voice_ == Voice::silent) return;
  block_.print(traits_.live ? fitted(traits_, line, static_cast<std::size_t>(traits_.width)) : line);
}

void Stage::heading(int number, const std::string& text) {
  if (number > 1) print("");
  print(styled(traits_, Style::accent, fmt::format("{}. {}", number, text)));
}

void Stage::say(const std::string& text) {
  print("   " + text);
}

void Stage::check(const Check& check) {
  const std::string sign = check.ok ? (traits_.unicode ? "✓" : "ok") : (traits_.unicode ? "✗" : "FAILED");
  std::string id = check.id;
  id.append(kIdColumns - std::min(kIdColumns, id.size()), ' ');
  const std::string head =
      fmt::format("   {} {}  ", styled(traits_, check.ok ? Style::good : Style::bad, sign), styled(traits_, Style::dim, id));
  if (!traits_.live) return print(head + check.detail);
  // Long details go on below themselves.
  const std::size_t indent = columns(head);
  const std::size_t room = static_cast<std::size_t>(traits_.width) > indent + 20 ? static_cast<std::size_t>(traits_.width) - indent : 20;
  std::string line = head;
  std::size_t used = 0;
  std::size_t at = 0;
  while (at < check.detail.size()) {
    const std::size_t end = std::min(check.detail.find(' ', at), check.detail.size());
    const std::string word = check.detail.substr(at, end - at);
    if (used > 0 && used + 1 + columns(word) > room) {
      print(line);
      line = std::string(indent, ' ');
      used = 0;
    }
    if (used > 0) line += ' ';
    line += word;
    used += (used > 0 ? 1 : 0) + columns(word);
    at = end + 1;
  }
  print(line);
}

void Stage::meters(const aura::MetersView& view) {
  bars_.update(view, Clock::now());
}

std::string Stage::status_line(const aura::Telemetry& telemetry) const {
  const auto& transport = telemetry.transport();
  const aura::TelemetryCounters& counters = telemetry.counters();
  std::string text;
  if (!transport || transport->sample_rate_hz == 0) {
    text = traits_.unicode ? "○ no engine just now" : "o no engine just now";
  } else {
    text = position_text(transport, traits_);
  }
  if (!note_.empty()) text += "   " + note_;
  return fmt::format("{}   {} meter frames   {} positions   {} missing", text, counters.meters_frames, counters.transport_frames,
                     counters.gaps);
}

void Stage::draw(const aura::Client& client, const aura::Telemetry& telemetry) {
  const auto now = Clock::now();
  if (voice_ == Voice::silent || !traits_.live || now < next_draw_ || client.project() == nullptr) return;
  next_draw_ = now + kDrawInterval;
  auto lines = bars_.lines(meter_names(*client.project()), now, static_cast<std::size_t>(std::max(2, traits_.height - 10)));
  std::string rule;
  for (int i = 0; i < traits_.width; ++i) rule += traits_.unicode ? "─" : "-";
  lines.insert(lines.begin(), {"", styled(traits_, Style::dim, rule), "  " + styled(traits_, Style::bold, status_line(telemetry))});
  block_.draw(std::move(lines));
}

void Stage::summary(const Report& report) {
  say(fmt::format("gesture    {} sent, {} applied, {} lost, {} undo step, model {:g}, engine {:g}", report.gesture.samples_sent,
                  report.gesture.samples_applied, report.gesture.lost, report.gesture.undo_entries, report.gesture.committed_value,
                  report.gesture.engine_value));
  say(fmt::format("pulse      {} stream frames seen, {} telemetry frames seen", report.pulse.stream_frames_seen,
                  report.pulse.telemetry_frames_seen));
  say(fmt::format("engine     {} epochs, digest {}, back after {:.0f} ms, driver {}", report.engine.epochs_seen,
                  report.engine.digest_equal ? "equal" : "different", report.engine.recovery_ms, report.engine.driver));
  say(fmt::format("telemetry  {} meter frames, {} positions, {} missing", report.telemetry.meters_frames, report.telemetry.transport_frames,
                  report.telemetry.gaps));
  say(fmt::format("audio      {:.1f} s at {:.1f} dB RMS", report.audio.seconds, report.audio.rms_db));
  if (!report.audio.file.empty()) say("           " + report.audio.file);
}

void Stage::report(const Report& report) {
  const auto passed = std::count_if(report.checks.begin(), report.checks.end(), [](const Check& check) { return check.ok; });
  if (report.finished) summary(report);  // before the end most numbers are not measured yet
  print("");
  print(styled(
      traits_, report.ok() ? Style::good : Style::bad,
      fmt::format("{}: {} of {} checks passed in {:.1f} s", report.ok() ? "OK" : "FAILED", passed, report.checks.size(), report.seconds)));
}

}  // namespace loophole::cli
