// loophole-signal: the reference engine as a process. Serves one Pulse at a time until it is told to end.

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <cstring>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "drivers/drivers.hpp"
#include "engine/reference_engine.hpp"
#include "loophole/session/last_words.hpp"
#include "loophole/signal.hpp"
#include "program_log.hpp"
#include "render/render.hpp"

namespace {

namespace lp = loophole;
using lp::reference_signal::ReferenceEngine;

constexpr int kSignalled = 128;  // and the number of the signal, as a shell has it

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
  std::int64_t offline_seconds = lp::reference_signal::SystemDrivers::kOfflineSeconds;
  std::string last_words;
  std::string log_level = "info";
  std::string log_format = "text";
  lp::reference_signal::RenderJob render;
};

using lp::reference_signal::WavFormat;
const std::map<std::string, WavFormat> kFormats{{"float32", WavFormat::float32}, {"pcm16", WavFormat::pcm16}, {"pcm24", WavFormat::pcm24}};

void describe_render(CLI::App& app, CommandLine& line) {
  CLI::App* render = app.add_subcommand("render", "Play a graph from a file into a WAV file, as fast as possible, and end");
  render->footer(
      "GRAPH is JSON: the payload of graph.replace, or the graph alone. Its positions are in frames of --rate.\n"
      "The same graph makes the same file, byte by byte. FILE appears when it is complete.\n"
      "Exit codes: 0 rendered, 1 failed, 2 wrong arguments, 130 interrupted (then there is no new file).");
  render->add_option("GRAPH", line.render.graph, "The graph")->required()->check(CLI::ExistingFile);
  render->add_option("--out", line.render.out, "The WAV file to write, in the place of one that is there")->required()->type_name("FILE");
  auto* seconds = render->add_option("--seconds", line.render.seconds, "How much to render (default: to the end of the last clip)")
                      ->check(CLI::PositiveNumber);
  render->add_option("--frames", line.render.frames, "The same in frames")->check(CLI::PositiveNumber)->excludes(seconds);
  render->add_option("--rate", line.render.sample_rate_hz, "Sample rate in Hz")->check(CLI::Range(8'000, 384'000))->capture_default_str();
  render->add_option("--block", line.render.block_frames, "Frames in a block")->check(CLI::Range(16, 8'192))->capture_default_str();
  render->add_flag("--without-plugins", line.render.without_plugins, "Render all the same where a plugin is missing or fails; it is named");
  render->add_option("--format", line.render.format, "Samples of the file: float32, pcm16 or pcm24 (default: float32)")
      ->transform(CLI::CheckedTransformer(kFormats))
      ->type_name("FORMAT");
}

void describe(CLI::App& app, CommandLine& line) {
  app.name("loophole-signal");
  app.description(
      "Audio engine of Loophole. Started by loophole-pulse as a rule; by hand for another Pulse:\n"
      "  loophole-signal --control ipc:///tmp/x/engine --stream ipc:///tmp/x/stream --telemetry ipc:///tmp/x/telemetry\n"
      "Plays nothing until a Pulse sends a configuration and a graph. Without any Pulse:\n"
      "  loophole-signal render GRAPH --out FILE.wav");
  app.footer(
      "Endpoints are ipc:///PATH, or tcp://127.0.0.1:PORT on this machine (port * takes any free one).\n"
      "Exit codes: 0 ended as asked, 1 failed, 2 wrong arguments, 3 an endpoint is in use.");
  app.set_version_flag("--version", std::string("loophole-signal ") + LOOPHOLE_VERSION);
  app.add_option("--control", line.server.control_endpoint, "Where Pulse reaches the engine (required)")->type_name("ENDPOINT");
  app.add_option("--stream", line.server.stream_endpoint, "Where Auras send the samples of gestures (required)")->type_name("ENDPOINT");
  app.add_option("--telemetry", line.server.telemetry_endpoint, "Where Auras subscribe to meters and transport (required)")
      ->type_name("ENDPOINT");
  app.add_option("--record", line.record, "Write what is played to this WAV file (32-bit float); a recording that is there is continued")
      ->type_name("FILE");
  app.add_option(
         "--driver", line.driver,
         "How audio leaves the engine, unless Pulse asks for one; auto takes PortAudio where there is a device, paced keeps real time "
         "without one, offline renders into the file of --record as fast as possible while the transport runs")
      ->check(CLI::IsMember({"auto", "portaudio", "paced", "offline"}))
      ->capture_default_str();
  app.add_option("--offline-seconds", line.offline_seconds,
                 "What the driver offline renders at most from each start of the transport, which it stops then")
      ->check(CLI::Range(1, 86'400))
      ->capture_default_str();
  app.add_option("--last-words", line.last_words, "File in which to leave word of the plugin that runs; made by Pulse, 256 bytes")
      ->type_name("FILE");
  describe_render(app, line);
  app.add_option("--log-level", line.log_level, "Least important messages to show on standard error")
      ->check(CLI::IsMember(lp::program_log::levels()))
      ->capture_default_str();
  app.add_option("--log-format", line.log_format, "Form of these messages; json is one object a line")
      ->check(CLI::IsMember(lp::program_log::formats()))
      ->capture_default_str();
}

std::optional<lp::engine::Driver> driver_named(const std::string& name) {
  if (name == "portaudio") return lp::engine::Driver::portaudio;
  if (name == "paced") return lp::engine::Driver::paced;
  if (name == "offline") return lp::engine::Driver::offline;
  return std::nullopt;
}

// How far rendering is, on standard error while that is a terminal: one line that is written again, or on a dumb one a line each tenth.
class RenderLine {
 public:
  explicit RenderLine(double rate_hz) : rate_hz_(rate_hz) {
    const char* kind = std::getenv("TERM");
    terminal_ = isatty(STDERR_FILENO) == 1;
    in_place_ = terminal_ && kind != nullptr && std::string_view(kind) != "dumb";
  }
  ~RenderLine() {
    if (in_place_) fmt::print(stderr, "\r\x1b[K");
  }
  RenderLine(const RenderLine&) = delete;
  RenderLine& operator=(const RenderLine&) = delete;

  void show(std::uint64_t done, std::uint64_t total) {
    const std::uint64_t percent = done * 100 / total;
    const std::string text = fmt::format("{:3} % of {:.1f} s", percent, static_cast<double>(total) / rate_hz_);
    if (in_place_)
      fmt::print(stderr, "\r\x1b[K{}", text);
    else if (terminal_ && percent / 10 != std::exchange(tenth_, percent / 10))
      fmt::print(stderr, "{}\n", text);
  }

 private:
  double rate_hz_;
  bool terminal_ = false;
  bool in_place_ = false;
  std::uint64_t tenth_ = 0;
};

int render(const CommandLine& line) {
  lp::signal::EndSignals end_signals;
  std::optional<int> ended;
  const double rate_hz = static_cast<double>(line.render.sample_rate_hz);
  auto shown = std::make_optional<RenderLine>(rate_hz);
  const auto rendered = lp::reference_signal::render(line.render, [&](std::uint64_t done, std::uint64_t total) {
    shown->show(done, total);
    ended = end_signals.take();
    return !ended;
  });
  shown.reset();
  if (rendered) {
    spdlog::info("{}: {} frames, {:.3f} s", line.render.out.string(), *rendered, static_cast<double>(*rendered) / rate_hz);
    return EXIT_SUCCESS;
  }
  if (lp::is(rendered.error(), lp::errors::kSessionCancelled)) {
    spdlog::warn("{}", rendered.error().message);
    return kSignalled + ended.value_or(0);
  }
  spdlog::error("{}", lp::to_string(rendered.error()));
  return EXIT_FAILURE;
}

// With a subcommand the endpoints are nobody's concern, so that CLI11 cannot ask for them.
void require_endpoints(const CLI::App& app) {
  for (const char* name : {"--control", "--stream", "--telemetry"})
    if (app.count(name) == 0) throw CLI::RequiredError(name);
}

int serve(CommandLine& line) {
  lp::signal::EndSignals end_signals;
  lp::net::Context context;
  lp::net::Loop loop;
  lp::signal::rt::AudioPort port;
  lp::reference_signal::SystemDrivers drivers(line.offline_seconds);
  // Mapped from the start, so that a file that cannot be used is told before anything sounds.
  std::optional<lp::reference_signal::PluginWords> words;
  if (!line.last_words.empty()) {
    auto mapped = lp::session::LastWords::map(line.last_words);
    if (!mapped) {
      spdlog::error("{}", lp::to_string(mapped.error()));
      return EXIT_FAILURE;
    }
    words.emplace(*std::move(mapped));
  }
  ReferenceEngine engine(
      port, [&loop](std::function<void()> task) { loop.post(std::move(task)); },
      {.driver = driver_named(line.driver),
       .record = line.record.empty() ? std::nullopt : std::optional<std::filesystem::path>(line.record),
       .plugins = {.words = words ? &*words : nullptr}},
      drivers);
  auto server = lp::signal::EngineServer::start(context, loop, line.server, engine, port);
  if (!server) {
    spdlog::error("{}", lp::to_string(server.error()));
    return lp::is(server.error(), lp::errors::kSessionInUse) ? lp::signal::kExitInUse : EXIT_FAILURE;
  }
  engine.on_event([&](ReferenceEngine::Event event) { std::visit([&](auto& what) { (*server)->tell(std::move(what)); }, event); });
  end_signals.watch(loop, [&](int signal) {
    spdlog::info("ending: {}", strsignal(signal));
    loop.stop();
  });
  spdlog::info("epoch {}, waiting for a Pulse at {}", (*server)->link().epoch, (*server)->control_endpoint());
  loop.run();
  (*server)->close(lp::session::GoodbyeReason::closing);
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
    if (app.get_subcommands().empty()) require_endpoints(app);
  } catch (const CLI::ParseError& fault) {
    return app.exit(fault) == 0 ? EXIT_SUCCESS : lp::signal::kExitWrongArguments;
  }
  lp::program_log::start({.process = "loophole-signal", .level = line.log_level, .format = line.log_format});
  return app.got_subcommand("render") ? render(line) : serve(line);
}
