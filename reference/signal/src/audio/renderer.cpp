#include "audio/renderer.hpp"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "audio/foreign_code.hpp"
#include "loophole/core/clock.hpp"
#include "loophole/signal/rt/flush_to_zero.hpp"

namespace loophole::reference_signal {

using signal::rt::ParameterChange;
using signal::rt::SampleClock;

Renderer::~Renderer() {
  release_pages();
  collect();
  delete incoming_.load();
  delete next_;
  delete incoming_automation_.load();
  delete next_automation_;
  delete plan_;
}

bool Renderer::withdraw() {
  const std::unique_ptr<Plan> waiting(incoming_.exchange(nullptr, std::memory_order_acq_rel));
  return waiting != nullptr;
}

Renderer::Ticket Renderer::publish(std::unique_ptr<Plan> plan) {
  plan->ticket = ++last_ticket_;
  plan->mark = port_.parameters.mark();
  plan_tickets_.push_back(plan->ticket);
  last_plan_ = plan->ticket;
  // Automation that waits is older than this graph, which came with its own.
  delete incoming_automation_.exchange(nullptr, std::memory_order_acq_rel);
  incoming_.store(plan.release(), std::memory_order_release);
  return last_ticket_;
}

Renderer::Ticket Renderer::publish(std::unique_ptr<AutomationBatch> batch) {
  batch->ticket = ++last_ticket_;
  batch->plan = last_plan_;
  automation_tickets_.push_back(batch->ticket);
  const std::unique_ptr<AutomationBatch> waiting(incoming_automation_.exchange(nullptr, std::memory_order_acq_rel));
  if (waiting) {
    std::unordered_set<std::uint32_t> newer;
    for (const AutomationBatch::Entry& entry : batch->entries) newer.insert(entry.handle);
    for (AutomationBatch::Entry& entry : waiting->entries)
      if (!newer.contains(entry.handle)) batch->entries.push_back(std::move(entry));
  }
  incoming_automation_.store(batch.release(), std::memory_order_release);
  return last_ticket_;
}

Renderer::Ticket Renderer::set_transport(const engine::TransportSet& change) {
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
  if (change.loop) {
    next.has_loop = true;
    next.loop = {.enabled = change.loop->enabled,
                 .start = static_cast<std::uint64_t>(change.loop->start_frames),
                 .end = static_cast<std::uint64_t>(change.loop->end_frames)};
  }
  if (change.tempo_bpm) {
    next.has_tempo = true;
    next.tempo_bpm = *change.tempo_bpm;
  }
  transport_tickets_.push_back(next.ticket);
  waiting_change_ = next;
  collect();
  return last_ticket_;
}

engine::TransportState Renderer::transport() const {
  const PlayHead::Place place = head_.place();
  const auto position = static_cast<std::int64_t>(place.position);
  return {.playing = place.playing,
          .position_frames = position,
          .position_beats = static_cast<double>(position) / sample_rate_hz_ * tempo_bpm_ / 60.0,
          .tempo_bpm = tempo_bpm_,
          .loop = loop_};
}

bool Renderer::taken(Ticket ticket) const {
  const auto is_open = [ticket](const std::deque<Ticket>& handed_over, Ticket done) {
    return std::any_of(handed_over.begin(), handed_over.end(), [&](Ticket t) { return t > done && t <= ticket; });
  };
  const Ticket live = live_ticket_.load(std::memory_order_acquire);
  // Automation that a newer graph replaced before it was taken is done with that graph.
  const Ticket automation = std::max(live, automation_ticket_.load(std::memory_order_acquire));
  return !is_open(plan_tickets_, live) && !is_open(automation_tickets_, automation) &&
         !is_open(transport_tickets_, transport_ticket_.load(std::memory_order_acquire));
}

void Renderer::collect() {
  Plan* plan = nullptr;
  while (retired_.pop(plan)) delete plan;
  AutomationBatch* batch = nullptr;
  while (retired_automation_.pop(batch)) delete batch;
  if (waiting_change_ && !holds_transport_ && changes_.push(*waiting_change_)) waiting_change_.reset();
  const auto forget = [](std::deque<Ticket>& handed_over, Ticket done) {
    while (!handed_over.empty() && handed_over.front() <= done) handed_over.pop_front();
  };
  const Ticket live = live_ticket_.load(std::memory_order_acquire);
  forget(plan_tickets_, live);
  forget(automation_tickets_, std::max(live, automation_ticket_.load(std::memory_order_acquire)));
  forget(transport_tickets_, transport_ticket_.load(std::memory_order_acquire));
}

void Renderer::begin_block(Fades fades) noexcept LOOPHOLE_NONBLOCKING {
  const signal::rt::ParameterFeed::Mark due = port_.parameters.mark();
  take_plan(fades);
  if (next_ == nullptr) {  // else what comes now is for the one that waits
    take_values(due);
    take_automation();
  }
  take_transport();
}

bool Renderer::take_due() noexcept LOOPHOLE_NONBLOCKING {
  // While it stands nothing is rendered, and no fade would ever end.
  begin_block(transport_.playing() ? Fades::heard : Fades::skipped);
  return transport_.playing();
}

void Renderer::take_plan(Fades fades) noexcept LOOPHOLE_NONBLOCKING {
  go_live(fades);
  if (next_ != nullptr || incoming_.load(std::memory_order_relaxed) == nullptr) return;
  next_ = incoming_.exchange(nullptr, std::memory_order_acq_rel);
  if (next_ == nullptr) return;
  take_values(next_->mark);
  if (plan_ != nullptr) plan_->make_way(*next_);
  go_live(fades);
}

void Renderer::go_live(Fades fades) noexcept LOOPHOLE_NONBLOCKING {
  // Without room to give the old plan back, the new one waits: the audio thread never destroys anything.
  if (next_ == nullptr || retired_.room(1) < 1) return;
  if (fades == Fades::heard && plan_ != nullptr && plan_->fading_frames() > 0) return;
  next_->begin(plan_, fades);
  if (plan_ != nullptr) static_cast<void>(retired_.push(plan_));
  plan_ = std::exchange(next_, nullptr);
  fading_.store(fades == Fades::heard && plan_->fading_frames() > 0, std::memory_order_relaxed);
  live_ticket_.store(plan_->ticket, std::memory_order_release);
}

void Renderer::take_values(signal::rt::ParameterFeed::Mark until) noexcept LOOPHOLE_NONBLOCKING {
  port_.parameters.drain_until(until, [this](const ParameterChange& change) noexcept {
    if (plan_ != nullptr) plan_->apply(change);
  });
}

void Renderer::note(std::uint32_t node) noexcept LOOPHOLE_NONBLOCKING {
  ++new_faults_;
  static_cast<void>(fault_nodes_.push(node));  // where it is full, faults() counts on
}

void Renderer::take_automation() noexcept LOOPHOLE_NONBLOCKING {
  if (next_automation_ == nullptr && incoming_automation_.load(std::memory_order_relaxed) != nullptr)
    next_automation_ = incoming_automation_.exchange(nullptr, std::memory_order_acq_rel);
  if (next_automation_ == nullptr || retired_automation_.room(1) < 1) return;
  const Ticket live = plan_ != nullptr ? plan_->ticket : 0;
  if (live < next_automation_->plan) return;
  if (live == next_automation_->plan && plan_ != nullptr) plan_->exchange(*next_automation_);
  const Ticket done = next_automation_->ticket;
  static_cast<void>(retired_automation_.push(std::exchange(next_automation_, nullptr)));
  automation_ticket_.store(done, std::memory_order_release);
}

void Renderer::take_transport() noexcept LOOPHOLE_NONBLOCKING {
  TransportChange change;
  Ticket done = 0;
  while (changes_.pop(change)) {
    if (change.has_loop) transport_.set_loop(change.loop);
    if (change.has_tempo) heard_tempo_bpm_ = change.tempo_bpm;
    if (change.has_position) transport_.seek(change.position);
    if (change.has_playing) transport_.set_playing(change.playing);
    done = change.ticket;
  }
  store_transport();
  if (done != 0) transport_ticket_.store(done, std::memory_order_release);
}

void Renderer::store_transport() noexcept LOOPHOLE_NONBLOCKING {
  head_.move({.position = transport_.position(), .source = transport_.source(), .playing = transport_.playing()});
}

void Renderer::render(std::span<float> interleaved, std::uint64_t time_ns) noexcept LOOPHOLE_NONBLOCKING {
  const signal::rt::FlushToZero flush_to_zero;
  LOOPHOLE_FOREIGN_CODE(const std::uint64_t begin_ns = monotonic_ns();)
  begin_block(Fades::heard);
  render_taken(interleaved, time_ns, begin_ns);
}

bool Renderer::render_complete(std::span<float> interleaved, std::uint64_t time_ns) {
  if (!hold_pages(static_cast<std::uint32_t>(interleaved.size() / 2))) return false;
  const signal::rt::FlushToZero flush_to_zero;
  render_taken(interleaved, time_ns, monotonic_ns());
  release_pages();
  return true;
}

// What the transport will pass in the next block, on a copy of it.
bool Renderer::hold_pages(std::uint32_t frames) {
  if (plan_ == nullptr) return true;
  bool complete = true;
  Transport ahead = transport_;
  while (frames > 0 && complete) {
    const Transport::Part part = ahead.advance(frames);
    frames -= part.frames;
    if (!part.audible) continue;
    plan_->pages(part.position, part.frames, [&](const std::shared_ptr<ClipFile>& file, std::uint64_t page) {
      complete = complete && file->hold(page);
      if (complete) held_pages_.emplace_back(file, page);
    });
  }
  if (!complete) release_pages();
  return complete;
}

void Renderer::release_pages() noexcept {
  for (const auto& [file, page] : held_pages_) file->release(page);
  held_pages_.clear();
}

void Renderer::render_taken(std::span<float> interleaved, std::uint64_t time_ns, std::uint64_t begin_ns) noexcept LOOPHOLE_NONBLOCKING {
  head_.enter_block();
  const std::uint64_t missed_before = missed_;
  const auto frames = static_cast<std::uint32_t>(interleaved.size() / 2);
  port_.transport.publish(frames, {.engine_frames = rendered_,
                                   .time_ns = time_ns,
                                   .position_frames = transport_.position(),
                                   .sample_rate_hz = sample_rate_hz_,
                                   .playing = transport_.playing() ? 1U : 0U,
                                   .tempo_bpm = heard_tempo_bpm_,
                                   .loop_enabled = transport_.loop().enabled ? 1U : 0U,
                                   .loop_start_frames = transport_.loop().start,
                                   .loop_end_frames = transport_.loop().end});
  SampleClock clock{.engine_frames = rendered_, .time_ns = time_ns, .sample_rate_hz = sample_rate_hz_};
  for (std::span<float> rest = interleaved; !rest.empty();) {
    const std::size_t most = plan_ != nullptr ? std::size_t{plan_->block_frames()} * 2 : rest.size();
    const std::span<float> piece = rest.first(std::min(rest.size(), most));
    render_piece(piece, clock);
    rest = rest.subspan(piece.size());
  }
  head_.leave_block();
  rendered_ += frames;
  store_transport();
  if (missed_ != missed_before) {  // late as well: it was there to be read in time
    port_.load.xrun();
    missed_frames_.store(missed_, std::memory_order_relaxed);
  }
  if (plan_ != nullptr) {  // levels are of the block that ends here, and so is the moment that they are told with
    const std::uint64_t end_ns = time_ns + std::uint64_t{frames} * 1'000'000'000 / sample_rate_hz_;
    port_.meters.publish(plan_->meters(), {.frames = frames, .engine_frames = rendered_, .time_ns = end_ns});
  }
  if (tap_ != nullptr) tap_->write(interleaved);
  if (plan_ != nullptr) fading_.store(plan_->fading_frames() > 0, std::memory_order_relaxed);
  engine_frames_.store(rendered_, std::memory_order_relaxed);
  faults_.store(new_faults_, std::memory_order_relaxed);
  LOOPHOLE_FOREIGN_CODE(const std::uint64_t end_ns = monotonic_ns();)
  port_.load.publish({.frames = frames,
                      .sample_rate_hz = sample_rate_hz_,
                      .nodes = plan_ != nullptr ? plan_->nodes() : 0U,
                      .engine_frames = rendered_,
                      .begin_ns = begin_ns,
                      .end_ns = end_ns});
}

void Renderer::render_piece(std::span<float> interleaved, SampleClock& clock) noexcept LOOPHOLE_NONBLOCKING {
  auto left = static_cast<std::uint32_t>(interleaved.size() / 2);
  for (float* out = interleaved.data(); left > 0;) {
    const Transport::Part part = transport_.advance(plan_ != nullptr ? plan_->together(left) : left);
    past_.note(clock.engine_frames, {.position = part.position, .audible = part.audible});
    render_part(part, out, clock);
    left -= part.frames;
    out += std::size_t{part.frames} * 2;
  }
}

// What lies together for the transport may not for a node that hears it later.
void Renderer::render_part(const Transport::Part& part, float* out, SampleClock& clock) noexcept LOOPHOLE_NONBLOCKING {
  const float slope = (part.fade_end - part.fade_begin) / static_cast<float>(part.frames);
  for (std::uint32_t at = 0; at < part.frames;) {
    const std::uint32_t rest = part.frames - at;
    const std::uint32_t frames = plan_ != nullptr ? plan_->heard_together(past_, clock.engine_frames, rest) : rest;
    const SampleClock begin = clock;
    clock.engine_frames += frames;
    clock.time_ns += std::uint64_t{frames} * 1'000'000'000 / clock.sample_rate_hz;
    if (plan_ == nullptr) {
      std::fill_n(out, std::size_t{frames} * 2, 0.0F);
      out += std::size_t{frames} * 2;
    } else {
      const Stretch stretch{.sample_rate = plan_->sample_rate(),
                            .frames = frames,
                            .position = part.position + (part.audible ? at : 0),
                            .audible = part.audible,
                            .fade_begin = at == 0 ? part.fade_begin : part.fade_begin + slope * static_cast<float>(at),
                            .fade_end = frames == rest ? part.fade_end : part.fade_begin + slope * static_cast<float>(at + frames),
                            .tempo_bpm = heard_tempo_bpm_,
                            .heard = {},
                            .measuring = port_.meters.measuring(),
                            .clock = begin,
                            .change_begin = 1,
                            .change_end = 1,
                            .missed = &missed_};
      const StereoBlock audio = plan_->run(stretch, past_, *this);
      for (std::uint32_t i = 0; i < frames; ++i) {
        *out++ = audio.left[i];
        *out++ = audio.right[i];
      }
    }
    at += frames;
  }
}

}  // namespace loophole::reference_signal
