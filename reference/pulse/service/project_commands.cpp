#include "service/hub.hpp"

namespace loophole::pulse {

template <class C>
using Request = session::Server::Request<C>;

void serve_project(Hub& hub) {
  hub.server().on<project::New>([&hub](Request<project::New> request) {
    hub.flush();
    request.answer(hub.new_project(request.command()));
  });
  hub.server().on<project::Open>([&hub](Request<project::Open> request) {
    hub.flush();
    request.answer(hub.open_project(request.command().path));
  });
  hub.server().on<project::Save>([&hub](Request<project::Save> request) { request.answer(hub.save_project()); });
  hub.server().on<project::Close>([&hub](Request<project::Close> request) {
    if (auto closed = hub.close_project(); !closed) return request.fail(std::move(closed).error());
    request.reply({});
  });
  hub.server().on<project::Snapshot>([&hub](Request<project::Snapshot> request) {
    hub.flush();
    project::SnapshotReply reply;
    if (const Document* document = hub.document()) {
      reply.revision = document->revision();
      reply.path = document->path().string();
      reply.project = document->project();
    }
    request.reply(std::move(reply));
  });
}

}  // namespace loophole::pulse
