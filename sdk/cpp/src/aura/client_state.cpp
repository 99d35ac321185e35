#include "client_state.hpp"

#include <algorithm>
#include <utility>

namespace loophole::aura {
namespace {

using std::chrono::milliseconds;

// How often open gestures look after what waits and what their lease needs.
constexpr milliseconds kGestureTick{10};
constexpr int kResyncTries = 3;
// More missing transactions than this, and a snapshot is the shorter way.
constexpr std::int64_t kMostToCatchUp = 256;

milliseconds until(Clock::time_point deadline) {
  return std::max(std::chrono::ceil<milliseconds>(deadline - Clock::now()), milliseconds{0});
}

}  // namespace

Client::State::State(ClientOptions options) : options_(std::move(options)) {
  telemetry = std::make_unique<Telemetry>(
      std::make_unique<Telemetry::Impl>(context_, loop_, [this](std::function<void()> task) { side_inbox_.push_back(std::move(task)); }));
}

Client::State::~State() {
  if (gesture_timer_) loop_.cancel(*gesture_timer_);
  if (port_) {
    port_->on_event({});
    port_->on_state({});
    port_->close();
  }
  // Before the loop and the context that they use: a Gesture may outlive its client, its socket may not.
  for (const auto& [id, gesture] : gestures_)
    if (const auto shared = gesture.lock()) shared->orphan();
  port_.reset();
  telemetry.reset();
  sink_.reset();
}

Result<void> Client::State::start(std::unique_ptr<ProjectPort> port, Clock::time_point deadline) {
  port_ = std::move(port);
  closed_ = false;
  close_reason_.reset();
  bool begun = false;
  // In the order of what arrives: events that came right after the hello are newer than what it says.
  const auto begin = [this, &begun] {
    begun = true;
    follow_engine(port_->hello()->engine);
    resync();
  };
  port_->on_event([this](const wire::Message& message) { inbox_.push_back([this, message] { deliver(message); }); });
  port_->on_state([this, begin](session::PortState state) {
    if (state == session::PortState::ready) inbox_.push_back(begin);
    if (state == session::PortState::closed) inbox_.push_back([this] { deliver_closed(); });
  });
  if (port_->state() == session::PortState::ready) begin();
  if (port_->state() == session::PortState::closed) deliver_closed();

  wait([&] { return begun && !resyncing_; }, until(deadline));
  if (begun && !closed_ && !resyncing_ && !resync_fault_) {
    port_->on_state([this](session::PortState state) {
      if (state == session::PortState::closed) inbox_.push_back([this] { deliver_closed(); });
    });
    return {};
  }
  Error reason =
      close_reason_
          ? *close_reason_
          : resync_fault_.value_or(make_error(
                errors::kSessionTimeout, std::string("Pulse did not answer ") + (begun ? "with the project" : "the hello") + " in time"));
  port_->on_event({});
  port_->on_state({});
  port_.reset();
  inbox_.clear();
  resyncing_ = false;
  closed_ = true;
  return reason;
}

bool Client::State::poll(milliseconds timeout) {
  if (!inbox_.empty() && !resyncing_) timeout = milliseconds{0};
  loop_.run_once(timeout);
  drain();
  loop_.rearm();
  return !closed_;
}

bool Client::State::wait(const std::function<bool()>& done, milliseconds deadline) {
  const auto end = Clock::now() + deadline;
  while (!done()) {
    const milliseconds left = until(end);
    if (left == milliseconds{0} || (!poll(left) && !done())) return done();
  }
  return true;
}

void Client::State::drain() {
  while (!side_inbox_.empty()) {
    const auto task = std::move(side_inbox_.front());
    side_inbox_.pop_front();
    task();
  }
  while (!inbox_.empty() && !resyncing_) {
    const auto task = std::move(inbox_.front());
    inbox_.pop_front();
    task();
  }
}

MessageId Client::State::call_payload(const wire::MessageDesc& command, wire::Payload payload, session::Port::AnswerHandler on_answer,
                                      session::CallOptions options) {
  if (options.on_progress) {
    options.on_progress = [this, handler = std::move(options.on_progress)](const operation::Progress& progress) {
      inbox_.push_back([handler, progress] { handler(progress); });
    };
  }
  const MessageId id = port_->call_payload(
      command, std::move(payload),
      [this, handler = std::move(on_answer)](Result<wire::Payload> answer) mutable {
        inbox_.push_back([handler = std::move(handler), answer = std::move(answer)]() mutable { handler(std::move(answer)); });
      },
      std::move(options));
  loop_.rearm();
  return id;
}

Result<wire::Payload> Client::State::call_and_wait(const wire::MessageDesc& command, wire::Payload payload, session::CallOptions options) {
  // Shared, because the answer may come after this call gave up.
  auto answer = std::make_shared<std::optional<Result<wire::Payload>>>();
  // The port answers at its deadline, which begins anew with progress; this is a watchdog.
  const auto patience = options.deadline + std::chrono::seconds{1};
  auto end = std::make_shared<Clock::time_point>(Clock::now() + patience);
  options.on_progress = [end, patience, handler = std::move(options.on_progress)](const operation::Progress& progress) {
    *end = Clock::now() + patience;
    if (handler) handler(progress);
  };
  call_payload(
      command, std::move(payload), [answer](Result<wire::Payload> result) { answer->emplace(std::move(result)); }, std::move(options));
  while (!*answer && Clock::now() < *end) poll(until(*end));
  if (!*answer) return make_error(errors::kSessionTimeout, "no answer to " + std::string(command.name) + " in time");
  return std::move(**answer);
}

void Client::State::deliver(const wire::Message& message) {
  if (const auto* changed = message.as<project::Changed>()) return deliver_change(*changed);
  if (message.as<project::Opened>() != nullptr) return resync();
  if (message.as<project::Closed>() != nullptr) {
    mirror.clear();
    return reset_done();
  }
  if (const auto* changed = message.as<engine::Changed>()) return deliver_engine(*changed);
  if (const auto* changed = message.as<transport::Changed>()) {
    if (auto handler = on_transport) handler(*changed);
    return;
  }
  if (const auto* resumed = message.as<parameter::GestureResumed>()) return deliver_resumed(*resumed);
  if (const auto* ended = message.as<parameter::GestureEnded>()) return deliver_ended(*ended);
}

void Client::State::deliver_change(const project::Changed& changed) {
  switch (mirror.apply(changed)) {
    case Mirror::Step::applied:
      ++counters.changes;
      if (auto handler = on_change) handler(changed);
      return;
    case Mirror::Step::known:
      ++counters.changes_known;
      return;
    case Mirror::Step::gap:
      if (mirror.project() != nullptr && changed.revision - mirror.revision() <= kMostToCatchUp) return catch_up(changed.revision);
      [[fallthrough]];
    case Mirror::Step::misfit:
      ++counters.resyncs;
      resync();
      return;
  }
}

void Client::State::deliver_engine(const engine::Changed& changed) {
  follow_engine(changed.link);
  if (auto handler = on_engine) handler(changed);
}

void Client::State::deliver_closed() {
  if (closed_) return;
  closed_ = true;
  close_reason_ = port_->close_reason().value_or(make_error(errors::kSessionLost, "the connection to Pulse has ended"));
  follow_engine({});
  if (auto handler = on_closed) handler(*close_reason_);
}

void Client::State::reset_done() {
  if (auto handler = on_reset) handler();
}

void Client::State::catch_up(std::int64_t target) {
  resyncing_ = true;
  port_->call_payload(wire::MessageOf<project::Changes>::desc(),
                      wire::Payload::of(project::Changes{.project_id = mirror.project()->id, .since_revision = mirror.revision()}),
                      [this, target](const Result<wire::Payload>& answer) { finish_catch_up(target, answer); }, {});
}

void Client::State::finish_catch_up(std::int64_t target, const Result<wire::Payload>& answer) {
  resyncing_ = false;
  const auto* reply = answer ? answer->as<project::ChangesReply>() : nullptr;
  if (reply == nullptr || reply->transactions.empty() || reply->transactions.front().revision != mirror.revision() + 1 ||
      reply->transactions.back().revision < target) {
    ++counters.resyncs;
    return resync();
  }
  ++counters.catch_ups;
  mirror.goes_on_at(reply->name, reply->path);
  for (auto missing = reply->transactions.rbegin(); missing != reply->transactions.rend(); ++missing)
    inbox_.push_front([this, changed = *missing] { deliver_change(changed); });
}

void Client::State::resync() {
  resyncing_ = true;
  resync_tries_ = 0;
  resync_fault_.reset();
  port_->call_payload(wire::MessageOf<project::Snapshot>::desc(), wire::Payload::of(project::Snapshot{}),
                      [this](Result<wire::Payload> answer) { finish_resync(std::move(answer)); }, {});
}

void Client::State::finish_resync(Result<wire::Payload> answer) {
  if (!answer && port_->state() == session::PortState::ready && ++resync_tries_ < kResyncTries) {
    port_->call_payload(wire::MessageOf<project::Snapshot>::desc(), wire::Payload::of(project::Snapshot{}),
                        [this](Result<wire::Payload> again) { finish_resync(std::move(again)); }, {});
    return;
  }
  if (answer) {
    resync_fault_.reset();
    mirror.reset(*answer->as<project::SnapshotReply>());
  } else {
    resync_fault_ = std::move(answer).error();
    mirror.clear();  // better none than a wrong one
  }
  resyncing_ = false;
  inbox_.push_front([this] { reset_done(); });
}

net::TimerId Client::State::after(std::chrono::nanoseconds delay, std::function<void()> handler) {
  return loop_.after(delay, [this, handler = std::move(handler)] { side_inbox_.push_back(handler); });
}

net::TimerId Client::State::every(std::chrono::nanoseconds interval, std::function<void()> handler) {
  return loop_.every(interval, [this, handler = std::move(handler)] { side_inbox_.push_back(handler); });
}

void Client::State::cancel(net::TimerId timer) {
  loop_.cancel(timer);
}

void Client::State::follow_engine(const std::optional<session::EngineLink>& link) {
  engine_link = link;
  telemetry->impl().follow(link);
  if (link && sink_ && *link == sink_link_) return;
  // No engine, or another one: what is set meanwhile waits until Pulse says that a gesture goes on.
  if (sink_ && (!link || link->epoch != sink_link_.epoch)) {
    for (const auto& [id, gesture] : gestures_)
      if (const auto shared = gesture.lock()) shared->pause();
    sink_.reset();
  }
  // Dialled ahead, so that the first sample of a gesture need not wait for it. Should it fail, the gesture tells.
  if (link) static_cast<void>(sink_for(*link));
}

Result<std::shared_ptr<net::FrameSink>> Client::State::sink_for(const session::EngineLink& link) {
  if (!sink_ || sink_link_ != link) {
    auto sender = net::StreamSender::connect(context_, link.stream_endpoint);
    if (!sender) return std::move(sender).error();
    sink_ = std::move(*sender);
    sink_link_ = link;
  }
  return std::shared_ptr<net::FrameSink>(sink_);
}

void Client::State::begin_gesture(GestureOptions options, std::function<void(Result<Gesture>)> on_begun) {
  call<parameter::GestureBegin>(
      {.parameter_ids = std::move(options.parameters), .on_abandon = options.on_abandon, .take_over = options.take_over},
      [this, handler = std::move(on_begun)](Result<parameter::GestureBeginReply> grant) {
        if (!grant) return handler(std::move(grant).error());
        handler(adopt(*grant));
      });
}

Result<Gesture> Client::State::adopt(const parameter::GestureBeginReply& grant) {
  std::vector<parameter::Parameter> parameters;
  for (const parameter::GestureTarget& target : grant.targets) {
    const parameter::Parameter* known = mirror.state() == nullptr ? nullptr : mirror.state()->parameter(target.parameter_id);
    parameters.push_back(known != nullptr ? *known : parameter::Parameter{});
    parameters.back().minimum = target.minimum;
    parameters.back().maximum = target.maximum;
  }
  auto sink = sink_for(grant.link);
  if (!sink) {
    call<parameter::GestureEnd>({.gesture_id = grant.gesture_id, .values = {}, .outcome = parameter::GestureOutcome::revert}, {});
    return std::move(sink).error();
  }
  auto shared = std::make_shared<Gesture::Shared>(weak_from_this(), grant, std::move(parameters));
  shared->begin(stream_number(grant.stream_id), static_cast<std::uint64_t>(grant.link.epoch), std::move(*sink));
  gestures_[grant.gesture_id] = shared;
  if (!gesture_timer_) gesture_timer_ = loop_.every(kGestureTick, [this] { tick_gestures(); });
  return Gesture(std::move(shared));
}

void Client::State::tick_gestures() {
  for (const auto& [id, gesture] : gestures_)
    if (const auto shared = gesture.lock()) shared->tick();
}

void Client::State::forget(const GestureId& gesture) {
  gestures_.erase(gesture);
  if (!gestures_.empty() || !gesture_timer_) return;
  loop_.cancel(*gesture_timer_);
  gesture_timer_.reset();
}

void Client::State::deliver_resumed(const parameter::GestureResumed& resumed) {
  const auto found = gestures_.find(resumed.gesture_id);
  const auto shared = found == gestures_.end() ? nullptr : found->second.lock();
  if (!shared) return;
  auto sink = sink_for(resumed.link);
  if (!sink) return shared->pause();
  shared->resume(stream_number(resumed.stream_id), static_cast<std::uint64_t>(resumed.link.epoch), std::move(*sink));
}

void Client::State::deliver_ended(const parameter::GestureEnded& ended) {
  const auto found = gestures_.find(ended.gesture_id);
  if (found == gestures_.end()) return;
  const auto shared = found->second.lock();
  forget(ended.gesture_id);
  if (shared) shared->lose(ended);
}

}  // namespace loophole::aura
