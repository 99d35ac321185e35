#include "loophole/session/server.hpp"

#include <utility>

#include "server_core.hpp"

namespace loophole::session {

Server::Pending::Pending(std::unique_ptr<State> state) : state_(std::move(state)) {}
Server::Pending::Pending(Pending&&) noexcept = default;
Server::Pending& Server::Pending::operator=(Pending&& other) noexcept {
  if (this != &other) {
    const Pending answered_now = std::move(*this);  // what was owed here is answered by its destructor
    state_ = std::move(other.state_);
  }
  return *this;
}
Server::Pending::~Pending() {
  if (!state_) return;
  if (const auto core = state_->core.lock()) core->finish(*state_, std::nullopt);
}

ClientKey Server::Pending::client() const noexcept {
  return state_->client;
}
const MessageId& Server::Pending::command_id() const noexcept {
  return state_->command.header.id;
}
const InstanceId& Server::Pending::instance_id() const noexcept {
  return state_->instance;
}
const wire::Message& Server::Pending::command() const noexcept {
  return state_->command;
}

void Server::Pending::progress(operation::Progress progress) {
  if (const auto core = state_->core.lock()) core->tell_progress(*state_, std::move(progress));
}

// A second answer is ignored. The command stays readable, and handlers may read it after they answered.
void Server::Pending::reply(wire::Payload payload) {
  const auto core = std::exchange(state_->core, {}).lock();
  if (core) core->finish(*state_, Result<wire::Payload>(std::move(payload)));
}
void Server::Pending::fail(Error error) {
  const auto core = std::exchange(state_->core, {}).lock();
  if (core) core->finish(*state_, Result<wire::Payload>(std::move(error)));
}

Server::Server() = default;
Server::~Server() {
  if (state_) state_->core->end();
}

Result<std::unique_ptr<Server>> Server::bind(net::Context& context, net::Loop& loop, ServerOptions options) {
  std::unique_ptr<net::ControlListener> listener;
  if (!options.endpoint.empty()) {
    auto bound = net::ControlListener::bind(context, options.endpoint, options.socket);
    if (!bound) return bound.error();
    listener = *std::move(bound);
  }
  std::unique_ptr<Server> server(new Server);
  server->state_ = std::make_unique<State>();
  auto gate = std::make_unique<net::InProcessGate>(options.socket);
  server->state_->core = std::make_shared<State::Core>(loop, std::move(options), std::move(gate), std::move(listener));
  server->state_->core->start();
  return server;
}

void Server::handle(const wire::MessageDesc& command, std::function<void(Pending)> handler) {
  state_->core->handlers[command.name] = std::move(handler);
}
void Server::on_hello(std::function<void(const ClientInfo&, HelloReply&)> complete) {
  state_->core->on_hello = std::move(complete);
}
void Server::on_connected(std::function<void(const ClientInfo&)> handler) {
  state_->core->on_connected = std::move(handler);
}
void Server::on_disconnected(std::function<void(const ClientInfo&, GoodbyeReason)> handler) {
  state_->core->on_disconnected = std::move(handler);
}
void Server::on_batch_end(std::function<void()> handler) {
  state_->core->on_batch_end = std::move(handler);
}
void Server::on_counters(std::function<void(CountersReply&)> complete) {
  state_->core->on_counters = std::move(complete);
}

void Server::send_payload(ClientKey client, const wire::MessageDesc& event, wire::Payload payload, std::optional<MessageId> cause) {
  state_->core->send_event(client, event, std::move(payload), std::move(cause));
}
void Server::broadcast_payload(const wire::MessageDesc& event, wire::Payload payload, std::optional<MessageId> cause) {
  state_->core->broadcast_event(event, payload, cause);
}

void Server::close(GoodbyeReason reason) {
  const auto core = state_->core;  // a handler may destroy this server
  core->disconnect_all(reason);
}

std::vector<ClientInfo> Server::clients() const {
  return state_->core->clients();
}
const std::string& Server::endpoint() const noexcept {
  return state_->core->endpoint;
}
net::InProcessAddress Server::in_process() const {
  return state_->core->in_process;
}
const InstanceId& Server::instance_id() const noexcept {
  return state_->core->instance_id;
}
CountersReply Server::counters() const {
  return state_->core->counters();
}

}  // namespace loophole::session
