#pragma once
// The suite in the seat of a Signal, towards an Aura under test: the stream and the telemetry endpoint of one start of an engine. It takes
// samples, and sends telemetry to whoever subscribed; what is heard of it is judged by StreamRules.

#include <chrono>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "loophole/messages/session.hpp"
#include "trial/stream_rules.hpp"
#include "trial/trial.hpp"

namespace loophole::conformance {

class Deck {
 public:
  // Binds both endpoints. Meters are told for these handles.
  Deck(Trial& trial, StreamRules& rules, session::EngineLink link, std::vector<Handle> meters);

  [[nodiscard]] const session::EngineLink& link() const { return link_; }
  // The engine died: its sockets are kept, so that who goes on there is seen, and no telemetry is sent any more.
  void die() { dead_ = true; }
  [[nodiscard]] bool dead() const { return dead_; }

  // --- What was heard
  [[nodiscard]] const std::set<std::string>& topics() const { return topics_; }  // subscribed to just now
  [[nodiscard]] std::size_t subscriptions() const { return subscriptions_; }     // that ever came
  [[nodiscard]] std::size_t frames() const { return frames_; }                   // of the stream plane
  void stop_reading() { reads_ = false; }                                        // the stream fills up
  void read_again() { reads_ = true; }

  // --- What it says otherwise than a good engine
  void pause() { paused_ = true; }  // no telemetry of its own
  void go_on() { paused_ = false; }
  void speak_later() { later_ = true; }                    // frames have a field of a later version
  void skip(std::uint64_t frames);                         // as if so many frames of each topic had been lost
  void send(const Parts& parts, const std::string& what);  // wrong on purpose
  // The next frame of a topic, as a good engine sends it. With another epoch or sequence: wrong on purpose.
  [[nodiscard]] std::string frame(const std::string& topic);
  [[nodiscard]] std::string frame(const std::string& topic, std::uint64_t epoch, std::uint64_t sequence);
  [[nodiscard]] std::uint64_t sequence(const std::string& topic) const;  // of the newest frame that was sent

 private:
  friend class Host;
  friend class Trial;
  void pump();
  void tick();
  [[nodiscard]] std::vector<Lane*> lanes() const;

  Trial& trial_;
  StreamRules& rules_;
  session::EngineLink link_;
  std::vector<Handle> meters_;
  std::unique_ptr<Lane> stream_;
  std::unique_ptr<Lane> telemetry_;
  std::set<std::string> topics_;
  std::size_t subscriptions_ = 0;
  std::size_t frames_ = 0;
  std::map<std::string, std::uint64_t> sequences_;
  Instant begin_;
  Instant last_tick_{};
  bool dead_ = false;
  bool paused_ = false;
  bool later_ = false;
  bool reads_ = true;
};

}  // namespace loophole::conformance
