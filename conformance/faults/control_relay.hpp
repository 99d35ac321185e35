#pragma once
// A control plane passed on between two processes, with hooks that change, drop and add messages on the way.

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "fault.hpp"
#include "lanes/lane.hpp"
#include "manner.hpp"

namespace loophole::conformance::faults {

// [owner-thread].
class ControlRelay {
 public:
  struct Hooks {
    Hook from_server;  // what goes on in the place of what it says
    Hook to_server;    // and of what is said to it
    Hook answers;      // what goes back to the client when it said this
    Hook replies;      // what goes back to the server when it said this
    bool ends_on_garbage = false;
    bool joins_parts = false;
    bool passes_cuts = false;  // the client of a server that cut its connection loses its own
    // Of each connection, behind the hooks; nothing: none.
    std::function<std::unique_ptr<Manners>()> server_manners{};
    std::function<std::unique_ptr<Manners>()> client_manners{};
  };
  ControlRelay(LaneContext& context, std::string inner, Hooks hooks);

  // Takes the place of the server at `outer`. False: somebody else has it.
  [[nodiscard]] bool bind(const std::string& outer);
  // Passes on all that waits and is due. Whether there was anything.
  bool pass();
  // Whether something is held back until it is due.
  [[nodiscard]] bool holds() const;
  void add_lanes(std::vector<Lane*>& lanes) const;
  // Says this to the server, as the newest client.
  void say(const std::string& text);
  [[nodiscard]] bool broken() const noexcept { return broken_; }  // by garbage

 private:
  struct Connection {
    std::unique_ptr<Lane> server;
    std::unique_ptr<Manners> server_manners;
    std::unique_ptr<Manners> client_manners;
  };
  void take(Parts parts);
  // Whether it is bound; tries again where a socket that was closed is still about to go away.
  bool bound();
  LaneContext& context_;
  std::string inner_;
  Hooks hooks_;
  std::unique_ptr<Lane> outer_;
  std::string outer_endpoint_;
  std::map<std::string, Connection> connections_;  // one to the server for each of its clients
  std::string newest_;                             // client
  bool broken_ = false;
};

}  // namespace loophole::conformance::faults
