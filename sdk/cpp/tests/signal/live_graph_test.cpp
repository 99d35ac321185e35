// LiveGraph: digests follow commits, checks name the handle.

#include "loophole/signal/live_graph.hpp"

#include <doctest/doctest.h>

#include "graphs.hpp"
#include "loophole/wire/graph_digest.hpp"

namespace loophole::signal {
namespace {

using namespace loophole::test;

TEST_CASE("the digest is that of the description with the values committed since") {
  LiveGraph live;
  CHECK(live.empty());
  CHECK_FALSE(live.digest());
  graph::Graph graph = synth_graph();
  live.replace({.revision = 5, .graph = graph});
  CHECK(live.revision() == 5);
  CHECK(live.digest() == wire::graph_digest(graph));
  live.commit(std::vector<engine::HandleValue>{{.handle = 3, .value = 500}});
  CHECK(live.digest() != wire::graph_digest(graph));
  graph.nodes[1].parameters[0].value = 500;
  CHECK(live.digest() == wire::graph_digest(graph));
}

TEST_CASE("values are checked as a whole, with handle and pointer in the error") {
  LiveGraph live;
  live.replace({.revision = 1, .graph = synth_graph()});
  const std::vector<engine::HandleValue> unknown{{.handle = 3, .value = 500}, {.handle = 77, .value = 1}};
  const auto refused = live.check(unknown);
  REQUIRE_FALSE(refused);
  CHECK(is(refused.error(), errors::kGraphUnknownHandle));
  CHECK(refused.error().pointer == "/values/1/handle");
  const auto range = live.check(std::vector<engine::HandleValue>{{.handle = 3, .value = 5}});
  REQUIRE_FALSE(range);
  CHECK(is(range.error(), errors::kParameterOutOfRange));
  CHECK(live.range(77) == nullptr);
}

}  // namespace
}  // namespace loophole::signal
