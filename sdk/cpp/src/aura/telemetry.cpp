#include "loophole/aura/telemetry.hpp"

#include <utility>
#include <vector>

#include "loophole/wire/topic.hpp"
#include "telemetry_impl.hpp"

namespace loophole::aura {
namespace {

std::string_view name_of(Telemetry::Topic topic) {
  return topic == Telemetry::Topic::meters ? wire::topic::kMeters : wire::topic::kTransport;
}

}  // namespace

void Telemetry::Impl::follow(const std::optional<session::EngineLink>& link) {
  if (link == link_) return;
  const bool same_endpoint = link && link_ && link->telemetry_endpoint == link_->telemetry_endpoint && link->epoch == link_->epoch;
  link_ = link;
  if (same_endpoint) return;
  // A socket of its own for each epoch: what an engine that died left in a queue goes with it.
  disconnect();
  reader.begin_epoch(link_ ? static_cast<std::uint64_t>(link_->epoch) : 0);
  connect();
}

void Telemetry::Impl::connect() {
  if (subscriber_ || !link_ || topics_.empty()) return;
  auto subscriber = net::TelemetrySubscriber::connect(context_, link_->telemetry_endpoint);
  if (!subscriber) {
    fault = std::move(subscriber).error();
    return;
  }
  fault.reset();
  subscriber_ = std::move(*subscriber);
  for (const Topic topic : topics_)
    if (auto done = subscriber_->subscribe(name_of(topic)); !done) fault = std::move(done).error();
  loop_.watch(*subscriber_, [this] { receive(); });
}

void Telemetry::Impl::disconnect() {
  if (!subscriber_) return;
  loop_.unwatch(*subscriber_);
  subscriber_.reset();
}

void Telemetry::Impl::subscribe(Topic topic) {
  if (!topics_.insert(topic).second) return;
  reader.restart_sequence(topic);
  if (!subscriber_) return connect();
  if (auto done = subscriber_->subscribe(name_of(topic)); !done) fault = std::move(done).error();
}

void Telemetry::Impl::unsubscribe(Topic topic) {
  if (topics_.erase(topic) == 0 || !subscriber_) return;
  if (auto done = subscriber_->unsubscribe(name_of(topic)); !done) fault = std::move(done).error();
}

void Telemetry::Impl::receive() {
  while (subscriber_ && subscriber_->receive(topic_, frame_)) {
    switch (reader.accept(topic_, frame_)) {
      case TelemetryReader::Taken::meters:
        if (on_meters) deliver_meters();
        break;
      case TelemetryReader::Taken::transport:
        if (on_transport) deliver_transport();
        break;
      case TelemetryReader::Taken::nothing:
        break;
    }
  }
}

void Telemetry::Impl::deliver_meters() {
  MetersView view = reader.meters();
  defer_([this, view, levels = std::vector<Level>(view.levels.begin(), view.levels.end())]() mutable {
    view.levels = levels;
    if (auto handler = on_meters) handler(view);
  });
}

void Telemetry::Impl::deliver_transport() {
  defer_([this, view = *reader.transport()] {
    if (auto handler = on_transport) handler(view);
  });
}

const Level* MetersView::find(std::int64_t handle, std::uint32_t channel) const noexcept {
  for (const Level& level : levels)
    if (level.handle == handle && level.channel == channel) return &level;
  return nullptr;
}

Telemetry::Telemetry(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Telemetry::~Telemetry() = default;

void Telemetry::subscribe(Topic topic) {
  impl_->subscribe(topic);
}
void Telemetry::unsubscribe(Topic topic) {
  impl_->unsubscribe(topic);
}

void Telemetry::on_meters(std::function<void(const MetersView&)> handler) {
  impl_->on_meters = std::move(handler);
  if (impl_->on_meters) impl_->subscribe(Topic::meters);
}

void Telemetry::on_transport(std::function<void(const TransportView&)> handler) {
  impl_->on_transport = std::move(handler);
  if (impl_->on_transport) impl_->subscribe(Topic::transport);
}

MetersView Telemetry::meters() const noexcept {
  return impl_->reader.meters();
}
const std::optional<TransportView>& Telemetry::transport() const noexcept {
  return impl_->reader.transport();
}
const TelemetryCounters& Telemetry::counters() const noexcept {
  return impl_->reader.counters();
}
const std::optional<Error>& Telemetry::fault() const noexcept {
  return impl_->fault;
}

}  // namespace loophole::aura
