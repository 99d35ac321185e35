#pragma once
// Scenario: steps of clients of a Pulse and what is expected of it, written from the schemas. The same list is played in each topology.
//
// A scenario that comes to a command which the Pulse does not serve ends there; the test prints which commands those were.

#include <functional>
#include <vector>

#include "stage.hpp"

namespace loophole::scenarios {

struct Scenario {
  const char* domain;
  const char* name;
  WithEngine engine = WithEngine::no;
  bool transport_runs = false;  // positions of the transport are not compared
  std::function<void(Stage&)> play;
};

// By domain, one file each.
[[nodiscard]] std::vector<Scenario> session_scenarios();
[[nodiscard]] std::vector<Scenario> project_scenarios();
[[nodiscard]] std::vector<Scenario> arrangement_scenarios();  // track, clip, node, routing, automation
[[nodiscard]] std::vector<Scenario> parameter_scenarios();    // parameter, gestures
[[nodiscard]] std::vector<Scenario> engine_scenarios();       // transport, engine, plugin, device
[[nodiscard]] std::vector<Scenario> history_scenarios();

[[nodiscard]] std::vector<Scenario> all_scenarios();

}  // namespace loophole::scenarios
