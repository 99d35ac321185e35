#include "edits/edits.hpp"
#include "service/hub.hpp"
#include "service/owed.hpp"

namespace loophole::pulse {
namespace {

// Plans the edit, submits it, and answers with its revision once it is durable.
template <class C>
void submit_planned(Hub& hub, session::Server::Request<C> request) {
  auto document = hub.need_document();
  if (!document) return request.fail(std::move(document).error());
  auto planned = edits::plan((*document)->edit_context(), request.command());
  if (!planned) return request.fail(std::move(planned).error());
  Provenance provenance{.cause = cause_of(request)};
  const MessageId command = request.command_id();
  hub.submit(std::move(planned->edit), std::move(provenance), command,
             [owed = owed(std::move(request)), reply = std::move(planned->reply)](Result<Revision> revision) {
               if (!revision) return owed->fail(std::move(revision).error());
               auto answer = reply;
               answer.revision = *revision;
               owed->reply(std::move(answer));
             });
}

template <class C>
void serve_edit(Hub& hub) {
  hub.server().on<C>([&hub](session::Server::Request<C> request) { submit_planned(hub, std::move(request)); });
}

}  // namespace

void serve_edits(Hub& hub) {
  serve_edit<track::Add>(hub);
  serve_edit<track::Remove>(hub);
  serve_edit<track::Move>(hub);
  serve_edit<track::Rename>(hub);
  serve_edit<track::SetColour>(hub);
  serve_edit<track::Duplicate>(hub);
  serve_edit<clip::Add>(hub);
  serve_edit<clip::Remove>(hub);
  serve_edit<clip::Move>(hub);
  serve_edit<clip::Trim>(hub);
  serve_edit<clip::Split>(hub);
  serve_edit<clip::SetGain>(hub);
  serve_edit<node::Add>(hub);
  serve_edit<node::Remove>(hub);
  serve_edit<node::Move>(hub);
  serve_edit<node::SetBypass>(hub);
  serve_edit<node::Replace>(hub);
  serve_edit<routing::AddBus>(hub);
  serve_edit<routing::RemoveBus>(hub);
  serve_edit<routing::RenameBus>(hub);
  serve_edit<routing::SetOutput>(hub);
  serve_edit<routing::AddSend>(hub);
  serve_edit<routing::RemoveSend>(hub);
  serve_edit<automation::SetPoints>(hub);
  serve_edit<automation::Clear>(hub);
  serve_edit<automation::SetMode>(hub);
  serve_edit<transport::SetTempo>(hub);
  hub.server().on<parameter::Set>([&hub](session::Server::Request<parameter::Set> request) {
    // Two hands on one control: the gesture's samples would hide the value, and its end would overwrite it.
    if (auto free = hub.gestures().check_free(request.command().parameter_id, "/parameterId"); !free)
      return request.fail(std::move(free).error());
    submit_planned(hub, std::move(request));
  });
}

}  // namespace loophole::pulse
