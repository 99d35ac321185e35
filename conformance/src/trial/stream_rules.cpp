#include "trial/stream_rules.hpp"

#include <algorithm>
#include <cmath>

namespace loophole::conformance {

std::uint64_t StreamRules::number_of(const StreamId& id) {
  return std::stoull(id.value, nullptr, 16);
}

void StreamRules::granted(const StreamId& id, std::int64_t epoch, std::vector<parameter::GestureTarget> targets) {
  streams_[number_of(id)] = {.epoch = static_cast<std::uint64_t>(epoch), .targets = std::move(targets)};
}

void StreamRules::over(const StreamId& id, std::string requirement, Instant since) {
  over_.try_emplace(number_of(id), Over{.requirement = std::move(requirement), .since = since});
}

const GrantedStream* StreamRules::find(const StreamId& id) const {
  const auto found = streams_.find(number_of(id));
  return found == streams_.end() ? nullptr : &found->second;
}

stream::StreamReport StreamRules::report(const StreamId& id) const {
  const GrantedStream* stream = find(id);
  if (stream == nullptr) return {};
  const auto samples = static_cast<std::int64_t>(stream->samples.size());
  return {.frames_received = static_cast<std::int64_t>(stream->frames.size()),
          .samples_received = samples,
          .samples_applied = samples,
          .samples_lost = 0,
          .samples_refused = 0};
}

std::string StreamRules::hear(Bytes bytes, Instant now, std::vector<Violation>& violations) {
  constexpr std::size_t kMaxFrameBytes = 1'048'576;
  if (bytes.size() > kMaxFrameBytes) violations.push_back({"FRM-37", "a frame of " + std::to_string(bytes.size()) + " bytes"});
  const auto frame = frames::read_parameter_stream(bytes);
  if (!frame) {
    violations.push_back({"FRM-29", loophole::to_string(frame.error())});
    return "no frame that can be read";
  }
  const frames::ParameterStreamHeader& header = frame->header;
  std::string text = "ParameterStream " + std::to_string(header.stream_id) + " epoch " + std::to_string(header.epoch) + " from " +
                     std::to_string(header.sequence) + ":";
  for (const frames::ParameterSample& sample : frame->samples)
    text += " " + std::to_string(sample.handle) + "=" + std::to_string(sample.value);

  const auto found = streams_.find(header.stream_id);
  if (found == streams_.end()) {
    violations.push_back(streams_.empty()
                             ? Violation{"GEST-9", "a frame before any begin was answered"}
                             : Violation{"GEST-10", "the stream id " + std::to_string(header.stream_id) + " was never granted"});
    return text;
  }
  GrantedStream& stream = found->second;
  if (header.epoch != stream.epoch)
    violations.push_back({"GEST-10", "epoch " + std::to_string(header.epoch) + "; the grant said " + std::to_string(stream.epoch)});
  if (header.sequence != stream.next)
    violations.push_back(
        {"GEST-11", "the sequence is " + std::to_string(header.sequence) + " where " + std::to_string(stream.next) + " is due"});
  if (const auto end = over_.find(header.stream_id); end != over_.end() && now > end->second.since)
    violations.push_back({end->second.requirement, "a frame of a stream that is over"});
  stream.next = header.sequence + frame->samples.size();
  stream.frames.push_back(now);
  for (const frames::ParameterSample& sample : frame->samples) {
    if (sample.reserved != 0) violations.push_back({"FRM-35", "reserved is " + std::to_string(sample.reserved)});
    if (std::ranges::find(stream.targets, sample.handle, &parameter::GestureTarget::handle) == stream.targets.end())
      violations.push_back({"GEST-10", "the handle " + std::to_string(sample.handle) + " is none of the grant"});
    if (!std::isfinite(sample.value)) violations.push_back({"GEST-12", "a value that is no number"});
    stream.samples.push_back(sample);
    stream.newest[sample.handle] = sample.value;
  }
  return text;
}

}  // namespace loophole::conformance
