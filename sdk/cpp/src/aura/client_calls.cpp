// Client::State's commands: each gets its answer once, over all connections. And Pending, which keeps one.
#include <algorithm>
#include <utility>

#include "client_state.hpp"
#include "kept_handler.hpp"
#include "loophole/core/id.hpp"

namespace loophole::aura {
namespace {

using std::chrono::milliseconds;

// ENV-26: nothing is sent again after so many newer commands.
constexpr std::uint64_t kMostNewer = 64;

}  // namespace

MessageId Client::State::call_payload(const wire::MessageDesc& command, wire::Payload payload, session::Port::AnswerHandler on_answer,
                                      session::CallOptions options) {
  auto call = std::make_shared<Call>();
  call->command = &command;
  call->payload = std::move(payload);
  call->on_answer = std::move(on_answer);
  call->options = std::move(options);
  call->due = Clock::now() + call->options.deadline;
  if (port_ && port_->state() != session::PortState::connecting) {
    call->order = ++commands_;
    return send(call, call->options.again);
  }
  call->id = MessageId(random_id("m"));
  call->stage = Call::Stage::answered;
  std::string message = "not connected to " + place() + "; " + std::string(command.name) + " was not sent";
  if (connection_.reason) message += ": " + connection_.reason->message;
  calls_[call->id] = call;
  post([this, call, error = make_error(errors::kSessionLost, std::move(message))] { finish(call, error); });
  return call->id;
}

MessageId Client::State::send(const SharedCall& call, std::optional<MessageId> again) {
  call->stage = Call::Stage::sent;
  call->asked = hello_.instance_id;
  session::CallOptions options{.deadline = std::max(until(call->due), milliseconds{1})};
  options.again = std::move(again);
  options.on_progress = [this, call](const operation::Progress& progress) {
    call->due = Clock::now() + call->options.deadline;
    if (!call->options.on_progress) return;
    inbox_.push_back([call, progress] {
      if (call->stage != Call::Stage::over) call->options.on_progress(progress);
    });
  };
  call->id = port_->call_payload(
      *call->command, call->payload, [this, call](Result<wire::Payload> answer) { answered(call, std::move(answer)); }, std::move(options));
  calls_[call->id] = call;
  loop_.rearm();
  return call->id;
}

void Client::State::answered(const SharedCall& call, Result<wire::Payload> answer) {
  if (call->stage != Call::Stage::sent) return;
  // A gesture that was granted meanwhile would have ended with the connection.
  const bool repeatable = call->command != &wire::MessageOf<parameter::GestureBegin>::desc();
  if (!answer && port_ && port_->state() == session::PortState::closed && will_reconnect() && repeatable) {
    call->stage = Call::Stage::interrupted;
    return;
  }
  call->stage = Call::Stage::answered;
  inbox_.push_back([this, call, answer = std::move(answer)]() mutable { finish(call, std::move(answer)); });
}

void Client::State::finish(const SharedCall& call, Result<wire::Payload> answer) {
  if (call->stage == Call::Stage::over) return;
  call->stage = Call::Stage::over;
  if (call->watchdog) loop_.cancel(*call->watchdog);
  calls_.erase(call->id);
  if (const auto handler = std::move(call->on_answer)) handler(std::move(answer));
}

void Client::State::cancel_call(const MessageId& id) {
  const auto found = calls_.find(id);
  if (found == calls_.end()) return;
  const SharedCall call = found->second;
  post([this, call] {
    finish(call,
           make_error(errors::kSessionCancelled, std::string(call->command->name) + " was withdrawn; it may be executed all the same"));
  });
}

// --- over connections --------------------------------------------------------------------------------------------------------------------

std::vector<Client::State::SharedCall> Client::State::interrupted_calls() const {
  std::vector<SharedCall> calls;
  for (const auto& [id, call] : calls_)
    if (call->stage == Call::Stage::interrupted) calls.push_back(call);
  std::ranges::sort(calls, {}, &Call::order);
  return calls;
}

void Client::State::wait_for_reconnect() {
  for (const SharedCall& call : interrupted_calls()) {
    if (call->watchdog) continue;
    call->watchdog = loop_.after(until(call->due), [this, call] {
      call->watchdog.reset();
      inbox_.push_back([this, call] {
        if (call->stage != Call::Stage::interrupted) return;
        finish(call, make_error(errors::kSessionTimeout, "the connection was lost before " + std::string(call->command->name) +
                                                             " was answered, and was not back in time; it may have been executed"));
      });
    });
  }
}

void Client::State::repeat_calls() {
  for (const SharedCall& call : interrupted_calls()) {
    if (call->watchdog) loop_.cancel(*std::exchange(call->watchdog, std::nullopt));
    const bool same_pulse = call->asked == hello_.instance_id;
    if ((same_pulse || call->command->idempotent) && commands_ - call->order <= kMostNewer) {
      ++counters.repeated;
      send(call, call->id);
      continue;
    }
    std::string message = same_pulse ? "the connection was lost before " : "Pulse was started again before ";
    message += std::string(call->command->name) + " was answered; it may have been executed: look at the project";
    call->stage = Call::Stage::answered;
    inbox_.push_back([this, call, error = make_error(errors::kSessionLost, std::move(message))] { finish(call, error); });
  }
}

void Client::State::fail_interrupted(const Error& reason) {
  for (const SharedCall& call : interrupted_calls()) {
    call->stage = Call::Stage::answered;
    post([this, call, reason] { finish(call, reason); });
  }
}

// --- waiting for an answer ---------------------------------------------------------------------------------------------------------------

class PendingAnswer::Slot {
 public:
  // The port answers at the deadline, which begins anew with progress; this is a watchdog behind it.
  Slot(std::weak_ptr<Client::State> client, milliseconds deadline)
      : client_(std::move(client)), patience_(deadline + std::chrono::seconds{1}) {
    renew();
  }

