#include "program/program.hpp"

#include <spdlog/spdlog.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <system_error>
#include <utility>

#include "engine/attachment.hpp"
#include "engine/process.hpp"
#include "engine/supervisor.hpp"
#include "loophole/messages/registry.hpp"
#include "loophole/session/directory.hpp"
#include "loophole/transport/endpoint.hpp"

namespace loophole::pulse {

Program::Program(Options options) : options_(std::move(options)) {}

Program::~Program() {
  if (published_) session::withdraw(options_.session);
  // The engine detaches from the port before the port goes.
  if (hub_) hub_->engine().detach();
  if (has_session()) return;
  keeper_.reset();  // its sockets are in the folder
  std::error_code ignored;
  std::filesystem::remove(folder_, ignored);
}

Result<std::unique_ptr<Program>> Program::make(const Options& options) {
  std::unique_ptr<Program> program(new Program(options));
  if (auto serving = program->serve(); !serving) return std::move(serving).error();
  return program;
}

Result<void> Program::find_folder() {
  // Without a session the engine's sockets still need a private place, one that no other Pulse has.
  static std::atomic<int> unnamed{0};
  const std::string name = has_session() ? options_.session : "unnamed-" + std::to_string(::getpid()) + "-" + std::to_string(++unnamed);
  auto folder = net::session_dir(name);
  if (!folder) return std::move(folder).error();
  folder_ = *std::move(folder);
  return {};
}

Error Program::session_in_use() const {
  return make_error(
      errors::kSessionInUse,
      "session '" + options_.session + "' is served by another process already; stop that one, or choose another name with --session");
}

Result<void> Program::serve() {
  if (auto found = find_folder(); !found) return found;
  const std::string usual = has_session() ? net::ipc_endpoint(folder_ / "project") : std::string();
  const std::string endpoint = options_.listen.empty() ? usual : options_.listen;
  // The usual endpoint cannot be bound twice. Where one of the two listens elsewhere, the session's file has to tell.
  if (const auto running = session::find(options_.session); running && (running->project_endpoint != usual || endpoint != usual))
    return session_in_use();
  auto server = session::Server::bind(context_, loop_,
                                      {.endpoint = endpoint,
                                       .role = Role::pulse,
                                       .peers = Role::aura,
                                       .software_name = "loophole-pulse",
                                       .software_version = LOOPHOLE_VERSION,
                                       .capabilities = {},
                                       .socket = {}});
  if (!server) {
    if (is(server.error(), errors::kSessionInUse) && options_.listen.empty()) return session_in_use();
    return std::move(server).error();
  }
  server_ = *std::move(server);
  hub_ = std::make_unique<Hub>(loop_, *server_);
  if (!options_.no_engine) {
    keeper_ = make_keeper();
    hub_->keep_engine(*keeper_, [this] { publish(); });
  }
  return {};
}

std::unique_ptr<EngineKeeper> Program::make_keeper() {
  if (!options_.attach.empty()) return std::make_unique<Attachment>(context_, loop_, AttachmentOptions{.endpoint = options_.attach});
  SupervisorOptions wanted{
      .program = options_.signal.empty() ? beside_own_program("loophole-signal") : std::filesystem::path(options_.signal),
      .arguments = {},
      .folder = folder_,
      .backoff = {}};
  const auto pass_on = [&](const char* name, const std::string& value) {
    if (!value.empty()) wanted.arguments.insert(wanted.arguments.end(), {name, value});
  };
  pass_on("--record", options_.record);
  pass_on("--driver", options_.driver);
  if (options_.signal.empty()) {  // engines of others need not know these
    pass_on("--log-level", options_.log_level);
    pass_on("--log-format", options_.log_format);
  }
  return std::make_unique<Supervisor>(context_, loop_, std::move(wanted));
}

void Program::publish() {
  if (ending_ || !has_session()) return;
  session::SessionFile file{
      .name = options_.session,
      .process_id = ::getpid(),
      .project_endpoint = server_->endpoint(),
      .software = {.name = "loophole-pulse", .version = LOOPHOLE_VERSION},
      .protocol = {.major = wire::kProtocolMajor, .min_minor = wire::kProtocolMinMinor, .max_minor = wire::kProtocolMinor},
      .engine_process_id = keeper_ ? keeper_->process_id() : 0,
      .engine = {}};
  if (const session::EngineLink* link = hub_->engine().link()) file.engine = *link;
  if (auto done = session::publish(file); !done)
    spdlog::error("{}", to_string(done.error()));
  else
    published_ = true;
}

Result<void> Program::start() {
  if (!options_.project.empty()) {
    const auto path = std::filesystem::absolute(options_.project);
    auto opened = hub_->open_project(path);
    if (!opened && is(opened.error(), errors::kProjectFileNotFound)) opened = hub_->new_project({.path = path.string(), .name = {}});
    if (!opened) return std::move(opened).error();
  }
  // Last of all: who finds the session finds a Pulse that has its project, and not one that is about to say why it cannot open it.
  publish();
  if (has_session() && !published_)
    return make_error(errors::kSessionRuntimeDir, "session.json cannot be written in '" + folder_.string() + "'");
  if (has_session()) spdlog::info("session '{}' is served at {}", options_.session, server_->endpoint());
  if (keeper_) keeper_->start();
  return {};
}

void Program::run() {
  loop_.run();
}

void Program::stop() {
  loop_.post([this] { shut_down(); });
}

void Program::run_until_signalled() {
  sigset_t ends;
  ::sigemptyset(&ends);
  ::sigaddset(&ends, SIGINT);
  ::sigaddset(&ends, SIGTERM);
  const int descriptor = ::signalfd(-1, &ends, SFD_CLOEXEC | SFD_NONBLOCK);
  loop_.watch_fd(descriptor, [this, descriptor] {
    signalfd_siginfo info{};
    if (::read(descriptor, &info, sizeof info) != sizeof info) return;
    if (ending_) {  // the project is closed already; what is left is the engine, which is killed with this process
      spdlog::warn("ending at once");
      return loop_.stop();
    }
    spdlog::info("ending: {}", info.ssi_signo == SIGINT ? "interrupted" : "asked to");
    shut_down();
  });
  run();
  loop_.unwatch_fd(descriptor);
  ::close(descriptor);
}

void Program::shut_down() {
  if (std::exchange(ending_, true)) return;
  if (std::exchange(published_, false)) session::withdraw(options_.session);
  hub_->engine().detach();  // it is about to end; telling it to be silent first would only take time
  if (hub_->document() != nullptr) {
    if (auto closed = hub_->close_project(); !closed) spdlog::error("{}", to_string(closed.error()));
  }
  server_->close(session::GoodbyeReason::closing);
  if (!keeper_) return loop_.stop();
  keeper_->stop([this] { loop_.stop(); });
}

}  // namespace loophole::pulse
