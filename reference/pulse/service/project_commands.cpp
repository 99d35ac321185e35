#include "edits/refusals.hpp"
#include "service/hub.hpp"

namespace loophole::pulse {

template <class C>
using Request = session::Server::Request<C>;

namespace {

// Where a relative path begins is known to who sent it, and to nobody else.
Result<void> check_absolute(const std::string& path) {
  if (std::filesystem::path(path).is_absolute()) return {};
  return edits::pointed(
      make_error(errors::kPayloadInvalid, "'" + path + "' is no absolute path; Pulse does not know the folder that it begins in"), "/path");
}

}  // namespace

void serve_project(Hub& hub) {
  hub.server().on<project::New>([&hub](Request<project::New> request) {
    hub.flush();
    if (auto absolute = check_absolute(request.command().path); !absolute) return request.fail(std::move(absolute).error());
    request.answer(hub.new_project(request.command()));
  });
  hub.server().on<project::Open>([&hub](Request<project::Open> request) {
    hub.flush();
    if (auto absolute = check_absolute(request.command().path); !absolute) return request.fail(std::move(absolute).error());
    request.answer(hub.open_project(request.command().path, [&request](double done_ratio) {
      request.progress({.step = "reading the project", .done_ratio = done_ratio});
    }));
  });
  hub.server().on<project::Save>([&hub](Request<project::Save> request) { request.answer(hub.save_project()); });
  hub.server().on<project::SaveAs>([&hub](Request<project::SaveAs> request) {
    if (auto absolute = check_absolute(request.command().path); !absolute) return request.fail(std::move(absolute).error());
    request.answer(hub.save_project_as(request.command()));
  });
  hub.server().on<project::Changes>([&hub](Request<project::Changes> request) { request.answer(hub.changes_since(request.command())); });
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
