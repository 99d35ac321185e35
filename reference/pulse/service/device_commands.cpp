#include "service/forward.hpp"
#include "service/hub.hpp"

namespace loophole::pulse {

void serve_devices(Hub& hub) {
  forward<device::List>(hub);
  hub.server().on<device::Select>([&hub](session::Server::Request<device::Select> request) {
    const device::Select wanted = request.command();
    hub.engine().select_device(wanted, [&hub, owed = owed(std::move(request))](Result<engine::Effective> effective) {
      if (!effective) return owed->fail(about_command(std::move(effective).error()));
      hub.tell_engine("another device is in use: " + effective->device);
      owed->reply({.effective = *std::move(effective)});
    });
  });
}

}  // namespace loophole::pulse
