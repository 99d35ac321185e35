#include "loophole/pulse/ipc_engine_port.hpp"

#include <utility>

namespace loophole::pulse {

Result<std::unique_ptr<IpcEnginePort>> IpcEnginePort::connect(net::Context& context, net::Loop& loop, EnginePortOptions options) {
  auto client = session::Client::connect(context, loop,
                                         {.endpoint = std::move(options.endpoint),
                                          .role = Role::pulse,
                                          .peer = Role::signal,
                                          .client_id = std::move(options.client_id),
                                          .software_version = std::move(options.software_version),
                                          .capabilities = std::move(options.capabilities),
                                          .hello_deadline = options.hello_deadline});
  if (!client) return std::move(client).error();
  return std::unique_ptr<IpcEnginePort>(new IpcEnginePort(*std::move(client)));
}

IpcEnginePort::IpcEnginePort(std::unique_ptr<session::Client> client) : client_(std::move(client)) {}
IpcEnginePort::~IpcEnginePort() = default;

MessageId IpcEnginePort::call_payload(const wire::MessageDesc& command, wire::Payload payload, AnswerHandler on_answer,
                                      session::CallOptions options) {
  return client_->call_payload(command, std::move(payload), std::move(on_answer), options);
}
void IpcEnginePort::on_event(EventHandler handler) {
  client_->on_event(std::move(handler));
}
void IpcEnginePort::on_state(StateHandler handler) {
  client_->on_state(std::move(handler));
}
session::PortState IpcEnginePort::state() const noexcept {
  return client_->state();
}
const session::HelloReply* IpcEnginePort::hello() const noexcept {
  return client_->hello();
}
const std::optional<Error>& IpcEnginePort::close_reason() const noexcept {
  return client_->close_reason();
}
const InstanceId& IpcEnginePort::instance_id() const noexcept {
  return client_->instance_id();
}
void IpcEnginePort::close() {
  client_->close();
}
session::CountersReply IpcEnginePort::counters() const {
  return client_->counters();
}

}  // namespace loophole::pulse
