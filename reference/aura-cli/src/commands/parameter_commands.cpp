#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <memory>

#include "app/names.hpp"
#include "commands/commands.hpp"

namespace loophole::cli {
namespace {

struct Arguments {
  std::string name;
  double value = 0;
  bool normalized = false;
};

// A name has a slash in it.
bool may_be_id(const std::string& name) {
  return !name.empty() && name.size() <= 64 &&
         std::all_of(name.begin(), name.end(), [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '-'; });
}

// A copy, so that it outlives changes of the mirror.
Result<parameter::Parameter> find(const aura::Client& client, const std::string& name) {
  auto project = open_project(client);
  if (!project) return std::move(project).error();
  auto found = find_parameter(**project, name);
  if (!found) return std::move(found).error();
  return **found;
}

struct Wanted {
  std::string channel;
  std::string like;
};

Result<int> list(const Options& options, const Wanted& wanted) {
  auto client = connect(options);
  if (!client) return std::move(client).error();
  auto project = open_project(*client);
  if (!project) return std::move(project).error();
  const channel::Channel* only = nullptr;
  if (!wanted.channel.empty()) {
    auto channel = find_channel(**project, wanted.channel);
    if (!channel) return std::move(channel).error();
    only = *channel;
  }
  nlohmann::ordered_json all = nlohmann::ordered_json::array();
  Table table({{.path = true}, {.right = true}, {}, {}});
  for (const NamedParameter& one : all_parameters(**project, only)) {
    if (!is_like(one.name, wanted.like)) continue;
    const parameter::Parameter& parameter = *one.parameter;
    if (options.json) {
      nlohmann::ordered_json named{{"fullName", one.name}};
      named.update(json_of(parameter));
      all.push_back(std::move(named));
    }
    table.add({one.name, with_unit(parameter.value, parameter.unit), fmt::format("{:g} … {:g}", parameter.minimum, parameter.maximum),
               parameter.id.str()});
  }
  print_list(options, *client, "parameters", std::move(all), table, "no parameter is like '" + wanted.like + "'");
  return 0;
}

}  // namespace

std::string with_unit(double value, const std::string& unit) {
  return fmt::format("{:g}{}{}", value, unit.empty() ? "" : " ", unit);
}

void add_parameter_commands(CLI::App& app, Actions& actions) {
  CLI::App* group = add_group(app, "parameter", "List, read and set parameters");
  auto arguments = std::make_shared<Arguments>();
  const char* about_name = "TRACK/PARAMETER, TRACK/NODE/PARAMETER, Master/Gain, or id";

  auto wanted = std::make_shared<Wanted>();
  CLI::App* command = group->add_subcommand("list", "Lists parameters with values, ranges and ids");
  command->add_option("--track", wanted->channel, "Those of one channel: name or id of a track or bus, or Master")->type_name("CHANNEL");
  add_like_option(command, wanted->like);
  actions.bind(command, [wanted](const Options& options) { return list(options, *wanted); });

  command = group->add_subcommand("get", "Reads the committed value, and what the engine holds");
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
  actions.bind(command, [arguments](const Options& options) -> Result<int> {
    const auto text = [](const parameter::SetReply& reply) { return fmt::format("{:g} at revision {}", reply.value, reply.revision); };
    // By its id a parameter is set without asking what there is.
    if (!arguments->normalized && may_be_id(arguments->name)) {
      auto done = run_errand(options, parameter::Set{.parameter_id = ParameterId(arguments->name), .value = arguments->value}, text);
      if (done || !is(done.error(), errors::kParameterNotFound)) return done;
    }
    return run<parameter::Set>(
        options,
        [arguments](const aura::Client& client) -> Result<parameter::Set> {
          auto parameter = find(client, arguments->name);
          if (!parameter) return std::move(parameter).error();
          return parameter::Set{.parameter_id = parameter->id,
                                .value = arguments->normalized ? aura::to_plain(*parameter, arguments->value) : arguments->value};
        },
        text);
  });
}

}  // namespace loophole::cli
