#include <fstream>
#include <iostream>
#include <memory>

#include "app/interrupt.hpp"
#include "commands/commands.hpp"
#include "script/script.hpp"

namespace loophole::cli {

void add_run_command(CLI::App& app, Actions& actions) {
  auto name = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand("run", "Runs a script: commands of aura-cli, one a line, with waits, expectations and variables");
  command->add_option("FILE", *name, "The script; - reads it from standard input")->required();
  command->footer(
      "A line is a command, or one of\n"
      "  NAME = COMMAND               keeps the reply; $NAME.member is a member of it\n"
      "  print WORDS                  prints them\n"
      "  wait CONDITION [within S]    until it is so, S seconds at most\n"
      "  expect CONDITION             it is so now\n"
      "  expect error CODE COMMAND    the command fails with this code or category\n"
      "Conditions: revision N, project NAME, tracks N, engine STATE, graph equal, transport playing, position SECONDS,\n"
      "meter CHANNEL > DB, parameter NAME = VALUE, held NAME = VALUE, $NAME.member = VALUE.\n"
      "Comparisons: = != < <= > >= contains. The first line that fails ends the script with its exit code; 1 is an expectation.");
  actions.bind(command, [name](const Options& options) -> Result<int> {
    catch_interrupts();
    if (*name == "-") return Script(options, "standard input").run(std::cin);
    std::ifstream file(*name);
    if (!file)
      return make_error(errors::kPayloadInvalid, "cannot read the script " + *name + ": " + std::generic_category().message(errno));
    return Script(options, *name).run(file);
  });
}

}  // namespace loophole::cli
