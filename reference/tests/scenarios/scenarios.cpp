#include <iterator>
#include <utility>

#include "scenario.hpp"

namespace loophole::scenarios {

std::vector<Scenario> all_scenarios() {
  std::vector<Scenario> all;
  for (const auto& domain :
       {session_scenarios, project_scenarios, arrangement_scenarios, parameter_scenarios, engine_scenarios, history_scenarios}) {
    std::vector<Scenario> some = domain();
    std::move(some.begin(), some.end(), std::back_inserter(all));
  }
  return all;
}

}  // namespace loophole::scenarios
