#pragma once
// KeptStudio: a whole Pulse in one process with an engine in another, kept by a Supervisor or an Attachment as loophole-pulse does.

#include <memory>

#include "engine/keeper.hpp"
#include "support/studio.hpp"

namespace loophole::pulse::test {

class KeptStudio : public Studio {
 public:
  // Wires the keeper to the hub; start() is the test's to call.
  void keep(std::unique_ptr<EngineKeeper> with) {
    keeper = std::move(with);
    hub->engine_facts([this] {
      return EngineFacts{.restarts = keeper->restarts(),
                         .epochs = keeper->epochs(),
                         .process_id = keeper->process_id(),
                         .recovery_ms = keeper->recovery_ms()};
    });
    hub->on_restart([this] { return keeper->restart(); });
    hub->engine().on_live([this] { keeper->mark_live(); });
    hub->engine().on_unusable([this](const std::string& reason) { keeper->give_up_connection(reason); });
    keeper->on_connected([this](EnginePort& port) { hub->engine().attach(port, *keeper->link()); });
    keeper->on_event([this](const wire::Message& event) { hub->engine_event(event); });
    keeper->on_plugin_crashed([this](const GraphNodeId& node) { hub->plugin_crashed(node); });
    keeper->on_state([this](engine::EngineState state, const std::string& reason) { hub->engine_state(state, reason); });
  }
  ~KeptStudio() { hub->engine().detach(); }

  void wait_for_state(engine::EngineState state) {
    while (hub->engine().state() != state) wait();
  }

  std::unique_ptr<EngineKeeper> keeper;
};

}  // namespace loophole::pulse::test
