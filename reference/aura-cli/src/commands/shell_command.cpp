#include <fmt/format.h>
#include <unistd.h>

#include "app/exit_code.hpp"
#include "app/front.hpp"
#include "app/interrupt.hpp"
#include "app/line_reader.hpp"
#include "commands/commands.hpp"

namespace loophole::cli {
namespace {

// For completion: connected when it is needed, and again after Pulse was away.
class Known {
 public:
  explicit Known(const Options& options) : options_(options) { options_.timeout_s = 1; }

  [[nodiscard]] aura::Client* client() {
    if (client_ && client_->poll()) return &*client_;
    client_.reset();
    if (auto connected = connect(options_)) client_.emplace(*std::move(connected));
    return client_ ? &*client_ : nullptr;
  }
  [[nodiscard]] const Options& options() const noexcept { return options_; }

 private:
  Options options_;
  std::optional<aura::Client> client_;
};

int run_line(const Options& options, const std::vector<std::string>& words) {
  Front front(Front::Place::line, options);
  if (const auto code = front.read(words)) return *code;
  const auto done = front.act();
  return done ? *done : report(front.options(), done.error());
}

Result<int> shell(const Options& options) {
  catch_interrupts();
  Known known(options);
  LineReader reader(history_file(), [&known](std::string_view line) {
    Front front(Front::Place::line, known.options());
    const Asker ask = [&known](std::string_view what) { return ask_client(known.client(), known.options())(what); };
    return complete(front.app(), split_line(line), ask);
  });
  const bool typed = isatty(STDIN_FILENO) == 1;
  if (typed) print_text(fmt::format("session {}; `help` lists the commands, `exit` or Ctrl-D ends", options.session));
  int code = kSuccess;
  while (!ended()) {
    forget_interrupt();
    const auto line = reader.read(options.session + "> ");
    if (!line) break;
    const LineWords split = split_line(*line);
    if (split.quote != 0) {
      fmt::print(stderr, "aura-cli: the quotes {} are not closed\n", split.quote);
      code = kUsage;
      continue;
    }
    if (split.words.empty()) continue;
    if (split.words.front() == "exit" || split.words.front() == "quit") break;
    code = run_line(options, split.words.front() == "help" ? std::vector<std::string>{"--help"} : split.words);
  }
  if (typed) print_text("");
  return typed ? kSuccess : code;
}

}  // namespace

void add_shell_command(CLI::App& app, Actions& actions) {
  CLI::App* command = app.add_subcommand(
      "shell", "Reads commands from the keyboard, with history and completion, or one a line from standard input, until its end");
  command->footer(
      "The exit code is that of the last command where nobody types; lines from standard input go on after a mistake.\n"
      "The history is kept in $XDG_STATE_HOME/loophole/aura-cli-history.");
  actions.bind(command, shell);
}

}  // namespace loophole::cli
