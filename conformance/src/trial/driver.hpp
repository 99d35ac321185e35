#pragma once
// Driver: tells a user interface under test what to do, and asks what it believes (docs/guides/validate-your-ui.md). What it says of itself
// is taken down as such: it may turn a check red, and never makes one pass.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "loophole/messages/parameter.hpp"
#include "loophole/messages/project.hpp"
#include "peer/driver_channel.hpp"
#include "trial/trial.hpp"

namespace loophole::conformance {

// What the peer says that it believes.
struct Belief {
  bool connected = false;
  Revision revision = 0;
  std::optional<project::Project> project;
  std::vector<std::string> gestures;             // that are open, by the names that the suite gave them
  std::optional<std::uint64_t> meters_sequence;  // of the newest frame of meters
  std::optional<std::uint64_t> meters_epoch;
  std::string text;  // as it came
};

class Driver {
 public:
  explicit Driver(Trial& trial) : trial_(trial) {}

  // --- What it is told; none of these wait
  std::uint64_t call(std::string_view name, const std::string& payload);
  template <class C>
  std::uint64_t call(const C& command) {
    return call(C::kName, *wire::to_json(command));
  }
  std::uint64_t step(const ParameterId& id, double by);
  std::uint64_t begin(const std::string& gesture, const std::vector<ParameterId>& parameters, bool take_over = false);
  std::uint64_t move(const std::string& gesture, const std::vector<std::pair<ParameterId, double>>& values);
  std::uint64_t end(const std::string& gesture);
  std::uint64_t cancel(const std::string& gesture);
  std::uint64_t watch(const std::vector<std::string>& topics);

  // --- What it says of itself
  // Whether it answered that this was done; false: it did not, or said why not.
  [[nodiscard]] bool done(std::uint64_t id, std::optional<Milliseconds> bound = {});
  // Whether it answered at all.
  [[nodiscard]] bool answered(std::uint64_t id, std::optional<Milliseconds> bound = {});
  [[nodiscard]] bool has_answer(std::uint64_t id) const { return answers_.contains(id); }  // so far
  [[nodiscard]] std::optional<Belief> ask();
  std::uint64_t ask_only() { return send("ask", ""); }  // without a wait

 private:
  friend class Trial;
  [[nodiscard]] int peer_end() const { return channel_.peer_end(); }
  void handed_over() { channel_.handed_over(); }
  void pump();
  std::uint64_t send(std::string_view what, const std::string& members);
  Trial& trial_;
  DriverChannel channel_;
  std::uint64_t next_ = 0;
  std::map<std::uint64_t, std::string> answers_;
};

}  // namespace loophole::conformance
