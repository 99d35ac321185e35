#include "graph/plan.hpp"

#include <algorithm>

namespace loophole::reference_signal {
namespace {

void add(StereoBlock into, StereoBlock from) noexcept {
  for (std::uint32_t i = 0; i < into.frames; ++i) into.left[i] += from.left[i];
  for (std::uint32_t i = 0; i < into.frames; ++i) into.right[i] += from.right[i];
}

void copy(StereoBlock into, StereoBlock from) noexcept {
  std::copy_n(from.left, into.frames, into.left);
  std::copy_n(from.right, into.frames, into.right);
}

void clear(StereoBlock block) noexcept {
  std::fill_n(block.left, block.frames, 0.0F);
  std::fill_n(block.right, block.frames, 0.0F);
}

// x * 0 is 0 for every number and NaN for infinities and NaN.
bool is_finite(StereoBlock block) noexcept {
  float sum = 0;
  for (std::uint32_t i = 0; i < block.frames; ++i) sum += block.left[i] * 0.0F + block.right[i] * 0.0F;
  return sum == 0.0F;
}

}  // namespace

Plan::Plan(std::vector<Step> steps, std::vector<Binding> bindings, std::uint32_t buffers, std::uint32_t output_buffer, double sample_rate,
           std::uint32_t block_frames)
    : steps_(std::move(steps)),
      bindings_(std::move(bindings)),
      samples_(std::size_t{buffers} * 2 * block_frames),
      output_buffer_(output_buffer),
      sample_rate_(sample_rate),
      block_frames_(block_frames) {
  std::sort(bindings_.begin(), bindings_.end(), [](const Binding& a, const Binding& b) { return a.handle < b.handle; });
  for (const Step& step : steps_)
    if (signal::rt::MeterLevels* levels = step.processor->levels()) meters_.push_back(levels);
}

void Plan::begin() noexcept LOOPHOLE_NONBLOCKING {
  for (const Binding& binding : bindings_) {
    SmoothedParameter& parameter = *binding.parameter;
    if (keeps_values && parameter.handle() == binding.handle)
      parameter.adopt(binding.handle, binding.automation.get(), binding.ramp_frames);
    else
      parameter.adopt(binding.handle, binding.value, binding.automation.get(), binding.ramp_frames);
  }
}

Binding* Plan::find(std::uint32_t handle) noexcept LOOPHOLE_NONBLOCKING {
  const auto binding =
      std::lower_bound(bindings_.begin(), bindings_.end(), handle, [](const Binding& b, std::uint32_t h) { return b.handle < h; });
  return binding != bindings_.end() && binding->handle == handle ? &*binding : nullptr;
}

void Plan::apply(const signal::rt::ParameterChange& change) noexcept LOOPHOLE_NONBLOCKING {
  if (const Binding* binding = find(change.handle)) binding->parameter->apply(change);
}

void Plan::exchange(AutomationBatch& batch) noexcept LOOPHOLE_NONBLOCKING {
  for (AutomationBatch::Entry& entry : batch.entries) {
    Binding* binding = find(entry.handle);
    if (binding == nullptr) continue;
    std::swap(binding->automation, entry.automation);
    binding->parameter->set_automation(binding->automation.get());
  }
}

StereoBlock Plan::run(const Stretch& stretch, std::uint64_t& faults) noexcept LOOPHOLE_NONBLOCKING {
  for (const Binding& binding : bindings_) binding.parameter->locate(stretch.position, stretch.audible);
  for (const Step& step : steps_) {
    const StereoBlock audio = block(step.buffer, stretch.frames);
    gather(step, audio);
    step.processor->process(stretch, step.setup, audio);
    if (is_finite(audio)) continue;
    ++faults;
    clear(audio);
    step.processor->reset();
  }
  return block(output_buffer_, stretch.frames);
}

StereoBlock Plan::block(std::uint32_t buffer, std::uint32_t frames) noexcept LOOPHOLE_NONBLOCKING {
  float* left = samples_.data() + std::size_t{buffer} * 2 * block_frames_;
  return {.left = left, .right = left + block_frames_, .frames = frames};
}

void Plan::gather(const Step& step, StereoBlock into) noexcept LOOPHOLE_NONBLOCKING {
  if (step.in_place) return;
  if (step.inputs.empty()) return clear(into);
  copy(into, block(step.inputs.front(), into.frames));
  for (std::size_t i = 1; i < step.inputs.size(); ++i) add(into, block(step.inputs[i], into.frames));
}

}  // namespace loophole::reference_signal
