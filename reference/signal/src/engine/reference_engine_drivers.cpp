// The part of the engine that is about drivers: configuration, audio on and off, jumps of the transport, devices that go and return, xruns.

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <utility>

#include "engine/reference_engine.hpp"

namespace loophole::reference_signal {
namespace {

constexpr std::chrono::seconds kFirstLook{1};  // after a device went
constexpr std::chrono::seconds kRarestLook{32};
constexpr std::chrono::seconds kRanWell{60};  // a device that ran so long is looked for eagerly again
constexpr std::chrono::milliseconds kXrunInterval{100};
constexpr std::chrono::milliseconds kJumpPatience{500};
constexpr std::chrono::seconds kMostInBlock{5};
constexpr std::chrono::milliseconds kMostSeen{100};  // at once: a process that was stopped did not watch meanwhile

engine::AudioState state_with(const engine::Effective& effective) {
  return effective.driver == engine::Driver::paced ? engine::AudioState::without_device : engine::AudioState::running;
}

std::int64_t scaled(std::int64_t frames, std::int64_t from_hz, std::int64_t to_hz) {
  return std::llround(static_cast<double>(frames) * static_cast<double>(to_hz) / static_cast<double>(from_hz));
}

}  // namespace

DriverWish ReferenceEngine::wish_of(const engine::Configure& wanted) const {
  // A device is PortAudio's, whatever the engine was started with.
  const auto driver = wanted.driver || wanted.device_id ? wanted.driver : options_.driver;
  return {.driver = driver,
          .device = wanted.device_id,
          .sample_rate_hz = wanted.sample_rate_hz,
          .block_frames = wanted.block_frames,
          .file = options_.record};
}

void ReferenceEngine::configure(const engine::Configure& wanted, Done<engine::Effective> done) {
  if (driver_ && configured_ == wanted) {
    done(driver_->effective());
    return tell_stand_in();  // whoever asks may be new here
  }
  const auto before = configured_;
  auto opened = open_in_place(wish_of(wanted));
  if (!opened) {
    if (!driver_ && before) bring_back(*before);
    return done(std::move(opened).error());
  }
  adopt(*std::move(opened), [this, wanted, before, done = std::move(done)](Result<engine::Effective> effective) {
    if (effective) {
      configured_ = wanted;
      lost_.reset();
    } else if (!driver_ && before) {
      bring_back(*before);
    }
    done(std::move(effective));
  });
}

// Two streams to one device are more than some systems give: what has a device goes first.
Result<std::unique_ptr<AudioDriver>> ReferenceEngine::open_in_place(const DriverWish& wish) {
  ++adoption_;
  opened_.reset();
  if (driver_ && driver_->device()) driver_.reset();
  // So does what writes the file that the driver offline is to continue.
  if (wish.driver == engine::Driver::offline || (driver_ && driver_->effective().driver == engine::Driver::offline)) {
    driver_.reset();
    stop_recording();
  }
  return drivers_.open(wish);
}

void ReferenceEngine::bring_back(const engine::Configure& before) {
  if (lost_) return pace_or_tell();
  auto again = drivers_.open(wish_of(before));
  if (!again) return spdlog::error("{}", again.error().message);
  adopt(*std::move(again), [](const Result<engine::Effective>& effective) {
    if (!effective) spdlog::error("{}", effective.error().message);
  });
}

void ReferenceEngine::pace_or_tell() {
  const auto started = pace();
  if (started) return;
  spdlog::error("{}", started.error().message);
  on_event_(engine::StateChanged{.state = engine::AudioState::stopped, .reason = started.error().message});
}

void ReferenceEngine::start(Done<void> done) {
  if (driver_) return done({});
  if (!configured_) return done(make_error(errors::kEngineDriverFailed, "nothing is configured yet; send engine.configure"));
  auto opened = open_in_place(wish_of(*configured_));
  if (!opened && lost_) return done(pace());  // as it was before the stop: in real time, until the device is back
  if (!opened) {
    Error error = std::move(opened).error();
    return done(make_error(errors::kEngineDriverFailed, error.message));
  }
  adopt(*std::move(opened), [this, done = std::move(done)](Result<engine::Effective> effective) {
    if (!effective) return done(std::move(effective).error());
    lost_.reset();
    done({});
  });
}

void ReferenceEngine::stop() {
  ++adoption_;
  opened_.reset();
  driver_.reset();
  take_in_stead();
}

engine::StateReply ReferenceEngine::state() const {
  return {.state = driver_ ? state_with(driver_->effective()) : engine::AudioState::stopped,
          .effective = effective_,
          .xruns = static_cast<std::int64_t>(renderer_.xruns()),
          .engine_frames = static_cast<std::int64_t>(renderer_.engine_frames())};
}

void ReferenceEngine::finish(const PlanFormat& format, Ready* ready, const Done<engine::Effective>& done) {
  driver_.reset();
  format_ = format;
  if (ready != nullptr) {
    renderer_.take_without_driver();  // the graph that waits has values that the next one keeps
    static_cast<void>(hand_over(*ready, true));
    tell_plugin_failures();
  }
  if (auto started = run(std::move(opened_)); !started) return done(std::move(started).error());
  if (const auto reason = driver_->stands_in()) spdlog::warn("{}; pacing in real time without a device", *reason);
  done(driver_->effective());
  tell_stand_in();
}

Result<void> ReferenceEngine::run(std::unique_ptr<AudioDriver> driver) {
  const engine::Effective& effective = driver->effective();
  if (effective.driver != engine::Driver::offline)  // which writes the recording itself, and waits for the disk
    if (auto recording = record_at(effective.sample_rate_hz); !recording) return recording;
  take_in_stead();
  renderer_.set_sample_rate(effective.sample_rate_hz);
  if (effective_) rescale_transport(effective_->sample_rate_hz, effective.sample_rate_hz);
  if (auto started = driver->start(renderer_); !started) return started;
  driver_ = std::move(driver);
  effective_ = effective;
  ran_since_ = Clock::now();
  spdlog::info("driver {}{}{}, {} Hz, {} frames a block", engine::to_string(effective.driver), effective.device.empty() ? "" : " on ",
               effective.device, effective.sample_rate_hz, effective.block_frames);
  return {};
}

void ReferenceEngine::rescale_transport(std::int64_t from_hz, std::int64_t to_hz) {
  if (from_hz == to_hz) return;
  const engine::TransportState before = renderer_.transport();
  engine::TransportSet change{
      .playing = {}, .position_frames = scaled(before.position_frames, from_hz, to_hz), .loop = {}, .tempo_bpm = {}};
  if (before.loop.enabled) {
    change.loop = before.loop;
    change.loop->start_frames = scaled(before.loop.start_frames, from_hz, to_hz);
    change.loop->end_frames = std::max(change.loop->start_frames + 1, scaled(before.loop.end_frames, from_hz, to_hz));
  }
  clips_.expect(change);
  static_cast<void>(renderer_.set_transport(change));
  take_in_stead();
}

// Jumps do not wait while nothing sounds.
void ReferenceEngine::take_in_stead() {
  renderer_.let_transport_go();
  renderer_.collect();
  renderer_.take_without_driver();
  clips_.settle();
  jump_.reset();
}

Result<signal::Engine::Ticket> ReferenceEngine::set_transport(const engine::TransportSet& change) {
  clips_.expect(change);
  const bool is_heard = driver_ && change.playing.value_or(true);
  if (!is_heard) {
    renderer_.let_transport_go();
  } else if (!renderer_.holds_transport() && !clips_.has_expected()) {
    renderer_.hold_transport();
    jump_asked_at_ = Clock::now();
  }
  jump_ = renderer_.set_transport(change);
  return *jump_;
}

void ReferenceEngine::look_after_jumps() {
  if (!jump_) return;
  if (renderer_.holds_transport()) {
    if (!clips_.has_expected() && Clock::now() - jump_asked_at_ < kJumpPatience) return;
    renderer_.let_transport_go();
    renderer_.collect();
  }
  if (!renderer_.taken(*jump_)) return;
  clips_.settle();
  jump_.reset();
}

void ReferenceEngine::look_after_audio() {
  const auto now = Clock::now();
  const auto seen = std::min<Clock::duration>(now - std::exchange(watched_at_, now), kMostSeen);
  const std::uint64_t block = renderer_.head().block();
  const bool left = !driver_ || renderer_.head().has_left(watched_block_);
  watched_block_ = block;
  in_block_ = left ? Clock::duration::zero() : in_block_ + seen;
  if (in_block_ < kMostInBlock) return;
  if (driver_->effective().driver == engine::Driver::offline) {  // may take as long as it takes
    spdlog::warn("one block has taken more than {} s; does a plugin hang?", kMostInBlock.count());
    in_block_ = Clock::duration::min() / 2;
    return;
  }
  spdlog::critical("the audio thread has been in one block for {} s; the engine ends", kMostInBlock.count());
  std::abort();
}

void ReferenceEngine::tick() {
  look_after_audio();
  if (driver_) {
    if (const auto fault = driver_->fault()) device_lost(*fault);
    if (driver_) stop_transport_when_finished();
    if (lost_ && driver_ && !watch_.looking() && Clock::now() >= lost_->look_at) look_for_devices();
  } else {
    take_in_stead();
  }
  look_after_jumps();
  tell_xruns();
  tell_missed();
  renderer_.collect();
  if (renderer_.is_live()) compiler_.settle();
  follow_up();
  tell_faults();
}

void ReferenceEngine::stop_transport_when_finished() {
  const bool finished = driver_->finished();
  if (std::exchange(finished_, finished) || !finished) return;
  spdlog::info("the driver {} has rendered all that it is there for; the transport stops", engine::to_string(driver_->effective().driver));
  static_cast<void>(renderer_.set_transport({.playing = false, .position_frames = {}, .loop = {}, .tempo_bpm = {}}));
}

// ---- devices that go and return ----

void ReferenceEngine::device_lost(const std::string& reason) {
  spdlog::warn("{}; pacing in real time without a device", reason);
  const auto id = driver_->device();
  const std::string name = driver_->effective().device;
  const auto now = Clock::now();
  const bool ran_well = now - ran_since_ > kRanWell || patience_ < kFirstLook;
  patience_ = ran_well ? kFirstLook : std::min(patience_ * 2, kRarestLook);
  ++adoption_;
  opened_.reset();
  driver_.reset();
  if (id) {
    lost_ = LostDevice{.id = *id, .name = name, .look_at = now + patience_};
    on_event_(device::Lost{.device_id = *id, .name = name, .reason = reason});
  }
  if (const auto started = pace(); !started) {
    spdlog::error("{}", started.error().message);
    on_event_(engine::StateChanged{.state = engine::AudioState::stopped, .reason = reason});
    return;
  }
  tell_driver(reason);
}

Result<void> ReferenceEngine::pace() {
  auto opened = drivers_.open(
      {.driver = engine::Driver::paced, .device = {}, .sample_rate_hz = format_.sample_rate_hz, .block_frames = format_.block_frames});
  if (!opened) return std::move(opened).error();
  return run(*std::move(opened));
}

void ReferenceEngine::tell_stand_in() {
  if (!driver_) return;
  if (const auto reason = driver_->stands_in()) tell_driver(*reason);
}

void ReferenceEngine::tell_driver(const std::string& reason) {
  on_event_(engine::DriverChanged{.effective = driver_->effective(), .reason = reason});
  on_event_(engine::StateChanged{.state = state_with(driver_->effective()), .reason = reason});
}

void ReferenceEngine::list_devices(Done<device::ListReply> done) {
  watch_.look([this, done = std::move(done)](const Result<std::vector<device::Device>>& found) {
    devices_found(found);
    if (!found) return done(found.error());
    done(device::ListReply{.devices = *found, .in_use = driver_ ? driver_->device() : std::nullopt});
  });
}

void ReferenceEngine::look_for_devices() {
  watch_.look([this](const Result<std::vector<device::Device>>& found) { devices_found(found); });
}

void ReferenceEngine::devices_found(const Result<std::vector<device::Device>>& found) {
  if (!found) {
    if (lost_) lost_->look_at = Clock::now() + patience_;
    return spdlog::warn("the output devices cannot be listed: {}", found.error().message);
  }
  const bool changed = devices_ ? *devices_ != *found : lost_.has_value();
  devices_ = *found;
  if (changed) on_event_(device::Changed{.devices = *found});
  if (!lost_ || !driver_) return;
  lost_->look_at = Clock::now() + patience_;
  if (std::any_of(found->begin(), found->end(), [&](const device::Device& device) { return device.id == lost_->id; })) return_to(*lost_);
}

void ReferenceEngine::return_to(const LostDevice& lost) {
  DriverWish wish = wish_of(*configured_);
  wish.driver = engine::Driver::portaudio;
  wish.device = lost.id;
  auto opened = open_in_place(wish);
  if (!opened) return spdlog::info("the output device '{}' is listed, but: {}", lost.name, opened.error().message);
  adopt(*std::move(opened), [this, name = lost.name](Result<engine::Effective> effective) {
    if (effective) {
      lost_.reset();
      return tell_driver("the output device '" + name + "' is back");
    }
    spdlog::warn("the output device '{}' is back, but: {}", name, effective.error().message);
    if (!driver_) pace_or_tell();
  });
}

// ---- xruns ----

void ReferenceEngine::tell_xruns() {
  const std::uint64_t total = renderer_.xruns();
  const auto now = Clock::now();
  if (total == xruns_told_ || now - xruns_told_at_ < kXrunInterval) return;
  on_event_(engine::Xrun{.xruns = static_cast<std::int64_t>(total - xruns_told_),
                         .total = static_cast<std::int64_t>(total),
                         .engine_frames = static_cast<std::int64_t>(renderer_.engine_frames())});
  xruns_told_ = total;
  xruns_told_at_ = now;
}

void ReferenceEngine::tell_missed() {
  if (std::exchange(missed_told_, renderer_.missed_frames()) != renderer_.missed_frames()) clips_.tell_missed();
}

}  // namespace loophole::reference_signal
