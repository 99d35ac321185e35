#include "counting.hpp"

#include "loophole/frames/kind.hpp"

namespace loophole::net {

ControlGate::~ControlGate() = default;
ControlLink::~ControlLink() = default;

ReceiveCounters& ReceiveCounters::operator+=(const ReceiveCounters& other) noexcept {
  control += other.control;
  stream_frames += other.stream_frames;
  telemetry_frames += other.telemetry_frames;
  unknown += other.unknown;
  oversized += other.oversized;
  replaced += other.replaced;
  return *this;
}

void count(ReceiveCounters& counters, Bytes bytes) noexcept {
  const auto plane = frames::plane_of(frames::classify(bytes));
  if (!plane) {
    ++counters.unknown;
    return;
  }
  switch (*plane) {
    case topology::Plane::control:
      ++counters.control;
      return;
    case topology::Plane::stream:
      ++counters.stream_frames;
      return;
    case topology::Plane::telemetry:
      ++counters.telemetry_frames;
      return;
  }
}

}  // namespace loophole::net
