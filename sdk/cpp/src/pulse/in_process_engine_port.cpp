#include "loophole/pulse/in_process_engine_port.hpp"

#include <utility>

namespace loophole::pulse {

Result<std::unique_ptr<InProcessEnginePort>> InProcessEnginePort::connect(const net::InProcessAddress& signal, net::Loop& loop,
                                                                          InProcessEnginePortOptions options) {
  auto client = session::Client::connect(signal, loop,
                                         {.endpoint = {},
                                          .role = Role::pulse,
                                          .peer = Role::signal,
                                          .client_id = std::move(options.client_id),
                                          .software_version = std::move(options.software_version),
                                          .capabilities = std::move(options.capabilities),
                                          .hello_deadline = options.hello_deadline});
  if (!client) return std::move(client).error();
  return std::unique_ptr<InProcessEnginePort>(new InProcessEnginePort(*std::move(client)));
}

}  // namespace loophole::pulse
