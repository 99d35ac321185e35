#pragma once
// InProcessProjectPort: a Pulse that lives in this process, on a Loop and a thread of its own or on this one.
//
//   // thread of Pulse                                       // thread of the user interface
//   auto server = session::Server::bind(…).value();          auto aura = aura::Client::connect(
//   auto address = server->in_process();    ── copied ──>        [address](net::Context&, net::Loop& loop) {
//   loop.run();                                                    return aura::InProcessProjectPort::connect(address, loop);
//                                                                }).value();

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "loophole/aura/project_port.hpp"
#include "loophole/session/client_port.hpp"

namespace loophole::aura {

// What the port says of this program, and how long it waits.
struct InProcessProjectPortOptions {
  std::string client_id = "aura";                   // name of the program, for people
  std::string software_version = "0.1.0";           // of that program
  std::vector<std::string> capabilities{};          // names of abilities that the hello tells
  std::chrono::milliseconds hello_deadline{5'000};  // then the port is closed
};

class InProcessProjectPort final : public session::ClientPort<ProjectPort> {
 public:
  // [owner-thread] Says hello to the server; state() becomes ready or closed from the Loop, never from within this call. The thread that
  // calls owns the port; the server may be owned by another one, and end before the port does. `loop` must outlive the port.
  [[nodiscard]] static Result<std::unique_ptr<ProjectPort>> connect(const net::InProcessAddress& pulse, net::Loop& loop,
                                                                    InProcessProjectPortOptions options = {});

 private:
  explicit InProcessProjectPort(std::unique_ptr<session::Client> client) : ClientPort(std::move(client)) {}
};

}  // namespace loophole::aura
