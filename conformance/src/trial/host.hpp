#pragma once
// The suite in the seats of Pulse and Signal, towards an Aura under test: a small project, an engine without sound (trial/deck.hpp), and
// ways to be otherwise. It answers as protocol/hello.md, model.md and gestures.md say.

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "loophole/messages/engine.hpp"
#include "loophole/messages/errors.hpp"
#include "loophole/messages/history.hpp"
#include "loophole/messages/parameter.hpp"
#include "loophole/messages/project.hpp"
#include "loophole/messages/session.hpp"
#include "trial/deck.hpp"
#include "trial/inbox.hpp"
#include "trial/mirror.hpp"
#include "trial/retries.hpp"
#include "trial/stream_rules.hpp"
#include "trial/trial.hpp"
#include "trial/ways.hpp"

namespace loophole::conformance {

class Host {
 public:
  explicit Host(Trial& trial);
  ~Host();
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;

  // --- The process of Pulse
  // Is there from now on: another instance than before, with the project as it is and an engine of another epoch. At another endpoint when
  // the peer finds Pulse by its session, as a new Pulse is; at the same one otherwise.
  void rise();
  [[nodiscard]] bool up() const { return lane_ != nullptr; }
  void die();  // without a word; session.json goes, because nobody could tell a process that runs from this one
  // session.json with this text in place of the one that rise() wrote; nothing: without one.
  void write_session_file(const std::optional<std::string>& text);
  [[nodiscard]] std::string session_file() const;  // as rise() writes it
  [[nodiscard]] session::SessionFile session() const;
  [[nodiscard]] const std::string& endpoint() const { return endpoint_; }
  [[nodiscard]] std::string instance() const { return instance_; }

  // --- Ways
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
  // Replies to this command, as text, with something wrong or odd in them.
  void rewrite(std::string name, std::function<std::string(std::string)> by) { rewrites_[std::move(name)] = std::move(by); }
  void fall_silent() { silent_ = true; }  // no heartbeats, no answers
  void speak_again();
  void stop_beating() { beats_on_ = false; }                   // answers, and no heartbeats
  void swallow_changes(bool swallow) { swallows_ = swallow; }  // transactions are made, and not told
  std::int64_t heartbeat_ms = 200;
  std::int64_t lease_ms = 2'000;
  std::int64_t gesture_lease_ms = 1'500;

  // --- What it heard
  [[nodiscard]] bool greeted() const { return !peer_.empty(); }
  [[nodiscard]] const std::vector<session::Hello>& hellos() const { return hellos_; }
  template <class C>
  const C* got(const std::function<bool(const C&)>& like = {}, std::optional<Milliseconds> bound = {}) {
    const C* found = nullptr;
    (void)trial_.wait([&] { return (found = inbox_.take(like)) != nullptr; }, bound);
    return found;
  }
  [[nodiscard]] const wire::Message& last() const { return inbox_.last(); }
  void forget_commands() { inbox_.clear(); }
  [[nodiscard]] const std::vector<std::string>& order() const { return order_; }  // names of all but heartbeats, of the Pulse that is up
  [[nodiscard]] std::size_t count(std::string_view name) const;
  [[nodiscard]] std::size_t received() const { return received_; }
  [[nodiscard]] std::size_t heartbeats() const { return heartbeats_; }
  [[nodiscard]] std::size_t answers() const { return answers_; }  // that came, though nothing was asked
  [[nodiscard]] const std::optional<session::Goodbye>& goodbye() const { return goodbye_; }
  [[nodiscard]] std::string text() const;  // what was heard, for people
  // Control and stream are two connections: so long a frame may be under way that was sent before a message.
  [[nodiscard]] Milliseconds moment() const;

  // --- What it says by itself
  template <class E>
  void tell(const E& event, std::optional<MessageId> cause = {}) {
    broadcast(wire::make_event(MessageId(next_id()), Role::pulse, Role::aura, event, std::move(cause)));
  }
  template <class E>
  [[nodiscard]] std::string text_of(const E& event) {
    return encoded(wire::make_event(MessageId(next_id()), Role::pulse, Role::aura, event));
  }
  void tell_text(const std::string& text, bool wrong);  // to the peer; what is not wrong is looked at before
  void tell_parts(const Parts& parts);                  // wrong on purpose
  void say_goodbye(session::GoodbyeReason reason);      // and the connection is over
  [[nodiscard]] std::string next_id();

  // --- The project
  [[nodiscard]] const project::Project& project() const { return *model_.project(); }
  [[nodiscard]] Revision revision() const { return model_.revision(); }
  [[nodiscard]] double value(const ParameterId& id);
  [[nodiscard]] const parameter::Parameter& parameter(const ParameterId& id);
  [[nodiscard]] std::string project_text() const;
  // One transaction, told to everybody who is greeted; of another client where no cause is given.
  project::Changed commit(std::vector<project::Change> changes, std::string label, project::TransactionOrigin origin = {},
                          std::optional<project::Cause> cause = {}, std::optional<MessageId> cid = {});
  void close_project();
  void open_another_project();

