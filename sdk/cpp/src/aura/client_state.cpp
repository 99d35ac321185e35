#include "client_state.hpp"

#include <algorithm>
#include <utility>

#include "loophole/core/id.hpp"

namespace loophole::aura {
namespace {

using std::chrono::milliseconds;

// How often open gestures look after what waits and what their lease needs.
constexpr milliseconds kGestureTick{10};
constexpr int kResyncTries = 3;
// More missing transactions than this, and a snapshot is the shorter way.
constexpr std::int64_t kMostToCatchUp = 256;

// What an end of a gesture that Pulse ended would be answered with.
Error error_of(const parameter::GestureEnded& ended) {
  using enum parameter::GestureEndReason;
  const std::string gesture = "the gesture '" + ended.gesture_id.str() + "' was ended";
  const std::string values = ended.committed ? "; its values were committed" : "; nothing was committed";
  switch (ended.reason) {
    case lease_expired:
      return make_error(errors::kGestureExpired, gesture + " because neither values nor an end came in time" + values);
    case target_removed:
      return make_error(errors::kGestureTargetRemoved, gesture + " because a parameter of it was removed" + values);
    case taken_over:
      return make_error(errors::kGestureNotFound, gesture + " because another client took it over" + values);
    case engine_lost:
      return make_error(errors::kGestureNotFound, gesture + " because the engine did not come back" + values);
    case project_closed:
      return make_error(errors::kProjectNone, gesture + " because the project was closed" + values);
    case unknown:
      break;
  }
  return make_error(errors::kGestureNotFound, gesture + " for a reason that this version does not know" + values);
}

}  // namespace

Client::State::State(ClientOptions options)
    : changes(std::make_unique<Changes>(std::make_unique<Changes::Impl>())), options_(std::move(options)), instance_id_(random_id("i")) {
  telemetry = std::make_unique<Telemetry>(std::make_unique<Telemetry::Impl>(
      context_, loop_, [this](std::function<void()> task) { side_inbox_.push_back(std::move(task)); }, [this] { ask_latency(); }));
}

Client::State::~State() {
  if (gesture_timer_) loop_.cancel(*gesture_timer_);
  if (flush_timer_) loop_.cancel(*flush_timer_);
  if (attempt_timer_) loop_.cancel(*attempt_timer_);
  // Before the loop and the context that they use: a Gesture may outlive its client, its socket may not.
  for (const auto& [id, gesture] : gestures_)
    if (const auto shared = gesture.lock()) shared->orphan();
  drop_port();
  telemetry.reset();
  sink_.reset();
}

bool Client::State::poll(milliseconds timeout) {
  if (!side_inbox_.empty() || (!inbox_.empty() && !resyncing_)) timeout = milliseconds{0};
  loop_.run_once(timeout);
  drain();
  loop_.rearm();
  return !connection_.is_final();
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

void Client::State::post(std::function<void()> task) {
  inbox_.push_back(std::move(task));
  loop_.post([] {});  // so that fd() says that there is something to do
}

void Client::State::deliver(const wire::Message& message) {
  if (const auto* changed = message.as<project::Changed>()) return deliver_change(*changed);
  if (message.as<project::Opened>() != nullptr) return resync();
  if (message.as<project::Closed>() != nullptr) {
    mirror.clear();
    return reset_done();
  }
  if (const auto* changed = message.as<engine::Changed>()) return deliver_engine(*changed);
  if (const auto* changed = message.as<transport::Changed>()) return changes->impl().tell_transport(*changed);
  if (const auto* resumed = message.as<parameter::GestureResumed>()) return deliver_resumed(*resumed);
  if (const auto* ended = message.as<parameter::GestureEnded>()) return deliver_ended(*ended);
}

void Client::State::deliver_change(const project::Changed& changed) {
  Mirror::BeforeEach note;
  if (changes->impl().listening())
    note = [this](const model::ProjectState& state, const project::Change& change) { changes->impl().note(state, change); };
  switch (mirror.apply(changed, note)) {
    case Mirror::Step::applied:
      ++counters.changes;
      return tell_change(changed);
    case Mirror::Step::known:
      ++counters.changes_known;
      return;
    case Mirror::Step::gap:
      if (mirror.project() != nullptr && changed.revision - mirror.revision() <= kMostToCatchUp) return catch_up(changed.revision);
      [[fallthrough]];
    case Mirror::Step::misfit:
      static_cast<void>(changes->impl().take());
      ++counters.resyncs;
      resync();
      return;
  }
}

void Client::State::tell_change(const project::Changed& changed) {
  const project::Cause& by = changed.cause;
  const ChangeCause cause{.revision = changed.revision,
                          .label = changed.label,
                          .origin = changed.origin,
                          .instance = by.instance_id,
                          .command = by.command_id,
                          .gesture = by.gesture_id,
                          .own = by.instance_id == instance_id_};
  ChangeNoteSet notes = changes->impl().take();  // now: what a handler waits for brings notes of its own
  if (const auto handler = on_change) handler(changed);
  changes->impl().tell(std::move(notes), mirror, cause);
}

void Client::State::deliver_engine(const engine::Changed& changed) {
  follow_engine(changed.link);
  telemetry->impl().set_latency(changed.effective, changed.latency_frames);
  if (auto handler = on_engine) handler(changed);
}

void Client::State::ask_latency() {
  call<engine::Status>({}, [this](const Result<engine::StatusReply>& status) {
    if (status && status->link && engine_link && status->link->epoch == engine_link->epoch)
      telemetry->impl().set_latency(status->effective, status->latency_frames);
  });
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
  if (port_->state() == session::PortState::closed) return;  // the inbox has the end of the connection
  const auto* reply = answer ? answer->as<project::ChangesReply>() : nullptr;
  if (reply == nullptr || reply->transactions.empty() || reply->transactions.front().revision != mirror.revision() + 1) {
    ++counters.resyncs;
    return resync();
  }
  mirror.goes_on_at(reply->name, reply->path);
  // What is behind them in the inbox may be the end of this connection: then the next one brings the whole project.
  const auto goes_on = [this, connection = ports_] { return connection == ports_ && port_ != nullptr; };
  inbox_.push_front([this, target, goes_on, project = mirror.project()->id] {
    if (!goes_on() || mirror.project() == nullptr || mirror.project()->id != project) return;
    if (mirror.revision() < target) return catch_up(target);
    ++counters.catch_ups;
  });
  for (auto missing = reply->transactions.rbegin(); missing != reply->transactions.rend(); ++missing)
    inbox_.push_front([this, goes_on, changed = *missing] {
      if (goes_on()) deliver_change(changed);
    });
}

void Client::State::resync() {
  resyncing_ = true;
  resync_tries_ = 0;
  port_->call_payload(wire::MessageOf<project::Snapshot>::desc(), wire::Payload::of(project::Snapshot{}),
                      [this](Result<wire::Payload> answer) { finish_resync(std::move(answer)); }, {});
}

void Client::State::finish_resync(Result<wire::Payload> answer) {
  if (!answer && port_->state() == session::PortState::ready && ++resync_tries_ < kResyncTries) {
    port_->call_payload(wire::MessageOf<project::Snapshot>::desc(), wire::Payload::of(project::Snapshot{}),
                        [this](Result<wire::Payload> again) { finish_resync(std::move(again)); }, {});
    return;
  }
  resyncing_ = false;
  if (port_->state() == session::PortState::closed) return;  // the inbox has the end of the connection
  const bool begins = connection_.state == Connection::State::connecting;
  if (answer) {
    mirror.reset(*answer->as<project::SnapshotReply>());
  } else if (!begins && is(answer.error(), errors::kProjectNone)) {
    mirror.clear();
  } else {  // a mirror that may be wrong is no use: the connection begins anew
    inbox_.push_front([this, fault = std::move(answer).error()] { disconnected(fault); });
    return;
  }
  inbox_.push_front([this] { reset_done(); });
  if (begins) inbox_.push_front([this] { connected(); });
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

void Client::State::flush_gestures_in(std::chrono::nanoseconds delay) {
  if (flush_timer_) return;
  flush_timer_ = loop_.after(delay, [this] {
    flush_timer_.reset();
    tick_gestures();
  });
}

void Client::State::tick_gestures() {
  for (const auto& [id, gesture] : gestures_)
    if (const auto shared = gesture.lock()) shared->tick();
}

// Pulse ends the gestures of a client that is gone, as they asked for when they began.
void Client::State::lose_gestures(const Error& reason) {
  const auto gestures = std::exchange(gestures_, {});
  if (gesture_timer_) loop_.cancel(*std::exchange(gesture_timer_, std::nullopt));
  for (const auto& [id, gesture] : gestures)
    if (const auto shared = gesture.lock())
      shared->lose({.gesture_id = id, .reason = parameter::GestureEndReason::unknown, .committed = false}, reason);
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
  if (shared) shared->lose(ended, error_of(ended));
}

}  // namespace loophole::aura
