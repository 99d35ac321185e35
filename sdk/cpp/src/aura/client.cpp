#include "loophole/aura/client.hpp"

#include <algorithm>
#include <utility>

#include "client_state.hpp"
#include "loophole/aura/ipc_project_port.hpp"
#include "loophole/session/directory.hpp"

namespace loophole::aura {
namespace {

using std::chrono::milliseconds;

// How often connect() looks again for a session that is not up yet.
constexpr milliseconds kLookAgain{20};

milliseconds until(Clock::time_point deadline) {
  return std::max(std::chrono::ceil<milliseconds>(deadline - Clock::now()), milliseconds{0});
}

// Whether a session may just be starting, or is about to be replaced by one that is.
bool may_come(const Error& error) {
  return is(error, errors::kSessionNotFound) || is(error, errors::kSessionLost) || is(error, errors::kSessionTimeout);
}

}  // namespace

Client::Client(std::shared_ptr<State> state) noexcept : state_(std::move(state)) {}
Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client&&) noexcept = default;
Client::~Client() = default;

Result<Client> Client::connect(ClientOptions options) {
  const auto deadline = Clock::now() + options.deadline;
  auto state = std::make_shared<State>(std::move(options));
  for (;;) {
    auto found = session::find(state->options().session);
    Result<void> started;
    if (found) {
      auto port = IpcProjectPort::connect(state->context(), state->loop(),
                                          {.endpoint = found->project_endpoint,
                                           .client_id = state->options().client_id,
                                           .software_version = state->options().software_version,
                                           .capabilities = state->options().capabilities,
                                           .hello_deadline = std::max(until(deadline), kLookAgain)});
      if (!port) return std::move(port).error();
      started = state->start(std::move(*port), deadline);
      if (started) return Client(std::move(state));
    } else {
      started = std::move(found).error();
    }
    if (!may_come(started.error()) || Clock::now() >= deadline) return std::move(started).error();
    state->loop().run_once(std::min(kLookAgain, until(deadline)));
  }
}

Result<Client> Client::connect(const PortFactory& make_port, ClientOptions options) {
  const auto deadline = Clock::now() + options.deadline;
  auto state = std::make_shared<State>(std::move(options));
  auto port = make_port(state->context(), state->loop());
  if (!port) return std::move(port).error();
  if (auto started = state->start(std::move(*port), deadline); !started) return std::move(started).error();
  return Client(std::move(state));
}

Result<wire::Payload> Client::call_and_wait(const wire::MessageDesc& command, wire::Payload payload, session::CallOptions options) {
  return state_->call_and_wait(command, std::move(payload), options);
}

MessageId Client::call_later(const wire::MessageDesc& command, wire::Payload payload, session::Port::AnswerHandler on_answer,
                             session::CallOptions options) {
  return state_->call_payload(command, std::move(payload), std::move(on_answer), options);
}

bool Client::poll(milliseconds timeout) {
  return state_->poll(timeout);
}
bool Client::poll_until(const std::function<bool()>& done, milliseconds deadline) {
  return state_->wait(done, deadline);
}
int Client::fd() const noexcept {
  return state_->loop().fd();
}

const project::Project* Client::project() const noexcept {
  return state_->mirror.project();
}
const Mirror& Client::mirror() const noexcept {
  return state_->mirror;
}
std::int64_t Client::revision() const noexcept {
  return state_->mirror.revision();
}

void Client::on_change(std::function<void(const project::Changed&)> handler) {
  state_->on_change = std::move(handler);
}
void Client::on_reset(std::function<void()> handler) {
  state_->on_reset = std::move(handler);
}
void Client::on_engine(std::function<void(const engine::Changed&)> handler) {
  state_->on_engine = std::move(handler);
}
void Client::on_transport(std::function<void(const transport::Changed&)> handler) {
  state_->on_transport = std::move(handler);
}
void Client::on_closed(std::function<void(const Error&)> handler) {
  state_->on_closed = std::move(handler);
}

Result<Gesture> Client::begin_gesture(ParameterId parameter) {
  return begin_gesture(GestureOptions{.parameters = {std::move(parameter)}});
}

Result<Gesture> Client::begin_gesture(GestureOptions options) {
  auto begun = std::make_shared<std::optional<Result<Gesture>>>();
  state_->begin_gesture(std::move(options), [begun](Result<Gesture> gesture) { begun->emplace(std::move(gesture)); });
  state_->wait([&begun] { return begun->has_value(); }, session::CallOptions{}.deadline + std::chrono::seconds{1});
  if (!*begun) return make_error(errors::kSessionTimeout, "no answer to parameter.gesture.begin in time");
  return std::move(**begun);
}

void Client::begin_gesture(GestureOptions options, std::function<void(Result<Gesture>)> on_begun) {
  state_->begin_gesture(std::move(options), std::move(on_begun));
}

Telemetry& Client::telemetry() noexcept {
  return *state_->telemetry;
}

net::TimerId Client::after(std::chrono::nanoseconds delay, std::function<void()> handler) {
  return state_->after(delay, std::move(handler));
}
net::TimerId Client::every(std::chrono::nanoseconds interval, std::function<void()> handler) {
  return state_->every(interval, std::move(handler));
}
void Client::cancel(net::TimerId timer) {
  state_->cancel(timer);
}

bool Client::is_connected() const noexcept {
  return state_->connected();
}
const session::HelloReply& Client::hello() const noexcept {
  return *state_->port().hello();
}
const std::optional<session::EngineLink>& Client::engine_link() const noexcept {
  return state_->engine_link;
}
const InstanceId& Client::instance_id() const noexcept {
  return state_->port().instance_id();
}
const std::optional<Error>& Client::close_reason() const noexcept {
  return state_->close_reason();
}
const ClientCounters& Client::counters() const noexcept {
  return state_->counters;
}

}  // namespace loophole::aura
