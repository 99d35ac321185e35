#include "engine/supervisor.hpp"

#include <spdlog/spdlog.h>

#include <csignal>
#include <utility>

#include "loophole/session/last_words.hpp"
#include "loophole/transport/endpoint.hpp"

namespace loophole::pulse {

using engine::EngineState;

namespace {

constexpr const char* kPlanes[] = {"control", "stream", "telemetry"};

}  // namespace

Supervisor::Supervisor(net::Context& context, net::Loop& loop, SupervisorOptions options)
    : EngineKeeper(context, loop, options.hello_deadline), options_(std::move(options)), backoff_(options_.backoff) {
  // What a Pulse that was killed left here; the folder is ours alone.
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(options_.folder, ignored))
    if (entry.path().filename().string().starts_with("engine-")) std::filesystem::remove(entry.path(), ignored);
}

Supervisor::~Supervisor() {
  if (launch_timer_) loop().cancel(*launch_timer_);
  if (kill_timer_) loop().cancel(*kill_timer_);
  disconnect();
  process_.reset();
  remove_files();
}

std::int64_t Supervisor::process_id() const noexcept {
  return process_ ? process_->id() : 0;
}

std::filesystem::path Supervisor::file(const char* what) const {
  return options_.folder / ("engine-" + std::to_string(launches_) + "." + what);
}

void Supervisor::start() {
  if (state() == EngineState::absent || state() == EngineState::failed) launch();
}

Result<void> Supervisor::restart() {
  if (stopping_) return make_error(errors::kEngineUnavailable, "Pulse is ending");
  backoff_ = Backoff(options_.backoff);
  if (process_) {
    restart_asked_ = true;
    if (end_reason_.empty()) end_reason_ = "a restart was asked for";
    end_process(options_.lost_deadline);
    return {};
  }
  if (launch_timer_) loop().cancel(*std::exchange(launch_timer_, std::nullopt));
  launch();
  if (state() == EngineState::failed) return make_error(errors::kEngineProgramMissing, reason());
  return {};
}

void Supervisor::launch() {
  launch_timer_.reset();
  remove_files();
  ++launches_;
  end_reason_.clear();
  restart_asked_ = false;
  std::vector<std::string> arguments;
  for (const char* plane : kPlanes) {
    arguments.push_back("--" + std::string(plane));
    arguments.push_back(net::ipc_endpoint(file(plane)));
  }
  const std::string control = arguments[1];
  if (auto made = session::make_last_words(file("last-words")); made)
    arguments.insert(arguments.end(), {"--last-words", file("last-words").string()});
  else
    spdlog::warn("{}", to_string(made.error()));
  arguments.insert(arguments.end(), options_.arguments.begin(), options_.arguments.end());

  auto process = ChildProcess::start(loop(), options_.program, arguments, [this](const std::string& how) { process_ended(how); });
  if (!process && is(process.error(), errors::kEngineUnavailable)) return launch_later(process.error().message);
  if (!process) return set_state(EngineState::failed, to_string(process.error()));
  process_ = *std::move(process);
  spdlog::info("engine started: process {}, {}", process_->id(), options_.program.string());
  if (auto connecting = connect(control); !connecting) {
    process_.reset();
    return set_state(EngineState::failed, to_string(connecting.error()));
  }
  set_state(EngineState::starting, launches_ == 1 ? "the engine is being started" : "the engine is being started again");
}

void Supervisor::connection_ended(const std::string& why) {
  give_up_connection(why);
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
  if (kill_timer_) loop().cancel(*kill_timer_);
  kill_timer_ = loop().after(patience, [this] {
    kill_timer_.reset();
    spdlog::warn("the engine does not end and is killed");
    if (process_) process_->signal(SIGKILL);
  });
}

void Supervisor::process_ended(const std::string& how) {
  const auto now = Clock::now();
  process_.reset();
  if (kill_timer_) loop().cancel(*kill_timer_);
  kill_timer_.reset();
  const auto last_words = session::read_last_words(file("last-words"));
  disconnect();
  remove_files();
  if (stopping_) {
    set_state(EngineState::absent, "the engine was stopped");
    if (stopped_) std::exchange(stopped_, nullptr)();
    return;
  }
  if (last_words && !restart_asked_) {
    spdlog::warn("the engine died in the plugin of node {}", last_words->str());
    plugin_crashed(*last_words);
  }
  const std::string why = end_reason_.empty() ? "the engine " + how : "the engine was ended: " + end_reason_;
  mark_lost(now);
  if (!restart_asked_) return launch_later(why);
  set_state(EngineState::lost, why);
  count_restart();
  launch();
}

void Supervisor::launch_later(const std::string& why) {
  const auto delay = backoff_.died(Clock::now());
  if (!delay) return set_state(EngineState::failed, why + "; it died too often and is not started again");
  set_state(EngineState::lost, why);
  count_restart();
  launch_timer_ = loop().after(*delay, [this] { launch(); });
}

void Supervisor::stop(std::function<void()> done) {
  stopping_ = true;
  if (launch_timer_) loop().cancel(*launch_timer_);
  launch_timer_.reset();
  if (!process_) {
    if (done) done();
    return;
  }
  stopped_ = std::move(done);
  say_goodbye();
  end_process(options_.end_deadline);
}

void Supervisor::remove_files() const {
  std::error_code ignored;
  for (const char* what : {kPlanes[0], kPlanes[1], kPlanes[2], "last-words"}) std::filesystem::remove(file(what), ignored);
}

}  // namespace loophole::pulse
