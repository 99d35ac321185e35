// Frames that were damaged are refused, or are frames whose values are in range. Run it under AddressSanitizer to see what is touched.
#include <doctest/doctest.h>

#include <cmath>
#include <random>

#include "frame_samples.hpp"

using namespace loophole;
using namespace loophole::test;

namespace {

constexpr std::uint64_t kMost = 9'007'199'254'740'991;

bool good(std::monostate) {
  return false;
}
bool good(const frames::ParameterStreamView& view) {
  volatile double touched = 0;
  for (const auto& sample : view.samples) touched = touched + sample.value + static_cast<double>(sample.handle);
  return view.header.epoch <= kMost && view.header.sequence <= kMost;
}
bool good(const frames::MetersView& view) {
  bool all = view.header.epoch <= kMost && view.header.sequence <= kMost && view.header.engine_frames <= kMost;
  for (const auto& reading : view.readings)
    all = all && reading.handle > 0 && reading.channel < 256 && std::isfinite(reading.peak) && reading.peak >= 0 &&
          std::isfinite(reading.rms) && reading.rms >= 0;
  return all;
}
bool good(const frames::SpectrumView& view) {
  bool all = view.header.epoch <= kMost && view.header.sequence <= kMost && view.header.engine_frames <= kMost && view.header.handle > 0 &&
             view.header.channel >= -1 && view.header.channel <= 255 && view.header.window <= frames::SpectrumWindow::flat_top &&
             view.header.sample_rate_hz >= 8'000 && view.header.sample_rate_hz <= 384'000 && view.header.window_frames >= 16 &&
             view.header.window_frames <= 65'536;
  for (const float magnitude : view.magnitudes_db) all = all && magnitude >= -200 && magnitude <= 100;
  return all;
}
bool good(const frames::TransportPosition& at) {
  return at.epoch <= kMost && at.sequence <= kMost && at.engine_frames <= kMost && at.position_frames <= kMost &&
         at.sample_rate_hz <= 384'000 && at.position_beats >= 0 && at.position_beats <= static_cast<double>(kMost) && at.tempo_bpm >= 20 &&
         at.tempo_bpm <= 999 && at.loop_start_frames <= kMost && at.loop_end_frames <= kMost;
}
bool good(const frames::EngineStats& stats) {
  return stats.epoch <= kMost && stats.sequence <= kMost && stats.engine_frames <= kMost && stats.sample_rate_hz <= 384'000 &&
         stats.block_frames <= 65'536 && std::isfinite(stats.load_mean_ratio) && stats.load_mean_ratio >= 0 &&
         std::isfinite(stats.load_peak_ratio) && stats.load_peak_ratio >= 0 && stats.blocks <= kMost && stats.late_blocks <= kMost &&
         stats.xruns <= kMost && stats.stream_frames_received <= kMost && stats.stream_frames_malformed <= kMost &&
         stats.stream_samples_received <= kMost && stats.stream_samples_applied <= kMost && stats.stream_samples_refused <= kMost &&
         stats.stream_samples_lost <= kMost && stats.telemetry_frames_sent <= kMost && stats.telemetry_frames_dropped <= kMost;
}

// How many readers take the bytes. A copy of exactly their size, so that a sanitizer sees every step beyond.
std::size_t taken(const Buffer& frame) {
  const Buffer exact(frame.begin(), frame.end());
  std::size_t count = 0;
  for (const NamedFrame& each : all_frames()) {
    const auto result = read(each.kind, exact);
    if (!result) continue;
    ++count;
    CHECK(std::visit([](const auto& view) { return good(view); }, *result));
  }
  return count;
}

}  // namespace

TEST_CASE("a frame cut off at any byte is refused") {
  for (const NamedFrame& frame : all_frames()) {
    REQUIRE(taken(frame.bytes) == 1);
    // Padding at the end may be missing; nothing that is read may.
    for (std::size_t length = 0; length < frame.bytes.size(); ++length) {
      const std::size_t count = taken({frame.bytes.begin(), frame.bytes.begin() + static_cast<std::ptrdiff_t>(length)});
      if (length + 8 <= frame.bytes.size()) CHECK(count == 0);
    }
  }
}

TEST_CASE("a frame with any one byte changed in any way is refused or in range") {
  for (const NamedFrame& frame : all_frames()) {
    for (std::size_t at = 0; at < frame.bytes.size(); ++at) {
      Buffer changed = frame.bytes;
      for (int value = 0; value < 256; ++value) {
        changed[at] = static_cast<std::byte>(value);
        const auto result = read(frame.kind, changed);
        if (result) {
          const bool in_range = std::visit([](const auto& view) { return good(view); }, *result);
          if (!in_range) FAIL("byte ", at, " as ", value);
        } else {
          REQUIRE(result.error().code == errors::kFrameMalformed.text);
        }
      }
    }
  }
}

TEST_CASE("random changes are refused or read without harm") {
  std::mt19937 random(20260131);
  const auto all = all_frames();
  for (int round = 0; round < 20'000; ++round) {
    Buffer frame = all[random() % all.size()].bytes;
    for (unsigned edits = 1 + random() % 4; edits > 0; --edits) {
      const std::size_t at = random() % frame.size();
      frame[at] = static_cast<std::byte>(random() % 3 == 0 ? random() % 256 : random() % 16);
    }
    if (random() % 4 == 0) frame.resize(random() % (frame.size() + 1));
    CHECK(taken(frame) <= 1);
  }
}
