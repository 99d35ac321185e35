#pragma once
// FakePulse: a Pulse behind the ProjectPort of a client, without a transport. Answers what a test says, sends what a test sends.

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "loophole/aura.hpp"
#include "loophole/core/id.hpp"

namespace loophole::test {

using namespace std::chrono_literals;
inline constexpr std::chrono::milliseconds kWatchdog{20'000};

inline project::Project make_project() {
  project::Project project;
  project.id = ProjectId{"prj"};
  project.name = "Song";
  project.sample_rate_hz = 48000;
  project.tempo_bpm = 120;
  project.master.id = ChannelId{"master"};
  project.master.gain.owner_id = OwnerId{"master"};
  project.master.gain.id = ParameterId{"gain"};
  project.master.gain.key = "gain";
  project.master.gain.name = "Gain";
  project.master.gain.minimum = 0;
  project.master.gain.maximum = 100;
  project.master.gain.handle = 3;
  project.master.meter_handle = 4;
  return project;
}

inline project::Changed gain_changed(std::int64_t revision, double value) {
  return {.revision = revision,
          .cause = {},
          .label = "Set Gain",
          .origin = project::TransactionOrigin::edit,
          .changes = {project::ParameterChanged{.parameter_id = ParameterId{"gain"}, .value = value}}};
}

// What the client and the test share about a FakePulse; outlives both.
struct FakePulseScript {
  // The project as snapshots show it.
  project::SnapshotReply snapshot{.revision = 4, .path = "/song", .project = make_project()};
  int snapshots_asked = 0;
  bool refuse_snapshots = false;
  // Answers by name of the command. Events that it sends arrive before the answer.
  std::map<std::string, std::function<Result<wire::Payload>(const wire::Payload&)>> answers{};
  std::vector<std::string> received{};
  std::optional<session::EngineLink> engine{};
  // Events that are there as soon as the hello is.
  std::vector<wire::Message> beside_hello{};

  // Set by the port.
  std::function<void(wire::Message)> deliver{};
  std::function<void(Error)> end_connection{};

  template <class C>
  void answer(std::function<Result<typename C::Reply>(const C&)> handler) {
    answers[std::string(C::kName)] = [handler = std::move(handler)](const wire::Payload& payload) -> Result<wire::Payload> {
      auto reply = handler(*payload.as<C>());
      if (!reply) return std::move(reply).error();
      return wire::Payload::of(*std::move(reply));
    };
  }
  // Sends an event; it arrives when the client polls.
  template <class E>
  void send(E event) {
    deliver(message_of(std::move(event)));
  }
  template <class E>
  static wire::Message message_of(E event) {
    return wire::make_event(MessageId{random_id("m")}, Role::pulse, Role::aura, std::move(event));
  }
};

class FakePulse final : public aura::ProjectPort {
 public:
  FakePulse(net::Loop& loop, std::shared_ptr<FakePulseScript> script) : loop_(loop), script_(std::move(script)) {
    hello_.session_id = SessionId{"ses-1"};
    hello_.role = Role::pulse;
    hello_.protocol = {.major = 1, .minor = 0};
    hello_.engine = script_->engine;
    script_->deliver = [this](wire::Message message) {
      loop_.post([this, message = std::move(message)] {
        if (on_event_) on_event_(message);
      });
    };
    script_->end_connection = [this](Error reason) {
      loop_.post([this, reason = std::move(reason)] {
        close_reason_ = reason;
        set_state(session::PortState::closed);
      });
    };
    loop_.post([this] {
      set_state(session::PortState::ready);
      for (const wire::Message& message : script_->beside_hello) on_event_(message);
    });
  }

  MessageId call_payload(const wire::MessageDesc& command, wire::Payload payload, AnswerHandler on_answer, session::CallOptions) override {
    const std::string name(command.name);
    script_->received.push_back(name);
    Result<wire::Payload> answer = make_error(errors::kEnvelopeUnknownName, "the script has no answer to " + name);
    if (name == project::Snapshot::kName) {
      ++script_->snapshots_asked;
      if (script_->refuse_snapshots)
        answer = make_error(errors::kInternalFault, "no snapshot today");
      else
        answer = wire::Payload::of(script_->snapshot);
    } else if (const auto found = script_->answers.find(name); found != script_->answers.end()) {
      answer = found->second(payload);
    }
    loop_.post([handler = std::move(on_answer), answer = std::move(answer)] { handler(answer); });
    return MessageId{random_id("c")};
  }
  void on_event(EventHandler handler) override { on_event_ = std::move(handler); }
  void on_state(StateHandler handler) override { on_state_ = std::move(handler); }
  [[nodiscard]] session::PortState state() const noexcept override { return state_; }
  [[nodiscard]] const session::HelloReply* hello() const noexcept override { return &hello_; }
  [[nodiscard]] const std::optional<Error>& close_reason() const noexcept override { return close_reason_; }
  [[nodiscard]] const InstanceId& instance_id() const noexcept override { return instance_id_; }
  void close() override { state_ = session::PortState::closed; }

 private:
  void set_state(session::PortState state) {
    state_ = state;
    if (on_state_) on_state_(state);
  }

  net::Loop& loop_;
  std::shared_ptr<FakePulseScript> script_;
  session::PortState state_ = session::PortState::connecting;
  session::HelloReply hello_;
  std::optional<Error> close_reason_;
  InstanceId instance_id_{"i-test"};
  EventHandler on_event_;
  StateHandler on_state_;
};

// A connected client and the script of its Pulse. `context`, when given, is told to the caller: sockets of a test in the same process.
inline aura::Client connect(const std::shared_ptr<FakePulseScript>& script, net::Context** context = nullptr) {
  return aura::Client::connect(
             [&](net::Context& own, net::Loop& loop) -> Result<std::unique_ptr<aura::ProjectPort>> {
               if (context != nullptr) *context = &own;
               return std::unique_ptr<aura::ProjectPort>(std::make_unique<FakePulse>(loop, script));
             },
             {.deadline = kWatchdog})
      .value();
}

}  // namespace loophole::test
