#include "loophole/signal/stream_leases.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string>

namespace loophole::signal {
namespace {

constexpr std::int64_t kMostCount = 9'007'199'254'740'991;  // what an integer of the control plane can say

// The schema lets nothing but 16 hexadecimal digits through.
std::uint64_t bits_of(const StreamId& id) {
  std::uint64_t bits = 0;
  std::from_chars(id.str().data(), id.str().data() + id.str().size(), bits, 16);
  return bits;
}

void add(std::int64_t& count, std::uint64_t more) {
  const auto room = static_cast<std::uint64_t>(kMostCount - count);
  count += static_cast<std::int64_t>(std::min(more, room));
}

}  // namespace

Result<void> StreamLeases::open(const stream::Open& command, const LiveGraph& graph, Time now) {
  for (std::size_t i = 0; i < command.handles.size(); ++i) {
    if (graph.range(command.handles[i]) != nullptr) continue;
    Error error = make_error(errors::kGraphUnknownHandle, "the live graph has no parameter with the handle " +
                                                              std::to_string(command.handles[i]) + "; the stream was not opened");
    error.pointer = "/handles/" + std::to_string(i);
    return error;
  }
  const std::uint64_t key = bits_of(command.stream_id);
  Lease& lease = leases_[key];
  lease.id = command.stream_id;
  lease.length = std::chrono::milliseconds(command.lease_ms);
  lease.deadline = now + lease.length;
  std::vector<Target> targets;
  for (const std::int64_t handle : command.handles) {
    const auto number = static_cast<std::uint32_t>(handle);
    const auto before = std::find_if(lease.targets.begin(), lease.targets.end(), [&](const Target& t) { return t.handle == number; });
    targets.push_back({number, before == lease.targets.end() ? std::nullopt : before->last});
  }
  for (const Target& target : lease.targets) {
    const bool goes_on = std::any_of(targets.begin(), targets.end(), [&](const Target& t) { return t.handle == target.handle; });
    if (target.last && !goes_on) left_behind_.insert(target.handle);
  }
  lease.targets = std::move(targets);
  std::erase(closed_, key);
  return {};
}

std::span<const rt::ParameterChange> StreamLeases::take(const frames::ParameterStreamView& frame, const LiveGraph& graph, Time now) {
  changes_.clear();
  const std::uint64_t count = frame.samples.size();
  ++counters_.frames;
  counters_.samples += count;

  const auto found = leases_.find(frame.header.stream_id);
  if (found == leases_.end()) {
    const bool was_closed = std::find(closed_.begin(), closed_.end(), frame.header.stream_id) != closed_.end();
    (was_closed ? counters_.closed_stream : counters_.unknown_stream) += count;
    return {};
  }
  Lease& lease = found->second;
  add(lease.report.frames_received, 1);
  add(lease.report.samples_received, count);
  if (frame.header.epoch != epoch_) {
    counters_.old_epoch += count;
    add(lease.report.samples_refused, count);
    return {};
  }
  lease.deadline = now + lease.length;

  const std::uint64_t first = frame.header.sequence;
  if (first > lease.next_sequence) {
    const std::uint64_t gap = first - lease.next_sequence;
    counters_.lost += gap;
    add(lease.report.samples_lost, gap);
    lease.next_sequence = first;
  }
  std::uint64_t refused = 0;
  const auto refuse = [&](std::uint64_t& reason) {
    ++reason;
    ++refused;
  };
  for (std::size_t i = 0; i < frame.samples.size(); ++i) {
    const frames::ParameterSample& sample = frame.samples[i];
    if (first + i < lease.next_sequence) {
      refuse(counters_.old_sequence);
      continue;
    }
    lease.next_sequence = first + i + 1;
    const auto target =
        std::find_if(lease.targets.begin(), lease.targets.end(), [&](const Target& t) { return t.handle == sample.handle; });
    const LiveGraph::Range* range = graph.range(sample.handle);
    if (target == lease.targets.end()) {
      refuse(counters_.foreign_handle);
    } else if (range == nullptr) {
      refuse(counters_.unknown_handle);
    } else if (!std::isfinite(sample.value)) {
      refuse(counters_.not_finite);
    } else if (!range->holds(sample.value)) {
      refuse(counters_.out_of_range);
    } else {
      target->last = sample.value;
      left_behind_.erase(sample.handle);
      changes_.push_back({.handle = sample.handle, .origin = rt::ParameterOrigin::gesture, .value = sample.value});
    }
  }
  counters_.applied += changes_.size();
  add(lease.report.samples_applied, changes_.size());
  add(lease.report.samples_refused, refused);
  return changes_;
}

Result<StreamLeases::Closed> StreamLeases::close(const StreamId& id) {
  const std::uint64_t key = bits_of(id);
  const auto found = leases_.find(key);
  if (found == leases_.end())
    return make_error(errors::kStreamUnknown,
                      "no stream '" + id.str() + "' is open in this epoch; it was never opened, was closed, or its lease ended");
  Closed closed{found->second.report, last_values(found->second)};
  end(key);
  return closed;
}

bool StreamLeases::is_open(const StreamId& id) const {
  return leases_.contains(bits_of(id));
}

void StreamLeases::close_all() {
  while (!leases_.empty()) end(leases_.begin()->first);
}

std::vector<stream::Expired> StreamLeases::expire(Time now) {
  std::vector<stream::Expired> expired;
  std::vector<std::uint64_t> keys;
  for (const auto& [key, lease] : leases_) {
    if (lease.deadline > now) continue;
    expired.push_back({.stream_id = lease.id, .report = lease.report, .values = last_values(lease)});
    keys.push_back(key);
  }
  for (const std::uint64_t key : keys) end(key);
  return expired;
}

std::optional<StreamLeases::Time> StreamLeases::next_expiry() const {
  std::optional<Time> next;
  for (const auto& [key, lease] : leases_)
    if (!next || lease.deadline < *next) next = lease.deadline;
  return next;
}

std::vector<rt::ParameterChange> StreamLeases::commits(std::span<const engine::HandleValue> values) {
  std::vector<rt::ParameterChange> changes;
  changes.reserve(values.size());
  for (const auto& [handle, value] : values) {
    const auto number = static_cast<std::uint32_t>(handle);
    const bool ends = left_behind_.erase(number) > 0;
    changes.push_back(
        {.handle = number, .origin = ends ? rt::ParameterOrigin::gesture_end : rt::ParameterOrigin::committed, .value = value});
  }
  return changes;
}

std::vector<rt::ParameterChange> StreamLeases::after_graph(const LiveGraph& graph, std::span<const rt::ParameterChange> forgotten) {
  for (const rt::ParameterChange& change : forgotten)
    if (change.origin != rt::ParameterOrigin::committed && !holds(change.handle)) left_behind_.insert(change.handle);
  std::vector<rt::ParameterChange> changes;
  for (auto& [key, lease] : leases_)
    for (Target& target : lease.targets) {
      const LiveGraph::Range* range = graph.range(target.handle);
      if (!target.last || range == nullptr) continue;
      if (range->holds(*target.last)) {
        changes.push_back({.handle = target.handle, .origin = rt::ParameterOrigin::gesture, .value = *target.last});
      } else {
        target.last.reset();
        left_behind_.insert(target.handle);
      }
    }
  for (const std::uint32_t handle : left_behind_)
    if (const auto committed = graph.value(handle))
      changes.push_back({.handle = handle, .origin = rt::ParameterOrigin::gesture_end, .value = *committed});
  left_behind_.clear();
  return changes;
}

bool StreamLeases::holds(std::uint32_t handle) const {
  return std::any_of(leases_.begin(), leases_.end(), [handle](const auto& entry) {
    return std::any_of(entry.second.targets.begin(), entry.second.targets.end(),
                       [handle](const Target& target) { return target.handle == handle && target.last; });
  });
}

void StreamLeases::end(std::uint64_t key) {
  const std::vector<Target> targets = std::move(leases_.at(key).targets);
  leases_.erase(key);
  for (const Target& target : targets)
    if (target.last && !holds(target.handle)) left_behind_.insert(target.handle);
  closed_.push_back(key);
  if (closed_.size() > kRememberedClosed) closed_.pop_front();
}

std::vector<engine::HandleValue> StreamLeases::last_values(const Lease& lease) {
  std::vector<engine::HandleValue> values;
  for (const Target& target : lease.targets)
    if (target.last) values.push_back({.handle = target.handle, .value = *target.last});
  return values;
}

}  // namespace loophole::signal
