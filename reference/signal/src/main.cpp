// loophole-signal: the reference engine as a process. Serves one Pulse at a time until it is told to end.

#include <fmt/format.h>
#include <signal.h>
#include <spdlog/spdlog.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <optional>
#include <string>

#include "drivers/drivers.hpp"
#include "engine/reference_engine.hpp"
#include "loophole/session/last_words.hpp"
#include "loophole/signal.hpp"
#include "program_log.hpp"

namespace {

namespace lp = loophole;
using lp::reference_signal::ReferenceEngine;

constexpr int kUsage = 2;
constexpr int kInUse = 3;

struct CommandLine {
  lp::signal::EngineServerOptions server{.control_endpoint = {},
                                         .stream_endpoint = {},
                                         .telemetry_endpoint = {},
                                         .software_name = "loophole-signal",
                                         .software_version = LOOPHOLE_VERSION,
                                         .capabilities = {},
                                         .socket = {}};
  std::string record;
  std::string driver = "auto";
  std::string last_words;
  std::string log_level = "info";
  std::string log_format = "text";
};

void describe(CLI::App& app, CommandLine& line) {
  app.name("loophole-signal");
  app.description(
      "Audio engine of Loophole. Started by loophole-pulse as a rule; by hand for another Pulse:\n"
      "  loophole-signal --control ipc:///tmp/x/engine --stream ipc:///tmp/x/stream --telemetry ipc:///tmp/x/telemetry\n"
      "Plays nothing until a Pulse sends a configuration and a graph.");
  app.footer(
      "Endpoints are ipc:///PATH, or tcp://127.0.0.1:PORT on this machine (port * takes any free one).\n"
      "Exit codes: 0 ended as asked, 1 failed, 2 wrong arguments, 3 an endpoint is in use.");
  app.set_version_flag("--version", std::string("loophole-signal ") + LOOPHOLE_VERSION);
  app.add_option("--control", line.server.control_endpoint, "Where Pulse reaches the engine")->required()->type_name("ENDPOINT");
  app.add_option("--stream", line.server.stream_endpoint, "Where Auras send the samples of gestures")->required()->type_name("ENDPOINT");
  app.add_option("--telemetry", line.server.telemetry_endpoint, "Where Auras subscribe to meters and transport")
      ->required()
      ->type_name("ENDPOINT");
  app.add_option("--record", line.record, "Write what is played to this WAV file (32-bit float); a recording that is there is continued")
      ->type_name("FILE");
  app.add_option("--driver", line.driver,
                 "How audio leaves the engine, unless Pulse asks for one; auto takes PortAudio where there is a device")
      ->check(CLI::IsMember({"auto", "portaudio", "paced"}))
      ->capture_default_str();
  app.add_option("--last-words", line.last_words, "File in which to leave word of the plugin that runs; made by Pulse, 256 bytes")
      ->type_name("FILE");
  app.add_option("--log-level", line.log_level, "Least important messages to show on standard error")
      ->check(CLI::IsMember(lp::program_log::levels()))
      ->capture_default_str();
  app.add_option("--log-format", line.log_format, "Form of these messages; json is one object a line")
      ->check(CLI::IsMember(lp::program_log::formats()))
      ->capture_default_str();
}

// The Loop hears of SIGTERM and SIGINT through a descriptor. Blocked before the first thread starts, so that no thread is interrupted.
int block_end_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

std::optional<lp::engine::Driver> driver_named(const std::string& name) {
  if (name == "portaudio") return lp::engine::Driver::portaudio;
  if (name == "paced") return lp::engine::Driver::paced;
  return std::nullopt;
}

int serve(CommandLine& line) {
  const int end_signals = block_end_signals();
  lp::net::Context context;
  lp::net::Loop loop;
  lp::signal::rt::AudioPort port;
  lp::reference_signal::SystemDrivers drivers;
  ReferenceEngine engine(
      port, [&loop](std::function<void()> task) { loop.post(std::move(task)); },
      {.driver = driver_named(line.driver),
       .record = line.record.empty() ? std::nullopt : std::optional<std::filesystem::path>(line.record)},
      drivers);
  // Mapped from the start, so that a file that cannot be used is told before anything sounds.
  std::optional<lp::session::LastWords> last_words;
  if (!line.last_words.empty()) {
    auto mapped = lp::session::LastWords::map(line.last_words);
    if (!mapped) {
      spdlog::error("{}", lp::to_string(mapped.error()));
      return EXIT_FAILURE;
    }
    last_words.emplace(*std::move(mapped));
  }
  auto server = lp::signal::EngineServer::start(context, loop, line.server, engine, port);
  if (!server) {
    spdlog::error("{}", lp::to_string(server.error()));
    return lp::is(server.error(), lp::errors::kSessionInUse) ? kInUse : EXIT_FAILURE;
  }
  engine.on_event([&](ReferenceEngine::Event event) { std::visit([&](auto& what) { (*server)->tell(std::move(what)); }, event); });
  loop.watch_fd(end_signals, [&] {
    signalfd_siginfo which{};
    if (read(end_signals, &which, sizeof which) == sizeof which) spdlog::info("ending: {}", strsignal(static_cast<int>(which.ssi_signo)));
    loop.stop();
  });
  spdlog::info("epoch {}, waiting for a Pulse at {}", (*server)->link().epoch, (*server)->control_endpoint());
  loop.run();
  (*server)->close(lp::session::GoodbyeReason::closing);
  loop.unwatch_fd(end_signals);
  close(end_signals);
  if (engine.recorder() != nullptr && engine.recorder()->lost_frames() > 0)
    spdlog::warn("{} frames were played but not recorded", engine.recorder()->lost_frames());
  return EXIT_SUCCESS;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app;
  CommandLine line;
  describe(app, line);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& fault) {
    return app.exit(fault) == 0 ? EXIT_SUCCESS : kUsage;
  }
  lp::program_log::start({.process = "loophole-signal", .level = line.log_level, .format = line.log_format});
  return serve(line);
}
