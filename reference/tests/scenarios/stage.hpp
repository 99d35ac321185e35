#pragma once
// Stage: what a scenario plays on: a Pulse in some topology, files, and players, which are clients that speak the protocol envelope by
// envelope and remember each.

#include <deque>
#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "loophole/transport/loop.hpp"
#include "pulse_under_test.hpp"
#include "transcript.hpp"

namespace loophole::scenarios {

// Thrown where a scenario comes to a command that the Pulse does not serve: what follows cannot be expected of it.
struct NotServed : std::runtime_error {
  explicit NotServed(const std::string& command) : std::runtime_error(command) {}
};

class Stage;

// A client. All functions wait for what they give, under a watchdog that fails the test.
class Player {
 public:
  Player(Stage& stage, std::string name, std::string instance);
  ~Player();
  Player(const Player&) = delete;
  Player& operator=(const Player&) = delete;

  // Says hello; `changes` is merged into its payload. Gives the answer's payload.
  Json hello(const Json& changes = Json::object());
  // Sends a command, and expects a reply: gives its payload. Throws NotServed where session.describe does not list the command, after
  // making sure that it is answered envelope.unknownName.
  Json ok(const std::string& command, const Json& payload = Json::object());
  // The same, expecting an error with this code and, where one is given, this pointer. Gives the error object.
  Json refused(const std::string& command, const Json& payload, const std::string& code, const std::string& pointer = "");

  // Sends a command and does not wait; gives its id. An id may be chosen.
  std::string send(const std::string& command, const Json& payload = Json::object(), const std::string& id = "");
  // Sends an envelope as it is.
  void send_envelope(const Json& envelope);
  // The n-th answer to the command with this id, as the whole envelope.
  Json answer(const std::string& id, std::size_t number = 1);
  // The next event of this name that was not asked for yet: its payload.
  Json event(const std::string& name);
  // The whole envelope of the event that event() gave last.
  [[nodiscard]] const Json& event_envelope() const noexcept { return event_; }
  // No event of this name is there that was not asked for. Everything that Pulse sent so far is here: a command is answered first.
  void no_event(const std::string& name);

  // Closes the connection, with a goodbye or without.
  void leave();
  void vanish();

  [[nodiscard]] const std::string& name() const noexcept { return conversation_.client; }
  [[nodiscard]] const std::string& instance() const noexcept { return instance_; }
  [[nodiscard]] const Conversation& conversation() const noexcept { return conversation_; }
  [[nodiscard]] bool connected() const noexcept { return link_ != nullptr; }

 private:
  Json unserved_or(const Json& answer, const std::string& command);
  void wait_for_more();

  Stage& stage_;
  std::string instance_;
  Conversation conversation_;
  std::unique_ptr<net::ControlLink> link_;
  net::TimerId heart_ = 0;
  int beats_ = 0;
  int commands_ = 0;
  std::map<std::string, std::size_t> taken_;  // how far event() has gone, by name
  Json event_;
};

class Stage {
 public:
  Stage(Topology topology, WithEngine engine);
  ~Stage();

  // A player whose connection is there and who said hello. The name is that of the transcript.
  Player& join(const std::string& name);
  // One who did not say anything yet; with an instance, one that was here before.
  Player& arrive(const std::string& name, const std::string& instance = "");

  [[nodiscard]] std::string path(const std::string& file) const { return (folder_ / file).string(); }
  // A second of silence in a WAV file of 48000 Hz.
  [[nodiscard]] std::string sound(const std::string& file) const;
  // Makes song.loophole through this player.
  Json new_project(Player& player) const;

  // What session.describe lists.
  [[nodiscard]] bool serves(const std::string& command) const { return served_.contains(command); }
  // What was said, without what differs from run to run.
  [[nodiscard]] Json transcript(bool transport_runs) const;

  [[nodiscard]] net::Loop& loop() noexcept { return loop_; }
  [[nodiscard]] std::unique_ptr<net::ControlLink> link() { return pulse_->link(context_); }

 private:
  std::filesystem::path folder_;
  net::Context context_;
  net::Loop loop_;
  std::unique_ptr<PulseUnderTest> pulse_;
  std::string endpoint_;
  std::set<std::string> served_;
  std::vector<std::unique_ptr<Player>> players_;
};

}  // namespace loophole::scenarios
