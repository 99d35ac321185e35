// Whatever is edited, the engine is given a graph that keeps its rules, in the same order each time it is derived.

#include <doctest/doctest.h>

#include "derive/derive_graph.hpp"
#include "loophole/signal/graph_check.hpp"
#include "support/random_edits.hpp"
#include "support/scratch_folder.hpp"
#include "support/sound_file.hpp"

using namespace loophole;
using namespace loophole::pulse;
using namespace loophole::pulse::test;

TEST_CASE("the graph of any project that edits lead to is valid, at another sample rate too") {
  std::size_t most_nodes = 0;
  for (std::uint32_t seed = 200; seed < 210; ++seed) {
    CAPTURE(seed);
    const ScratchFolder folder;
    auto document = Document::create({.path = folder / "song.loophole", .name = "Song"}).value();
    RandomEdits user(seed, write_sound(folder / "sound.wav", 100, 48'000));
    for (int i = 0; i < 400; ++i) {
      const Edit edit = user.next(*document);
      CAPTURE(edit.label);
      (void)document->stage(edit, {}).value();
      const graph::Graph graph = derive_graph(document->project());
      const auto order = signal::check_graph(graph);
      REQUIRE_MESSAGE(order.has_value(), to_string(order.error()));
      REQUIRE(derive_graph(document->project()) == graph);
      REQUIRE(signal::check_graph(at_sample_rate(graph, 48'000, 44'100)));
      most_nodes = std::max(most_nodes, graph.nodes.size());
    }
    document->commit().value();
  }
  CHECK(most_nodes > 60);
}
