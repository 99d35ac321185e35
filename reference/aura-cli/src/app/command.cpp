#include "app/command.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <utility>

#include "app/exit_code.hpp"
#include "app/interrupt.hpp"
#include "app/progress.hpp"
#include "loophole/core/clock.hpp"
#include "loophole/session/directory.hpp"
#include "program/embedded_pulse.hpp"

namespace loophole::cli {

namespace {
constexpr const char* kClientId = "aura-cli";
std::string* kept = nullptr;  // of the KeptOutput that lives
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

// A port that shows every event to somebody else first.
class TappedPort final : public aura::ProjectPort {
 public:
  TappedPort(std::unique_ptr<aura::ProjectPort> port, Tap tap) : port_(std::move(port)), tap_(std::move(tap)) {}

  MessageId call_payload(const wire::MessageDesc& command, wire::Payload payload, AnswerHandler on_answer,
                         session::CallOptions options) override {
    return port_->call_payload(command, std::move(payload), std::move(on_answer), std::move(options));
  }
  void on_event(EventHandler handler) override {
    port_->on_event([this, handler = std::move(handler)](const wire::Message& event) {
      tap_(event);
      if (handler) handler(event);
    });
  }
  void on_state(StateHandler handler) override { port_->on_state(std::move(handler)); }
  [[nodiscard]] session::PortState state() const noexcept override { return port_->state(); }
  [[nodiscard]] const session::HelloReply* hello() const noexcept override { return port_->hello(); }
  [[nodiscard]] const std::optional<Error>& close_reason() const noexcept override { return port_->close_reason(); }
  [[nodiscard]] const InstanceId& instance_id() const noexcept override { return port_->instance_id(); }
  [[nodiscard]] session::CountersReply counters() const override { return port_->counters(); }
  void close() override { port_->close(); }

 private:
  std::unique_ptr<aura::ProjectPort> port_;
  Tap tap_;
};

using MadePort = Result<std::unique_ptr<aura::ProjectPort>>;

// A session that is just starting is waited for.
Result<std::string> find_endpoint(const Options& options, net::Loop& loop) {
  constexpr std::chrono::milliseconds kLookAgain{20};
  if (!options.endpoint.empty()) return options.endpoint;
  const auto deadline = Clock::now() + options.timeout();
  for (;;) {
    auto found = session::find(options.session);
    if (found) return std::move(found->project_endpoint);
    if (!is(found.error(), errors::kSessionNotFound) || Clock::now() >= deadline) return std::move(found).error();
    loop.run_once(kLookAgain);
  }
}

MadePort make_port(const Options& options, net::Context& context, net::Loop& loop) {
  if (options.embedded)
    return aura::InProcessProjectPort::connect(options.embedded->address(), loop,
                                               {.client_id = kClientId, .hello_deadline = options.timeout()});
  auto endpoint = find_endpoint(options, loop);
  if (!endpoint) return std::move(endpoint).error();
  auto port = aura::IpcProjectPort::connect(
      context, loop, {.endpoint = *std::move(endpoint), .client_id = kClientId, .hello_deadline = options.timeout()});
  if (!port) return std::move(port).error();
  return std::unique_ptr<aura::ProjectPort>(*std::move(port));
}

}  // namespace

Result<aura::Client> connect(const Options& options, const Tap& tap) {
  // A command ends with its session.
  const aura::ClientOptions client{.session = options.session, .client_id = kClientId, .deadline = options.timeout(), .reconnect = false};
  if (!options.embedded && options.endpoint.empty() && !tap) return aura::Client::connect(client);
  return aura::Client::connect(
      [&](net::Context& context, net::Loop& loop) -> MadePort {
        auto port = make_port(options, context, loop);
        if (!port || !tap) return port;
        return std::unique_ptr<aura::ProjectPort>(std::make_unique<TappedPort>(*std::move(port), tap));
      },
      client);
}

Result<const project::Project*> open_project(const aura::Client& client) {
  if (client.project() == nullptr)
    return make_error(errors::kProjectNone,
                      "no project is open; `aura-cli project new FILE` makes one, `aura-cli project open FILE` opens one");
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

KeptOutput::KeptOutput() {
  kept = &text_;
}

KeptOutput::~KeptOutput() {
  kept = nullptr;
}

void print_text(const std::string& text) {
  if (kept != nullptr) {
    *kept += text + "\n";
    return;
  }
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
  return interrupted() ? kInterrupted : exit_code(error.category);
}

}  // namespace loophole::cli
