#include "app/command.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <system_error>
#include <utility>

#include "app/exit_code.hpp"
#include "app/interrupt.hpp"
#include "app/output.hpp"
#include "app/ports.hpp"
#include "app/progress.hpp"
#include "loophole/core/clock.hpp"
#include "view/text.hpp"

namespace loophole::cli {

namespace {
std::string* kept = nullptr;  // of the KeptOutput that lives
int output_fault = 0;         // errno of the first text that could not be printed
}  // namespace

std::chrono::milliseconds Options::timeout() const {
  return std::chrono::milliseconds(static_cast<std::int64_t>(timeout_s * 1000));
}

session::CallOptions Options::call() const {
  session::CallOptions options{.deadline = timeout()};
  if (auto line = ProgressLine::of_standard_error())
    options.on_progress = [line](const operation::Progress& progress) { line->show(progress); };
  return options;
}

void Actions::bind(CLI::App* command, Action action) {
  command->callback([this, action = std::move(action)] { chosen_ = action; });
}

namespace {

Result<aura::Client> connect(const Options& options, const Tap& tap, bool stay) {
  const auto deadline = Clock::now() + options.timeout();
  const aura::ClientOptions client{
      .session = options.session, .endpoint = options.endpoint, .client_id = kClientId, .deadline = options.timeout(), .reconnect = stay};
  if (!options.embedded && !tap) return aura::Client::connect(client);
  return aura::Client::connect([&](net::Context& context, net::Loop& loop) { return make_port(options, tap, context, loop, deadline); },
                               client);
}

}  // namespace

Result<aura::Client> connect(const Options& options, const Tap& tap) {
  return connect(options, tap, false);  // a command ends with its session
}

Result<aura::Client> connect_to_stay(const Options& options) {
  return connect(options, {}, true);
}

Result<aura::Client> connect_some_time(const Options& options) {
  if (options.embedded) return connect(options, {}, true);
  return aura::Client::open(
      {.session = options.session, .endpoint = options.endpoint, .client_id = kClientId, .deadline = options.timeout()});
}

Error no_project_error() {
  return make_error(errors::kProjectNone,
                    "no project is open; `aura-cli project new FILE` makes one, `aura-cli project open FILE` opens one");
}

Result<const project::Project*> open_project(const aura::Client& client) {
  if (client.project() == nullptr) return no_project_error();
  return client.project();
}

bool wait_for_answer(aura::PendingAnswer& pending) {
  constexpr std::chrono::milliseconds kLookAgain{50};
  catch_interrupts();
  while (!pending.ready() && !interrupted()) pending.wait_for(kLookAgain);
  if (pending.ready()) return true;
  pending.cancel();
  return false;
}

Error interrupted_error() {
  return make_error(errors::kSessionCancelled, "interrupted; Pulse may have done it already, or do it yet");
}

Error not_connected_error() {
  return make_error(errors::kSessionCancelled, "interrupted before there was a connection; nothing was done");
}

KeptOutput::KeptOutput() {
  kept = &text_;
}

KeptOutput::~KeptOutput() {
  kept = nullptr;
}

void print_text(const std::string& text) {
  print_line(terminal_lines(text));
}

void print_line(const std::string& text) {
  if (kept != nullptr) {
    *kept += text + "\n";
    return;
  }
  if (output_fault != 0) return;
  const std::string line = text + "\n";
  errno = 0;
  if (std::fwrite(line.data(), 1, line.size(), stdout) == line.size() && std::fflush(stdout) == 0) return;
  output_fault = errno == 0 ? EIO : errno;
}

bool output_lost() noexcept {
  return output_fault != 0;
}

int code_of_output(int code) {
  constexpr int kPipeClosed = 128 + SIGPIPE;
  if (output_fault == 0) return code;
  if (output_fault == EPIPE) return kPipeClosed;
  fmt::print(stderr, "aura-cli: cannot write to standard output: {}\n", std::generic_category().message(output_fault));
  return kFailed;
}

void print_json(const Result<std::string>& json) {
  print_line(json ? *json : wire::to_json(json.error()).value());
}

int report(const Options& options, const Error& error) {
  if (options.json) {
    print_json(wire::to_json(error));
  } else {
    fmt::print(stderr, "aura-cli: {} [{}]\n", terminal_lines(error.message), error.code);
    const bool somewhere = error.pointer && !error.pointer->empty();
    if (error.expected)
      fmt::print(stderr, "  at {}: expected {}, found {}\n", somewhere ? terminal_text(*error.pointer) : "the payload itself",
                 terminal_text(*error.expected), terminal_text(error.found.value_or("what was sent")));
  }
  return interrupted() ? kInterrupted : exit_code(error.category);
}

}  // namespace loophole::cli
