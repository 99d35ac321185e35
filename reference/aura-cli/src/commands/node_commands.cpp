#include <fmt/format.h>

#include <memory>

#include "app/names.hpp"
#include "commands/commands.hpp"

namespace loophole::cli {
namespace {

struct Arguments {
  std::string name;
  std::string other;
  std::string third;
  std::int64_t index = -1;
  bool off = false;
};

const CLI::IsMember& built_in_kinds() {
  static const CLI::IsMember kinds({"testTone", "filter", "gain", "pan", "delay", "analyser"});
  return kinds;
}

node::NodeKind kind_of(const std::string& label) {
  return from_string<node::NodeKind>(label).value_or(node::NodeKind::unknown);
}

std::string describe(const node::AddReply& reply) {
  return fmt::format("node {} {}", reply.node_id.str(), at_revision(reply.revision));
}

}  // namespace

void add_node_commands(CLI::App& app, Actions& actions) {
  CLI::App* group = add_group(app, "node", "Add, remove and arrange nodes in the chains of channels");
  auto arguments = std::make_shared<Arguments>();
  const char* about_node = "CHANNEL/NODE or id";
  const char* about_channel = "Name or id of a track or bus, or Master";

  CLI::App* command = group->add_subcommand("add", "Adds a node to the chain of a channel");
  command->add_option("CHANNEL", arguments->name, about_channel)->required();
  command->add_option("KIND", arguments->other, "What it does")->required()->check(built_in_kinds());
  command->add_option("--name", arguments->third, "Name for people; the kind where it is left out");
  command->add_option("--index", arguments->index, "Place in the chain from 0; at the end where it is left out")
      ->check(CLI::NonNegativeNumber);
  bind_edit<node::Add>(
      actions, command,
      [arguments](const project::Project& project) -> Result<node::Add> {
        auto channel = find_channel(project, arguments->name);
        if (!channel) return std::move(channel).error();
        node::Add message{.channel_id = (*channel)->id, .kind = kind_of(arguments->other), .plugin = {}, .name = {}, .index = {}};
        if (!arguments->third.empty()) message.name = arguments->third;
        if (arguments->index >= 0) message.index = arguments->index;
        return message;
      },
      describe);

  command = group->add_subcommand("remove", "Removes a node with its parameters");
  command->add_option("NODE", arguments->name, about_node)->required();
  bind_edit<node::Remove>(actions, command, "removed", [arguments](const project::Project& project) -> Result<node::Remove> {
    auto node = find_node(project, arguments->name);
    if (!node) return std::move(node).error();
    return node::Remove{.node_id = (*node)->id};
  });

  command = group->add_subcommand("move", "Moves a node in its chain, or to another channel");
  command->add_option("NODE", arguments->name, about_node)->required();
  command->add_option("INDEX", arguments->index, "Place in the chain from 0, counted without the node itself")
      ->required()
      ->check(CLI::NonNegativeNumber);
  command->add_option("--channel", arguments->other, about_channel);
  bind_edit<node::Move>(actions, command, "moved", [arguments](const project::Project& project) -> Result<node::Move> {
    auto node = find_node(project, arguments->name);
    if (!node) return std::move(node).error();
    node::Move message{.node_id = (*node)->id, .index = arguments->index, .channel_id = {}};
    if (arguments->other.empty()) return message;
    auto channel = find_channel(project, arguments->other);
    if (!channel) return std::move(channel).error();
    message.channel_id = (*channel)->id;
    return message;
  });

  command = group->add_subcommand("bypass", "Lets audio pass a node by, or through it again");
  command->add_option("NODE", arguments->name, about_node)->required();
  command->add_flag("--off", arguments->off, "Through it again");
  bind_edit<node::SetBypass>(actions, command, "set", [arguments](const project::Project& project) -> Result<node::SetBypass> {
    auto node = find_node(project, arguments->name);
    if (!node) return std::move(node).error();
    return node::SetBypass{.node_id = (*node)->id, .bypassed = !arguments->off};
  });

  command = group->add_subcommand("replace", "Puts another node in the place of one");
  command->add_option("NODE", arguments->name, about_node)->required();
  command->add_option("KIND", arguments->other, "What the new one does")->required()->check(built_in_kinds());
  command->add_option("--name", arguments->third, "Name for people; the kind where it is left out");
  bind_edit<node::Replace>(
      actions, command,
      [arguments](const project::Project& project) -> Result<node::Replace> {
        auto node = find_node(project, arguments->name);
        if (!node) return std::move(node).error();
        node::Replace message{.node_id = (*node)->id, .kind = kind_of(arguments->other), .plugin = {}, .name = {}};
        if (!arguments->third.empty()) message.name = arguments->third;
        return message;
      },
      describe);
}

}  // namespace loophole::cli
