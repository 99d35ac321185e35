#include <memory>

#include "app/protocol.hpp"
#include "commands/commands.hpp"

namespace loophole::cli {
namespace {

Result<int> describe_protocol(const Options& options, const std::string& name) {
  if (name.empty()) {
    if (options.json)
      print_line(nlohmann::ordered_json(message_names()).dump());
    else
      print_text(list_messages());
    return 0;
  }
  if (options.json) {
    auto schema = message_schema(name);
    if (!schema) return std::move(schema).error();
    print_line(schema->dump());
    return 0;
  }
  auto text = describe_message(name);
  if (!text) return std::move(text).error();
  print_text(*text);
  return 0;
}

}  // namespace

void add_describe_command(CLI::App& app, Actions& actions) {
  auto name = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand("describe",
                                         "Describes a message of the protocol: fields, units, ranges, reply, errors, an example. Needs no "
                                         "session. With --json its JSON Schema and that of its reply");
  command->add_option("MESSAGE", *name, "Name, such as track.add; all messages, one a line, where it is left out");
  actions.bind(command, [name](const Options& options) { return describe_protocol(options, *name); });
}

}  // namespace loophole::cli
