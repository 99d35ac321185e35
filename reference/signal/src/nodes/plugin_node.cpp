#include "nodes/plugin_node.hpp"

#include <algorithm>
#include <bit>
#include <chrono>
#include <thread>
#include <utility>

#include "loophole/signal/rt/flush_to_zero.hpp"

namespace loophole::reference_signal {
namespace {

constexpr double kFadeSeconds = 0.005;
constexpr std::uint32_t kMovingFrames = 64;  // in one run while a value moves
constexpr std::chrono::milliseconds kFadePatience{50};

struct Checked {
  bool finite = true;
  bool denormal = false;
};

// Zeros take the place of denormal numbers. By their bits, because arithmetic takes denormal numbers for zero here.
Checked clean(float* samples, std::uint32_t frames) noexcept LOOPHOLE_NONBLOCKING {
  constexpr std::uint32_t kExponent = 0x7F80'0000;
  constexpr std::uint32_t kMagnitude = 0x7FFF'FFFF;
  Checked checked;
  for (std::uint32_t i = 0; i < frames; ++i) {
    const auto bits = std::bit_cast<std::uint32_t>(samples[i]);
    const std::uint32_t exponent = bits & kExponent;
    const bool denormal = exponent == 0 && (bits & kMagnitude) != 0;
    checked.finite = checked.finite && exponent != kExponent;
    checked.denormal = checked.denormal || denormal;
    samples[i] = denormal ? 0.0F : samples[i];
  }
  return checked;
}

void add(const float* from, float* to, std::uint32_t frames) noexcept LOOPHOLE_NONBLOCKING {
  for (std::uint32_t i = 0; i < frames; ++i) to[i] += from[i];
}

}  // namespace

PluginParameters::PluginParameters(const PluginDescription& description, const PortValues& values, double sample_rate) {
  for (const PluginControl& control : description.controls) {
    const auto value = values.find(control.parameter.key);
    const double initial = value == values.end() ? control.at_rate(sample_rate).initial : control.parameter_value(value->second);
    smoothed.emplace_back(initial, control.steps() ? SmoothedParameter::Motion::steps : SmoothedParameter::Motion::smooth);
  }
}

PluginNode::PluginNode(std::shared_ptr<HostedPlugin> plugin, const PluginStart& start, PluginWords* words)
    : PluginParameters(plugin->description(), start.values, start.setup.sample_rate),
      Processor([&] {
        std::vector<Named> named;
        for (std::size_t i = 0; i < smoothed.size(); ++i) named.push_back({plugin->description().controls[i].parameter.key, &smoothed[i]});
        return named;
      }()),
      plugin_(std::move(plugin)),
      id_(start.setup.node),
      words_(words),
      block_(static_cast<std::int64_t>(1e6 * start.setup.block_frames / start.setup.sample_rate)),
      fade_frames_(static_cast<std::uint32_t>(kFadeSeconds * start.setup.sample_rate)),
      dry_(std::size_t{start.setup.block_frames} * 2),
      latency_frames_(plugin_->latency_frames()) {}

void PluginNode::process(const Stretch& stretch, const NodeSetup&, StereoBlock audio) noexcept LOOPHOLE_NONBLOCKING {
  if (stopped_.load(std::memory_order_relaxed)) return;
  heard_.go(wanted_.load(std::memory_order_relaxed), fade_frames_);
  if (heard_.is_open()) return play(stretch, audio);
  if (!heard_.is_shut()) {
    float* const left = dry_.data();
    float* const right = dry_.data() + dry_.size() / 2;
    std::copy_n(audio.left, audio.frames, left);
    std::copy_n(audio.right, audio.frames, right);
    play(stretch, audio);
    for (std::uint32_t i = 0; i < audio.frames; ++i) {
      const float heard = heard_.next();
      audio.left[i] = left[i] + heard * (audio.left[i] - left[i]);
      audio.right[i] = right[i] + heard * (audio.right[i] - right[i]);
    }
  }
  shut_.store(heard_.is_shut(), std::memory_order_release);
}

void PluginNode::play(const Stretch& stretch, StereoBlock audio) noexcept LOOPHOLE_NONBLOCKING {
  if (gate_.test_and_set(std::memory_order_acquire)) return;
  const PluginTime time{.frame = stretch.heard.position, .rolling = stretch.heard.audible, .tempo_bpm = stretch.tempo_bpm};
  // A control has one value a run: a point of automation begins another one, so that it counts from its own frame on, and what moves does
  // so in short steps, whatever the length of a block.
  for (std::uint32_t at = 0; at < audio.frames && !stopped();) {
    std::uint32_t length = audio.frames - at;
    for (const SmoothedParameter& parameter : smoothed) length = parameter.straight(length);
    for (const SmoothedParameter& parameter : smoothed)
      if (length > kMovingFrames && parameter.moves(length)) length = kMovingFrames;
    run({.left = audio.left + at, .right = audio.right + at, .frames = length}, time.later(at));
    at += length;
  }
  gate_.clear(std::memory_order_release);
}

void PluginNode::run(StereoBlock audio, const PluginTime& time) noexcept LOOPHOLE_NONBLOCKING {
  const std::vector<PluginControl>& controls = plugin_->description().controls;
  for (std::size_t i = 0; i < controls.size(); ++i) {
    const SmoothedParameter::Line line = smoothed[i].next(audio.frames);
    plugin_->set_control(controls[i], line.begin + (line.end - line.begin) / 2);
  }
  HostedPlugin::Output output;
  {
    const signal::rt::FlushToZero as_before;  // whatever the plugin sets
    if (words_ != nullptr) words_->enter(id_);
    output = plugin_->run(audio, time);
    if (words_ != nullptr) words_->leave();
  }
  latency_frames_.store(plugin_->latency_frames(), std::memory_order_relaxed);
  if (output.left == nullptr) return;
  const Checked on_left = clean(output.left, audio.frames);
  const Checked on_right = clean(output.right, audio.frames);
  if (on_left.denormal || on_right.denormal) gave_denormals_.store(true, std::memory_order_relaxed);
  if (!on_left.finite || !on_right.finite) return stopped_.store(true, std::memory_order_relaxed);
  if (output.adds) {
    add(output.left, audio.left, audio.frames);
    add(output.right, audio.right, audio.frames);
  } else {
    std::copy_n(output.left, audio.frames, audio.left);
    std::copy_n(output.right, audio.frames, audio.right);
  }
}

PortValues PluginNode::port_values() const {
  PortValues values;
  const std::vector<PluginControl>& controls = plugin_->description().controls;
  for (std::size_t i = 0; i < controls.size(); ++i) values[controls[i].parameter.key] = controls[i].port_value(smoothed[i].held());
  return values;
}

PluginNode::Hold::Hold(PluginNode& node) noexcept : node_(node) {
  node_.wanted_.store(false, std::memory_order_relaxed);
  const auto until = std::chrono::steady_clock::now() + kFadePatience + 4 * node_.block_;
  while (!node_.stopped() && !node_.shut_.load(std::memory_order_acquire) && std::chrono::steady_clock::now() < until)
    std::this_thread::sleep_for(std::chrono::microseconds(200));
  while (node_.gate_.test_and_set(std::memory_order_acquire)) std::this_thread::sleep_for(std::chrono::microseconds(50));
}

PluginNode::Hold::~Hold() {
  node_.gate_.clear(std::memory_order_release);
  node_.shut_.store(false, std::memory_order_relaxed);
  node_.wanted_.store(true, std::memory_order_relaxed);
}

}  // namespace loophole::reference_signal
