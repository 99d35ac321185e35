#include "edits/edits.hpp"
#include "edits/refusals.hpp"
#include "service/forward.hpp"
#include "service/hub.hpp"
#include "service/owed.hpp"

namespace loophole::pulse {
namespace {

// Plans the edit, submits it, and answers with its revision once it is durable.
template <class C>
void submit_planned(Hub& hub, session::Server::Request<C> request, const plugin::InfoReply* plugin = nullptr) {
  auto document = hub.need_document();
  if (!document) return request.fail(std::move(document).error());
  EditContext context = (*document)->edit_context();
  context.plugin = plugin;
  auto planned = edits::plan(context, request.command());
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

// Nodes: what a plugin is like has to be asked of the engine first.
template <class C>
void serve_node_edit(Hub& hub) {
  hub.server().on<C>([&hub](session::Server::Request<C> request) {
    const C& command = request.command();
    if (command.kind != node::NodeKind::plugin || !command.plugin) return submit_planned(hub, std::move(request));
    if (auto document = hub.need_document(); !document) return request.fail(std::move(document).error());
    hub.engine().when_running([&hub, owed = owed(std::move(request))](Result<void> running) {
      if (!running) return owed->fail(edits::pointed(running.error(), "/plugin"));
      hub.engine().call(plugin::Info{.plugin = *owed->command().plugin}, [&hub, owed](Result<plugin::InfoReply> info) {
        if (!info) return owed->fail(about_command(std::move(info).error()));
        submit_planned(hub, std::move(*owed), &*info);
        hub.flush();
      });
    });
  });
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
  serve_node_edit<node::Add>(hub);
  serve_edit<node::Remove>(hub);
  serve_edit<node::Move>(hub);
  serve_edit<node::SetBypass>(hub);
  serve_node_edit<node::Replace>(hub);
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
