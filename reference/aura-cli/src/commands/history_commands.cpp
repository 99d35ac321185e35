#include <fmt/format.h>

#include "commands/commands.hpp"
#include "view/text.hpp"

namespace loophole::cli {
namespace {

std::string describe(const history::ListReply& list) {
  if (list.entries.empty()) return "no steps yet";
  std::string text;
  for (std::size_t i = 0; i < list.entries.size(); ++i)
    text += fmt::format("{}{} {:>6}  {}", i == 0 ? "" : "\n", static_cast<std::int64_t>(i) < list.position ? "done  " : "undone",
                        list.entries[i].revision, terminal_text(list.entries[i].label));
  return text;
}

std::string describe(std::string_view what, const history::StepReply& step) {
  return fmt::format("{}: {} (revision {})", what, terminal_text(step.label), step.revision);
}

}  // namespace

void add_history_commands(CLI::App& app, Actions& actions) {
  CLI::App* group = add_group(app, "history", "Undo and redo");
  bind_plain<history::List>(actions, group->add_subcommand("list", "Lists the steps, oldest first"),
                            [](const history::ListReply& reply) { return describe(reply); });
  bind_plain<history::Undo>(actions, group->add_subcommand("undo", "Undoes the newest step that is not undone"),
                            [](const history::StepReply& reply) { return describe("undone", reply); });
  bind_plain<history::Redo>(actions, group->add_subcommand("redo", "Does the step again that was undone last"),
                            [](const history::StepReply& reply) { return describe("done again", reply); });
}

}  // namespace loophole::cli
