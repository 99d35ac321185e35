#include "trial/planes.hpp"

#include <algorithm>

#include "loophole/core/bytes.hpp"
#include "trial/client.hpp"

namespace loophole::conformance {
namespace {

constexpr std::size_t kKept = 4'096;
constexpr int kFramesAtOnce = 1'024;

std::string hexadecimal(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const char c : bytes.substr(0, 1'024)) {
    text += kDigits[static_cast<unsigned char>(c) >> 4U];
    text += kDigits[static_cast<unsigned char>(c) & 15U];
  }
  return text;
}

template <class T>
void keep(std::vector<T>& list, T one, std::size_t& count) {
  ++count;
  if (list.size() >= kKept) list.erase(list.begin(), list.begin() + kKept / 2);
  list.push_back(std::move(one));
}

}  // namespace

Hand::Hand(Trial& trial, std::uint64_t stream_id, std::unique_ptr<Lane> lane)
    : header{.stream_id = stream_id, .epoch = 0, .sequence = 0}, trial_(trial), lane_(std::move(lane)) {}

void Hand::send(const Parts& parts, std::string text, bool wrong) {
  trial_.note("stream", "sent", "aura", std::move(text), wrong, hexadecimal(parts.back()));
  if (!trial_.wait([&] { return lane_->send(parts); })) throw CaseEnded("the stream endpoint takes no frames");
}

void Hand::frame(const frames::ParameterStreamHeader& with, const std::vector<frames::ParameterSample>& samples, bool wrong) {
  const Buffer bytes = frames::make_parameter_stream(with, samples);
  std::string text = "ParameterStream " + std::to_string(with.stream_id) + " epoch " + std::to_string(with.epoch) + " from " +
                     std::to_string(with.sequence) + ":";
  for (const auto& sample : samples) text += " " + std::to_string(sample.handle) + "=" + std::to_string(sample.value);
  send({std::string(text_of(bytes))}, std::move(text), wrong);
}

void Hand::move(const std::vector<frames::ParameterSample>& samples) {
  frame(header, samples, false);
  header.sequence += samples.size();
}

void Hand::bytes(const std::string& raw) {
  send({raw}, std::to_string(raw.size()) + " bytes that are no frame", true);
}

void Hand::parts(const Parts& parts) {
  send(parts, std::to_string(parts.size()) + " parts", true);
}

Watcher::Watcher(Trial& trial, std::unique_ptr<Lane> lane) : trial_(trial), lane_(std::move(lane)) {}

void Watcher::subscribe(std::string_view topic) {
  trial_.note("telemetry", "sent", "aura", "subscribes to '" + std::string(topic) + "'");
  lane_->subscribe(topic);
}
void Watcher::unsubscribe(std::string_view topic) {
  trial_.note("telemetry", "sent", "aura", "no longer subscribes to '" + std::string(topic) + "'");
  lane_->unsubscribe(topic);
}

std::size_t Watcher::count(std::string_view topic) const {
  const auto found = counts_.find(topic);
  return found == counts_.end() ? 0 : found->second;
}

std::optional<frames::MeterReading> Watcher::reading(std::uint32_t handle) const {
  const auto frames = meters.find("meters");
  if (frames == meters.end()) return std::nullopt;
  for (auto frame = frames->second.rbegin(); frame != frames->second.rend(); ++frame)
    for (const frames::MeterReading& reading : frame->readings)
      if (reading.handle == handle && reading.channel == 0) return reading;
  return std::nullopt;
}

void Watcher::pump() {
  for (int n = 0; n < kFramesAtOnce; ++n) {
    const auto parts = lane_->receive();
    if (!parts) return;
    std::vector<Violation> violations;
    if (parts->size() != 2) {
      trial_.note("telemetry", "received", "aura", std::to_string(parts->size()) + " parts");
      trial_.violated({{"FRM-1", "a telemetry message of " + std::to_string(parts->size()) + " parts, not topic and frame"}});
      continue;
    }
    const std::string& topic = parts->front();
    // ZeroMQ puts the bytes anywhere; frames are read where they lie, so they are moved to a place that fits.
    const Buffer frame(bytes_of(parts->back()).begin(), bytes_of(parts->back()).end());
    std::string text = trial_.rules_.hear_frame(topic, frame, trial_.epoch(), violations);
    if (counts_[topic] < 8 || !violations.empty())
      trial_.note("telemetry", "received", "aura", std::move(text), false, hexadecimal(parts->back()));
    trial_.violated(violations);
    // What cannot be read, or is of another topic, is no frame that came: cases may rely on what is counted.
    if (topic.starts_with("meters")) {
      if (const auto view = frames::read_meters(frame))
        keep(meters[topic], Meters{.header = view->header, .readings = {view->readings.begin(), view->readings.end()}}, counts_[topic]);
    } else if (topic.starts_with("transport")) {
      if (const auto position = frames::read_transport_position(frame)) keep(positions[topic], *position, counts_[topic]);
    } else if (topic.starts_with("stats")) {
      if (const auto one = frames::read_engine_stats(frame)) keep(stats[topic], *one, counts_[topic]);
    } else if (topic.starts_with("spectrum/")) {
      if (const auto view = frames::read_spectrum(frame))
        keep(spectra[topic], Spectrum{.header = view->header, .magnitudes_db = {view->magnitudes_db.begin(), view->magnitudes_db.end()}},
             counts_[topic]);
    } else {
      ++counts_[topic];  // of no topic that there is
    }
  }
}

}  // namespace loophole::conformance
