#include "loophole/aura/gesture.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

#include "client_state.hpp"
#include "gesture_shared.hpp"
#include "kept_handler.hpp"
#include "loophole/aura/curve.hpp"

namespace loophole::aura {
namespace {

// More frames a second than this no engine makes a difference of: of all values in a block it takes the newest.
constexpr std::chrono::milliseconds kShortestGap{1};

std::vector<std::uint32_t> handles_of(const std::vector<parameter::GestureTarget>& targets) {
  std::vector<std::uint32_t> handles;
  for (const parameter::GestureTarget& target : targets) handles.push_back(static_cast<std::uint32_t>(target.handle));
  return handles;
}

Error client_is_gone() {
  return make_error(errors::kSessionCancelled, "the client of this gesture is gone; Pulse ends the gesture as its begin asked for");
}

}  // namespace

std::uint64_t stream_number(const StreamId& id) noexcept {
  std::uint64_t number = 0;
  const std::string& text = id.str();
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number, 16);
  return fault == std::errc{} && end == text.data() + text.size() ? number : 0;
}

Gesture::Shared::Shared(std::weak_ptr<Client::State> client, parameter::GestureBeginReply grant,
                        std::vector<parameter::Parameter> parameters)
    : client_(std::move(client)),
      grant_(std::move(grant)),
      parameters_(std::move(parameters)),
      stream_(handles_of(grant_.targets), kShortestGap),
      // Three tries in a lease: one may be late, one may be lost.
      renew_after_(std::chrono::milliseconds(grant_.lease_ms) / 3) {}

std::optional<std::size_t> Gesture::Shared::find(const ParameterId* parameter) const noexcept {
  if (parameter == nullptr) return 0;
  for (std::size_t i = 0; i < grant_.targets.size(); ++i)
    if (grant_.targets[i].parameter_id == *parameter) return i;
  return {};
}

bool Gesture::Shared::put(std::optional<std::size_t> target, double value) {
  if (!open_) return false;
  if (!target || !std::isfinite(value)) {
    ++stream_.counters().refused;
    return false;
  }
  const parameter::GestureTarget& granted = grant_.targets[*target];
  const double fitting = std::clamp(value, granted.minimum, std::max(granted.minimum, granted.maximum));
  if (fitting != value) ++stream_.counters().clamped;
  if (stream_.put(*target, fitting)) return true;
  if (const auto client = client_.lock()) client->flush_gestures_in(kShortestGap);
  return true;
}

std::optional<double> Gesture::Shared::value(const ParameterId* parameter) const noexcept {
  const auto target = find(parameter);
  return target ? stream_.value(*target) : std::nullopt;
}

bool Gesture::Shared::set(const ParameterId* parameter, double value) {
  return put(find(parameter), value);
}

bool Gesture::Shared::set_normalized(const ParameterId* parameter, double position) {
  const auto target = find(parameter);
  return put(target, target ? to_plain(parameters_[*target], position) : position);
}

void Gesture::Shared::end(parameter::GestureOutcome outcome, EndHandler on_ended) {
  if (!open_) {
    if (!on_ended) return;
    Error fault = fault_.value_or(make_error(errors::kGestureNotFound, "the gesture '" + grant_.gesture_id.str() + "' is over already"));
    const auto client = client_.lock();
    if (!client) return on_ended(std::move(fault));
    client->after({}, [on_ended = std::move(on_ended), fault = std::move(fault)] { on_ended(fault); });  // from poll(), like any other
    return;
  }
  open_ = false;
  stream_.flush();
  stream_.pause();  // lets go of the socket, which must not outlive the client
  const auto client = client_.lock();
  if (!client) {
    if (on_ended) on_ended(client_is_gone());
    return;
  }
  client->forget(grant_.gesture_id);
  parameter::GestureEnd end{.gesture_id = grant_.gesture_id, .values = {}, .outcome = outcome};
  if (outcome == parameter::GestureOutcome::commit) {
    for (std::size_t i = 0; i < grant_.targets.size(); ++i)
      if (stream_.value(i)) end.values.push_back({.parameter_id = grant_.targets[i].parameter_id, .value = *stream_.value(i)});
  }
  client->call<parameter::GestureEnd>(std::move(end), std::move(on_ended));
}

