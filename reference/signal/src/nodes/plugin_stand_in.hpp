#pragma once
// PluginStandIn: in the place of a plugin that does not run. Audio passes it by, and it takes the values of whatever parameters the graph
// names: which keys the plugin has, nobody here can tell.

#include <deque>
#include <string>

#include "loophole/messages/graph.hpp"
#include "nodes/processor.hpp"

namespace loophole::reference_signal {

struct StandInParameters {
  explicit StandInParameters(const graph::GraphNode& node) {
    for (const graph::GraphParameter& parameter : node.parameters) {
      names.push_back(parameter.key);
      values.emplace_back(parameter.value);
    }
  }
  std::deque<std::string> names;
  std::deque<SmoothedParameter> values;
};

class PluginStandIn final : private StandInParameters, public Processor {
 public:
  explicit PluginStandIn(const graph::GraphNode& node)
      : StandInParameters(node), Processor([this] {
          std::vector<Named> named;
          for (std::size_t i = 0; i < names.size(); ++i) named.push_back({names[i], &values[i]});
          return named;
        }()) {}
  void process(const Stretch&, const NodeSetup&, StereoBlock) noexcept LOOPHOLE_NONBLOCKING override {}
};

}  // namespace loophole::reference_signal
