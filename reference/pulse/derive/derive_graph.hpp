#pragma once
// From the project to what the engine runs. Pure: the same project always gives the same graph, and so the same digest.
//
//   <track>.clips -> <node> -> … -> <track>.gain -> <track>.meter --+--> master.gain -> master.meter -> output
//   …                                 |                      |        |
//                                     | before the level     | behind |
//                                     +--------> <send> <----+        |
//                                                  |                  |
//                              <bus>.return <------+                  |
//                                   |                                 |
//                                <bus>.in -> <node> -> … -> <bus>.gain -> <bus>.meter
//
// A channel goes into the <bus>.in of its output, or into the master. A track without clips has no clip player, a bus without sends to it
// no return; the master begins with its first node, or with its gain when there is none. Nodes and connections stand in the order of
// tracks, buses, nodes and sends in the project.

#include <cstdint>

#include "loophole/messages/graph.hpp"
#include "loophole/messages/project.hpp"

namespace loophole::pulse {

// [any-thread] The graph of a project, in frames of the project's sample rate.
[[nodiscard]] graph::Graph derive_graph(const project::Project& project);

// [any-thread] What runs while no project is open: an output without inputs.
[[nodiscard]] graph::Graph silent_graph();

// [any-thread] A position or length in frames at another sample rate, rounded to the nearest frame.
[[nodiscard]] std::int64_t convert_frames(std::int64_t frames, std::int64_t from_hz, std::int64_t to_hz);

// [any-thread] The same graph in frames of another sample rate, for a driver that cannot run at the project's.
[[nodiscard]] graph::Graph at_sample_rate(graph::Graph graph, std::int64_t from_hz, std::int64_t to_hz);

}  // namespace loophole::pulse
