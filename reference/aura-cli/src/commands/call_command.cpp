#include <iostream>
#include <iterator>
#include <memory>

#include "app/command_words.hpp"
#include "commands/commands.hpp"

namespace loophole::cli {
namespace {

struct Arguments {
  std::string name;
  std::string payload = "{}";
};

Error unknown(const std::string& name) {
  std::vector<std::string> names;
  for (const CommandWord& one : command_words()) names.emplace_back(one.name);
  return make_error(errors::kEnvelopeUnknownName, "Aura may send no command '" + name + "'" + did_you_mean(name, names));
}

Result<int> call(const Options& options, const Arguments& arguments) {
  const CommandWord* command = find_command(arguments.name);
  if (command == nullptr) return unknown(arguments.name);
  std::string payload = arguments.payload;
  if (payload == "-") payload.assign(std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>());
  auto errand = Errand::connect(options);
  if (!errand) return std::move(errand).error();
  auto reply = command->call(*errand, payload, options);
  if (!reply) return std::move(reply).error();
  print_json(reply);
  return 0;
}

}  // namespace

void add_call_command(CLI::App& app, Actions& actions) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command = app.add_subcommand("call", "Sends a command of the protocol with a payload as JSON, and prints the reply");
  command->add_option("MESSAGE", arguments->name, "Name of the command, such as track.add")->required();
  command->add_option("JSON", arguments->payload, "Payload; - reads it from standard input")->capture_default_str();
  actions.bind(command, [arguments](const Options& options) { return call(options, *arguments); });
}

}  // namespace loophole::cli
