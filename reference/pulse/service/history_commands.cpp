#include "model/inverse.hpp"
#include "service/hub.hpp"
#include "service/owed.hpp"

namespace loophole::pulse {
namespace {

using project::TransactionOrigin;

// A step that would move a parameter under somebody's hand is refused.
Result<void> check_gestures(Hub& hub, const Document& document, const Edit& edit) {
  for (const project::Change& change : edit.changes) {
    for (const ParameterId& touched : touched_parameters(document.state(), change)) {
      if (!hub.gestures().holds(touched)) continue;
      const parameter::Parameter* parameter = document.state().parameter(touched);
      return make_error(errors::kHistoryGestureOpen, "\"" + edit.label + "\" touches " +
                                                         (parameter == nullptr ? touched.str() : parameter->name) +
                                                         ", which a gesture is moving; end the gesture first");
    }
  }
  return {};
}

template <class C>
void take_step(Hub& hub, session::Server::Request<C> request, TransactionOrigin origin) {
  hub.flush();  // the step may be one of this very batch
  auto document = hub.need_document();
  if (!document) return request.fail(std::move(document).error());
  auto step = origin == TransactionOrigin::undo ? (*document)->step_to_undo() : (*document)->step_to_redo();
  if (!step) return request.fail(std::move(step).error());
  if (auto free = check_gestures(hub, **document, step->edit); !free) return request.fail(std::move(free).error());
  const std::string label = step->edit.label;
  const MessageId command = request.command_id();
  Provenance provenance{.origin = origin, .cause = cause_of(request), .step = step->step};
  hub.submit(std::move(step->edit), std::move(provenance), command, [owed = owed(std::move(request)), label](Result<Revision> revision) {
    if (!revision) return owed->fail(std::move(revision).error());
    owed->reply({.revision = *revision, .label = label});
  });
}

}  // namespace

void serve_history(Hub& hub) {
  hub.server().on<history::Undo>(
      [&hub](session::Server::Request<history::Undo> request) { take_step(hub, std::move(request), TransactionOrigin::undo); });
  hub.server().on<history::Redo>(
      [&hub](session::Server::Request<history::Redo> request) { take_step(hub, std::move(request), TransactionOrigin::redo); });
  hub.server().on<history::List>([&hub](session::Server::Request<history::List> request) {
    hub.flush();
    auto document = hub.need_document();
    if (!document) return request.fail(std::move(document).error());
    const History& history = (*document)->history();
    request.reply({.entries = history.entries(), .position = static_cast<std::int64_t>(history.position())});
  });
}

}  // namespace loophole::pulse
