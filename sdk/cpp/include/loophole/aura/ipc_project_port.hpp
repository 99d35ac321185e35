#pragma once
// IpcProjectPort: Pulse as another process.

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "loophole/aura/project_port.hpp"
#include "loophole/session/client_port.hpp"

namespace loophole::aura {

// Where Pulse is, and what the port says of this program.
struct IpcProjectPortOptions {
  std::string endpoint{};                           // SessionFile::project_endpoint
  std::string client_id = "aura";                   // name of the program, for people
  std::string software_version = "0.1.0";           // of that program
  std::vector<std::string> capabilities{};          // names of abilities that the hello tells
  std::chrono::milliseconds hello_deadline{5'000};  // then the port is closed
  // Of a program that connects again, see session::ClientOptions.
  InstanceId instance_id{};
  std::string id_prefix = "m";  // that ids of commands begin with
};

class IpcProjectPort final : public session::ClientPort<ProjectPort> {
 public:
  // [owner-thread] Dials and says hello; state() becomes ready or closed from the Loop. `context` and `loop` must outlive the port.
  [[nodiscard]] static Result<std::unique_ptr<IpcProjectPort>> connect(net::Context& context, net::Loop& loop,
                                                                       IpcProjectPortOptions options);

 private:
  explicit IpcProjectPort(std::unique_ptr<session::Client> client) : ClientPort(std::move(client)) {}
};

}  // namespace loophole::aura
