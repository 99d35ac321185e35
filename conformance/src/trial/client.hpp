#pragma once
// The suite in the seat of the one who connects: a Pulse towards an engine, or an Aura towards a Pulse. One control connection.

#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "loophole/messages/errors.hpp"
#include "loophole/messages/session.hpp"
#include "trial/inbox.hpp"
#include "trial/mirror.hpp"
#include "trial/trial.hpp"

namespace loophole::conformance {

// What answered a command, or that nothing did.
class Answer {
 public:
  Answer() = default;
  Answer(std::shared_ptr<const Received> received, std::string nothing) : received_(std::move(received)), nothing_(std::move(nothing)) {}

  [[nodiscard]] bool came() const { return received_ != nullptr; }
  [[nodiscard]] const wire::Message* message() const { return received_ && received_->message ? &*received_->message : nullptr; }
  [[nodiscard]] bool is_reply() const { return message() != nullptr && message()->header.kind == Kind::reply; }
  [[nodiscard]] const Error* error() const { return message() != nullptr && message()->error ? &*message()->error : nullptr; }
  [[nodiscard]] bool refused(const errors::Code& code) const { return error() != nullptr && is(*error(), code); }
  template <class T>
  [[nodiscard]] const T* as() const {
    return message() != nullptr ? message()->as<T>() : nullptr;
  }
  // The same, and the case ends where it is none.
  template <class T>
  [[nodiscard]] const T& need() const {
    const T* found = as<T>();
    if (found == nullptr) throw CaseEnded("the answer has another type than it must have: " + text());
    return *found;
  }
  [[nodiscard]] std::string text() const;  // for people

 private:
  std::shared_ptr<const Received> received_;
  std::string nothing_ = "nothing was asked";
};

enum class Meant { valid, wrong };  // whether the suite means what it sends to be valid

class Client {
 public:
  Client(Trial& trial, Role role, Role peer, std::string name, std::size_t number, std::unique_ptr<Lane> lane);
  virtual ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // --- Hello
  [[nodiscard]] session::Hello own_hello() const;
  Answer hello() { return hello(own_hello()); }
  Answer hello(const session::Hello& said);
  void greet();  // hello, and the case ends when it is not answered as it should be
  [[nodiscard]] const session::HelloReply& reply() const { return *reply_; }
  void be(std::string instance) { instance_ = std::move(instance); }
  [[nodiscard]] const std::string& instance() const { return instance_; }

  // --- Commands
  template <class C>
  Answer call(const C& command) {
    return answer(send(command));
  }
  template <class C>
  std::string send(const C& command) {
    const std::string id = next_id();
    send_text(text_of(command, id), Meant::valid);
    return id;
  }
  template <class C>
  [[nodiscard]] std::string text_of(const C& command, const std::string& id) const {
    return encoded(wire::make_command(MessageId(id), role_, peer_, command));
  }
  template <class E>
  void tell(const E& event) {
    send_text(encoded(wire::make_event(MessageId(next_id()), role_, peer_, event)), Meant::valid);
  }
  // Any text. What is meant to be right is looked at before it is sent; `id` and `name` are those an answer will have.
  void send_text(const std::string& text, Meant meant);
  // Parts as they are, whatever they are.
  void send_parts(const Parts& parts);
  [[nodiscard]] std::string next_id();

  // The next answer to the command with this id that was not taken yet.
  [[nodiscard]] Answer answer(const std::string& id, std::optional<Milliseconds> bound = {});
  // The same, without waiting.
  [[nodiscard]] Answer come(const std::string& id);
  // An answer without cid: to bytes whose id could not be read.
  [[nodiscard]] Answer nameless_answer();
  // The answer to a message beyond a limit: its receiver need not read the id, because it refuses the bytes before it parses them.
  [[nodiscard]] Answer answer_beyond_limit(const std::string& id);

  // --- Events
  // Waits for an event of this type that was not taken yet, for which `like` holds. nullptr: it did not come.
  template <class E>
  const E* event(const std::function<bool(const E&)>& like = {}, std::optional<Milliseconds> bound = {}) {
    const E* found = nullptr;
    (void)trial_.wait([&] { return (found = events_.take(like)) != nullptr; }, bound);
    return found;
  }
  void forget_events() { events_.clear(); }
  // The message that event() gave last.
  [[nodiscard]] const wire::Message& last_event() const { return events_.last(); }
  [[nodiscard]] const std::optional<session::Goodbye>& goodbye() const { return goodbye_; }
  [[nodiscard]] std::size_t received() const { return received_; }
  [[nodiscard]] const std::set<std::string>& ids() const { return ids_; }  // of all that arrived
  [[nodiscard]] std::size_t answers() const { return answered_; }          // that came, also those that nobody waits for
  // Names of what arrived, in order, without heartbeats.
  [[nodiscard]] const std::vector<std::string>& order() const { return order_; }

  void fall_silent() { silent_ = true; }   // no heartbeats from here on
  void disconnect();                       // without a word
  void stop_reading() { reads_ = false; }  // what arrives waits, and then what is sent
  void read_again() { reads_ = true; }
  void keep_texts() { keeps_texts_ = true; }  // of what arrives from here on
  [[nodiscard]] bool heard_text(std::string_view text) const { return texts_.find(text) != std::string::npos; }

 protected:
  virtual void heard(const wire::Message& /*message*/) {}
  Trial& trial_;

 private:
  friend class Trial;
  void pump();
  void beat();
  [[nodiscard]] static std::string encoded(const wire::Message& message);
  void take(std::string raw);
  // Takes an answer out of those that came: to this id, or without cid. nullptr: there is none.
  [[nodiscard]] std::shared_ptr<const Received> taken_answer(const std::optional<std::string>& id);

  Role role_;
  Role peer_;
  std::string name_;
  std::string id_prefix_;  // an instance may have several connections, and no id twice
  std::string instance_;
  std::unique_ptr<Lane> lane_;
  ConnectionMemory memory_;
  std::optional<session::HelloReply> reply_;
  std::deque<std::shared_ptr<const Received>> answers_;
  Inbox events_;
  std::vector<std::string> order_;
  std::optional<session::Goodbye> goodbye_;
  std::chrono::steady_clock::time_point last_sent_{};
  std::int64_t beats_ = 0;
  std::size_t received_ = 0;
  std::set<std::string> ids_;
  std::size_t answered_ = 0;
  int next_id_ = 0;
  bool silent_ = false;
  bool reads_ = true;
  bool keeps_texts_ = false;
  std::string texts_;
  bool left_ = false;
  bool full_ = false;  // the last heartbeat had no room
};

// Towards an engine.
class Pulse final : public Client {
 public:
  Pulse(Trial& trial, std::string name, std::size_t number, std::unique_ptr<Lane> lane)
      : Client(trial, Role::pulse, Role::signal, std::move(name), number, std::move(lane)) {}
};

// Towards a Pulse. It may follow the project, and then every transaction must fit.
class Aura final : public Client {
 public:
  Aura(Trial& trial, std::string name, std::size_t number, std::unique_ptr<Lane> lane)
      : Client(trial, Role::aura, Role::pulse, std::move(name), number, std::move(lane)) {}

  void follow();  // takes a snapshot, and applies every transaction from then on
  [[nodiscard]] Mirror& mirror() { return mirror_; }
  // Whether a new snapshot is what the mirror has; what is not, otherwise.
  [[nodiscard]] std::optional<std::string> differs();

 private:
  void heard(const wire::Message& message) override;
  Mirror mirror_;
  std::optional<std::string> difference_;  // of the newest snapshot and what the mirror had when it came
};

}  // namespace loophole::conformance
