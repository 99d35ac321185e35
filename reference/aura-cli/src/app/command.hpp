#pragma once
// What every command of aura-cli shares: the options before it, the connection, and how it prints.

#include <CLI/CLI.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "loophole/aura.hpp"
#include "loophole/wire/codec.hpp"
#include "loophole/wire/message.hpp"

namespace loophole::pulse {
class EmbeddedPulse;
}

namespace loophole::cli {

inline constexpr const char* kClientId = "aura-cli";

struct Options {
  std::string session = "default";
  std::string endpoint{};  // of a Pulse to connect to; empty: that of the session
  // A Pulse inside this program, which commands connect to instead; it outlives their clients.
  std::shared_ptr<pulse::EmbeddedPulse> embedded{};
  bool json = false;
  double timeout_s = 5;  // for finding the session, and for each answer

  [[nodiscard]] std::chrono::milliseconds timeout() const;
  // For one command: its deadline, and where to show how far it is.
  [[nodiscard]] session::CallOptions call() const;
};

// What a command does, once the command line is read. The number is the exit code.
using Action = std::function<Result<int>(const Options&)>;

// Remembers the action of the command that was typed.
class Actions {
 public:
  void bind(CLI::App* command, Action action);
  [[nodiscard]] const Action& chosen() const noexcept { return chosen_; }

 private:
  Action chosen_;
};

// Connects to the Pulse inside this program where there is one, else to the endpoint or the session of the options. `tap`, when given, is
// called with every event as it arrives.
using Tap = std::function<void(const wire::Message&)>;
[[nodiscard]] Result<aura::Client> connect(const Options& options, const Tap& tap = {});

// The same for a view that stays: it goes on with the next Pulse when one goes, unless that was inside this program.
[[nodiscard]] Result<aura::Client> connect_to_stay(const Options& options);

// The same without waiting for a session that is not there yet: Client::connection() tells how far it is.
[[nodiscard]] Result<aura::Client> connect_some_time(const Options& options);

[[nodiscard]] Error no_project_error();
// The project of the session; error project.none when none is open.
[[nodiscard]] Result<const project::Project*> open_project(const aura::Client& client);

// While it lives, what the functions below print is kept instead. At most one at a time.
class KeptOutput {
 public:
  KeptOutput();
  ~KeptOutput();
  KeptOutput(const KeptOutput&) = delete;
  KeptOutput& operator=(const KeptOutput&) = delete;
  [[nodiscard]] const std::string& text() const noexcept { return text_; }

 private:
  std::string text_;
};

// For people: line breaks stay, other control characters, which a name may have in it, do not reach the terminal.
void print_text(const std::string& text);
// For other programs, as it is: JSON, or a script.
void print_line(const std::string& text);
void print_json(const Result<std::string>& json);
template <class T>
void print(const Options& options, const T& reply, const std::string& text) {
  if (options.json)
    print_json(wire::to_json(reply));
  else
    print_text(text);
}

// Waits for the answer of what was started; false: Ctrl-C came first, and it was withdrawn.
[[nodiscard]] bool wait_for_answer(aura::PendingAnswer& pending);
// Why there is no answer then.
[[nodiscard]] Error interrupted_error();
// The same before anything was sent.
[[nodiscard]] Error not_connected_error();

// Sends a command and waits for its answer, showing how far it is. After Ctrl-C the error is session.cancelled, and report() gives
// kInterrupted.
template <class C>
Result<typename C::Reply> ask(aura::Client& client, C command, const Options& options) {
  auto pending = client.start(std::move(command), options.call());
  if (!wait_for_answer(pending)) return interrupted_error();
  return pending.get();
}

// The usual command that needs the project: connect, send one message made from it, print the reply.
template <class C>
Result<int> run(const Options& options, const std::function<Result<C>(const aura::Client&)>& make,
                const std::function<std::string(const typename C::Reply&)>& describe) {
  auto client = connect(options);
  if (!client) return std::move(client).error();
  auto command = make(*client);
  if (!command) return std::move(command).error();
  auto reply = ask(*client, *std::move(command), options);
  if (!reply) return std::move(reply).error();
  print(options, *reply, describe(*reply));
  return 0;
}

// "aura-cli: <message>" on stderr, or with --json the error object on stdout. Returns the exit code of its category, or kInterrupted after
// Ctrl-C.
int report(const Options& options, const Error& error);

}  // namespace loophole::cli