Result<parameter::GestureEndReply> Gesture::Shared::finish() {
  const auto client = client_.lock();
  if (!client) return client_is_gone();
  auto answer = std::make_shared<std::optional<Result<parameter::GestureEndReply>>>();
  end(parameter::GestureOutcome::commit, [answer](Result<parameter::GestureEndReply> reply) { answer->emplace(std::move(reply)); });
  client->wait([&answer] { return answer->has_value(); }, session::CallOptions{}.deadline);
  if (!*answer) return make_error(errors::kSessionTimeout, "no answer to the end of the gesture '" + grant_.gesture_id.str() + "'");
  return std::move(**answer);
}

void Gesture::Shared::resume(std::uint64_t stream_id, std::uint64_t epoch, std::shared_ptr<net::FrameSink> sink) {
  ++stream_.counters().resumed;
  stream_.open(stream_id, epoch, std::move(sink));
}

void Gesture::Shared::lose(const parameter::GestureEnded& ended, Error fault) {
  open_ = false;
  fault_ = std::move(fault);
  stream_.pause();
  untold_ = ended;
  tell_lost_later();
}

void Gesture::Shared::on_lost(LostHandler handler) {
  on_lost_ = kept(std::move(handler));
  tell_lost_later();
}

// From the inbox, so that what else is to be told of the same event does not depend on this handler.
void Gesture::Shared::tell_lost_later() {
  const auto client = client_.lock();
  if (!untold_ || !on_lost_ || !client) return;
  client->post([weak = weak_from_this()] {
    const auto shared = weak.lock();
    if (!shared || !shared->untold_) return;
    if (const auto handler = shared->on_lost_) handler(*std::exchange(shared->untold_, std::nullopt));
  });
}

void Gesture::Shared::tick() {
  if (!open_) return;
  stream_.flush_due();
  stream_.renew(Clock::now() - renew_after_);
}

Gesture::Gesture(std::shared_ptr<Shared> shared) noexcept : shared_(std::move(shared)) {}
Gesture::Gesture(Gesture&& other) noexcept = default;

Gesture& Gesture::operator=(Gesture&& other) noexcept {
  if (this == &other) return *this;
  if (shared_ && shared_->is_open()) end();
  shared_ = std::move(other.shared_);
  return *this;
}

Gesture::~Gesture() {
  if (shared_ && shared_->is_open()) end();
}

bool Gesture::set(double value) {
  return shared_->set(nullptr, value);
}
bool Gesture::set(const ParameterId& parameter, double value) {
  return shared_->set(&parameter, value);
}
bool Gesture::set_normalized(double position) {
  return shared_->set_normalized(nullptr, position);
}
bool Gesture::set_normalized(const ParameterId& parameter, double position) {
  return shared_->set_normalized(&parameter, position);
}
void Gesture::end(EndHandler on_ended) {
  shared_->end(parameter::GestureOutcome::commit, std::move(on_ended));
}
Result<parameter::GestureEndReply> Gesture::finish() {
  return shared_->finish();
}
void Gesture::cancel(EndHandler on_ended) {
  shared_->end(parameter::GestureOutcome::revert, std::move(on_ended));
}
void Gesture::on_lost(LostHandler handler) {
  shared_->on_lost(std::move(handler));
}
std::optional<double> Gesture::value() const noexcept {
  return shared_->value(nullptr);
}
std::optional<double> Gesture::value(const ParameterId& parameter) const noexcept {
  return shared_->value(&parameter);
}
const std::optional<Error>& Gesture::fault() const noexcept {
  return shared_->fault();
}
bool Gesture::is_open() const noexcept {
  return shared_->is_open();
}
const GestureId& Gesture::id() const noexcept {
  return shared_->grant().gesture_id;
}
const std::vector<parameter::GestureTarget>& Gesture::targets() const noexcept {
  return shared_->grant().targets;
}
GestureCounters Gesture::counters() const noexcept {
  return shared_->counters();
}

}  // namespace loophole::aura
