#pragma once
// How an edge of the topology is carried by ZeroMQ: protocol/README.md, "Sockets", as data for the emitters.

#include <string_view>

#include "model.hpp"

namespace loophole::schema {

struct Sockets {
  std::string_view from;  // socket type of the sender: "DEALER"
  std::string_view to;    // of the receiver
  bool sender_binds = false;
  std::string_view parts;  // what a message is made of
};

// The role that stands later in topology.json is nearer to the sound: it binds, the other connects.
[[nodiscard]] Sockets sockets_of(const Topology& topology, const Edge& edge);

}  // namespace loophole::schema
