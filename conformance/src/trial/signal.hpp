#pragma once
// The suite in the seat of a Signal, towards a Pulse under test: an engine without sound. It keeps the graph as it is told to, answers as
// protocol/engine.md says, and can be told to answer otherwise. Pulse starts and ends its process (peer/engine_program.hpp).

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "loophole/messages/errors.hpp"
#include "loophole/messages/session.hpp"
#include "loophole/messages/stream.hpp"
#include "peer/engine_program.hpp"
#include "trial/inbox.hpp"
#include "trial/live_graph.hpp"
#include "trial/retries.hpp"
#include "trial/trial.hpp"
#include "trial/ways.hpp"

namespace loophole::conformance {

class Signal {
 public:
  Signal(Trial& trial, const std::filesystem::path& folder);
  ~Signal();
  Signal(const Signal&) = delete;
  Signal& operator=(const Signal&) = delete;

  static constexpr Milliseconds kHeartbeat{500};  // the interval that it declares

  // --- The process
  [[nodiscard]] const std::string& program() const { return desk_.program(); }
  [[nodiscard]] std::size_t starts() const { return starts_.size(); }
  [[nodiscard]] const EngineStart& start() const;  // the newest; the case ends where there is none
  void crash();
  void keep_running() { keeps_running_ = true; }  // when it is asked to end, too

  // --- What it does otherwise than a good engine, for commands of one type
  template <class C>
  void refuse(Error error, int times = 1) {
    ways_.refuse<C>(std::move(error), times);
  }
  template <class C>
  void change(std::function<void(const C&, typename C::Reply&)> by) {
    ways_.change<C>(std::move(by));
  }
  template <class C>
  void hold() {  // not answered, and not done, until release()
    ways_.hold<C>();
  }
  void release();
  void mute() { mute_ = true; }                                                   // answers nothing and has no heartbeat from here on
  void silence_applied() { says_applied_ = false; }                               // no graph.applied, so that the answers alone count
  void cannot_read(std::string path) { unreadable_.push_back(std::move(path)); }  // graphs with this file are refused
  std::optional<NodeStatus> plugins_are;  // what engine.plugin.failed says of each node of kind plugin; nothing: they work

  // --- What it heard
  // Waits for a command of this type that was not taken yet, for which `like` holds. nullptr: it did not come.
  template <class C>
  const C* got(const std::function<bool(const C&)>& like = {}, std::optional<Milliseconds> bound = {}) {
    const C* found = nullptr;
    (void)trial_.wait([&] { return (found = commands_.take(like)) != nullptr; }, bound);
    return found;
  }
  void forget_commands() { commands_.clear(); }
  // Names of the commands of this process, in order.
  [[nodiscard]] const std::vector<std::string>& order() const { return order_; }
  // The name of the first message of any kind to this process, or since the connection was cut; empty: there was none.
  [[nodiscard]] const std::string& first_word() const { return first_word_; }
  [[nodiscard]] std::size_t count(std::string_view name) const;
  [[nodiscard]] const std::vector<session::Hello>& hellos() const { return hellos_; }
  [[nodiscard]] bool greeted() const { return pulse_.has_value(); }
  void forget_pulse();                                                 // another run of the peer begins anew with its ids
  [[nodiscard]] bool heard_goodbye() const { return heard_goodbye_; }  // of any Pulse, ever
  [[nodiscard]] std::size_t heartbeats() const { return heartbeats_; }
  [[nodiscard]] const std::set<std::string>& ids() const { return ids_; }  // of all that arrived
  [[nodiscard]] std::size_t answers() const { return answers_; }           // that came, though nothing was asked

  // --- What it says by itself
  template <class E>
  void tell(const E& event) {
    say(wire::make_event(MessageId(next_id()), Role::signal, Role::pulse, event));
  }
  void tell_raw(const std::string& text);  // wrong on purpose

  // The connection breaks, and the process goes on serving at the same endpoint.
  void cut_connection();

  // --- What it has
  LiveGraph live;
  engine::Effective effective;  // sample_rate_hz 0: what is asked for
  engine::TransportState transport;
  struct Stream {
    std::vector<Handle> handles;
    std::int64_t lease_ms = 0;
    stream::StreamReport report;
    std::vector<engine::HandleValue> last_values;
  };
  std::map<std::string, Stream> streams;  // that are open
  std::vector<std::string> stream_ids;    // of all that were ever opened
  std::string plugin_state = "AAEC";
  std::vector<std::string> capabilities;  // that it names
  session::ProtocolVersion version{.major = 1, .minor = 0};
  std::int64_t lease_ms = 5'000;
  [[nodiscard]] const session::EngineLink& link() const { return link_; }
  // The parameter of the graph that is moved by a stream, as if frames had come.
  void moved(Handle handle, double value);
  // The stream ends as if its lease had run out, and Pulse is told.
  void expire(const StreamId& id, std::vector<engine::HandleValue> last_values);
  // Connections to the stream and telemetry endpoints of this process; a Pulse makes none.
  [[nodiscard]] std::size_t connections_to_planes();

 private:
  friend class Trial;
  using Said = std::variant<wire::Payload, Error>;

  void pump();
  [[nodiscard]] std::vector<Lane*> lanes() const;
  void take_start(std::unique_ptr<EngineStart> start);
  void take(const std::string& from, std::string raw);
  void answer(const std::shared_ptr<const Received>& received, const std::string& from);
  [[nodiscard]] Said respond(const wire::Message& command, const std::string& from);
  [[nodiscard]] std::optional<Error> unreadable(const graph::Graph& graph) const;
  [[nodiscard]] Said respond_with_graph(const wire::Message& command);
  [[nodiscard]] Said respond_with_stream(const wire::Message& command);
  void say(const wire::Message& message);
  void beat();
  void forget_process();
  [[nodiscard]] std::string next_id();

  Trial& trial_;
  EngineDesk desk_;
  SpeechRules rules_;  // of this edge: who listens on one knows nothing of the other
  std::vector<std::unique_ptr<EngineStart>> starts_;
  std::unique_ptr<Lane> lane_;
  std::unique_ptr<Lane> stream_lane_;
  std::unique_ptr<Lane> telemetry_lane_;
  session::EngineLink link_;
  std::string instance_;
  std::map<std::string, ConnectionMemory> connections_;  // by the name that ROUTER gave them
  std::optional<std::string> pulse_;                     // the one that was greeted
  Ways ways_;
  std::vector<std::pair<std::shared_ptr<const Received>, std::string>> held_;
  Inbox commands_;
  std::vector<std::string> order_;
  std::string first_word_;
  std::vector<session::Hello> hellos_;
  Retries retries_;
  std::chrono::steady_clock::time_point last_sent_{};
  std::int64_t beats_ = 0;
  std::size_t heartbeats_ = 0;
  std::set<std::string> ids_;
  std::size_t answers_ = 0;
  int next_id_ = 0;
  bool keeps_running_ = false;
  bool mute_ = false;
  bool says_applied_ = true;
  bool heard_goodbye_ = false;
  std::vector<std::string> unreadable_;
  bool said_goodbye_ = false;
};

}  // namespace loophole::conformance
