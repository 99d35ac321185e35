#include "loophole/aura/ipc_project_port.hpp"

#include <utility>

namespace loophole::aura {

Result<std::unique_ptr<IpcProjectPort>> IpcProjectPort::connect(net::Context& context, net::Loop& loop, IpcProjectPortOptions options) {
  auto client = session::Client::connect(context, loop,
                                         {.endpoint = std::move(options.endpoint),
                                          .role = Role::aura,
                                          .peer = Role::pulse,
                                          .client_id = std::move(options.client_id),
                                          .software_version = std::move(options.software_version),
                                          .capabilities = std::move(options.capabilities),
                                          .hello_deadline = options.hello_deadline,
                                          .instance_id = std::move(options.instance_id),
                                          .id_prefix = std::move(options.id_prefix)});
  if (!client) return std::move(client).error();
  return std::unique_ptr<IpcProjectPort>(new IpcProjectPort(*std::move(client)));
}

}  // namespace loophole::aura
