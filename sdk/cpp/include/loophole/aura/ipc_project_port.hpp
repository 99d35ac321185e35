#pragma once
// IpcProjectPort: Pulse as another process.

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "loophole/aura/project_port.hpp"
#include "loophole/session/client.hpp"

namespace loophole::aura {

struct IpcProjectPortOptions {
  std::string endpoint{};  // SessionFile::project_endpoint
  std::string client_id = "aura";
  std::string software_version = "0.1.0";
  std::vector<std::string> capabilities{};
  std::chrono::milliseconds hello_deadline{5'000};
};

class IpcProjectPort final : public ProjectPort {
 public:
  // [owner-thread] Dials and says hello; state() becomes ready or closed from the Loop. `context` and `loop` must outlive the port.
  [[nodiscard]] static Result<std::unique_ptr<IpcProjectPort>> connect(net::Context& context, net::Loop& loop,
                                                                       IpcProjectPortOptions options);

  MessageId call_payload(const wire::MessageDesc& command, wire::Payload payload, AnswerHandler on_answer,
                         session::CallOptions options) override;
  void on_event(EventHandler handler) override;
  void on_state(StateHandler handler) override;
  [[nodiscard]] session::PortState state() const noexcept override;
  [[nodiscard]] const session::HelloReply* hello() const noexcept override;
  [[nodiscard]] const std::optional<Error>& close_reason() const noexcept override;
  [[nodiscard]] const InstanceId& instance_id() const noexcept override;
  void close() override;

  // [owner-thread] Counts of this connection.
  [[nodiscard]] session::CountersReply counters() const { return client_->counters(); }

 private:
  explicit IpcProjectPort(std::unique_ptr<session::Client> client) : client_(std::move(client)) {}
  std::unique_ptr<session::Client> client_;
};

}  // namespace loophole::aura
