#include "engine/keeper.hpp"

#include <utility>

namespace loophole::pulse {

using engine::EngineState;

namespace {

constexpr std::size_t kMostEpochs = 1'024;  // engine.status carries no more

}  // namespace

void add_counters(session::CountersReply& sum, const session::CountersReply& more) {
  sum.control_received += more.control_received;
  sum.control_sent += more.control_sent;
  sum.malformed += more.malformed;
  sum.refused += more.refused;
  sum.newer += more.newer;
  sum.withheld += more.withheld;
  sum.duplicates += more.duplicates;
  sum.overflows += more.overflows;
  sum.stream_frames_seen += more.stream_frames_seen;
  sum.stream_samples_applied += more.stream_samples_applied;
  sum.stream_samples_lost += more.stream_samples_lost;
  sum.stream_samples_refused += more.stream_samples_refused;
  sum.telemetry_frames_seen += more.telemetry_frames_seen;
  sum.telemetry_frames_sent += more.telemetry_frames_sent;
  sum.telemetry_frames_dropped += more.telemetry_frames_dropped;
}

EngineKeeper::EngineKeeper(net::Context& context, net::Loop& loop, std::chrono::milliseconds hello_deadline)
    : context_(context), loop_(loop), hello_deadline_(hello_deadline) {}

EngineKeeper::~EngineKeeper() = default;

session::CountersReply EngineKeeper::counters() const {
  session::CountersReply sum = past_counters_;
  if (port_) add_counters(sum, port_->counters());
  return sum;
}

void EngineKeeper::set_state(EngineState state, std::string reason) {
  state_ = state;
  reason_ = std::move(reason);
  if (on_state_) on_state_(state_, reason_);
}

Result<void> EngineKeeper::connect(const std::string& endpoint) {
  // One run of the program is one instance, and gives no id twice: not to another engine, and not to user interfaces, whose ids begin with
  // m.
  auto port = IpcEnginePort::connect(context_, loop_,
                                     {.endpoint = endpoint,
                                      .client_id = "loophole-pulse",
                                      .hello_deadline = hello_deadline_,
                                      .instance_id = instance_,
                                      .id_prefix = "e" + std::to_string(++connections_) + "-"});
  if (!port) return std::move(port).error();
  port_ = *std::move(port);
  port_->on_state([this](session::PortState state) { port_changed(state); });
  port_->on_event([this](const wire::Message& event) {
    if (on_event_) on_event_(event);
  });
  return {};
}

void EngineKeeper::port_changed(session::PortState state) {
  if (state == session::PortState::closed) {
    const auto& why = port_->close_reason();
    return connection_ended(why ? to_string(*why) : "the connection to it ended");
  }
  if (state != session::PortState::ready) return;
  const session::HelloReply* hello = port_->hello();
  if (!hello->engine || hello->engine->epoch == 0) return connection_ended("it names no epoch and endpoints in its hello");
  link_ = *hello->engine;
  epochs_.push_back(link_->epoch);
  if (epochs_.size() > kMostEpochs) epochs_.erase(epochs_.begin());
  if (state_ != EngineState::starting) set_state(EngineState::starting, "the engine answers");
  if (on_connected_) on_connected_(*port_);
}

void EngineKeeper::mark_live() {
  if (state_ != EngineState::starting) return;
  std::string reason = "started";
  if (lost_at_) {
    recovery_ms_ = std::chrono::duration<double, std::milli>(Clock::now() - *lost_at_).count();
    lost_at_.reset();
    reason = "started again";
  }
  set_state(EngineState::running, std::move(reason));
}

void EngineKeeper::mark_lost(Clock::time_point at) {
  if (!lost_at_) lost_at_ = at;
}

void EngineKeeper::plugin_crashed(const GraphNodeId& node) {
  if (on_plugin_crashed_) on_plugin_crashed_(node);
}

void EngineKeeper::say_goodbye() {
  if (port_) port_->close();
}

void EngineKeeper::disconnect() {
  if (!port_) return;
  if (on_disconnecting_) on_disconnecting_();
  port_->on_state([](session::PortState) {});
  add_counters(past_counters_, port_->counters());
  link_.reset();
  port_.reset();
}

}  // namespace loophole::pulse
