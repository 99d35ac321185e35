#pragma once
// InProcessEnginePort: the EnginePort to an engine that lives in this process: to a signal::EngineServer, or to any session::Server in the
// seat of Signal, on a Loop and a thread of its own or on this one. Never the audio thread: an engine keeps that to itself.

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "loophole/pulse/engine_port.hpp"
#include "loophole/session/client_port.hpp"

namespace loophole::pulse {

// What the port says of this program, and how long it waits.
struct InProcessEnginePortOptions {
  std::string client_id;                            // name of this program, for people
  std::string software_version = "0.1.0";           // of that program
  std::vector<std::string> capabilities = {};       // names of abilities that the hello tells
  std::chrono::milliseconds hello_deadline{5'000};  // from connecting to state ready; then closed with session.notFound
};

class InProcessEnginePort final : public session::ClientPort<EnginePort> {
 public:
  // [owner-thread] Says hello as Pulse; state() becomes ready or closed from the Loop, never from within this call. The thread that calls
  // owns the port; the engine's server may be owned by another one, and end before the port does. `loop` must outlive the port. An engine
  // takes one Pulse at a time, wherever that is: a second one is closed with engine.held.
  [[nodiscard]] static Result<std::unique_ptr<InProcessEnginePort>> connect(const net::InProcessAddress& signal, net::Loop& loop,
                                                                            InProcessEnginePortOptions options);

 private:
  explicit InProcessEnginePort(std::unique_ptr<session::Client> client) : ClientPort(std::move(client)) {}
};

}  // namespace loophole::pulse
