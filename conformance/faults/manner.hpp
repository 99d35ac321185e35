#pragma once
// Manners: what a peer may do otherwise than the reference peers and still keep every MUST. Each is told of the messages of one connection
// in one direction, and says what goes on in their place, now or a little later.
//
//   a peer ── text ──> Manner ──> Manner ──> … ──> the suite
//
// [owner-thread] throughout.

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "fault.hpp"
#include "message_hooks.hpp"

namespace loophole::conformance::faults {

using Moment = std::chrono::steady_clock::time_point;

class Manner {
 public:
  virtual ~Manner() = default;
  [[nodiscard]] virtual Texts pass(const std::string& text, Moment now) = 0;
  // What was held back and is due by now.
  [[nodiscard]] virtual Texts due(Moment) { return {}; }
  [[nodiscard]] virtual bool holds() const { return false; }
};

// Several, one behind the other.
class Manners {
 public:
  explicit Manners(std::vector<std::unique_ptr<Manner>> manners) : manners_(std::move(manners)) {}
  [[nodiscard]] Texts pass(const std::string& text, Moment now) { return push(0, {text}, now); }
  [[nodiscard]] Texts due(Moment now);
  [[nodiscard]] bool holds() const;

 private:
  [[nodiscard]] Texts push(std::size_t from, Texts texts, Moment now);
  std::vector<std::unique_ptr<Manner>> manners_;
};

// --- How a message is written: ENV-4, ENV-13 and RFC 8259 leave that to the sender.
struct Writing {
  enum class Numbers : std::uint8_t { plain, fraction, exponent };  // 880, 880.0, 88e1
  bool reversed = false;                                            // members of each object from the last to the first
  bool escaped = false;                                             // every character as \uXXXX
  bool spaced = false;                                              // all white space that there is, wherever it may be
  Numbers numbers = Numbers::plain;
};
// [any-thread] The same value, written so.
[[nodiscard]] std::string written(const Json& value, const Writing& how);

[[nodiscard]] std::unique_ptr<Manner> writes(Writing how);
// Ids of messages that are at least so long; the same message keeps its own. One book for all connections: ids are of the process (ENV-2).
using IdBook = std::map<std::string, std::string>;
[[nodiscard]] std::unique_ptr<Manner> ids_of(std::size_t length, std::shared_ptr<IdBook> book);
// Each heartbeat twice, counted on.
[[nodiscard]] std::unique_ptr<Manner> beats_often();
// operation.progress before each answer but that of a hello.
[[nodiscard]] std::unique_ptr<Manner> tells_progress();
// Answers that come close together in the other order (ENV-19).
[[nodiscard]] std::unique_ptr<Manner> swaps_answers();
// Everything later, in the same order: each message by another time up to `most`.
[[nodiscard]] std::unique_ptr<Manner> late(std::chrono::milliseconds most);
// A hook without a memory of its own.
[[nodiscard]] std::unique_ptr<Manner> as_manner(Hook hook);

}  // namespace loophole::conformance::faults
