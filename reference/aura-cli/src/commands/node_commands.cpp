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
  std::string plugin;
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

// What a new node is: a built-in kind, or a plugin by its id.
void add_what(CLI::App* command, Arguments& arguments) {
  CLI::Option* kind = command->add_option("KIND", arguments.other, "What it does, of what is built in")->check(built_in_kinds());
  command->add_option("--plugin", arguments.plugin, "Instead of KIND: id of a plugin, as `plugin list` has it")
      ->type_name("PLUGIN")
      ->excludes(kind);
  command->add_option("--name", arguments.third, "Name for people; that of the kind or the plugin where it is left out");
}

template <class C>
Result<C> with_what(C message, const Arguments& arguments) {
  if (arguments.other.empty() && arguments.plugin.empty())
    return make_error(errors::kPayloadInvalid, "say what the node does: a KIND, or --plugin ID; `aura-cli plugin list` shows the plugins");
  message.kind = arguments.plugin.empty() ? kind_of(arguments.other) : node::NodeKind::plugin;
  if (!arguments.plugin.empty()) message.plugin = PluginId(arguments.plugin);
  if (!arguments.third.empty()) message.name = arguments.third;
  return message;
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
  add_what(command, *arguments);
  command->add_option("--index", arguments->index, "Place in the chain from 0; at the end where it is left out")
      ->check(CLI::NonNegativeNumber);
  bind_edit<node::Add>(
      actions, command,
      [arguments](const project::Project& project) -> Result<node::Add> {
        auto channel = find_channel(project, arguments->name);
        if (!channel) return std::move(channel).error();
        node::Add message{.channel_id = (*channel)->id, .kind = {}, .plugin = {}, .name = {}, .index = {}};
        if (arguments->index >= 0) message.index = arguments->index;
        return with_what(std::move(message), *arguments);
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
  add_what(command, *arguments);
  bind_edit<node::Replace>(
      actions, command,
      [arguments](const project::Project& project) -> Result<node::Replace> {
        auto node = find_node(project, arguments->name);
        if (!node) return std::move(node).error();
        return with_what(node::Replace{.node_id = (*node)->id, .kind = {}, .plugin = {}, .name = {}}, *arguments);
      },
      describe);
}

}  // namespace loophole::cli
