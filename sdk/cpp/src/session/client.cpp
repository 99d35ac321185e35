#include "loophole/session/client.hpp"

#include <utility>

#include "client_core.hpp"

namespace loophole::session {

struct Client::State {
  std::shared_ptr<ClientCore> core;
};

Client::Client() = default;
Client::~Client() {
  if (state_) state_->core->abandon();
}

Result<std::unique_ptr<Client>> Client::connect(net::Context& context, net::Loop& loop, ClientOptions options) {
  auto connection = net::ControlConnection::connect(context, options.endpoint);
  if (!connection) return connection.error();
  return start(*std::move(connection), loop, std::move(options));
}

Result<std::unique_ptr<Client>> Client::connect(const net::InProcessAddress& server, net::Loop& loop, ClientOptions options) {
  options.endpoint.clear();
  return start(server.connect(), loop, std::move(options));
}

Result<std::unique_ptr<Client>> Client::start(std::unique_ptr<net::ControlLink> link, net::Loop& loop, ClientOptions options) {
  std::unique_ptr<Client> client(new Client);
  client->state_ = std::make_unique<State>();
  client->state_->core = std::make_shared<ClientCore>(loop, std::move(options), std::move(link));
  if (auto started = client->state_->core->start(); !started) return started.error();
  return client;
}

MessageId Client::call_payload(const wire::MessageDesc& command, wire::Payload payload, AnswerHandler on_answer, CallOptions options) {
  return state_->core->call(command, std::move(payload), std::move(on_answer), options);
}
void Client::on_event(EventHandler handler) {
  state_->core->on_event = std::move(handler);
}
void Client::on_state(StateHandler handler) {
  state_->core->on_state = std::move(handler);
}
PortState Client::state() const noexcept {
  return state_->core->state;
}
const HelloReply* Client::hello() const noexcept {
  return state_->core->hello ? &*state_->core->hello : nullptr;
}
const std::optional<Error>& Client::close_reason() const noexcept {
  return state_->core->close_reason;
}
const InstanceId& Client::instance_id() const noexcept {
  return state_->core->instance_id;
}
void Client::close() {
  state_->core->close();
}
CountersReply Client::counters() const {
  return state_->core->counters();
}

}  // namespace loophole::session
