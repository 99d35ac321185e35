#include "loophole/wire/graph_digest.hpp"
#include "service/hub.hpp"
#include "service/owed.hpp"

namespace loophole::pulse {
namespace {

constexpr std::chrono::seconds kRestartPatience{15};

// Status when the engine has settled, to a command that is answered with it.
template <class C>
void answer_status(Hub& hub, std::shared_ptr<session::Server::Request<C>> owed) {
  hub.engine().when_settled([&hub, owed](bool running) {
    engine::StatusReply reply{.state = hub.engine().state(),
                              .restarts = 0,
                              .epochs = {},
                              .process_id = 0,
                              .recovery_ms = 0,
                              .effective = hub.engine().effective(),
                              .latency_frames = {},
                              .model_digest = {},
                              .engine_digest = {},
                              .link = {},
                              .software = {}};
    if (const EngineKeeper* keeper = hub.engine_keeper()) {
      reply.restarts = keeper->restarts();
      reply.epochs = keeper->epochs();
      reply.process_id = keeper->process_id();
      reply.recovery_ms = keeper->recovery_ms();
    }
    if (const session::EngineLink* link = hub.engine().link()) {
      reply.link = *link;
      if (const session::Software* software = hub.engine().software()) reply.software = *software;
      reply.latency_frames = hub.engine().latency_frames();
    }
    if (const auto graph = hub.engine().desired_graph()) reply.model_digest = wire::graph_digest(*graph);
    if (!running) return owed->reply(std::move(reply));
    hub.engine().call(graph::Query{}, [owed, reply](Result<graph::QueryReply> live) {
      engine::StatusReply answer = reply;
      if (live) answer.engine_digest = live->digest;
      owed->reply(std::move(answer));
    });
  });
}

}  // namespace

void serve_engine(Hub& hub) {
  hub.server().on<engine::Status>([&hub](session::Server::Request<engine::Status> request) {
    hub.flush();
    answer_status(hub, owed(std::move(request)));
  });
  hub.server().on<engine::Restart>([&hub](session::Server::Request<engine::Restart> request) {
    hub.flush();
    if (auto begun = hub.restart_engine(); !begun) return request.fail(std::move(begun).error());
    request.progress({.step = "starting the engine again", .done_ratio = {}});
    // The old one may still be there for a moment; what counts is the next that runs.
    hub.engine().when_restarted(
        [&hub, owed = owed(std::move(request))](Result<void> running) {
          if (!running) return owed->fail(running.error());
          answer_status(hub, owed);
        },
        kRestartPatience);
  });
}

}  // namespace loophole::pulse
