#include "audio/renderer.hpp"

#include <algorithm>

#include "loophole/core/clock.hpp"
#include "loophole/signal/rt/flush_to_zero.hpp"

namespace loophole::reference_signal {

using signal::rt::ParameterChange;

Renderer::~Renderer() {
  collect();
  delete incoming_.load();
  delete plan_;
}

Renderer::Ticket Renderer::publish(std::unique_ptr<Plan> plan) {
  plan->ticket = ++last_ticket_;
  plan->mark = port_.parameters.mark();
  plan_tickets_.push_back(plan->ticket);
  delete incoming_.exchange(plan.release(), std::memory_order_acq_rel);
  return last_ticket_;
}

Result<Renderer::Ticket> Renderer::set_transport(const engine::TransportSet& change) {
  if (change.loop && change.loop->enabled) {
    Error error = make_error(errors::kEngineUnsupported, "this engine plays the timeline once and has no loop; seek back instead");
    error.pointer = "/loop/enabled";
    return error;
  }
  if (change.loop) loop_ = *change.loop;
  if (change.tempo_bpm) tempo_bpm_ = *change.tempo_bpm;
  TransportChange next = waiting_change_.value_or(TransportChange{});
  next.ticket = ++last_ticket_;
  if (change.playing) {
    next.has_playing = true;
    next.playing = *change.playing;
  }
  if (change.position_frames) {
    next.has_position = true;
    next.position = static_cast<std::uint64_t>(*change.position_frames);
  }
  transport_tickets_.push_back(next.ticket);
  waiting_change_ = next;
  collect();
  return last_ticket_;
}

engine::TransportState Renderer::transport() const {
  const std::uint64_t state = transport_state_.load(std::memory_order_acquire);
  const auto position = static_cast<std::int64_t>(state >> 1U);
  return {.playing = (state & 1U) != 0,
          .position_frames = position,
          .position_beats = static_cast<double>(position) / sample_rate_hz_ * tempo_bpm_ / 60.0,
          .tempo_bpm = tempo_bpm_,
          .loop = loop_};
}

bool Renderer::taken(Ticket ticket) const {
  const auto is_open = [ticket](const std::deque<Ticket>& handed_over, Ticket done) {
    return std::any_of(handed_over.begin(), handed_over.end(), [&](Ticket t) { return t > done && t <= ticket; });
  };
  return !is_open(plan_tickets_, live_ticket_.load(std::memory_order_acquire)) &&
         !is_open(transport_tickets_, transport_ticket_.load(std::memory_order_acquire));
}

void Renderer::collect() {
  Plan* plan = nullptr;
  while (retired_.pop(plan)) delete plan;
  if (waiting_change_ && changes_.push(*waiting_change_)) waiting_change_.reset();
  const auto forget = [](std::deque<Ticket>& handed_over, Ticket done) {
    while (!handed_over.empty() && handed_over.front() <= done) handed_over.pop_front();
  };
  forget(plan_tickets_, live_ticket_.load(std::memory_order_acquire));
  forget(transport_tickets_, transport_ticket_.load(std::memory_order_acquire));
}

void Renderer::begin_block() noexcept LOOPHOLE_NONBLOCKING {
  take_plan();
  port_.parameters.drain([this](const ParameterChange& change) noexcept {
    if (plan_ != nullptr) plan_->set(change.handle, change.value);
  });
  take_transport();
}

bool Renderer::take_due() noexcept LOOPHOLE_NONBLOCKING {
  begin_block();
  return transport_.playing();
}

void Renderer::take_plan() noexcept LOOPHOLE_NONBLOCKING {
  // Without room to give the old plan back, the new one waits: the audio thread never destroys anything.
  if (incoming_.load(std::memory_order_relaxed) == nullptr || retired_.room(1) < 1) return;
  Plan* next = incoming_.exchange(nullptr, std::memory_order_acq_rel);
  if (next == nullptr) return;
  port_.parameters.drain_until(next->mark, [this](const ParameterChange& change) noexcept {
    if (plan_ != nullptr) plan_->set(change.handle, change.value);
  });
  next->begin();
  if (plan_ != nullptr) static_cast<void>(retired_.push(plan_));
  plan_ = next;
  live_ticket_.store(plan_->ticket, std::memory_order_release);
}

void Renderer::take_transport() noexcept LOOPHOLE_NONBLOCKING {
  TransportChange change;
  Ticket done = 0;
  while (changes_.pop(change)) {
    if (change.has_position) transport_.seek(change.position);
    if (change.has_playing) transport_.set_playing(change.playing);
    done = change.ticket;
  }
  store_transport();
  if (done != 0) transport_ticket_.store(done, std::memory_order_release);
}

void Renderer::store_transport() noexcept LOOPHOLE_NONBLOCKING {
  transport_state_.store(transport_.position() << 1U | (transport_.playing() ? 1U : 0U), std::memory_order_release);
}

void Renderer::render(std::span<float> interleaved, std::uint64_t time_ns) noexcept LOOPHOLE_NONBLOCKING {
  const signal::rt::FlushToZero flush_to_zero;
  const std::uint64_t begin_ns = monotonic_ns();
  begin_block();
  const auto frames = static_cast<std::uint32_t>(interleaved.size() / 2);
  port_.transport.publish(frames, {.engine_frames = rendered_,
                                   .time_ns = time_ns,
                                   .position_frames = transport_.position(),
                                   .sample_rate_hz = sample_rate_hz_,
                                   .playing = transport_.playing() ? 1U : 0U});
  for (std::span<float> rest = interleaved; !rest.empty();) {
    const std::size_t most = plan_ != nullptr ? std::size_t{plan_->block_frames()} * 2 : rest.size();
    const std::span<float> piece = rest.first(std::min(rest.size(), most));
    render_piece(piece);
    rest = rest.subspan(piece.size());
  }
  rendered_ += frames;
  store_transport();
  if (plan_ != nullptr) {  // levels are of the block that ends here, and so is the moment that they are told with
    const std::uint64_t end_ns = time_ns + std::uint64_t{frames} * 1'000'000'000 / sample_rate_hz_;
    port_.meters.publish(plan_->meters(), {.frames = frames, .engine_frames = rendered_, .time_ns = end_ns});
  }
  if (tap_ != nullptr) tap_->write(interleaved);
  engine_frames_.store(rendered_, std::memory_order_relaxed);
  faults_.store(new_faults_, std::memory_order_relaxed);
  port_.load.publish({.frames = frames,
                      .sample_rate_hz = sample_rate_hz_,
                      .nodes = plan_ != nullptr ? static_cast<std::uint32_t>(plan_->steps().size()) : 0U,
                      .engine_frames = rendered_,
                      .begin_ns = begin_ns,
                      .end_ns = monotonic_ns()});
}

void Renderer::render_piece(std::span<float> interleaved) noexcept LOOPHOLE_NONBLOCKING {
  auto left = static_cast<std::uint32_t>(interleaved.size() / 2);
  float* out = interleaved.data();
  while (left > 0) {
    const Transport::Part part = transport_.advance(left);
    left -= part.frames;
    if (plan_ == nullptr) {
      std::fill_n(out, std::size_t{part.frames} * 2, 0.0F);
      out += std::size_t{part.frames} * 2;
      continue;
    }
    const Stretch stretch{.sample_rate = plan_->sample_rate(),
                          .frames = part.frames,
                          .position = part.position,
                          .audible = part.audible,
                          .fade_begin = part.fade_begin,
                          .fade_end = part.fade_end,
                          .measuring = port_.meters.measuring()};
    const StereoBlock audio = plan_->run(stretch, new_faults_);
    for (std::uint32_t i = 0; i < part.frames; ++i) {
      *out++ = audio.left[i];
      *out++ = audio.right[i];
    }
  }
}

}  // namespace loophole::reference_signal
