#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "app/names.hpp"
#include "commands/commands.hpp"

namespace loophole::cli {
namespace {

struct Arguments {
  std::string name;
  std::string mode;
  std::vector<std::string> points;
  double from_s = -1;
  double to_s = -1;
};

std::int64_t frames(const project::Project& project, double seconds) {
  return std::llround(seconds * static_cast<double>(project.sample_rate_hz));
}

std::optional<double> number(std::string_view text) {
  double value = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (fault != std::errc() || end != text.data() + text.size()) return {};
  return value;
}

// "1.5=440" or "1.5=440:hold".
Result<automation::Point> parse_point(const project::Project& project, std::string_view text) {
  const auto fault = [&] {
    return make_error(
        errors::kPayloadInvalid,
        "'" + std::string(text) + "' is no point; write SECONDS=VALUE, or SECONDS=VALUE:hold where the value stays until the next");
  };
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos) return fault();
  std::string_view value = text.substr(equals + 1);
  automation::Shape shape = automation::Shape::linear;
  if (const std::size_t colon = value.find(':'); colon != std::string_view::npos) {
    const auto named = from_string<automation::Shape>(value.substr(colon + 1));
    if (!named) return fault();
    shape = *named;
    value = value.substr(0, colon);
  }
  const std::optional<double> at = number(text.substr(0, equals));
  const std::optional<double> plain = number(value);
  if (!at || *at < 0 || !plain) return fault();
  return automation::Point{.position_frames = frames(project, *at), .value = *plain, .shape = shape};
}

}  // namespace

void add_automation_commands(CLI::App& app, Actions& actions) {
  CLI::App* group = add_group(app, "automation", "Draw, clear and play automation of parameters");
  auto arguments = std::make_shared<Arguments>();
  const char* about_name = "As of `parameter set`";

  CLI::App* command = group->add_subcommand("set", "Replaces the points in a part of the timeline");
  command->add_option("PARAMETER", arguments->name, about_name)->required();
  command->add_option("POINT", arguments->points, "SECONDS=VALUE, or SECONDS=VALUE:hold")->required();
  command->add_option("--from", arguments->from_s, "Begin of the part in seconds; the first point where it is left out")
      ->check(CLI::NonNegativeNumber);
  command->add_option("--to", arguments->to_s, "End of the part in seconds, not in it; right behind the last point where it is left out")
      ->check(CLI::NonNegativeNumber);
  bind_edit<automation::SetPoints>(
      actions, command, "drawn", [arguments](const project::Project& project) -> Result<automation::SetPoints> {
        auto parameter = find_parameter(project, arguments->name);
        if (!parameter) return std::move(parameter).error();
        automation::SetPoints message{.parameter_id = (*parameter)->id, .from_frames = 0, .to_frames = 0, .points = {}};
        for (const std::string& text : arguments->points) {
          auto point = parse_point(project, text);
          if (!point) return std::move(point).error();
          message.points.push_back(*point);
        }
        message.from_frames = arguments->from_s >= 0 ? frames(project, arguments->from_s) : message.points.front().position_frames;
        message.to_frames = arguments->to_s >= 0 ? frames(project, arguments->to_s) : message.points.back().position_frames + 1;
        return message;
      });

  command = group->add_subcommand("clear", "Removes points");
  command->add_option("PARAMETER", arguments->name, about_name)->required();
  command->add_option("--from", arguments->from_s, "Begin of the part in seconds; the begin where it is left out")
      ->check(CLI::NonNegativeNumber);
  command->add_option("--to", arguments->to_s, "End of the part in seconds, not in it; no end where it is left out")
      ->check(CLI::NonNegativeNumber);
  bind_edit<automation::Clear>(actions, command, "cleared", [arguments](const project::Project& project) -> Result<automation::Clear> {
    auto parameter = find_parameter(project, arguments->name);
    if (!parameter) return std::move(parameter).error();
    automation::Clear message{.parameter_id = (*parameter)->id, .from_frames = {}, .to_frames = {}};
    if (arguments->from_s >= 0) message.from_frames = frames(project, arguments->from_s);
    if (arguments->to_s >= 0) message.to_frames = frames(project, arguments->to_s);
    return message;
  });

  command = group->add_subcommand("mode", "Says whether a parameter follows its automation, and how gestures write it");
  command->add_option("PARAMETER", arguments->name, about_name)->required();
  command->add_option("MODE", arguments->mode, "off, read, touch, latch or write")
      ->required()
      ->check(CLI::IsMember({"off", "read", "touch", "latch", "write"}));
  bind_edit<automation::SetMode>(actions, command, "set", [arguments](const project::Project& project) -> Result<automation::SetMode> {
    auto parameter = find_parameter(project, arguments->name);
    if (!parameter) return std::move(parameter).error();
    return automation::SetMode{.parameter_id = (*parameter)->id,
                               .mode = from_string<automation::Mode>(arguments->mode).value_or(automation::Mode::unknown)};
  });
}

}  // namespace loophole::cli
