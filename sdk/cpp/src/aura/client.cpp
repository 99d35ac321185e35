#include "loophole/aura/client.hpp"

#include <utility>

#include "client_state.hpp"
#include "kept_handler.hpp"

namespace loophole::aura {
Client::Client(std::shared_ptr<State> state) noexcept : state_(std::move(state)) {}
Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client&&) noexcept = default;
Client::~Client() = default;

Client Client::open(ClientOptions options) {
  auto state = std::make_shared<State>(std::move(options));
  state->open();
  return Client(std::move(state));
}

Result<Client> Client::connect(ClientOptions options) {
  const auto deadline = Clock::now() + options.deadline;
  Client client = open(std::move(options));
  if (auto connected = client.state_->wait_connected(deadline); !connected) return std::move(connected).error();
  return client;
}

Result<Client> Client::connect(const PortFactory& make_port, ClientOptions options) {
  const auto deadline = Clock::now() + options.deadline;
  auto state = std::make_shared<State>(std::move(options));
  auto port = make_port(state->context(), state->loop());
  if (!port) return std::move(port).error();
  state->use(std::move(*port));
  if (auto connected = state->wait_connected(deadline); !connected) return std::move(connected).error();
  return Client(std::move(state));
}

Result<wire::Payload> Client::call_and_wait(const wire::MessageDesc& command, wire::Payload payload, session::CallOptions options) {
  return state_->call_and_wait(command, std::move(payload), options);
}

MessageId Client::call_later(const wire::MessageDesc& command, wire::Payload payload, session::Port::AnswerHandler on_answer,
                             session::CallOptions options) {
  return state_->call_payload(command, std::move(payload), std::move(on_answer), options);
}

std::pair<std::shared_ptr<PendingAnswer::Slot>, MessageId> Client::start_call(const wire::MessageDesc& command, wire::Payload payload,
                                                                              session::CallOptions options) {
  return state_->start_call(command, std::move(payload), std::move(options));
}

void Client::cancel(const MessageId& call) {
  state_->cancel_call(call);
}

bool Client::poll(std::chrono::milliseconds timeout) {
  return state_->poll(timeout);
}
bool Client::poll_until(const std::function<bool()>& done, std::chrono::milliseconds deadline) {
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
  state_->on_change = kept(std::move(handler));
}
void Client::on_reset(std::function<void()> handler) {
  state_->on_reset = kept(std::move(handler));
}
void Client::on_engine(std::function<void(const engine::Changed&)> handler) {
  state_->on_engine = kept(std::move(handler));
}
void Client::on_connection(std::function<void(const Connection&)> handler) {
  state_->on_connection = kept(std::move(handler));
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

Changes& Client::changes() noexcept {
  return *state_->changes;
}
Telemetry& Client::telemetry() noexcept {
  return *state_->telemetry;
}

net::TimerId Client::after(std::chrono::nanoseconds delay, std::function<void()> handler) {
  return state_->after(delay, std::move(handler));
}
net::TimerId Client::every(std::chrono::nanoseconds interval, std::function<void()> handler) {
  return state_->every(interval, kept(std::move(handler)));
}
void Client::cancel(net::TimerId timer) {
  state_->cancel(timer);
}

const Connection& Client::connection() const noexcept {
  return state_->connection();
}
const std::optional<Error>& Client::close_reason() const noexcept {
  static const std::optional<Error> none;
  return state_->connection().is_final() ? state_->connection().reason : none;
}
void Client::close() {
  state_->close();
}
const session::HelloReply& Client::hello() const noexcept {
  return state_->hello();
}
const std::optional<session::EngineLink>& Client::engine_link() const noexcept {
  return state_->engine_link;
}
const InstanceId& Client::instance_id() const noexcept {
  return state_->instance_id();
}
const ClientCounters& Client::counters() const noexcept {
  return state_->counters;
}

}  // namespace loophole::aura
