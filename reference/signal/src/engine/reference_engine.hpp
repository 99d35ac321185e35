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
#include "drivers/device_watch.hpp"
#include "drivers/drivers.hpp"
#include "graph/compiler.hpp"
#include "loophole/core/clock.hpp"
#include "loophole/signal/engine.hpp"
#include "loophole/signal/rt/audio_port.hpp"
#include "plugins/plugin_host.hpp"
#include "recorder/recorder.hpp"

namespace loophole::reference_signal {

struct ReferenceEngineOptions {
  std::optional<engine::Driver> driver;  // where the configuration names none; auto where this does neither
  std::optional<std::filesystem::path> record;
  PluginHostOptions plugins{};
  ReadAheadLimits clips{};
  Compiler::MakeNode make_plugin{};  // nodes of kind plugin, in the stead of the plugin host
};

class ReferenceEngine final : public signal::Engine {
 public:
  // What changed without having been asked for.
  using Event = std::variant<engine::DriverChanged, engine::StateChanged, engine::LatencyChanged, engine::PluginFailed, engine::Xrun,
                             device::Changed, device::Lost, graph::Applied>;
  using OnEvent = std::function<void(Event)>;

  // [io-thread] `post` as ClipLibrary has it; `drivers` outlive the engine.
  ReferenceEngine(signal::rt::AudioPort& port, ClipLibrary::Post post, ReferenceEngineOptions options, Drivers& drivers);
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
  // A jump waits until what it goes to was read, though not for ever.
  [[nodiscard]] Result<Ticket> set_transport(const engine::TransportSet& change) override;
  [[nodiscard]] engine::TransportState transport() const override { return renderer_.transport(); }
  [[nodiscard]] bool taken(Ticket ticket) const override { return renderer_.taken(ticket); }
  [[nodiscard]] std::vector<engine::HandleValue> held_values() const override;
  void scan_plugins(Progress progress, Done<plugin::ScanReply> done) override { plugins_.scan(std::move(progress), std::move(done)); }
  void list_plugins(Done<plugin::ListReply> done) override { plugins_.list(std::move(done)); }
  void plugin_info(const PluginId& plugin, Done<plugin::InfoReply> done) override;
  void plugin_state(const GraphNodeId& node, Done<PluginState> done) override { plugins_.state(node.str(), std::move(done)); }
  void set_plugin_state(const GraphNodeId& node, const PluginState& state, Done<std::vector<engine::HandleValue>> done) override;
  void list_devices(Done<device::ListReply> done) override;
  void tick() override;

  // [any-thread]
  [[nodiscard]] const Renderer& renderer() const noexcept { return renderer_; }
  // [io-thread] How often the output of a node was not finite and was replaced by silence, by the id of the node.
  [[nodiscard]] const std::unordered_map<std::string, std::uint64_t>& faults() const noexcept { return faults_; }
  // [io-thread] Frames of clips that were not read in time and were silent; logged by file, and counted as xruns by block.
  [[nodiscard]] std::uint64_t missed_frames() const noexcept { return renderer_.missed_frames(); }
  // [any-thread]
  [[nodiscard]] const ClipLibrary& clips() const noexcept { return clips_; }
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

  // A graph with all that it needs.
  struct Ready {
    LastGraph graph;
    PluginSet plugins;
    Prepared prepared;
    PlanFormat format;
  };

  // A device that went while it was in use; it is looked for until it is back or something else is configured.
  struct LostDevice {
    DeviceId id;
    std::string name;
    Clock::time_point look_at;
  };

  [[nodiscard]] DriverWish wish_of(const engine::Configure& wanted) const;
  [[nodiscard]] Result<std::unique_ptr<AudioDriver>> open_in_place(const DriverWish& wish);
  void bring_back(const engine::Configure& before);
  // The driver is open: bring the graph to its format, then start it. Until then one without a device may go on.
  void adopt(std::unique_ptr<AudioDriver> driver, Done<engine::Effective> done);
  void finish(const PlanFormat& format, Ready* ready, const Done<engine::Effective>& done);
  Result<void> run(std::unique_ptr<AudioDriver> driver);
  // Position and loop stay where they are in time.
  void rescale_transport(std::int64_t from_hz, std::int64_t to_hz);
  Result<void> record_at(std::int64_t sample_rate_hz);
  // Gathers what a graph needs in a format; `done` may be called from within.
  void make_ready(const graph::Graph& graph, const signal::GraphOrder& order, const PlanFormat& format, Done<Ready> done);
  // Its plugins stay from here on; then `next` is called.
  void keep_plugins(const std::shared_ptr<Ready>& ready, std::function<void()> next);
  [[nodiscard]] PluginProcessors hosted(const PluginSet& set) const;
  // The graph that all is ready for becomes the last one.
  Ticket hand_over(Ready& ready, bool keeps_values);
  Ticket go_live(Prepared prepared, bool keeps_values);
  // The same graph once more, where a node has another latency than it had, or what left has faded and can be destroyed.
  void follow_up();
  void tell_latency();
  void tell_plugin_failures();
  void tell_faults();
  void stop_recording();
  void stop_transport_when_finished();
  void take_in_stead();
  void look_after_jumps();
  // Ends the process where the audio thread hangs: nothing but a new one helps, and whoever watches this one starts it.
  void look_after_audio();

  void device_lost(const std::string& reason);
  Result<void> pace();
  void pace_or_tell();
  void look_for_devices();
  void devices_found(const Result<std::vector<device::Device>>& found);
  void return_to(const LostDevice& lost);
  // That it runs without a device although nobody asked for that; after the answer to what brought it about.
  void tell_stand_in();
  void tell_driver(const std::string& reason);
  void tell_xruns();
  void tell_missed();

  ReferenceEngineOptions options_;
  Drivers& drivers_;
  OnEvent on_event_ = [](const Event&) {};
  PluginHost plugins_;  // goes last: what lets go of plugins needs it
  Renderer renderer_;
  Compiler compiler_;
  ClipLibrary clips_;
  std::unordered_map<std::string, std::uint64_t> faults_;  // of nodes whose output was not finite, by their ids
  std::optional<LastGraph> last_graph_;
  std::shared_ptr<int> preparing_ = std::make_shared<int>(0);  // graphs that are made ready
  std::optional<std::chrono::steady_clock::time_point> latency_changed_;
  std::optional<Ticket> jump_;  // a change of the transport that is not in force yet
  Clock::time_point jump_asked_at_{};
  std::uint64_t watched_block_ = 0;  // that the audio thread was in
  Clock::time_point watched_at_{};
  Clock::duration in_block_{0};  // for how long, as far as this thread ran
  std::uint64_t missed_told_ = 0;
  std::uint64_t graph_number_ = 0;  // rises with each change of it
  PlanFormat format_;
  std::optional<engine::Configure> configured_;
  std::optional<engine::Effective> effective_;  // of the driver that runs or ran last
  std::unique_ptr<Recorder> recorder_;
  std::unique_ptr<AudioDriver> opened_;  // while the graph is brought to its format
  std::uint64_t adoption_ = 0;           // rises with each change of the driver
  std::unique_ptr<AudioDriver> driver_;  // running, or nullptr
  bool finished_ = false;                // what it said last

  std::optional<LostDevice> lost_;
  std::chrono::seconds patience_{0};  // between two looks for it
  Clock::time_point ran_since_{};
  std::optional<std::vector<device::Device>> devices_;  // as they were found last
  std::uint64_t xruns_told_ = 0;
  Clock::time_point xruns_told_at_{};
  DeviceWatch watch_;
};

}  // namespace loophole::reference_signal
