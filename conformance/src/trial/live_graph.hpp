#pragma once
// LiveGraph: what a Signal runs, by what protocol/engine.md says of each command and nothing else. The digest of it is what the suite, in
// the seat of a Signal, answers with.

#include <optional>
#include <string>
#include <vector>

#include "loophole/core/error.hpp"
#include "loophole/messages/engine.hpp"
#include "loophole/messages/graph.hpp"

namespace loophole::conformance {

// [owner-thread]. An error leaves everything as it was.
class LiveGraph {
 public:
  [[nodiscard]] std::optional<Error> replace(const graph::Replace& command);
  [[nodiscard]] std::optional<Error> patch(const graph::Patch& command);
  [[nodiscard]] std::optional<Error> set(const std::vector<engine::HandleValue>& values);
  [[nodiscard]] std::optional<Error> set(const std::vector<engine::AutomationLane>& lanes);

  [[nodiscard]] bool there() const { return there_; }
  [[nodiscard]] Revision revision() const { return revision_; }
  [[nodiscard]] const graph::Graph& graph() const { return graph_; }
  [[nodiscard]] Digest digest() const;
  [[nodiscard]] std::optional<double> value(Handle handle) const;
  [[nodiscard]] const graph::GraphParameter* parameter(Handle handle) const;
  [[nodiscard]] const graph::GraphNode* node_of_plugin() const;  // the first one of kind plugin

 private:
  graph::Graph graph_;
  Revision revision_ = 0;
  bool there_ = false;
};

}  // namespace loophole::conformance
