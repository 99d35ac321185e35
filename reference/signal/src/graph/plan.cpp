#include "graph/plan.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace loophole::reference_signal {
namespace {

void add(StereoBlock into, StereoBlock from) noexcept LOOPHOLE_NONBLOCKING {
  for (std::uint32_t i = 0; i < into.frames; ++i) into.left[i] += from.left[i];
  for (std::uint32_t i = 0; i < into.frames; ++i) into.right[i] += from.right[i];
}

void copy(StereoBlock into, StereoBlock from) noexcept LOOPHOLE_NONBLOCKING {
  std::copy_n(from.left, into.frames, into.left);
  std::copy_n(from.right, into.frames, into.right);
}

void clear(StereoBlock block) noexcept LOOPHOLE_NONBLOCKING {
  std::fill_n(block.left, block.frames, 0.0F);
  std::fill_n(block.right, block.frames, 0.0F);
}

// x * 0 is 0 for every number and NaN for infinities and NaN.
bool is_finite(StereoBlock block) noexcept LOOPHOLE_NONBLOCKING {
  float sum = 0;
  for (std::uint32_t i = 0; i < block.frames; ++i) sum += block.left[i] * 0.0F + block.right[i] * 0.0F;
  return sum == 0.0F;
}

}  // namespace

Plan::Plan(PlanParts parts)
    : parts_(std::move(parts)),
      places_(parts_.delays.size()),
      samples_((std::size_t{parts_.buffers} + 1) * 2 * parts_.block_frames),
      fade_frames_(static_cast<std::uint32_t>(std::lround(kFadeSeconds * parts_.sample_rate))) {
  std::sort(parts_.bindings.begin(), parts_.bindings.end(), [](const Binding& a, const Binding& b) { return a.handle < b.handle; });
  for (const Step& step : parts_.steps)
    if (signal::rt::MeterLevels* levels = step.processor->levels(); levels != nullptr && !step.leaves && !step.bypassed)
      meters_.push_back(levels);
}

void Plan::begin(Plan* before, Fades fades) noexcept LOOPHOLE_NONBLOCKING {
  for (const Binding& binding : parts_.bindings) {
    SmoothedParameter& parameter = *binding.parameter;
    // A plugin that was started anew has other parameters under the same handles.
    const Binding* known = keeps_values && before != nullptr ? before->find(binding.handle) : nullptr;
    parameter.adopt(binding.handle, known != nullptr ? known->parameter->committed() : binding.value, binding.automation.get(),
                    binding.ramp_frames);
  }
  for (SmoothedParameter* parameter : parts_.unbound) parameter->let_go();
  for (Step& step : parts_.steps) {
    if (step.leaves) step.processor->let_go();
    if (!step.bypassed && step.heard->is_shut()) step.processor->reset();  // what it remembers is of long ago
    step.heard->go(!step.bypassed, fade_frames_);
    for (Input& input : step.inputs) input.wire->begin(!input.leaves, input.delay_frames, input.ring, fade_frames_);
  }
  fading_ = parts_.fades ? fade_frames_ : 0;
  if (fades == Fades::heard) return;
  fading_ = 0;
  for (Step& step : parts_.steps) {
    step.heard->arrive();
    for (Input& input : step.inputs) input.wire->arrive();
  }
}

void Plan::make_way(const Plan& next) noexcept LOOPHOLE_NONBLOCKING {
  if (next.parts_.first.empty()) return;
  for (const std::shared_ptr<Wire>& wire : next.parts_.first) wire->shut(fade_frames_);
  yielding_ = fade_frames_;
}

Binding* Plan::find(std::uint32_t handle) noexcept LOOPHOLE_NONBLOCKING {
  std::vector<Binding>& bindings = parts_.bindings;
  const auto binding =
      std::lower_bound(bindings.begin(), bindings.end(), handle, [](const Binding& b, std::uint32_t h) { return b.handle < h; });
  return binding != bindings.end() && binding->handle == handle ? &*binding : nullptr;
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

StereoBlock Plan::run(Stretch stretch, const Past& past, FaultSink& faults) noexcept LOOPHOLE_NONBLOCKING {
  if (fading_ > 0) {
    const auto whole = static_cast<float>(fade_frames_);
    stretch.change_begin = 1 - static_cast<float>(fading_) / whole;
    stretch.change_end = 1 - static_cast<float>(fading_ - stretch.frames) / whole;
  }
  for (std::size_t i = 0; i < places_.size(); ++i) places_[i] = past.at(stretch.clock.engine_frames, parts_.delays[i]);
  for (const Binding& binding : parts_.bindings) binding.parameter->locate(places_[binding.delay].position, places_[binding.delay].audible);
  for (const Step& step : parts_.steps) {
    if (step.leaves && fading_ == 0) continue;
    const StereoBlock audio = block(step.buffer, stretch.frames);
    gather(step, audio);
    stretch.heard = places_[step.delay];
    process(step, stretch, audio);
    if (is_finite(audio)) continue;
    faults.note(step.number);
    clear(audio);
    step.processor->reset();
  }
  fading_ -= std::min(fading_, stretch.frames);
  yielding_ -= std::min(yielding_, stretch.frames);
  return block(parts_.output_buffer, stretch.frames);
}

StereoBlock Plan::block(std::uint32_t buffer, std::uint32_t frames) noexcept LOOPHOLE_NONBLOCKING {
  float* left = samples_.data() + std::size_t{buffer} * 2 * parts_.block_frames;
  return {.left = left, .right = left + parts_.block_frames, .frames = frames};
}

void Plan::gather(const Step& step, StereoBlock into) noexcept LOOPHOLE_NONBLOCKING {
  const StereoBlock on_its_way = block(parts_.buffers, into.frames);
  bool is_first = true;
  for (const Input& input : step.inputs) {
    if (input.leaves && fading_ == 0) continue;
    const bool is_plain = input.wire->is_plain();
    const StereoBlock from = block(input.buffer, into.frames);
    const StereoBlock carried = is_first ? into : on_its_way;
    if (!step.in_place && (is_first || !is_plain)) copy(carried, from);
    if (!is_plain) input.wire->carry(carried);
    if (!is_first) add(into, is_plain ? from : carried);
    is_first = false;
  }
  if (is_first) clear(into);
}

void Plan::process(const Step& step, const Stretch& stretch, StereoBlock audio) noexcept LOOPHOLE_NONBLOCKING {
  if (step.heard->is_shut()) return;
  if (step.heard->is_open()) return step.processor->process(stretch, step.setup, audio);
  const StereoBlock dry = block(parts_.buffers, audio.frames);
  copy(dry, audio);
  step.processor->process(stretch, step.setup, audio);
  for (std::uint32_t i = 0; i < audio.frames; ++i) {
    const float heard = step.heard->next();
    audio.left[i] = dry.left[i] + heard * (audio.left[i] - dry.left[i]);
    audio.right[i] = dry.right[i] + heard * (audio.right[i] - dry.right[i]);
  }
}

}  // namespace loophole::reference_signal
