#pragma once
// IpcEnginePort: the EnginePort to a Signal in another process, over a control connection.

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "loophole/pulse/engine_port.hpp"
#include "loophole/session/client_port.hpp"

namespace loophole::pulse {

// Where the engine is, and what the port says of this program.
struct EnginePortOptions {
  std::string endpoint;                             // Signal's control endpoint
  std::string client_id;                            // name of this program, for people
  std::string software_version = "0.1.0";           // of that program
  std::vector<std::string> capabilities = {};       // names of abilities that the hello tells
  std::chrono::milliseconds hello_deadline{5'000};  // from connecting to state ready; then closed with session.notFound
  // A program that connects again within its run keeps its instance and begins its ids with something else, so that they stay unique.
  InstanceId instance_id{};     // empty: a new one
  std::string id_prefix = "m";  // with which its message ids begin
};

class IpcEnginePort final : public session::ClientPort<EnginePort> {
 public:
  // [owner-thread] Dials and says hello as Pulse; state() becomes ready or closed from the Loop. `context` and `loop` must outlive the
  // port. Signal takes one Pulse at a time: a second one is closed with engine.held.
  [[nodiscard]] static Result<std::unique_ptr<IpcEnginePort>> connect(net::Context& context, net::Loop& loop, EnginePortOptions options);

 private:
  explicit IpcEnginePort(std::unique_ptr<session::Client> client) : ClientPort(std::move(client)) {}
};

}  // namespace loophole::pulse
