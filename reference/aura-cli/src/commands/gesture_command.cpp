#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <memory>
#include <optional>

#include "app/exit_code.hpp"
#include "app/interrupt.hpp"
#include "app/names.hpp"
#include "app/sweep.hpp"
#include "commands/commands.hpp"

namespace loophole::cli {
namespace {

struct Arguments {
  std::vector<std::string> targets;
  double from = std::nan("");
  double to = std::nan("");
  double seconds = 3;
  double rate_hz = 240;
  bool take_over = false;
  std::string on_interrupt = "cancel";
};

std::optional<double> number(std::string_view text) {
  double value = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (fault != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) return {};
  return value;
}

// "Synth/Cutoff", "Synth/Cutoff=8000" or "Synth/Cutoff=200..8000"; a name may have an equals sign in it, too.
Result<SweepTarget> parse_target(const project::Project& project, const std::string& text, const Arguments& arguments) {
  auto whole = find_parameter(project, text);
  const std::size_t equals = text.rfind('=');
  const bool alone = whole.has_value();
  if (!alone && equals == std::string::npos) return std::move(whole).error();
  auto found = alone ? std::move(whole) : find_parameter(project, text.substr(0, equals));
  if (!found) return std::move(found).error();
  const parameter::Parameter& parameter = **found;
  SweepTarget target{.parameter = parameter,
                     .from = std::isnan(arguments.from) ? parameter.value : arguments.from,
                     .to = std::isnan(arguments.to) ? parameter.maximum : arguments.to,
                     .name = alone ? text : text.substr(0, equals)};
  if (alone) return target;
  const std::string_view values = std::string_view(text).substr(equals + 1);
  const std::size_t dots = values.find("..");
  const auto to = number(dots == std::string_view::npos ? values : values.substr(dots + 2));
  const auto from = dots == std::string_view::npos ? std::optional(target.from) : number(values.substr(0, dots));
  if (!to || !from) return make_error(errors::kPayloadInvalid, "'" + text + "': write PARAMETER=TO or PARAMETER=FROM..TO, with numbers");
  target.from = *from;
  target.to = *to;
  return target;
}

Result<std::vector<SweepTarget>> parse_targets(const aura::Client& client, const Arguments& arguments) {
  auto project = open_project(client);
  if (!project) return std::move(project).error();
  std::vector<SweepTarget> targets;
  for (const std::string& text : arguments.targets) {
    auto target = parse_target(**project, text, arguments);
    if (!target) return std::move(target).error();
    const parameter::Parameter& parameter = target->parameter;
    for (const double value : {target->from, target->to})
      if (value < parameter.minimum || value > parameter.maximum)
        return make_error(errors::kParameterOutOfRange,
                          fmt::format("{} is outside the range of {}: {:g} … {}", with_unit(value, parameter.unit), target->name,
                                      parameter.minimum, with_unit(parameter.maximum, parameter.unit)));
    for (const SweepTarget& other : targets)
      if (other.parameter.id == parameter.id)
        return make_error(errors::kPayloadInvalid, "'" + text + "' is a parameter that was named before; name each once");
    targets.push_back(*std::move(target));
  }
  return targets;
}

// "Synth/Cutoff 440 Hz, Synth/Gain -6 dB", by the names that were typed.
std::string values_text(const std::vector<SweepTarget>& targets, const std::function<std::optional<double>(const SweepTarget&)>& value_of) {
  std::string text;
  for (const SweepTarget& target : targets) {
    const auto value = value_of(target);
    text += (text.empty() ? "" : ", ") + target.name + " " + (value ? with_unit(*value, target.parameter.unit) : "?");
  }
  return text;
}

// Ctrl-C with --on-interrupt cancel.
Result<int> cancel(aura::Client& client, aura::Gesture& gesture, const std::vector<SweepTarget>& targets, const Options& options) {
  auto shared = std::make_shared<std::optional<Result<parameter::GestureEndReply>>>();  // the answer may come when nobody waits any more
  auto& answer = *shared;
  gesture.cancel([shared](Result<parameter::GestureEndReply> reply) { shared->emplace(std::move(reply)); });
  (void)client.poll_until([&answer] { return answer.has_value(); }, options.timeout());
  if (!answer)
    return make_error(errors::kSessionTimeout, "interrupted; Pulse did not answer in time, and brings the values before back by itself");
  if (!*answer) return std::move(*answer).error();
  print(options, **answer,
        "cancelled; as before: " + values_text(targets, [](const SweepTarget& target) { return std::optional(target.parameter.value); }));
  return kInterrupted;
}

Result<int> gesture(const Options& options, const Arguments& arguments) {
  auto client = connect(options);
  if (!client) return std::move(client).error();
  auto targets = parse_targets(*client, arguments);
  if (!targets) return std::move(targets).error();
  catch_interrupts();
  aura::GestureOptions wanted{
      .parameters = {},
      // What Ctrl-C does, the end of this program does too.
      .on_abandon = arguments.on_interrupt == "cancel" ? parameter::OnAbandon::revert : parameter::OnAbandon::commit,
      .take_over = arguments.take_over};
  for (const SweepTarget& target : *targets) wanted.parameters.push_back(target.parameter.id);
  auto gesture = client->begin_gesture(std::move(wanted));
  if (!gesture) return std::move(gesture).error();
  const SweepResult swept = run_sweep(
      *client, *gesture, *targets,
      {.length = std::chrono::duration<double>(arguments.seconds), .rate_hz = arguments.rate_hz, .stop = interrupted, .drawn = {}});
  if (gesture->fault()) return *gesture->fault();
  if (interrupted() && arguments.on_interrupt == "cancel") return cancel(*client, *gesture, *targets, options);
  auto reply = gesture->finish();
  if (!reply) return std::move(reply).error();
  const aura::GestureCounters sent = gesture->counters();
  const std::string values = values_text(*targets, [&reply](const SweepTarget& target) -> std::optional<double> {
    for (const parameter::ParameterValue& one : reply->values)
      if (one.parameter_id == target.parameter.id) return one.value;
    return {};
  });
  print(options, *reply,
        fmt::format("{}{} in {:.2f} s: {} values, {} samples sent, {} applied, {} lost, {} coalesced; revision {}",
                    interrupted() ? "ended where it was: " : "", values, swept.took.count(),
                    swept.set * static_cast<std::int64_t>(targets->size()), sent.samples_sent, reply->stream.samples_applied,
                    reply->stream.samples_lost, sent.coalesced, reply->revision));
  return interrupted() ? kInterrupted : kSuccess;
}

}  // namespace

void add_gesture_command(CLI::App& app, Actions& actions) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command = app.add_subcommand("gesture", "Moves parameters in real time, as a hand on controls does: one step of the history");
  command
      ->add_option("PARAMETER", arguments->targets,
                   "As of `parameter set`, up to 16 at once; PARAMETER=TO and PARAMETER=FROM..TO say for each where it goes")
      ->required()
      ->expected(1, 16);
  command->add_option("--from", arguments->from, "First value where it is not said above; the present one where it is left out");
  command->add_option("--to", arguments->to, "Last value where it is not said above; the highest where it is left out");
  command->add_option("--seconds", arguments->seconds, "How long it takes")->check(CLI::PositiveNumber)->capture_default_str();
  command->add_option("--rate", arguments->rate_hz, "Values a second")->check(CLI::Range(1.0, 10'000.0))->capture_default_str();
  command->add_option("--on-interrupt", arguments->on_interrupt, "What Ctrl-C does: the values before come back, or stay as they are then")
      ->check(CLI::IsMember({"cancel", "end"}))
      ->capture_default_str();
  command->add_flag("--take-over", arguments->take_over, "End the gesture of another client on these parameters");
  actions.bind(command, [arguments](const Options& options) { return gesture(options, *arguments); });
}

}  // namespace loophole::cli
