// Faults on the stream and the telemetry plane.
#include <algorithm>
#include <cmath>
#include <limits>

#include "fault.hpp"
#include "loophole/core/bytes.hpp"
#include "loophole/frames/engine_stats.hpp"
#include "loophole/frames/meters.hpp"
#include "loophole/frames/parameter_stream.hpp"
#include "loophole/frames/transport_position.hpp"

namespace loophole::conformance::faults {
namespace {

using Samples = std::vector<frames::ParameterSample>;
using Readings = std::vector<frames::MeterReading>;

// Bytes of a message may lie anywhere; frames are read from an aligned copy.
Buffer aligned(const std::string& bytes) {
  return {bytes_of(bytes).begin(), bytes_of(bytes).end()};
}

std::function<Texts(const std::string&)> samples(std::function<void(frames::ParameterStreamHeader&, Samples&)> change) {
  return [change = std::move(change)](const std::string& bytes) -> Texts {
    const Buffer frame = aligned(bytes);
    const auto view = frames::read_parameter_stream(frame);
    if (!view) return {bytes};
    frames::ParameterStreamHeader header = view->header;
    Samples list(view->samples.begin(), view->samples.end());
    change(header, list);
    return {std::string(text_of(frames::make_parameter_stream(header, list)))};
  };
}

std::function<Texts(const std::string&, const std::string&)> meters(std::function<void(frames::MetersHeader&, Readings&)> change) {
  return [change = std::move(change)](const std::string& topic, const std::string& bytes) -> Texts {
    if (!topic.starts_with("meters")) return {bytes};
    const Buffer frame = aligned(bytes);
    const auto view = frames::read_meters(frame);
    if (!view) return {bytes};
    frames::MetersHeader header = view->header;
    Readings list(view->readings.begin(), view->readings.end());
    change(header, list);
    return {std::string(text_of(frames::make_meters(header, list)))};
  };
}

std::function<Texts(const std::string&, const std::string&)> positions(std::function<bool(frames::TransportPosition&)> change) {
  return [change = std::move(change)](const std::string& topic, const std::string& bytes) -> Texts {
    if (!topic.starts_with("transport")) return {bytes};
    const Buffer frame = aligned(bytes);
    auto position = frames::read_transport_position(frame);
    if (!position) return {bytes};
    if (!change(*position)) return {};
    return {std::string(text_of(frames::make_transport_position(*position)))};
  };
}

}  // namespace

void add_frame_faults(std::vector<Fault>& faults) {
  const auto streams = [&faults](std::string_view id, std::string_view does, std::function<Texts(const std::string&)> hook) {
    faults.push_back({.id = id, .does = does, .stream = std::move(hook)});
  };
  const auto shows = [&faults](std::string_view id, std::string_view does,
                               std::function<Texts(const std::string&, const std::string&)> hook) {
    faults.push_back({.id = id, .does = does, .telemetry = std::move(hook)});
  };
  streams("foreign-stream", "takes frames of any stream",
          samples([first = std::uint64_t{0}](frames::ParameterStreamHeader& header, Samples&) mutable {
            if (first == 0) first = header.stream_id;
            header.stream_id = first;
          }));
  streams("any-epoch", "takes frames of any epoch",
          samples([first = std::uint64_t{0}](frames::ParameterStreamHeader& header, Samples&) mutable {
            if (first == 0) first = header.epoch;
            header.epoch = first;
          }));
  streams("clamps-samples", "clamps samples", samples([](frames::ParameterStreamHeader&, Samples& list) {
            for (auto& sample : list)
              if (std::isfinite(sample.value)) sample.value = std::clamp(sample.value, -90.0, 12.0);
          }));
  streams("nan-is-zero", "takes not a number for 0", samples([](frames::ParameterStreamHeader&, Samples& list) {
            for (auto& sample : list)
              if (std::isnan(sample.value)) sample.value = 0;
          }));
  streams("infinity-is-loud", "takes infinity for the maximum", samples([](frames::ParameterStreamHeader&, Samples& list) {
            for (auto& sample : list)
              if (std::isinf(sample.value)) sample.value = 12;
          }));
  streams("old-samples", "takes samples whatever their number",
          samples([next = std::uint64_t{0}](frames::ParameterStreamHeader& header, Samples& list) mutable {
            header.sequence = std::max(header.sequence, next);
            next = header.sequence + list.size();
          }));
  streams("no-losses", "does not see that samples are missing",
          samples([next = std::uint64_t{0}](frames::ParameterStreamHeader& header, Samples& list) mutable {
            if (header.sequence > next) header.sequence = next;
            next = std::max(next, header.sequence + list.size());
          }));
  streams("first-sample-wins", "takes the first sample of a frame alone",
          samples([](frames::ParameterStreamHeader&, Samples& list) { list.resize(std::min<std::size_t>(list.size(), 1)); }));
  streams("picky-frames", "drops a whole frame for one bad sample", [](const std::string& bytes) -> Texts {
    const Buffer frame = aligned(bytes);
    const auto view = frames::read_parameter_stream(frame);
    const bool bad = view && std::ranges::any_of(view->samples, [](const auto& sample) { return !std::isfinite(sample.value); });
    return bad ? Texts{} : Texts{bytes};
  });
  streams("picky-reserved", "drops samples whose reserved field is not 0", [](const std::string& bytes) -> Texts {
    const Buffer frame = aligned(bytes);
    const auto view = frames::read_parameter_stream(frame);
    const bool bad = view && std::ranges::any_of(view->samples, [](const auto& sample) { return sample.reserved != 0; });
    return bad ? Texts{} : Texts{bytes};
  });
  streams("picky-tables", "drops frames of a later minor",
          [](const std::string& bytes) -> Texts { return bytes.size() == 112 ? Texts{} : Texts{bytes}; });
  streams("verifier-skipped", "takes a frame whatever its identifier", [](const std::string& bytes) -> Texts {
    std::string good = bytes;
    if (good.size() > 8) good.replace(4, 4, "LPPS");
    return {good};
  });

  shows("sequence-stuck", "numbers all frames of meters alike",
        meters([](frames::MetersHeader& header, Readings&) { header.sequence = 5; }));
  shows("sequence-gaps", "leaves out every other number", meters([](frames::MetersHeader& header, Readings&) { header.sequence *= 2; }));
  shows("time-goes-back", "lets time go back in every third frame", meters([count = 0](frames::MetersHeader& header, Readings&) mutable {
          if (++count % 3 == 0) header.time_ns -= 900'000'000;
        }));
  shows("other-epoch", "sends meters of the epoch before", meters([](frames::MetersHeader& header, Readings&) { header.epoch -= 1; }));
  shows("meter-constant", "shows the same level whatever is played", meters([](frames::MetersHeader&, Readings& list) {
          for (auto& reading : list) reading.peak = 0.25F;
        }));
  shows("rms-is-peak", "shows the peak as RMS", meters([](frames::MetersHeader&, Readings& list) {
          for (auto& reading : list) reading.rms = reading.peak;
        }));
  shows("mono-meters", "shows the left channel alone", meters([](frames::MetersHeader&, Readings& list) {
          std::erase_if(list, [](const auto& reading) { return reading.channel != 0; });
        }));
  shows("never-clips", "counts nothing as clipped", meters([](frames::MetersHeader&, Readings& list) {
          for (auto& reading : list) reading.clipped = 0;
        }));
  shows("ghost-meter", "keeps the readings of a meter that is gone",
        meters([ghost = Readings()](frames::MetersHeader&, Readings& list) mutable {
          const auto has = [](const Readings& in) {
            return std::ranges::any_of(in, [](const auto& reading) { return reading.handle == 8; });
          };
          if (has(list)) ghost = list;
          if (!has(list) && !ghost.empty()) list.insert(list.end(), ghost.begin(), ghost.end());
        }));
  shows("readings-overlap", "covers more frames than there were",
        meters([](frames::MetersHeader& header, Readings&) { header.length_frames += 64; }));
  shows("nan-level", "shows a level that is no number", meters([](frames::MetersHeader&, Readings& list) {
          for (auto& reading : list) reading.rms = std::numeric_limits<float>::quiet_NaN();
        }));
  shows("wrong-identifier", "writes another file identifier", [](const std::string& topic, const std::string& bytes) -> Texts {
    std::string bad = bytes;
    if (topic.starts_with("stats")) bad.replace(4, 4, "LPXX");
    return {bad};
  });
  shows("sends-twice", "sends each frame of meters@010 twice", [](const std::string& topic, const std::string& bytes) -> Texts {
    return topic == "meters@010" ? Texts{bytes, bytes} : Texts{bytes};
  });
  shows("beats-of-120", "tells beats as if the tempo were 120", positions([](frames::TransportPosition& position) {
          position.position_beats = static_cast<double>(position.position_frames) / position.sample_rate_hz * 2;
          return true;
        }));
  shows("position-wanders", "tells positions a little off", positions([count = 0](frames::TransportPosition& position) mutable {
          if (position.playing) position.position_frames += static_cast<std::uint64_t>(++count % 7);
          return true;
        }));
  shows("wall-clock", "takes time_ns from another clock", positions([](frames::TransportPosition& position) {
          position.time_ns += 1'700'000'000'000'000'000;
          return true;
        }));
  shows("clock-drifts", "has a clock that runs fast", positions([first = std::uint64_t{0}](frames::TransportPosition& position) mutable {
          if (first == 0) first = position.time_ns;
          position.time_ns = first + (position.time_ns - first) / 10 * 11;
          return true;
        }));
  shows("tells-later", "tells a start or a jump with the next regular frame",
        positions([last = std::uint64_t{0}](frames::TransportPosition& position) mutable {
          if (last != 0 && position.time_ns - last < 800'000'000 && position.playing) return false;
          last = position.time_ns;
          return true;
        }));
  shows("stats-go-back", "lets counts fall",
        [down = std::uint64_t{1'000'000}](const std::string& topic, const std::string& bytes) mutable -> Texts {
          const Buffer frame = aligned(bytes);
          auto stats = frames::read_engine_stats(frame);
          if (!topic.starts_with("stats") || !stats) return {bytes};
          stats->blocks = --down;
          return {std::string(text_of(frames::make_engine_stats(*stats)))};
        });
  shows("stats-of-its-own", "counts applied samples otherwise than session.counters",
        [](const std::string& topic, const std::string& bytes) -> Texts {
          const Buffer frame = aligned(bytes);
          auto stats = frames::read_engine_stats(frame);
          if (!topic.starts_with("stats") || !stats) return {bytes};
          stats->stream_samples_applied += 1;
          return {std::string(text_of(frames::make_engine_stats(*stats)))};
        });
}

}  // namespace loophole::conformance::faults
