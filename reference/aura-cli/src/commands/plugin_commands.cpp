#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>

#include "app/names.hpp"
#include "commands/commands.hpp"
#include "view/text.hpp"

namespace loophole::cli {
namespace {

struct Arguments {
  std::string name;
  std::string file;
};

std::string describe(const plugin::ScanReply& reply) {
  std::string text = fmt::format("{} plugins found, {} cannot be used", reply.found, reply.failed.size());
  for (const plugin::ScanFailure& failure : reply.failed)
    text += fmt::format("\n  {}: {}", failure.plugin.str(), terminal_text(failure.reason));
  return text;
}

std::string describe(const plugin::ListReply& reply) {
  if (reply.plugins.empty()) return "no plugins; `aura-cli plugin scan` looks for them again";
  Table table({{.path = true}, {}, {}});
  for (const plugin::PluginBrief& brief : reply.plugins) table.add({brief.name, brief.category, brief.plugin.str()});
  return table.text();
}

std::string describe(const plugin::InfoReply& info) {
  std::string text = fmt::format("{}{}\n  {}\n  {}{}, {} audio inputs, {} outputs, {} frames of latency", terminal_text(info.brief.name),
                                 info.brief.vendor.empty() ? "" : " by " + terminal_text(info.brief.vendor), info.brief.plugin.str(),
                                 to_string(info.brief.format), info.brief.category.empty() ? "" : ", " + info.brief.category,
                                 info.audio_inputs, info.audio_outputs, info.latency_frames);
  for (const plugin::PluginParameter& one : info.parameters) {
    if (one.hidden) continue;
    text += fmt::format("\n  {:<24} {:g} … {:g}{}{}, {:g} at first", terminal_text(one.name), one.minimum, one.maximum,
                        one.unit.empty() ? "" : " ", one.unit, one.initial);
    for (std::size_t i = 0; i < one.labels.size(); ++i) text += (i == 0 ? ": " : ", ") + terminal_text(one.labels[i]);
  }
  return text;
}

Error file_fault(const errors::Code& code, const char* what, const std::string& file) {
  return make_error(code, fmt::format("cannot {} {}: {}", what, file, std::generic_category().message(errno)));
}

// As text in Base64, one line.
Result<int> get_state(const Options& options, const Arguments& arguments) {
  auto client = connect(options);
  if (!client) return std::move(client).error();
  auto project = open_project(*client);
  if (!project) return std::move(project).error();
  auto node = find_node(**project, arguments.name);
  if (!node) return std::move(node).error();
  auto reply = ask(*client, plugin::StateGet{.node_id = (*node)->id}, options);
  if (!reply) return std::move(reply).error();
  if (arguments.file.empty() || arguments.file == "-") {
    print(options, *reply, reply->state.str());
    return 0;
  }
  std::ofstream file(arguments.file, std::ios::trunc);
  file << reply->state.str() << '\n';
  file.close();
  if (!file) return file_fault(errors::kProjectFileUnwritable, "write", arguments.file);
  print(options, *reply, fmt::format("{} characters are in {}", reply->state.str().size(), arguments.file));
  return 0;
}

Result<std::string> read_state(const std::string& name) {
  std::string text;
  if (name == "-") {
    text.assign(std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>());
  } else {
    std::ifstream file(name, std::ios::binary);
    if (file) text.assign(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
    if (!file) return file_fault(errors::kPayloadInvalid, "read", name);
  }
  std::erase_if(text, [](char c) { return c == '\n' || c == '\r'; });
  return text;
}

void add_state(CLI::App* plugins, Actions& actions) {
  CLI::App* group = add_group(*plugins, "state", "Keep and bring back the state of a plugin, such as a preset");
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command = group->add_subcommand("get", "Asks the plugin of a node for its state");
  command->add_option("NODE", arguments->name, "CHANNEL/NODE or id")->required();
  command->add_option("FILE", arguments->file, "Where to write it, as Base64; standard output where it is left out");
  actions.bind(command, [arguments](const Options& options) { return get_state(options, *arguments); });

  command = group->add_subcommand("set", "Gives the plugin of a node a state: one step of the history");
  command->add_option("NODE", arguments->name, "CHANNEL/NODE or id")->required();
  command->add_option("FILE", arguments->file, "What `plugin state get` wrote; - is standard input")->required();
  bind_edit<plugin::StateSet>(actions, command, "set", [arguments](const project::Project& project) -> Result<plugin::StateSet> {
    auto node = find_node(project, arguments->name);
    if (!node) return std::move(node).error();
    auto state = read_state(arguments->file);
    if (!state) return std::move(state).error();
    return plugin::StateSet{.node_id = (*node)->id, .state = PluginState(*std::move(state))};
  });
}

}  // namespace

void add_plugin_commands(CLI::App& app, Actions& actions) {
  CLI::App* group = add_group(app, "plugin", "Look for plugins, list and describe them, keep their states");
  bind_plain<plugin::Scan>(actions, group->add_subcommand("scan", "Looks for plugins again; says how far it is while it does"),
                           [](const plugin::ScanReply& reply) { return describe(reply); });
  bind_plain<plugin::List>(actions, group->add_subcommand("list", "Lists the plugins that the last scan found"),
                           [](const plugin::ListReply& reply) { return describe(reply); });

  auto arguments = std::make_shared<Arguments>();
  CLI::App* command = group->add_subcommand("info", "Describes a plugin with its parameters");
  command->add_option("PLUGIN", arguments->name, "Id, as `plugin list` has it")->required();
  actions.bind(command, [arguments](const Options& options) {
    return run_errand(options, plugin::Info{.plugin = PluginId(arguments->name)},
                      [](const plugin::InfoReply& reply) { return describe(reply); });
  });
  add_state(group, actions);
}

}  // namespace loophole::cli
