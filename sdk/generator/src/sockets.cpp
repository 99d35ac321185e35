#include "sockets.hpp"

#include <algorithm>

namespace loophole::schema {

Sockets sockets_of(const Topology& topology, const Edge& edge) {
  const auto place = [&](const std::string& role) { return std::ranges::find(topology.roles, role, &Label::name); };
  const bool sender_binds = place(edge.from) > place(edge.to);
  if (edge.plane == "stream") return {"PUSH", "PULL", sender_binds, "one: a frame"};
  if (edge.plane == "telemetry") return {"XPUB", "SUB", sender_binds, "two: topic, frame"};
  // One pair of sockets carries both directions.
  return sender_binds ? Sockets{"ROUTER", "DEALER", true, "one: the envelope"} : Sockets{"DEALER", "ROUTER", false, "one: the envelope"};
}

}  // namespace loophole::schema
