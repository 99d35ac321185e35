#include "app/errand.hpp"

#include "app/interrupt.hpp"
#include "app/ports.hpp"
#include "loophole/core/clock.hpp"
#include "loophole/transport/sockets.hpp"

namespace loophole::cli {
using std::chrono::milliseconds;

struct Errand::State {
  net::Context context;
  net::Loop loop;
  std::unique_ptr<aura::ProjectPort> port;
};

Errand::Errand(std::unique_ptr<State> state) noexcept : state_(std::move(state)) {}
Errand::Errand(Errand&&) noexcept = default;
Errand& Errand::operator=(Errand&&) noexcept = default;
Errand::~Errand() = default;

Result<Errand> Errand::connect(const Options& options) {
  constexpr milliseconds kTryAgain{50};
  const auto deadline = Clock::now() + options.timeout();
  auto state = std::make_unique<State>();
  for (;;) {
    auto port = make_port(options, {}, state->context, state->loop, deadline);
    if (!port) return std::move(port).error();
    state->port = *std::move(port);
    while (state->port->state() == session::PortState::connecting && !interrupted()) state->loop.run_once(kTryAgain);
    if (state->port->state() == session::PortState::ready) return Errand(std::move(state));
    if (interrupted()) return not_connected_error();
    Error reason = state->port->close_reason().value_or(make_error(errors::kSessionLost, "the connection to Pulse has ended"));
    state->port.reset();
    if (!aura::may_come(reason) || Clock::now() + kTryAgain >= deadline) return reason;
    const auto again = Clock::now() + kTryAgain;
    while (Clock::now() < again && !interrupted()) state->loop.run_once(kTryAgain);
  }
}

Result<wire::Payload> Errand::ask_payload(const wire::MessageDesc& command, wire::Payload payload, const Options& options) {
  constexpr milliseconds kLookAgain{50};
  catch_interrupts();
  // Shared: after Ctrl-C the answer may still come.
  auto answer = std::make_shared<std::optional<Result<wire::Payload>>>();
  state_->port->call_payload(
      command, std::move(payload), [answer](Result<wire::Payload> reply) { answer->emplace(std::move(reply)); }, options.call());
  while (!*answer && !interrupted()) state_->loop.run_once(kLookAgain);
  if (!*answer) return interrupted_error();
  if (!**answer && is((*answer)->error(), errors::kProjectNone)) return no_project_error();
  return std::move(**answer);
}

}  // namespace loophole::cli