  // --- The engine
  [[nodiscard]] Deck& deck();
  [[nodiscard]] bool has_engine() const { return deck_ != nullptr; }
  void engine_dies();     // and everybody is told
  void engine_returns();  // at new endpoints, with another epoch; open gestures go on
  [[nodiscard]] std::size_t frames_at_old_endpoints() const;

  // --- Gestures
  struct Held {
    GestureId id;
    std::vector<StreamId> streams;  // the newest last
    std::vector<parameter::GestureTarget> targets;
    std::string from;  // connection
  };
  [[nodiscard]] const Held* gesture() const;          // the newest that is open
  [[nodiscard]] const GrantedStream& stream() const;  // the newest that was granted; the case ends where none was
  void end_gesture(parameter::GestureEndReason reason);
  [[nodiscard]] const StreamRules& streams() const { return streams_; }

 private:
  friend class Trial;
  using Said = std::variant<wire::Payload, Error>;
  struct Guest {
    ConnectionMemory memory;
    std::optional<InstanceId> instance;  // once greeted
    bool asked_hello = false;            // its hello is not answered yet
    std::size_t heard = 0;
    std::int64_t beats = 0;
    std::chrono::steady_clock::time_point last_sent{};
  };
  struct Step {
    std::vector<project::Change> forward;
    std::vector<project::Change> backward;
    std::string label;
    Revision revision = 0;
  };

  void pump();
  [[nodiscard]] std::vector<Lane*> lanes() const;
  void take(const std::string& from, std::string raw);
  void judge(const Guest& guest, const wire::Message& message);
  void answer(const std::shared_ptr<const Received>& received, const std::string& from);
  [[nodiscard]] Said respond(const wire::Message& command, const std::string& from);
  [[nodiscard]] Said respond_hello(const session::Hello& hello, const std::string& from);
  [[nodiscard]] std::optional<Said> respond_with_project(const wire::Message& command);
  [[nodiscard]] std::optional<Said> respond_with_edit(const wire::Message& command, const project::Cause& cause);
  [[nodiscard]] std::optional<Said> respond_with_gesture(const wire::Message& command, const std::string& from,
                                                         const project::Cause& cause);
  [[nodiscard]] std::optional<Said> respond_with_engine(const wire::Message& command);
  [[nodiscard]] Said begin(const parameter::GestureBegin& wanted, const std::string& from);
  [[nodiscard]] Said end(const parameter::GestureEnd& wanted, project::Cause cause, const MessageId& cid);
  [[nodiscard]] Said undo(bool redo, const project::Cause& cause, const MessageId& cid);
  void forget_gestures(Milliseconds noticed_after = {});
  void broadcast(const wire::Message& message);
  void send(const std::string& to, const std::string& text);
  void beat();
  [[nodiscard]] static std::string encoded(const wire::Message& message);
  [[nodiscard]] Instant soon_after() const { return std::chrono::steady_clock::now() + moment(); }
  [[nodiscard]] engine::Changed engine_state() const;

  Trial& trial_;
  SpeechRules rules_;
  StreamRules streams_;
  Retries retries_;
  Ways ways_;
  std::map<std::string, std::function<std::string(std::string)>> rewrites_;
  std::unique_ptr<Lane> lane_;
  std::string endpoint_;
  std::string instance_;
  std::map<std::string, Guest> guests_;  // by the name that ROUTER gave them
  std::string peer_;                     // the newest that was greeted; empty: nobody is
  std::vector<std::pair<std::shared_ptr<const Received>, std::string>> held_;
  Inbox inbox_;
  std::vector<std::string> order_;
  std::vector<session::Hello> hellos_;
  std::optional<session::Goodbye> goodbye_;
  Mirror model_;
  std::vector<project::Changed> log_;
  std::vector<Step> steps_;
  std::size_t done_ = 0;  // of the steps
  std::unique_ptr<Deck> deck_;
  std::vector<std::unique_ptr<Deck>> old_decks_;
  std::vector<Held> gestures_;
  std::map<std::string, Error> ended_;  // what an end of a gesture is answered with that is over
  std::optional<StreamId> newest_stream_;
  Epoch epoch_ = 0;
  std::int64_t restarts_ = 0;
  std::size_t received_ = 0;
  std::size_t heartbeats_ = 0;
  std::size_t answers_ = 0;
  int next_id_ = 0;
  int next_thing_ = 50;
  bool silent_ = false;
  bool beats_on_ = true;
  bool swallows_ = false;
};

}  // namespace loophole::conformance
