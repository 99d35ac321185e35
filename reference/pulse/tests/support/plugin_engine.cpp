// An engine for tests, on the SDK: it hosts plugins that do not exist, and behaves as their names say.
//
//   urn:test:crash     the process aborts while the plugin is started
//   urn:test:missing   the engine says that it is not installed, until somebody scans for plugins
//
// Everything else it runs without sound.

#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdlib>

#include "loophole/session/last_words.hpp"
#include "loophole/signal.hpp"

namespace lp = loophole;

namespace {

class PluginEngine final : public lp::signal::Engine {
 public:
  PluginEngine(lp::signal::rt::AudioPort& port, lp::session::LastWords& words) : port_(port), words_(words) {}
  lp::signal::EngineServer* server = nullptr;

  void configure(const lp::engine::Configure& wanted, Done<lp::engine::Effective> done) override {
    running_ = true;
    done(lp::engine::Effective{.driver = lp::engine::Driver::offline,
                               .device = {},
                               .sample_rate_hz = wanted.sample_rate_hz,
                               .block_frames = wanted.block_frames,
                               .output_latency_frames = 0});
  }
  void start(Done<void> done) override {
    running_ = true;
    done({});
  }
  void stop() override { running_ = false; }
  lp::engine::StateReply state() const override {
    return {.state = running_ ? lp::engine::AudioState::running : lp::engine::AudioState::stopped,
            .effective = {},
            .xruns = 0,
            .engine_frames = 0};
  }
  void replace_graph(const lp::graph::Graph& graph, const lp::signal::GraphOrder&, Done<Ticket> done) override {
    for (const lp::graph::GraphNode& node : graph.nodes) {
      if (!node.plugin || node.bypassed) continue;
      words_.enter(node.id.str());
      if (node.plugin->str() == "urn:test:crash") std::abort();
      words_.leave();
      if (node.plugin->str() != "urn:test:missing" || scanned_) continue;
      server->tell(lp::engine::PluginFailed{
          .node_id = node.id, .plugin = *node.plugin, .status = lp::NodeStatus::missing, .reason = "it is not installed"});
    }
    done(++last_);
  }
  void scan_plugins(Progress, Done<lp::plugin::ScanReply> done) override {
    scanned_ = true;
    done(lp::plugin::ScanReply{.found = 1, .failed = {}});
  }
  std::int64_t latency_frames() const override { return 0; }
  lp::Result<Ticket> set_automation(std::span<const lp::engine::AutomationLane>) override { return ++last_; }  // nothing sounds
  lp::Result<Ticket> set_transport(const lp::engine::TransportSet& change) override {
    state_.playing = change.playing.value_or(state_.playing);
    return ++last_;
  }
  lp::engine::TransportState transport() const override { return state_; }
  bool taken(Ticket) const override { return true; }
  std::vector<lp::engine::HandleValue> held_values() const override { return {}; }
  void tick() override {
    port_.parameters.drain([](const lp::signal::rt::ParameterChange&) {});  // nobody listens
  }

 private:
  lp::signal::rt::AudioPort& port_;
  lp::session::LastWords& words_;
  Ticket last_ = 0;
  bool running_ = false;
  bool scanned_ = false;
  lp::engine::TransportState state_{.playing = false, .position_frames = 0, .position_beats = 0, .tempo_bpm = 120, .loop = {}};
};

}  // namespace

int main(int argc, char** argv) {
  CLI::App app;
  lp::signal::EngineServerOptions options{.control_endpoint = {},
                                          .stream_endpoint = {},
                                          .telemetry_endpoint = {},
                                          .software_name = "plugin-engine",
                                          .capabilities = {},
                                          .socket = {}};
  std::string last_words;
  app.add_option("--control", options.control_endpoint)->required();
  app.add_option("--stream", options.stream_endpoint)->required();
  app.add_option("--telemetry", options.telemetry_endpoint)->required();
  app.add_option("--last-words", last_words)->required();
  CLI11_PARSE(app, argc, argv);

  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);
  const int descriptor = signalfd(-1, &ends, SFD_CLOEXEC | SFD_NONBLOCK);

  lp::net::Context context;
  lp::net::Loop loop;
  lp::signal::rt::AudioPort port;
  auto words = lp::session::LastWords::map(last_words).value();
  PluginEngine engine(port, words);
  auto server = lp::signal::EngineServer::start(context, loop, options, engine, port).value();
  engine.server = server.get();
  loop.watch_fd(descriptor, [&] { loop.stop(); });
  loop.run();
  loop.unwatch_fd(descriptor);
  close(descriptor);
  return 0;
}
