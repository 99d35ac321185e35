#include "loophole/aura/in_process_project_port.hpp"

#include <utility>

namespace loophole::aura {

Result<std::unique_ptr<ProjectPort>> InProcessProjectPort::connect(const net::InProcessAddress& pulse, net::Loop& loop,
                                                                   InProcessProjectPortOptions options) {
  auto client = session::Client::connect(pulse, loop,
                                         {.endpoint = {},
                                          .role = Role::aura,
                                          .peer = Role::pulse,
                                          .client_id = std::move(options.client_id),
                                          .software_version = std::move(options.software_version),
                                          .capabilities = std::move(options.capabilities),
                                          .hello_deadline = options.hello_deadline});
  if (!client) return std::move(client).error();
  return std::unique_ptr<ProjectPort>(new InProcessProjectPort(*std::move(client)));
}

}  // namespace loophole::aura
