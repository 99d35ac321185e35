#include <fmt/format.h>

#include <cmath>
#include <memory>

#include "app/exit_code.hpp"
#include "app/interrupt.hpp"
#include "app/names.hpp"
#include "app/sweep.hpp"
#include "commands/commands.hpp"

namespace loophole::cli {
namespace {

std::string with_unit(double value, const std::string& unit) {
  return fmt::format("{:g}{}{}", value, unit.empty() ? "" : " ", unit);
}

struct Arguments {
  std::string name;
  double value = 0;
  bool normalized = false;
  double from = std::nan("");
  double to = std::nan("");
  double seconds = 3;
  double rate_hz = 240;
  bool take_over = false;
  std::string on_interrupt = "cancel";
};

// A copy, so that it outlives changes of the mirror.
Result<parameter::Parameter> find(const aura::Client& client, const std::string& name) {
  auto project = open_project(client);
  if (!project) return std::move(project).error();
  auto found = find_parameter(**project, name);
  if (!found) return std::move(found).error();
  return **found;
}

Result<int> list(const Options& options) {
  auto client = connect(options);
  if (!client) return std::move(client).error();
  auto project = open_project(*client);
  if (!project) return std::move(project).error();
  if (options.json) {
    print_json(wire::to_json(**project));
    return 0;
  }
  for (const NamedParameter& one : all_parameters(**project)) {
    const parameter::Parameter& parameter = *one.parameter;
    print_text(fmt::format("{:<32} {:>14}  {:g} … {:g}  {}", one.name, with_unit(parameter.value, parameter.unit), parameter.minimum,
                           parameter.maximum, parameter.id.str()));
  }
  return 0;
}

Result<int> gesture(const Options& options, const Arguments& arguments) {
  auto client = connect(options);
  if (!client) return std::move(client).error();
  auto parameter = find(*client, arguments.name);
  if (!parameter) return std::move(parameter).error();
  catch_interrupts();
  // What Ctrl-C does, the end of this program does too.
  const auto on_abandon = arguments.on_interrupt == "cancel" ? parameter::OnAbandon::revert : parameter::OnAbandon::commit;
  auto gesture = client->begin_gesture({.parameters = {parameter->id}, .on_abandon = on_abandon, .take_over = arguments.take_over});
  if (!gesture) return std::move(gesture).error();
  const SweepResult swept = run_sweep(*client, *gesture, *parameter,
                                      {.from = std::isnan(arguments.from) ? parameter->value : arguments.from,
                                       .to = std::isnan(arguments.to) ? parameter->maximum : arguments.to,
                                       .length = std::chrono::duration<double>(arguments.seconds),
                                       .rate_hz = arguments.rate_hz,
                                       .stop = interrupted,
                                       .drawn = {}});
  if (gesture->fault()) return *gesture->fault();
  if (interrupted() && arguments.on_interrupt == "cancel") {
    bool cancelled = false;
    gesture->cancel([&cancelled](const Result<parameter::GestureEndReply>&) { cancelled = true; });
    (void)client->poll_until([&cancelled] { return cancelled; }, options.timeout());
    return kInterrupted;
  }
  auto reply = gesture->finish();
  if (!reply) return std::move(reply).error();
  const aura::GestureCounters sent = gesture->counters();
  print(options, *reply,
        fmt::format("{} to {} in {:.2f} s: {} values, {} samples sent, {} applied, {} lost, {} coalesced; revision {}", arguments.name,
                    reply->values.empty() ? "?" : with_unit(reply->values.front().value, parameter->unit), swept.took.count(), swept.set,
                    sent.samples_sent, reply->stream.samples_applied, reply->stream.samples_lost, sent.coalesced, reply->revision));
  return interrupted() ? kInterrupted : kSuccess;
}

}  // namespace

void add_parameter_commands(CLI::App& app, Actions& actions) {
  CLI::App* group = add_group(app, "parameter", "List, read and set parameters");
  auto arguments = std::make_shared<Arguments>();
  const char* about_name = "TRACK/PARAMETER, TRACK/NODE/PARAMETER, Master/Gain, or id";

  actions.bind(group->add_subcommand("list", "Lists all parameters with values and ranges. With --json the whole project"), list);

  CLI::App* command = group->add_subcommand("get", "Reads the committed value, and what the engine holds");
  command->add_option("PARAMETER", arguments->name, about_name)->required();
  actions.bind(command, [arguments](const Options& options) {
    auto unit = std::make_shared<std::string>();
    return run<parameter::Get>(
        options,
        [arguments, unit](const aura::Client& client) -> Result<parameter::Get> {
          auto parameter = find(client, arguments->name);
          if (!parameter) return std::move(parameter).error();
          *unit = parameter->unit;
          return parameter::Get{.parameter_id = parameter->id};
        },
        [unit](const parameter::GetReply& reply) {
          return fmt::format("{} at revision {}; the engine holds {}", with_unit(reply.value, *unit), reply.revision,
                             reply.engine_value ? with_unit(*reply.engine_value, *unit) : "nothing");
        });
  });

  command = group->add_subcommand("set", "Sets a parameter: one step of the history");
  command->add_option("PARAMETER", arguments->name, about_name)->required();
  command->add_option("VALUE", arguments->value, "Value in the unit of the parameter")->required();
  command->add_flag("--normalized", arguments->normalized, "VALUE is the position of a control, 0 … 1");
  actions.bind(command, [arguments](const Options& options) {
    return run<parameter::Set>(
        options,
        [arguments](const aura::Client& client) -> Result<parameter::Set> {
          auto parameter = find(client, arguments->name);
          if (!parameter) return std::move(parameter).error();
          return parameter::Set{.parameter_id = parameter->id,
                                .value = arguments->normalized ? aura::to_plain(*parameter, arguments->value) : arguments->value};
        },
        [](const parameter::SetReply& reply) { return fmt::format("{:g} at revision {}", reply.value, reply.revision); });
  });

  command = app.add_subcommand("gesture", "Moves a parameter in real time, as a hand on a control does: one step of the history");
  command->add_option("PARAMETER", arguments->name, about_name)->required();
  command->add_option("--from", arguments->from, "First value; the present one where it is left out");
  command->add_option("--to", arguments->to, "Last value; the highest where it is left out");
  command->add_option("--seconds", arguments->seconds, "How long it takes")->check(CLI::PositiveNumber)->capture_default_str();
  command->add_option("--rate", arguments->rate_hz, "Values a second")->check(CLI::Range(1.0, 10'000.0))->capture_default_str();
  command->add_option("--on-interrupt", arguments->on_interrupt, "What Ctrl-C does: the values before come back, or stay as they are then")
      ->check(CLI::IsMember({"cancel", "end"}))
      ->capture_default_str();
  command->add_flag("--take-over", arguments->take_over, "End the gesture of another client on this parameter");
  actions.bind(command, [arguments](const Options& options) { return gesture(options, *arguments); });
}

}  // namespace loophole::cli
