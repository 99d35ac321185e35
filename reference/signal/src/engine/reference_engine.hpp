#pragma once
// ReferenceEngine: implements signal::Engine with the renderer, a driver, the compiler, the clip library and the recorder.

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include "audio/renderer.hpp"
#include "clips/clip_library.hpp"
#include "drivers/audio_driver.hpp"
#include "graph/compiler.hpp"
#include "loophole/signal/engine.hpp"
#include "loophole/signal/rt/audio_port.hpp"
#include "plugins/plugin_host.hpp"
#include "recorder/recorder.hpp"

namespace loophole::reference_signal {

struct ReferenceEngineOptions {
  std::optional<engine::Driver> driver;  // where the configuration names none; auto where this does neither
  std::optional<std::filesystem::path> record;
  PluginHostOptions plugins{};
  Compiler::MakeNode make_plugin{};  // nodes of kind plugin, in the stead of the plugin host
};

class ReferenceEngine final : public signal::Engine {
 public:
  // What changed without having been asked for.
  using Event = std::variant<engine::DriverChanged, engine::StateChanged, engine::LatencyChanged, engine::PluginFailed, engine::Xrun,
                             device::Changed, device::Lost, graph::Applied>;
  using OnEvent = std::function<void(Event)>;
  using OpenDriver =
      std::function<Result<std::unique_ptr<AudioDriver>>(std::optional<engine::Driver>, std::int64_t rate, std::int64_t frames)>;

  // [io-thread] `post` as ClipLibrary has it; `open` makes drivers: open_driver, or a test's own.
  ReferenceEngine(signal::rt::AudioPort& port, ClipLibrary::Post post, ReferenceEngineOptions options, OpenDriver open);
  ~ReferenceEngine() override;
  void on_event(OnEvent handler) { on_event_ = std::move(handler); }

  // signal::Engine
  void configure(const engine::Configure& wanted, Done<engine::Effective> done) override;
  void start(Done<void> done) override;
  void stop() override;
  [[nodiscard]] engine::StateReply state() const override;
  void replace_graph(const graph::Graph& graph, const signal::GraphOrder& order, Done<Ticket> done) override;
  [[nodiscard]] std::int64_t latency_frames() const override { return compiler_.layout().latency_frames; }
  [[nodiscard]] Result<Ticket> set_automation(std::span<const engine::AutomationLane> lanes) override;
  [[nodiscard]] Result<Ticket> set_transport(const engine::TransportSet& change) override { return renderer_.set_transport(change); }
  [[nodiscard]] engine::TransportState transport() const override { return renderer_.transport(); }
  [[nodiscard]] bool taken(Ticket ticket) const override { return renderer_.taken(ticket); }
  [[nodiscard]] std::vector<engine::HandleValue> held_values() const override;
  void scan_plugins(Progress progress, Done<plugin::ScanReply> done) override { plugins_.scan(std::move(progress), std::move(done)); }
  void list_plugins(Done<plugin::ListReply> done) override { plugins_.list(std::move(done)); }
  void plugin_info(const PluginId& plugin, Done<plugin::InfoReply> done) override;
  void plugin_state(const GraphNodeId& node, Done<PluginState> done) override { plugins_.state(node.str(), std::move(done)); }
  void set_plugin_state(const GraphNodeId& node, const PluginState& state, Done<std::vector<engine::HandleValue>> done) override;
  void tick() override;

  // [any-thread]
  [[nodiscard]] const Renderer& renderer() const noexcept { return renderer_; }
  // [io-thread] How often the output of a node was not finite and was replaced by silence, by the id of the node.
  [[nodiscard]] const std::unordered_map<std::string, std::uint64_t>& faults() const noexcept { return faults_; }
  // [io-thread] nullptr: nothing is recorded.
  [[nodiscard]] const Recorder* recorder() const noexcept { return recorder_.get(); }
  // [any-thread]
  [[nodiscard]] const PluginHost& plugin_host() const noexcept { return plugins_; }

 private:
  struct LastGraph {
    graph::Graph graph;
    signal::GraphOrder order;
    ClipSet clips;
  };

  // The driver is open and the old one has stopped: bring the graph to its format, then start.
  void adopt(std::unique_ptr<AudioDriver> driver, Done<engine::Effective> done);
  void finish(std::unique_ptr<AudioDriver> driver, const Done<engine::Effective>& done);
  Result<void> run(std::unique_ptr<AudioDriver> driver);
  Result<void> record_at(std::int64_t sample_rate_hz);
  void fall_back(const std::string& reason);
  // What a graph needs, then its plan; `done` may be called from within.
  void prepare(const graph::Graph& graph, const signal::GraphOrder& order, bool keeps_values, Done<Ticket> done);
  [[nodiscard]] PluginProcessors hosted(const PluginSet& set) const;
  Ticket go_live(Prepared prepared, bool keeps_values);
  // The same graph once more, where a node has another latency than it had, or what left has faded and can be destroyed.
  void follow_up();
  void tell_latency();
  void tell_faults();

  ReferenceEngineOptions options_;
  OpenDriver open_;
  OnEvent on_event_ = [](const Event&) {};
  PluginHost plugins_;  // goes last: what lets go of plugins needs it
  Renderer renderer_;
  Compiler compiler_;
  ClipLibrary clips_;
  std::unordered_map<std::string, std::uint64_t> faults_;  // of nodes whose output was not finite, by their ids
  std::optional<LastGraph> last_graph_;
  bool preparing_ = false;  // another graph
  std::optional<std::chrono::steady_clock::time_point> latency_changed_;
  PlanFormat format_;
  std::optional<engine::Configure> configured_;
  std::unique_ptr<Recorder> recorder_;
  std::unique_ptr<AudioDriver> driver_;  // running, or nullptr
};

}  // namespace loophole::reference_signal
