#include <fmt/format.h>

#include <memory>

#include "app/names.hpp"
#include "commands/commands.hpp"

namespace loophole::cli {
namespace {

struct Arguments {
  std::string name;
  std::string other;
  std::int64_t index = -1;
  bool before_the_level = false;
};

Result<int> list_buses(const Options& options, const std::string& like) {
  auto client = connect(options);
  if (!client) return std::move(client).error();
  auto project = open_project(*client);
  if (!project) return std::move(project).error();
  nlohmann::ordered_json all = nlohmann::ordered_json::array();
  Table table({{.path = true}, {}, {.right = true}, {.right = true}});
  for (const routing::Bus& bus : (*project)->buses) {
    if (!is_like(bus.name, like)) continue;
    if (options.json) all.push_back(json_of(bus));
    table.add({bus.name, bus.id.str(), fmt::format("{} nodes", bus.channel.nodes.size()),
               fmt::format("{:.1f} {}", bus.channel.gain.value, bus.channel.gain.unit)});
  }
  print_list(options, *client, "buses", std::move(all), table,
             (*project)->buses.empty() ? "no buses yet; `aura-cli bus add NAME` adds one" : "no bus is like '" + like + "'");
  return 0;
}

void add_buses(CLI::App& app, Actions& actions) {
  CLI::App* group = add_group(app, "bus", "Add, remove, name and list buses");
  auto arguments = std::make_shared<Arguments>();

  CLI::App* command = group->add_subcommand("add", "Adds a bus");
  command->add_option("NAME", arguments->name, "Name for people")->required();
  command->add_option("--index", arguments->index, "Place among the buses from 0; at the end where it is left out")
      ->check(CLI::NonNegativeNumber);
  actions.bind(command, [arguments](const Options& options) {
    routing::AddBus message{.name = arguments->name, .index = {}};
    if (arguments->index >= 0) message.index = arguments->index;
    return run_errand(options, std::move(message), [](const routing::AddBusReply& reply) {
      return fmt::format("bus {} {}", reply.bus_id.str(), at_revision(reply.revision));
    });
  });

  command = group->add_subcommand("remove", "Removes a bus; sends to it go, channels into it go to the master");
  command->add_option("BUS", arguments->name, "Name or id")->required();
  bind_edit<routing::RemoveBus>(actions, command, "removed", [arguments](const project::Project& project) -> Result<routing::RemoveBus> {
    auto bus = find_bus(project, arguments->name);
    if (!bus) return std::move(bus).error();
    return routing::RemoveBus{.bus_id = (*bus)->id};
  });

  command = group->add_subcommand("rename", "Gives a bus another name");
  command->add_option("BUS", arguments->name, "Name or id")->required();
  command->add_option("NEW-NAME", arguments->other, "Name for people")->required();
  bind_edit<routing::RenameBus>(actions, command, "renamed", [arguments](const project::Project& project) -> Result<routing::RenameBus> {
    auto bus = find_bus(project, arguments->name);
    if (!bus) return std::move(bus).error();
    return routing::RenameBus{.bus_id = (*bus)->id, .name = arguments->other};
  });

  auto like = std::make_shared<std::string>();
  command = group->add_subcommand("list", "Lists the buses with their ids");
  add_like_option(command, *like);
  actions.bind(command, [like](const Options& options) { return list_buses(options, *like); });
}

void add_sends(CLI::App& app, Actions& actions) {
  CLI::App* group = add_group(app, "send", "Add and remove sends");
  auto arguments = std::make_shared<Arguments>();

  CLI::App* command = group->add_subcommand("add", "Adds a send from a channel to a bus");
  command->add_option("CHANNEL", arguments->name, "Name or id of a track or bus")->required();
  command->add_option("BUS", arguments->other, "Name or id of the bus")->required();
  command->add_flag("--pre", arguments->before_the_level, "Taken before the level of the channel");
  bind_edit<routing::AddSend>(
      actions, command,
      [arguments](const project::Project& project) -> Result<routing::AddSend> {
        auto channel = find_channel(project, arguments->name);
        if (!channel) return std::move(channel).error();
        auto bus = find_bus(project, arguments->other);
        if (!bus) return std::move(bus).error();
        return routing::AddSend{.channel_id = (*channel)->id, .bus_id = (*bus)->id, .pre_fader = arguments->before_the_level};
      },
      [](const routing::AddSendReply& reply) { return fmt::format("send {} {}", reply.send_id.str(), at_revision(reply.revision)); });

  command = group->add_subcommand("remove", "Removes a send");
  command->add_option("SEND", arguments->name, "CHANNEL/BUS or id")->required();
  bind_edit<routing::RemoveSend>(actions, command, "removed", [arguments](const project::Project& project) -> Result<routing::RemoveSend> {
    auto send = find_send(project, arguments->name);
    if (!send) return std::move(send).error();
    return routing::RemoveSend{.send_id = (*send)->id};
  });
}

void add_output(CLI::App& app, Actions& actions) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command = app.add_subcommand("output", "Says which bus a channel goes to");
  command->add_option("CHANNEL", arguments->name, "Name or id of a track or bus")->required();
  command->add_option("BUS", arguments->other, "Name or id of the bus; the master where it is left out");
  bind_edit<routing::SetOutput>(actions, command, "set", [arguments](const project::Project& project) -> Result<routing::SetOutput> {
    auto channel = find_channel(project, arguments->name);
    if (!channel) return std::move(channel).error();
    routing::SetOutput message{.channel_id = (*channel)->id, .bus_id = {}};
    if (arguments->other.empty()) return message;
    auto bus = find_bus(project, arguments->other);
    if (!bus) return std::move(bus).error();
    message.bus_id = (*bus)->id;
    return message;
  });
}

}  // namespace

void add_routing_commands(CLI::App& app, Actions& actions) {
  add_buses(app, actions);
  add_sends(app, actions);
  add_output(app, actions);
}

}  // namespace loophole::cli
