#include <algorithm>

#include "edits/refusals.hpp"
#include "service/hub.hpp"
#include "service/owed.hpp"

namespace loophole::pulse {

template <class C>
using Request = session::Server::Request<C>;

void serve_parameters(Hub& hub) {
  hub.server().on<parameter::GestureBegin>([&hub](Request<parameter::GestureBegin> request) { hub.gestures().begin(std::move(request)); });
  hub.server().on<parameter::GestureEnd>([&hub](Request<parameter::GestureEnd> request) { hub.gestures().end(std::move(request)); });
  hub.server().on<parameter::Get>([&hub](Request<parameter::Get> request) {
    hub.flush();
    auto document = hub.need_document();
    if (!document) return request.fail(std::move(document).error());
    const parameter::Parameter* parameter = (*document)->state().parameter(request.command().parameter_id);
    if (parameter == nullptr) return request.fail(edits::no_parameter(request.command().parameter_id));
    const Handle handle = parameter->handle;
    parameter::GetReply reply{.value = parameter->value, .engine_value = {}, .revision = (*document)->revision()};
    // What was committed before this is on its way to the engine; the engine is asked when it has taken that.
    hub.engine().when_settled([&hub, handle, reply, owed = owed(std::move(request))](bool running) {
      if (!running) return owed->reply(reply);
      hub.engine().call(graph::Query{}, [handle, reply, owed](Result<graph::QueryReply> live) {
        parameter::GetReply answer = reply;
        if (live) {
          const auto found = std::find_if(live->values.begin(), live->values.end(),
                                          [&](const engine::HandleValue& value) { return value.handle == handle; });
          if (found != live->values.end()) answer.engine_value = found->value;
        }
        owed->reply(answer);
      });
    });
  });
}

}  // namespace loophole::pulse
