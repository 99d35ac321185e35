#pragma once
// KeptStudio: a whole Pulse in one process with an engine in another, kept by a Supervisor or an Attachment as loophole-pulse does.

#include <memory>

#include "engine/keeper.hpp"
#include "support/studio.hpp"

namespace loophole::pulse::test {

class KeptStudio : public Studio {
 public:
  // start() is the test's to call.
  void keep(std::unique_ptr<EngineKeeper> with) {
    keeper = std::move(with);
    hub->keep_engine(*keeper);
  }
  ~KeptStudio() { hub->engine().detach(); }

  void wait_for_state(engine::EngineState state) {
    while (hub->engine().state() != state) wait();
  }

  std::unique_ptr<EngineKeeper> keeper;
};

}  // namespace loophole::pulse::test
