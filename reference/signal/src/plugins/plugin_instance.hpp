#pragma once
// PluginInstance: one LV2 plugin at work: instantiated, all its ports connected to memory of ours, its state taken and given.
//
// It has a lilv world of its own with nothing but its bundle. A world may be used by one thread at a time, and code of a plugin may never
// return: with a world in common, one plugin that hangs would stop all others.

#include <lilv/lilv.h>
#include <lv2/options/options.h>

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "loophole/core/result.hpp"
#include "loophole/signal/rt/nonblocking.hpp"
#include "plugins/description.hpp"
#include "plugins/lilv_handles.hpp"
#include "plugins/plugin_time.hpp"
#include "plugins/side_work.hpp"

namespace loophole::reference_signal {

// Values of control inputs by symbol.
using PortValues = std::map<std::string, float>;

struct PluginSetup {
  std::shared_ptr<const PluginDescription> description;
  std::string node;  // whose plugin it is
  double sample_rate = 48'000;
  std::uint32_t block_frames = 256;  // most that run() is asked for
  bool offline = false;              // run() may take its time: side work is done within it
};

class PluginInstance {
 public:
  // All but the last functions are [plugin-thread]: they run code of the plugin, and may not return.

  // Error plugin.faulty: its library cannot be loaded, or it refused.
  [[nodiscard]] static Result<std::unique_ptr<PluginInstance>> make(const PluginSetup& setup);
  ~PluginInstance();
  PluginInstance(const PluginInstance&) = delete;
  PluginInstance& operator=(const PluginInstance&) = delete;

  // A state as text; `values` are those of the control inputs. While run() is being called or not. Error plugin.faulty.
  [[nodiscard]] Result<std::string> save(const PortValues& values);
  // While run() is not being called. Returns the values of control inputs that the state has; they are not set. Error plugin.faulty: the
  // text is no state of this plugin, which is as it was.
  [[nodiscard]] Result<PortValues> restore(const std::string& text);
  // The state that its maker wants it to begin with; nothing where there is none.
  [[nodiscard]] PortValues restore_default();
  // Ready to run, and its latency is known.
  void activate();

  // [audio-thread]
  [[nodiscard]] float* audio_in(std::uint32_t channel) noexcept { return audio_in_[channel]; }
  [[nodiscard]] float* audio_out(std::uint32_t channel) noexcept { return audio_out_[channel]; }
  void set_port(std::uint32_t port, float value) noexcept LOOPHOLE_NONBLOCKING { values_[port] = value; }
  // What the plugin says at the end of run().
  [[nodiscard]] std::uint32_t latency_frames() const noexcept LOOPHOLE_NONBLOCKING;
  // `time` of the first frame; the plugin is told where it does not follow from what it was told before.
  void run(std::uint32_t frames, const PluginTime& time) noexcept LOOPHOLE_NONBLOCKING;

 private:
  struct Events {
    std::vector<std::uint64_t> memory;  // aligned as atoms are
    bool input = false;
    bool takes_time = false;
  };
  struct End {
    void operator()(LilvInstance* instance) const noexcept { lilv_instance_free(instance); }
  };

  explicit PluginInstance(const PluginSetup& setup);
  [[nodiscard]] Result<void> start();
  void connect();
  void run(std::uint32_t frames) noexcept LOOPHOLE_NONBLOCKING;
  void reset_events() noexcept LOOPHOLE_NONBLOCKING;
  [[nodiscard]] PortValues restore(const LilvState* state);
  [[nodiscard]] Error faulty(const std::string& what) const;

  PluginSetup setup_;
  LilvWorldPtr world_;
  const LilvPlugin* plugin_ = nullptr;

  // What the plugin is given
  std::int32_t least_block_ = 1;
  std::int32_t most_block_;
  std::int32_t events_bytes_;
  float sample_rate_;
  std::array<LV2_Options_Option, 6> options_{};
  std::vector<LV2_Feature> features_;
  std::vector<const LV2_Feature*> feature_list_;

  // What its ports are connected to
  std::vector<float> values_;  // by port
  std::vector<float> samples_;
  std::vector<Events> events_;
  std::array<float*, 2> audio_in_{};
  std::array<float*, 2> audio_out_{};

  LV2_URID sequence_type_;  // as the audio thread may not ask for them
  LV2_URID chunk_type_;
  TimePosition time_position_;
  std::optional<PluginTime> expected_;  // of the next frame, by what the plugin was told
  SideWork side_work_;
  std::unique_ptr<LilvInstance, End> instance_;  // before the rest goes
  bool active_ = false;
};

}  // namespace loophole::reference_signal
