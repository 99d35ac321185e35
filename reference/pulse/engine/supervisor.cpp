#include "engine/supervisor.hpp"

#include <spdlog/spdlog.h>

#include <csignal>
#include <utility>

#include "loophole/transport/endpoint.hpp"

namespace loophole::pulse {

using engine::EngineState;

namespace {

constexpr std::size_t kMostEpochs = 1'024;  // engine.status carries no more
constexpr const char* kPlanes[] = {"control", "stream", "telemetry"};

std::filesystem::path socket_file(const std::filesystem::path& folder, std::int64_t launch, const char* plane) {
  return folder / ("engine-" + std::to_string(launch) + "." + plane);
}

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

Supervisor::Supervisor(net::Context& context, net::Loop& loop, SupervisorOptions options)
    : context_(context), loop_(loop), options_(std::move(options)), backoff_(options_.backoff) {}

Supervisor::~Supervisor() {
  if (launch_timer_) loop_.cancel(*launch_timer_);
  if (kill_timer_) loop_.cancel(*kill_timer_);
  port_.reset();
  process_.reset();
  remove_sockets();
}

std::int64_t Supervisor::process_id() const noexcept {
  return process_ ? process_->id() : 0;
}

session::CountersReply Supervisor::counters() const {
  session::CountersReply sum = past_counters_;
  if (port_) add_counters(sum, port_->counters());
  return sum;
}

void Supervisor::set_state(EngineState state, std::string reason) {
  state_ = state;
  reason_ = std::move(reason);
  if (on_state_) on_state_(state_, reason_);
}

void Supervisor::start() {
  if (state_ == EngineState::absent || state_ == EngineState::failed) launch();
}

void Supervisor::launch() {
  launch_timer_.reset();
  remove_sockets();
  ++launches_;
  end_reason_.clear();
  std::vector<std::string> arguments;
  for (const char* plane : kPlanes) {
    arguments.push_back("--" + std::string(plane));
    arguments.push_back(net::ipc_endpoint(socket_file(options_.folder, launches_, plane)));
  }
  const std::string control = arguments[1];
  arguments.insert(arguments.end(), options_.arguments.begin(), options_.arguments.end());

  auto process = ChildProcess::start(loop_, options_.program, arguments, [this](const std::string& how) { process_ended(how); });
  if (!process) return set_state(EngineState::failed, to_string(process.error()));
  process_ = *std::move(process);
  spdlog::info("engine started: process {}, {}", process_->id(), options_.program.string());
  auto port = IpcEnginePort::connect(context_, loop_,
                                     {.endpoint = control, .client_id = "loophole-pulse", .hello_deadline = options_.hello_deadline});
  if (!port) {
    process_.reset();
    return set_state(EngineState::failed, to_string(port.error()));
  }
  port_ = *std::move(port);
  port_->on_state([this](session::PortState state) { port_changed(state); });
  port_->on_event([this](const wire::Message& event) {
    if (on_event_) on_event_(event);
  });
  set_state(EngineState::starting, launches_ == 1 ? "the engine is being started" : "the engine is being started again");
}

void Supervisor::port_changed(session::PortState state) {
  if (state == session::PortState::closed) {
    const auto& why = port_->close_reason();
    return give_up_connection(why ? to_string(*why) : "the connection to it ended");
  }
  if (state != session::PortState::ready) return;
  const session::HelloReply* hello = port_->hello();
  if (!hello->engine || hello->engine->epoch == 0) return give_up_connection("it names no epoch and endpoints in its hello");
  link_ = *hello->engine;
  epochs_.push_back(link_->epoch);
  if (epochs_.size() > kMostEpochs) epochs_.erase(epochs_.begin());
  if (on_connected_) on_connected_(*port_);
}

void Supervisor::mark_live() {
  if (state_ != EngineState::starting) return;
  std::string reason = "started";
  if (lost_at_) {
    recovery_ms_ = std::chrono::duration<double, std::milli>(Clock::now() - *lost_at_).count();
    lost_at_.reset();
    reason = "started again";
  }
  set_state(EngineState::running, std::move(reason));
}

void Supervisor::give_up_connection(const std::string& reason) {
  if (!process_ || stopping_) return;
  if (!end_reason_.empty()) return;
  end_reason_ = reason;
  end_process(options_.lost_deadline);  // the rest follows when its end is told
}

void Supervisor::end_process(std::chrono::milliseconds patience) {
  // Asked first: it may be ending already, with a recording to finish.
  process_->signal(SIGTERM);
  if (kill_timer_) loop_.cancel(*kill_timer_);
  kill_timer_ = loop_.after(patience, [this] {
    kill_timer_.reset();
    spdlog::warn("the engine does not end and is killed");
    if (process_) process_->signal(SIGKILL);
  });
}

void Supervisor::disconnect() {
  if (!port_) return;
  port_->on_state([](session::PortState) {});
  add_counters(past_counters_, port_->counters());
  link_.reset();
  port_.reset();
}

void Supervisor::process_ended(const std::string& how) {
  const auto now = Clock::now();
  process_.reset();
  if (kill_timer_) loop_.cancel(*kill_timer_);
  kill_timer_.reset();
  disconnect();
  remove_sockets();
  if (stopping_) {
    set_state(EngineState::absent, "the engine was stopped");
    if (stopped_) std::exchange(stopped_, nullptr)();
    return;
  }
  const std::string why = end_reason_.empty() ? "the engine " + how : "the engine was ended: " + end_reason_;
  if (!lost_at_) lost_at_ = now;
  const auto delay = backoff_.died(now);
  if (!delay) return set_state(EngineState::failed, why + "; it died too often and is not started again");
  set_state(EngineState::lost, why);
  ++restarts_;
  if (delay->count() == 0) return launch();
  launch_timer_ = loop_.after(*delay, [this] { launch(); });
}

void Supervisor::stop(std::function<void()> done) {
  stopping_ = true;
  if (launch_timer_) loop_.cancel(*launch_timer_);
  launch_timer_.reset();
  if (!process_) {
    if (done) done();
    return;
  }
  stopped_ = std::move(done);
  if (port_) port_->close();
  end_process(options_.end_deadline);
}

void Supervisor::remove_sockets() const {
  std::error_code ignored;
  for (const char* plane : kPlanes) std::filesystem::remove(socket_file(options_.folder, launches_, plane), ignored);
}

}  // namespace loophole::pulse