  void renew() { end_ = Clock::now() + patience_; }
  void put(Result<wire::Payload> answer) {
    if (!answer_) answer_.emplace(std::move(answer));
  }
  [[nodiscard]] bool ready() const noexcept { return answer_.has_value(); }
  bool wait_for(milliseconds timeout) {
    const auto client = client_.lock();
    if (!client) return ready();
    const auto stop = Clock::now() + timeout;
    while (!ready() && Clock::now() < stop) client->poll(until(stop));
    return ready();
  }
  void cancel(const MessageId& id) {
    put(make_error(errors::kSessionCancelled, "the caller withdrew the command; it may be executed all the same"));
    if (const auto client = client_.lock()) client->cancel_call(id);
  }
  Result<wire::Payload> take() {
    const auto client = client_.lock();
    while (client && !ready() && Clock::now() < end_) client->poll(until(end_));
    if (!client) put(make_error(errors::kSessionCancelled, "the client of this command is gone; it may have been executed"));
    put(make_error(errors::kSessionTimeout, "no answer in time; the command may still be executed"));
    return *answer_;
  }

 private:
  std::weak_ptr<Client::State> client_;
  milliseconds patience_;
  Clock::time_point end_;
  std::optional<Result<wire::Payload>> answer_;
};

bool PendingAnswer::ready() const noexcept {
  return slot_->ready();
}
bool PendingAnswer::wait_for(milliseconds timeout) {
  return slot_->wait_for(timeout);
}
void PendingAnswer::cancel() {
  slot_->cancel(id_);
}
Result<wire::Payload> PendingAnswer::take() {
  return slot_->take();
}

std::pair<std::shared_ptr<PendingAnswer::Slot>, MessageId> Client::State::start_call(const wire::MessageDesc& command,
                                                                                     wire::Payload payload, session::CallOptions options) {
  auto slot = std::make_shared<PendingAnswer::Slot>(weak_from_this(), options.deadline);
  options.on_progress = [slot, handler = kept(std::move(options.on_progress))](const operation::Progress& progress) {
    slot->renew();
    if (handler) handler(progress);
  };
  MessageId id = call_payload(
      command, std::move(payload), [slot](Result<wire::Payload> answer) { slot->put(std::move(answer)); }, std::move(options));
  return {std::move(slot), std::move(id)};
}

Result<wire::Payload> Client::State::call_and_wait(const wire::MessageDesc& command, wire::Payload payload, session::CallOptions options) {
  const auto started = start_call(command, std::move(payload), std::move(options));
  return started.first->take();
}

}  // namespace loophole::aura
