#include "app/command.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <utility>

#include "app/exit_code.hpp"
#include "program/embedded_pulse.hpp"

namespace loophole::cli {

std::chrono::milliseconds Options::timeout() const {
  return std::chrono::milliseconds(static_cast<std::int64_t>(timeout_s * 1000));
}

void Actions::bind(CLI::App* command, Action action) {
  command->callback([this, action = std::move(action)] { chosen_ = action; });
}

Result<aura::Client> connect(const Options& options) {
  constexpr const char* kClientId = "aura-cli";
  // A command ends with its session.
  const aura::ClientOptions client{.session = options.session, .client_id = kClientId, .deadline = options.timeout(), .reconnect = false};
  using Port = Result<std::unique_ptr<aura::ProjectPort>>;
  if (options.embedded)
    return aura::Client::connect(
        [&](net::Context&, net::Loop& loop) -> Port {
          return aura::InProcessProjectPort::connect(options.embedded->address(), loop,
                                                     {.client_id = kClientId, .hello_deadline = options.timeout()});
        },
        client);
  if (options.endpoint.empty()) return aura::Client::connect(client);
  return aura::Client::connect(
      [&](net::Context& context, net::Loop& loop) -> Port {
        auto port = aura::IpcProjectPort::connect(
            context, loop, {.endpoint = options.endpoint, .client_id = kClientId, .hello_deadline = options.timeout()});
        if (!port) return std::move(port).error();
        return std::unique_ptr<aura::ProjectPort>(*std::move(port));
      },
      client);
}

Result<const project::Project*> open_project(const aura::Client& client) {
  if (client.project() == nullptr)
    return make_error(errors::kProjectNone,
                      "no project is open; `aura-cli project new FILE` makes one, `aura-cli project open FILE` opens one");
  return client.project();
}

void print_text(const std::string& text) {
  fmt::print("{}\n", text);
  std::fflush(stdout);
}

void print_json(const Result<std::string>& json) {
  print_text(json ? *json : wire::to_json(json.error()).value());
}

int report(const Options& options, const Error& error) {
  if (options.json) {
    print_json(wire::to_json(error));
  } else {
    fmt::print(stderr, "aura-cli: {} [{}]\n", error.message, error.code);
    if (error.expected)
      fmt::print(stderr, "  at {}: expected {}, found {}\n", error.pointer.value_or("the message"), *error.expected,
                 error.found.value_or("what was sent"));
  }
  return exit_code(error.category);
}

}  // namespace loophole::cli
