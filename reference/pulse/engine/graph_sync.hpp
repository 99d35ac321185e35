#pragma once
// GraphSync: what the engine runs, and the shortest message that makes it run what it should. Pure book-keeping; Engine sends.
//
//   nothing but automation differs engine.automation.set
//   known base, few differences    graph.patch
//   else                           graph.replace
//   refused, or another digest     the base is unknown; the whole graph next
//
// All functions are [owner-thread].

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <utility>
#include <variant>

#include "loophole/core/result.hpp"
#include "loophole/messages/engine.hpp"
#include "loophole/messages/graph.hpp"

namespace loophole::pulse {

class GraphSync {
 public:
  // A new connection: nothing is known of what the engine runs.
  void reset() { live_.reset(); }

  // Nothing: the engine runs this graph already.
  using Step = std::variant<std::monostate, engine::AutomationSet, graph::Patch, graph::Replace>;
  // What to send so that the engine runs `wanted`.
  [[nodiscard]] Step step_to(const graph::Graph& wanted, Revision revision) const;

  // What the engine answered to a step. False: its digest is not that of `wanted`, so that the whole graph has to follow.
  [[nodiscard]] bool applied(graph::Graph wanted, const graph::AppliedReply& answer);
  // The same of automation, which leaves the revision of the graph as it is.
  [[nodiscard]] bool automated(graph::Graph wanted, const Digest& digest);
  // A patch was refused, or automation. What runs is not what it was made for; the whole graph says why, if it is refused as well.
  void patch_refused() { live_.reset(); }

  // Whether this is the digest of what the engine is known to run, values included.
  [[nodiscard]] bool is_live(const Digest& digest) const;

  // A value that was committed at the engine since.
  void value_set(Handle handle, double value);

  // Longest way through the live graph, as the engine says.
  [[nodiscard]] std::int64_t latency_frames() const noexcept { return latency_frames_; }
  void latency_changed(std::int64_t frames) noexcept { latency_frames_ = frames; }

 private:
  struct Live {
    Revision revision = 0;
    graph::Graph graph;
    std::unordered_map<Handle, std::pair<std::size_t, std::size_t>> places;  // node and parameter of each handle
  };
  void index();

  std::optional<Live> live_;
  std::int64_t latency_frames_ = 0;
};

}  // namespace loophole::pulse
