#pragma once
// PulseClient: a client of a real loophole-pulse over ipc that sends commands without waiting, and remembers what was acknowledged.

#include <doctest/doctest.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "loophole/session/client.hpp"
#include "loophole/session/directory.hpp"

namespace loophole::pulse::test {

class PulseClient {
 public:
  // Of a session that is served. `connected()` tells whether Pulse lived long enough to answer.
  explicit PulseClient(const std::string& session) {
    const auto file = session::find(session);
    if (!file) return;
    client_ = session::Client::connect(context, loop, {.endpoint = file->project_endpoint, .client_id = "test"}).value();
    client_->on_event([](const wire::Message&) {});
    while (client_->state() == session::PortState::connecting) wait();
  }

  [[nodiscard]] bool connected() const { return client_ && client_->state() == session::PortState::ready; }
  [[nodiscard]] const InstanceId& instance_id() const { return client_->instance_id(); }

  // `then` is called with the answer, or when there will be none.
  template <class C>
  MessageId send(C command, std::function<void(Result<typename C::Reply>)> then) {
    return client_->call_payload(wire::MessageOf<C>::desc(), wire::Payload::of(std::move(command)),
                                 [then = std::move(then)](Result<wire::Payload> answer) {
                                   if (!answer) return then(std::move(answer).error());
                                   then(*answer->template as<typename C::Reply>());
                                 },
                                 {});
  }
  template <class C>
  Result<typename C::Reply> call(C command) {
    std::optional<Result<typename C::Reply>> answer;
    send(std::move(command), [&answer](Result<typename C::Reply> result) { answer.emplace(std::move(result)); });
    while (!answer) wait();
    return *std::move(answer);
  }
  void wait() {
    if (!loop.run_once(std::chrono::seconds(30))) FAIL("nothing happened for 30 s");
  }

  net::Context context;
  net::Loop loop;

 private:
  std::unique_ptr<session::Client> client_;
};

}  // namespace loophole::pulse::test
