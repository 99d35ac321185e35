#pragma once
// What every message of a peer is held to, in every case: its schema, and the rules for senders that need a memory.

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "loophole/core/bytes.hpp"
#include "loophole/wire/codec.hpp"
#include "loophole/wire/message.hpp"

namespace loophole::conformance {

struct Violation {
  std::string requirement;
  std::string what;
};

// A control message that arrived.
struct Received {
  std::string raw;
  std::optional<wire::Message> message;  // when it could be decoded
  wire::Salvage salvage;                 // when not
};

// What the rules remember of one control connection.
struct ConnectionMemory {
  wire::Version effective = wire::kNewestProtocol;
  std::map<std::string, std::string> sent;  // ids of commands that were sent, with their names; "" where it could not be read
  std::map<std::string, int> open;          // answers that are due, by id
  std::optional<std::int64_t> heartbeat;    // the newest
  bool said_goodbye = false;                // the peer
  bool sent_garbage = false;                // bytes went out in which the peer may have read an id that the suite cannot
};

class SpeechRules {
 public:
  // Decodes, and says what is wrong with it. `origin` is the peer, `target` the suite.
  Received hear(std::string raw, Role origin, Role target, ConnectionMemory& connection, std::vector<Violation>& violations);
  // The suite sends a command with this id, on whatever connection: an event that it caused goes to others too.
  void asked(const std::string& id) { asked_.insert(id); }
  // A frame of the telemetry plane: text for people, and what is wrong with it.
  std::string hear_frame(std::string_view topic, Bytes frame, std::uint64_t epoch, std::vector<Violation>& violations);

 private:
  struct TopicMemory {
    std::uint64_t sequence = 0;
    std::uint64_t engine_frames = 0;
    std::uint64_t time_ns = 0;
  };
  std::map<std::string, std::size_t> ids_;  // of all messages of this run of the peer, each with a hash of its text
  std::set<std::string> asked_;
  std::map<std::string, TopicMemory, std::less<>> topics_;
};

}  // namespace loophole::conformance
