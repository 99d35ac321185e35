#pragma once
// Layout: what is in a graph that was made into a plan, so that the next plan goes on with it. The I/O thread's.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "audio/fader.hpp"
#include "clips/clip_schedule.hpp"
#include "graph/wire.hpp"
#include "loophole/messages/graph.hpp"
#include "nodes/processor.hpp"

namespace loophole::reference_signal {

// A node as it is used over several graphs.
struct KnownNode {
  GraphNodeId id;
  graph::GraphNodeKind kind{};
  std::optional<Handle> meter_handle;
  std::uint32_t number = 0;  // of the node in words of the audio thread
  std::shared_ptr<Processor> processor;
  std::shared_ptr<Fader> heard;
  std::uint32_t latency_frames = 0;  // that the graph was compiled with
  bool bypassed = false;
  ClipTrack clips;
};

struct KnownWire {
  std::shared_ptr<Wire> wire;
  std::uint32_t delay_frames = 0;
};

struct Layout {
  std::vector<KnownNode> nodes;
  std::map<std::pair<const Processor*, const Processor*>, KnownWire> wires;
  std::uint32_t latency_frames = 0;  // the longest way to the output
  std::shared_ptr<const ClipSchedule> schedule;
};

}  // namespace loophole::reference_signal
