#include "loophole/wire/graph_digest.hpp"
#include "service/hub.hpp"
#include "service/owed.hpp"

namespace loophole::pulse {

void serve_engine(Hub& hub) {
  hub.server().on<engine::Status>([&hub](session::Server::Request<engine::Status> request) {
    hub.flush();
    hub.engine().when_settled([&hub, owed = owed(std::move(request))](bool running) {
      const EngineFacts facts = hub.engine_facts();
      engine::StatusReply reply{.state = hub.engine().state(),
                                .restarts = facts.restarts,
                                .epochs = facts.epochs,
                                .process_id = facts.process_id,
                                .recovery_ms = facts.recovery_ms,
                                .effective = hub.engine().effective(),
                                .model_digest = {},
                                .engine_digest = {},
                                .link = {}};
      if (const session::EngineLink* link = hub.engine().link()) reply.link = *link;
      if (const auto graph = hub.engine().desired_graph()) reply.model_digest = wire::graph_digest(*graph);
      if (!running) return owed->reply(std::move(reply));
      hub.engine().call(graph::Query{}, [owed, reply](Result<graph::QueryReply> live) {
        engine::StatusReply answer = reply;
        if (live) answer.engine_digest = live->digest;
        owed->reply(std::move(answer));
      });
    });
  });
}

}  // namespace loophole::pulse
