#pragma once
// ClientPort: a role's port that is a session::Client underneath. `Base` is the role's interface (aura::ProjectPort, pulse::EnginePort);
// the implementations of a role differ in what the client is connected to, and in nothing else.

#include <memory>
#include <utility>

#include "loophole/session/client.hpp"

namespace loophole::session {

template <class Base>
class ClientPort : public Base {
 public:
  // As Port has them.
  using typename Port::AnswerHandler;
  using typename Port::EventHandler;
  using typename Port::StateHandler;

  // [owner-thread] As Port has it.
  void on_event(EventHandler handler) override { client_->on_event(std::move(handler)); }
  void on_state(StateHandler handler) override { client_->on_state(std::move(handler)); }
  [[nodiscard]] PortState state() const noexcept override { return client_->state(); }
  [[nodiscard]] const HelloReply* hello() const noexcept override { return client_->hello(); }
  [[nodiscard]] const std::optional<Error>& close_reason() const noexcept override { return client_->close_reason(); }
  [[nodiscard]] const InstanceId& instance_id() const noexcept override { return client_->instance_id(); }
  void close() override { client_->close(); }
  [[nodiscard]] CountersReply counters() const override { return client_->counters(); }

 protected:
  // [owner-thread] Over a client of the session.
  explicit ClientPort(std::unique_ptr<Client> client) : client_(std::move(client)) {}
  // [owner-thread] As Port has it.
  MessageId call_payload(const wire::MessageDesc& command, wire::Payload payload, AnswerHandler on_answer, CallOptions options) override {
    return client_->call_payload(command, std::move(payload), std::move(on_answer), std::move(options));
  }

 private:
  std::unique_ptr<Client> client_;
};

}  // namespace loophole::session
