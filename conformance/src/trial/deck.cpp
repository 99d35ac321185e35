#include "trial/deck.hpp"

#include <sys/stat.h>

#include "loophole/core/bytes.hpp"
#include "loophole/frames/engine_stats.hpp"
#include "loophole/frames/meters.hpp"
#include "loophole/frames/transport_position.hpp"
#include "loophole/wire/topic.hpp"
#include "trial/later_fields.hpp"

namespace loophole::conformance {
namespace {

constexpr std::uint32_t kRateHz = 48'000;
constexpr auto kTick = std::chrono::milliseconds(33);
constexpr int kAtOnce = 4'096;
constexpr std::size_t kShown = 64;  // frames that are in the transcript, so that it is not all there is

std::string text_of_frame(const Buffer& buffer) {
  return std::string(text_of(buffer));
}

}  // namespace

Deck::Deck(Trial& trial, StreamRules& rules, session::EngineLink link, std::vector<Handle> meters)
    : trial_(trial), rules_(rules), link_(std::move(link)), meters_(std::move(meters)), begin_(std::chrono::steady_clock::now()) {
  std::string error;
  const mode_t before = ::umask(0177);
  stream_ = Lane::bind(trial_.lanes_, Lane::Kind::narrow_pull, link_.stream_endpoint, error);
  telemetry_ = Lane::bind(trial_.lanes_, Lane::Kind::xpub, link_.telemetry_endpoint, error);
  ::umask(before);
  if (stream_ == nullptr || telemetry_ == nullptr) throw SuiteFault(error);
}

std::vector<Lane*> Deck::lanes() const {
  std::vector<Lane*> all{telemetry_.get()};
  if (reads_) all.push_back(stream_.get());
  return all;
}

void Deck::pump() {
  for (auto parts = telemetry_->receive(); parts; parts = telemetry_->receive()) {
    const std::string& said = parts->front();
    if (said.empty() || (said[0] != '\0' && said[0] != '\1')) {
      trial_.note("telemetry", "received", "signal", "a message of " + std::to_string(said.size()) + " bytes");
      trial_.violated({{"FRM-1", "a message on the telemetry plane that is no subscription"}});
      continue;
    }
    const std::string topic = said.substr(1);
    trial_.note("telemetry", "received", "signal",
                (said[0] == '\1' ? "a subscription to '" : "no longer a subscription to '") + topic + "'");
    if (said[0] == '\0') {
      topics_.erase(topic);
      continue;
    }
    topics_.insert(topic);
    ++subscriptions_;
    if (!wire::Topic::parse(topic)) trial_.violated({{"FRM-22", "'" + topic + "' is no topic"}});
  }
  for (int n = 0; reads_ && n < kAtOnce; ++n) {
    const auto parts = stream_->receive();
    if (!parts) break;
    ++frames_;
    std::vector<Violation> violations;
    std::string text;
    if (parts->size() != 1) {
      text = std::to_string(parts->size()) + " parts";
      violations.push_back({"FRM-1", "a message of " + text + " on the stream plane"});
    } else {
      // Frames are read where they lie, so they are moved to a place that fits.
      const Buffer frame(bytes_of(parts->front()).begin(), bytes_of(parts->front()).end());
      text = rules_.hear(frame, std::chrono::steady_clock::now(), violations);
      if (dead_) text += " (at the endpoint of an engine that is gone)";
    }
    if (frames_ <= kShown || !violations.empty()) trial_.note("stream", "received", "signal", std::move(text));
    trial_.violated(violations);
  }
  tick();
}

void Deck::tick() {
  const auto now = std::chrono::steady_clock::now();
  if (dead_ || paused_ || now - last_tick_ < kTick) return;
  last_tick_ = now;
  for (const std::string& topic : topics_) {
    const auto parsed = wire::Topic::parse(topic);
    if (!parsed || parsed->kind == frames::FrameKind::spectrum) continue;
    (void)telemetry_->send({topic, later_ ? with_later_field(frame(topic)) : frame(topic)});
  }
}

std::string Deck::frame(const std::string& topic) {
  return frame(topic, static_cast<std::uint64_t>(link_.epoch), ++sequences_[topic]);
}

std::string Deck::frame(const std::string& topic, std::uint64_t epoch, std::uint64_t sequence) {
  const auto lived = std::chrono::steady_clock::now() - begin_;
  const auto engine_frames = static_cast<std::uint64_t>(std::chrono::duration<double>(lived).count() * kRateHz);
  const auto time_ns = static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
  if (topic.starts_with(wire::topic::kTransport))
    return text_of_frame(frames::make_transport_position({.epoch = epoch,
                                                          .sequence = sequence,
                                                          .engine_frames = engine_frames,
                                                          .time_ns = time_ns,
                                                          .position_frames = sequence,
                                                          .sample_rate_hz = kRateHz}));
  if (topic.starts_with(wire::topic::kStats))
    return text_of_frame(
        frames::make_engine_stats({.epoch = epoch, .sequence = sequence, .engine_frames = engine_frames, .time_ns = time_ns}));
  std::vector<frames::MeterReading> readings;
  for (const Handle handle : meters_)
    for (const std::uint16_t channel : {std::uint16_t{0}, std::uint16_t{1}})
      readings.push_back({.handle = static_cast<std::uint32_t>(handle), .channel = channel, .clipped = 0, .peak = 0.5F, .rms = 0.25F});
  return text_of_frame(frames::make_meters(
      {.epoch = epoch, .sequence = sequence, .engine_frames = engine_frames, .time_ns = time_ns, .length_frames = 1'600}, readings));
}

std::uint64_t Deck::sequence(const std::string& topic) const {
  const auto found = sequences_.find(topic);
  return found == sequences_.end() ? 0 : found->second;
}

void Deck::skip(std::uint64_t frames) {
  for (auto& [topic, sequence] : sequences_) sequence += frames;
}

void Deck::send(const Parts& parts, const std::string& what) {
  trial_.note("telemetry", "sent", "signal", what, true);
  (void)telemetry_->send(parts);
}

}  // namespace loophole::conformance
