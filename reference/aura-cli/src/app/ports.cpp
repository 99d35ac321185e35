#include "app/ports.hpp"

#include <algorithm>
#include <utility>

#include "app/interrupt.hpp"
#include "loophole/core/clock.hpp"
#include "loophole/session/directory.hpp"
#include "program/embedded_pulse.hpp"

namespace loophole::cli {
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

constexpr std::chrono::milliseconds kLeast{1};  // for a hello

// A session that is just starting is waited for.
Result<std::string> find_endpoint(const Options& options, net::Loop& loop, Clock::time_point deadline) {
  constexpr std::chrono::milliseconds kLookAgain{20};
  if (!options.endpoint.empty()) return options.endpoint;
  for (;;) {
    auto found = session::find(options.session);
    if (found) return std::move(found->project_endpoint);
    if (!is(found.error(), errors::kSessionNotFound) || Clock::now() >= deadline) return std::move(found).error();
    if (interrupted()) return not_connected_error();
    loop.run_once(kLookAgain);
  }
}

MadePort make_untapped_port(const Options& options, net::Context& context, net::Loop& loop, Clock::time_point deadline) {
  const auto left = [deadline] { return std::max(std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()), kLeast); };
  if (options.embedded)
    return aura::InProcessProjectPort::connect(options.embedded->address(), loop, {.client_id = kClientId, .hello_deadline = left()});
  auto endpoint = find_endpoint(options, loop, deadline);
  if (!endpoint) return std::move(endpoint).error();
  auto port =
      aura::IpcProjectPort::connect(context, loop, {.endpoint = *std::move(endpoint), .client_id = kClientId, .hello_deadline = left()});
  if (!port) return std::move(port).error();
  return std::unique_ptr<aura::ProjectPort>(*std::move(port));
}

}  // namespace

MadePort make_port(const Options& options, const Tap& tap, net::Context& context, net::Loop& loop, Clock::time_point deadline) {
  auto port = make_untapped_port(options, context, loop, deadline);
  if (!port || !tap) return port;
  return std::unique_ptr<aura::ProjectPort>(std::make_unique<TappedPort>(*std::move(port), tap));
}

}  // namespace loophole::cli
