#pragma once
// Transcript: every envelope that the clients of a scenario sent and received, and the comparison of two of them.
//
// Two runs of a scenario give the same transcript but for what is different in each run: ids, times, places, numbers of processes. These
// are replaced by when they were first seen, so that it still shows whether two places mean the same thing. What each direction of a
// connection carries is compared in its order; how the directions interleave is a matter of time.

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace loophole::scenarios {

using Json = nlohmann::json;

struct Conversation {
  std::string client;
  std::vector<Json> sent;
  std::vector<Json> received;
};
using Transcript = std::vector<Conversation>;

// What is different in each run.
struct Surroundings {
  std::string folder{};         // of the scenario's files
  std::string endpoint{};       // of the Pulse
  bool transport_runs = false;  // positions are times too
};

// [any-thread] The transcript as {client: {sent: […], received: […]}}, without what differs from run to run. Heartbeats are left out.
[[nodiscard]] Json normalised(const Transcript& transcript, const Surroundings& surroundings);

// [any-thread] Where two normalised transcripts differ first, with what stands there; nothing: they are equal.
[[nodiscard]] std::optional<std::string> difference(const Json& one, const Json& other);

}  // namespace loophole::scenarios
