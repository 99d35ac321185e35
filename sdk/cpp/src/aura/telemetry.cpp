#include "loophole/aura/telemetry.hpp"

#include <utility>
#include <vector>

#include "kept_handler.hpp"
#include "telemetry_impl.hpp"

namespace loophole::aura {

using std::chrono::nanoseconds;

Telemetry::Impl::~Impl() {
  for (const auto& [topic, timer] : watched_) loop_.cancel(timer);
  disconnect();
}

void Telemetry::Impl::follow(const std::optional<session::EngineLink>& link) {
  if (link == link_) return;
  const bool same_epoch = link && link_ && link->epoch == link_->epoch;
  const bool same_endpoint = same_epoch && link->telemetry_endpoint == link_->telemetry_endpoint;
  link_ = link;
  if (!same_epoch) latency_known_ = false;
  if (same_endpoint) return;
  // A socket of its own for each epoch: what an engine that died left in a queue goes with it.
  disconnect();
  reader.begin_epoch(link_ ? static_cast<std::uint64_t>(link_->epoch) : 0);
  while (!watched_.empty()) fell_silent(watched_.begin()->first);
  connect();
}

void Telemetry::Impl::set_latency(const std::optional<engine::Effective>& effective, const std::optional<std::int64_t>& graph_frames) {
  if (!effective) return;  // no driver runs
  reader.clock.set_latency(effective->output_latency_frames, graph_frames.value_or(0));
  latency_known_ = true;
}

void Telemetry::Impl::want_latency() {
  if (link_ && !latency_known_ && reader.subscribed(Topic::transport)) ask_latency_();
}

void Telemetry::Impl::connect() {
  const auto texts = reader.texts();
  if (subscriber_ || !link_ || texts.empty()) return;
  auto subscriber = net::TelemetrySubscriber::connect(context_, link_->telemetry_endpoint);
  if (!subscriber) {
    fault = std::move(subscriber).error();
    return;
  }
  fault.reset();
  subscriber_ = std::move(*subscriber);
  for (const std::string& text : texts)
    if (auto done = subscriber_->subscribe(text); !done) fault = std::move(done).error();
  loop_.watch(*subscriber_, [this] { receive(); });
  want_latency();
}

void Telemetry::Impl::disconnect() {
  if (!subscriber_) return;
  loop_.unwatch(*subscriber_);
  received_ += subscriber_->counters();
  subscriber_.reset();
}

bool Telemetry::Impl::subscribe(Topic topic, int rate_hz) {
  const std::string text = TelemetryReader::text_of(topic, rate_hz);
  if (text.empty()) return false;
  if (reader.text(topic) == text) return true;
  unsubscribe(topic);
  reader.subscribe(topic, text);
  if (!subscriber_) {
    connect();
    return true;
  }
  if (auto done = subscriber_->subscribe(text); !done) fault = std::move(done).error();
  want_latency();
  return true;
}

void Telemetry::Impl::unsubscribe(Topic topic) {
  const std::string text = reader.unsubscribe(topic);
  unwatch(topic);
  if (text.empty() || !subscriber_) return;
  if (auto done = subscriber_->unsubscribe(text); !done) fault = std::move(done).error();
}

void Telemetry::Impl::receive() {
  while (subscriber_ && subscriber_->receive(topic_, frame_))
    if (const auto topic = reader.accept(topic_, frame_)) {
      watch(*topic);
      deliver(*topic);
    }
}

std::optional<nanoseconds> Telemetry::Impl::age(Topic topic) const {
  const auto arrived = reader.arrived(topic);
  return arrived ? std::optional<nanoseconds>(Clock::now() - *arrived) : std::nullopt;
}

std::optional<nanoseconds> Telemetry::Impl::fresh(Topic topic, std::optional<nanoseconds> max_age) const {
  const auto old = age(topic);
  return old && *old <= max_age.value_or(reader.live_for(topic)) ? old : std::nullopt;
}

void Telemetry::Impl::watch(Topic topic) {
  if (!watched_.contains(topic)) watch_again(topic, reader.live_for(topic));
}

void Telemetry::Impl::watch_again(Topic topic, nanoseconds delay) {
  watched_[topic] = loop_.after(delay, [this, topic] {
    receive();  // what waited while this program did not poll is no silence
    const auto old = age(topic);
    const nanoseconds left = reader.live_for(topic) - old.value_or(nanoseconds::max());
    if (left >= nanoseconds{0}) return watch_again(topic, left + std::chrono::milliseconds{1});
    fell_silent(topic);
  });
}

void Telemetry::Impl::unwatch(Topic topic) {
  const auto found = watched_.find(topic);
  if (found == watched_.end()) return;
  loop_.cancel(found->second);
  watched_.erase(found);
}

void Telemetry::Impl::fell_silent(Topic topic) {
  unwatch(topic);
  if (!on_silent) return;
  defer_([this, topic] {
    if (auto handler = on_silent) handler(topic);
  });
  loop_.post([] {});  // also when this is not called from the Loop, fd() says that there is something to do
}

void Telemetry::Impl::deliver(Topic topic) {
  switch (topic.kind) {
    case Topic::Kind::meters:
      if (on_meters) deliver_meters();
      return;
    case Topic::Kind::transport:
      if (!on_transport) return;
      defer_([this, view = *reader.transport()] {
        if (auto handler = on_transport) handler(view);
      });
      return;
    case Topic::Kind::stats:
      if (!on_stats) return;
      defer_([this, view = reader.stats()] {
        if (auto handler = on_stats) handler(view);
      });
      return;
    case Topic::Kind::spectrum:
      if (on_spectrum.contains(topic.handle)) deliver_spectrum(topic.handle);
      return;
  }
}

void Telemetry::Impl::deliver_meters() {
  MetersView view = reader.newest_meters_frame();
  defer_([this, view, levels = std::vector<Level>(view.levels.begin(), view.levels.end())]() mutable {
    view.levels = levels;
    if (auto handler = on_meters) handler(view);
  });
}

void Telemetry::Impl::deliver_spectrum(std::int64_t analyser) {
  SpectrumView view = reader.spectrum(analyser);
  defer_([this, analyser, view, magnitudes = std::vector<float>(view.magnitudes_db.begin(), view.magnitudes_db.end())]() mutable {
    view.magnitudes_db = magnitudes;
    const auto found = on_spectrum.find(analyser);
    if (found == on_spectrum.end()) return;
    const auto handler = found->second;  // a copy: it may end the calls
    handler(view);
  });
}

TelemetryCounters Telemetry::Impl::counters() const {
  TelemetryCounters all = reader.counters();
  net::ReceiveCounters received = received_;
  if (subscriber_) received += subscriber_->counters();
  all.malformed += received.oversized + received.unknown;
  return all;
}

Telemetry::Telemetry(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Telemetry::~Telemetry() = default;

bool Telemetry::subscribe(Topic topic, int rate_hz) {
  return impl_->subscribe(topic, rate_hz);
}
void Telemetry::unsubscribe(Topic topic) {
  impl_->unsubscribe(topic);
}

void Telemetry::on_meters(std::function<void(const MetersView&)> handler) {
  impl_->on_meters = kept(std::move(handler));
  if (impl_->on_meters && !impl_->reader.subscribed(Topic::meters)) subscribe(Topic::meters);
}

void Telemetry::on_transport(std::function<void(const TransportView&)> handler) {
  impl_->on_transport = kept(std::move(handler));
  if (impl_->on_transport && !impl_->reader.subscribed(Topic::transport)) subscribe(Topic::transport);
}

void Telemetry::on_stats(std::function<void(const StatsView&)> handler) {
  impl_->on_stats = kept(std::move(handler));
  if (impl_->on_stats && !impl_->reader.subscribed(Topic::stats)) subscribe(Topic::stats);
}

void Telemetry::on_spectrum(std::int64_t analyser, std::function<void(const SpectrumView&)> handler) {
  if (!handler) {
    impl_->on_spectrum.erase(analyser);
    return;
  }
  impl_->on_spectrum[analyser] = kept(std::move(handler));
  if (!impl_->reader.subscribed(Topic::spectrum(analyser))) subscribe(Topic::spectrum(analyser));
}

void Telemetry::on_silent(std::function<void(Topic)> handler) {
  impl_->on_silent = kept(std::move(handler));
}

MetersView Telemetry::meters(std::optional<nanoseconds> max_age) const {
  const auto age = impl_->fresh(Topic::meters, max_age);
  if (!age) return {};
  MetersView view = impl_->reader.meters();
  view.age = *age;
  return view;
}
std::optional<TransportView> Telemetry::transport(std::optional<nanoseconds> max_age) const {
  const auto age = impl_->fresh(Topic::transport, max_age);
  if (!age) return std::nullopt;
  std::optional<TransportView> view = impl_->reader.transport();
  if (view) view->age = *age;
  return view;
}
StatsView Telemetry::stats(std::optional<nanoseconds> max_age) const {
  return impl_->fresh(Topic::stats, max_age) ? impl_->reader.stats() : StatsView{};
}
SpectrumView Telemetry::spectrum(std::int64_t analyser, std::optional<nanoseconds> max_age) const {
  const auto age = impl_->fresh(Topic::spectrum(analyser), max_age);
  if (!age) return {};
  SpectrumView view = impl_->reader.spectrum(analyser);
  view.age = *age;
  return view;
}
std::optional<nanoseconds> Telemetry::age(Topic topic) const {
  return impl_->age(topic);
}
nanoseconds Telemetry::live_for(Topic topic) const {
  return impl_->reader.live_for(topic);
}
std::optional<Playhead> Telemetry::playhead(std::uint64_t now_ns) const {
  return impl_->fresh(Topic::transport, {}) ? impl_->reader.clock.playhead(now_ns) : std::nullopt;
}
std::optional<std::uint64_t> Telemetry::heard_at_ns(std::uint64_t engine_frames) const {
  return impl_->reader.clock.heard_at_ns(engine_frames);
}
TelemetryCounters Telemetry::counters() const {
  return impl_->counters();
}
TopicCounters Telemetry::counters(Topic topic) const {
  return impl_->reader.counters(topic);
}
const std::optional<Error>& Telemetry::fault() const noexcept {
  return impl_->fault;
}

}  // namespace loophole::aura
