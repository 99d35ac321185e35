// Every scenario in each topology: what is expected of Pulse holds, and the transcripts are equal.
#include <doctest/doctest.h>

#include <cstdio>
#include <exception>
#include <map>
#include <set>
#include <string>

#include "scenario.hpp"

using namespace loophole::scenarios;

namespace {

struct Run {
  Json transcript;
  std::string not_served;  // the command at which the scenario ended; empty: it was played to its end
};

std::string title(const Scenario& scenario) {
  return std::string(scenario.domain) + ": " + scenario.name;
}

Run play(const Scenario& scenario, Topology topology) {
  const std::string what = title(scenario) + ", " + name_of(topology);
  CAPTURE(what);
  Run run;
  try {
    Stage stage(topology, scenario.engine);
    try {
      scenario.play(stage);
    } catch (const NotServed& command) {
      run.not_served = command.what();
    }
    run.transcript = stage.transcript(scenario.transport_runs);
  } catch (const std::exception& fault) {
    FAIL_CHECK(fault.what());
  } catch (...) {  // a REQUIRE, which was told; the other scenarios are played all the same
  }
  return run;
}

}  // namespace

TEST_CASE("each scenario in process, over ipc and over tcp: the same expectations, the same transcript") {
  std::map<std::string, std::set<std::string>> not_served;  // command: scenarios that ended at it
  std::size_t played = 0;
  for (const Scenario& scenario : all_scenarios()) {
    const Run first = play(scenario, kTopologies[0]);
    for (const Topology topology : {Topology::ipc, Topology::tcp}) {
      const Run other = play(scenario, topology);
      if (first.transcript.is_null() || other.transcript.is_null()) continue;  // a run failed, which was told
      CHECK(other.not_served == first.not_served);
      const auto different = difference(first.transcript, other.transcript);
      CHECK_MESSAGE(!different.has_value(),
                    title(scenario) << ": in process (one) and over " << std::string(name_of(topology)) << " (other) at " << *different);
    }
    if (first.not_served.empty())
      ++played;
    else
      not_served[first.not_served].insert(title(scenario));
  }
  std::printf("%zu scenarios, %zu of them to their end\n", all_scenarios().size(), played);
  for (const auto& [command, scenarios] : not_served)
    for (const std::string& name : scenarios) std::printf("  not served: %-22s ends \"%s\"\n", command.c_str(), name.c_str());
}

TEST_CASE("the list has at least 30 scenarios and covers every domain of the edge") {
  const auto all = all_scenarios();
  CHECK(all.size() >= 30);
  std::set<std::string> domains;
  std::set<std::string> names;
  for (const Scenario& scenario : all) {
    domains.insert(scenario.domain);
    CHECK_MESSAGE(names.insert(title(scenario)).second, title(scenario));
  }
  for (const char* domain : {"session", "project", "resync", "track", "clip", "node", "routing", "automation", "parameter", "gesture",
                             "transport", "engine", "plugin", "device", "history"})
    CHECK_MESSAGE(domains.contains(domain), domain);
}
