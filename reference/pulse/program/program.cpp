#include "program/program.hpp"

#include <spdlog/spdlog.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <csignal>
#include <utility>

#include "engine/process.hpp"
#include "loophole/messages/registry.hpp"
#include "loophole/session/directory.hpp"
#include "loophole/transport/endpoint.hpp"

namespace loophole::pulse {

Program::Program(Options options) : options_(std::move(options)) {}

Program::~Program() {
  if (published_) session::withdraw(options_.session);
  // The engine detaches from the port before the port goes.
  if (hub_) hub_->engine().detach();
}

Result<std::unique_ptr<Program>> Program::make(const Options& options) {
  std::unique_ptr<Program> program(new Program(options));
  if (auto serving = program->serve(); !serving) return std::move(serving).error();
  return program;
}

Result<void> Program::serve() {
  auto folder = net::session_dir(options_.session);
  if (!folder) return std::move(folder).error();
  folder_ = *std::move(folder);
  auto server = session::Server::bind(context_, loop_,
                                      {.endpoint = net::ipc_endpoint(folder_ / "project"),
                                       .role = Role::pulse,
                                       .peers = Role::aura,
                                       .software_name = "loophole-pulse",
                                       .software_version = LOOPHOLE_VERSION,
                                       .capabilities = {},
                                       .socket = {}});
  if (!server) {
    Error error = std::move(server).error();
    if (is(error, errors::kSessionInUse))
      error.message =
          "session '" + options_.session + "' is served by another process already; stop that one, or choose another name with --session";
    return error;
  }
  server_ = *std::move(server);
  hub_ = std::make_unique<Hub>(loop_, *server_);
  if (!options_.no_engine) supervise();
  publish();
  if (!published_) return make_error(errors::kSessionRuntimeDir, "session.json cannot be written in '" + folder_.string() + "'");
  return {};
}

void Program::supervise() {
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
  pass_on("--log-level", options_.log_level);
  pass_on("--log-format", options_.log_format);
  supervisor_ = std::make_unique<Supervisor>(context_, loop_, std::move(wanted));

  hub_->engine_facts([this] {
    return EngineFacts{.restarts = supervisor_->restarts(),
                       .epochs = supervisor_->epochs(),
                       .process_id = supervisor_->process_id(),
                       .recovery_ms = supervisor_->recovery_ms()};
  });
  hub_->on_restart([this] { return supervisor_->restart(); });
  supervisor_->on_plugin_crashed([this](const GraphNodeId& node) { hub_->plugin_crashed(node); });
  hub_->engine().on_live([this] { supervisor_->mark_live(); });
  hub_->engine().on_unusable([this](const std::string& reason) { supervisor_->give_up_connection(reason); });
  supervisor_->on_connected([this](EnginePort& port) { hub_->engine().attach(port, *supervisor_->link()); });
  supervisor_->on_event([this](const wire::Message& event) { hub_->engine_event(event); });
  supervisor_->on_state([this](engine::EngineState state, const std::string& reason) {
    hub_->engine_state(state, reason);
    publish();
  });
  server_->on_counters([this](session::CountersReply& counters) { add_counters(counters, supervisor_->counters()); });
}

void Program::publish() {
  if (ending_) return;
  session::SessionFile file{
      .name = options_.session,
      .process_id = ::getpid(),
      .project_endpoint = server_->endpoint(),
      .software = {.name = "loophole-pulse", .version = LOOPHOLE_VERSION},
      .protocol = {.major = wire::kProtocolMajor, .min_minor = wire::kProtocolMinMinor, .max_minor = wire::kProtocolMinor},
      .engine_process_id = supervisor_ ? supervisor_->process_id() : 0,
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
  spdlog::info("session '{}' is served at {}", options_.session, server_->endpoint());
  if (supervisor_) supervisor_->start();
  return {};
}

void Program::run() {
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
  loop_.run();
  loop_.unwatch_fd(descriptor);
  ::close(descriptor);
}

void Program::shut_down() {
  if (std::exchange(ending_, true)) return;
  session::withdraw(options_.session);
  published_ = false;
  hub_->engine().detach();  // it is about to end; telling it to be silent first would only take time
  if (hub_->document() != nullptr) {
    if (auto closed = hub_->close_project(); !closed) spdlog::error("{}", to_string(closed.error()));
  }
  server_->close(session::GoodbyeReason::closing);
  if (!supervisor_) return loop_.stop();
  supervisor_->stop([this] { loop_.stop(); });
}

}  // namespace loophole::pulse
