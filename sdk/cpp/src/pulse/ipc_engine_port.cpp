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
                                          .hello_deadline = options.hello_deadline,
                                          .instance_id = std::move(options.instance_id),
                                          .id_prefix = std::move(options.id_prefix)});
  if (!client) return std::move(client).error();
  return std::unique_ptr<IpcEnginePort>(new IpcEnginePort(*std::move(client)));
}

}  // namespace loophole::pulse
