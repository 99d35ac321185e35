#include "loophole/aura/ipc_project_port.hpp"

#include <utility>

namespace loophole::aura {

Result<std::unique_ptr<IpcProjectPort>> IpcProjectPort::connect(net::Context& context, net::Loop& loop, IpcProjectPortOptions options) {
  auto client = session::Client::connect(context, loop,
                                         {.endpoint = std::move(options.endpoint),
                                          .role = Role::aura,
                                          .peer = Role::pulse,
                                          .client_id = std::move(options.client_id),
                                          .software_version = std::move(options.software_version),
                                          .capabilities = std::move(options.capabilities),
                                          .hello_deadline = options.hello_deadline});
  if (!client) return std::move(client).error();
  return std::unique_ptr<IpcProjectPort>(new IpcProjectPort(std::move(*client)));
}

MessageId IpcProjectPort::call_payload(const wire::MessageDesc& command, wire::Payload payload, AnswerHandler on_answer,
                                       session::CallOptions options) {
  return client_->call_payload(command, std::move(payload), std::move(on_answer), options);
}

void IpcProjectPort::on_event(EventHandler handler) {
  client_->on_event(std::move(handler));
}
void IpcProjectPort::on_state(StateHandler handler) {
  client_->on_state(std::move(handler));
}
session::PortState IpcProjectPort::state() const noexcept {
  return client_->state();
}
const session::HelloReply* IpcProjectPort::hello() const noexcept {
  return client_->hello();
}
const std::optional<Error>& IpcProjectPort::close_reason() const noexcept {
  return client_->close_reason();
}
const InstanceId& IpcProjectPort::instance_id() const noexcept {
  return client_->instance_id();
}
void IpcProjectPort::close() {
  client_->close();
}

}  // namespace loophole::aura
