#pragma once
// SpscRing: a queue of fixed capacity between exactly one producing and exactly one consuming thread. Every operation is wait-free and
// allocates nothing after construction; either side may be an audio thread.
//
// Positions count elements since construction and never wrap, so that "everything up to here" can be told apart from what came later
// (ParameterFeed marks a graph with one).

#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <type_traits>
#include <vector>

#include "loophole/signal/rt/nonblocking.hpp"

namespace loophole::signal::rt {

template <class T>
class SpscRing {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  // Rounded up to a power of two.
  explicit SpscRing(std::size_t capacity) : cells_(std::bit_ceil(capacity < 2 ? std::size_t{2} : capacity)), mask_(cells_.size() - 1) {}
  SpscRing(const SpscRing&) = delete;
  SpscRing& operator=(const SpscRing&) = delete;

  [[nodiscard]] std::size_t capacity() const noexcept { return cells_.size(); }  // elements that it holds at most

  // [producer] False: full.
  [[nodiscard]] bool push(const T& value) noexcept LOOPHOLE_NONBLOCKING { return push_all(std::span<const T>(&value, 1)); }

  // [producer] All or nothing; the consumer sees all of them at once.
  [[nodiscard]] bool push_all(std::span<const T> values) noexcept LOOPHOLE_NONBLOCKING {
    if (room(values.size()) < values.size()) return false;
    write(values);
    return true;
  }

  // [producer] As many as there is room for; returns how many.
  std::size_t push_some(std::span<const T> values) noexcept LOOPHOLE_NONBLOCKING {
    const std::size_t space = room(values.size());
    const std::size_t count = values.size() < space ? values.size() : space;
    write(values.first(count));
    return count;
  }

  // [producer] Free cells; looks at the consumer's position only when fewer than `wanted` are known to be free.
  [[nodiscard]] std::size_t room(std::size_t wanted) noexcept LOOPHOLE_NONBLOCKING {
    const std::uint64_t head = head_.load(std::memory_order_relaxed);
    if (capacity() - static_cast<std::size_t>(head - known_tail_) < wanted) known_tail_ = tail_.load(std::memory_order_acquire);
    return capacity() - static_cast<std::size_t>(head - known_tail_);
  }

  // [consumer] False: empty.
  [[nodiscard]] bool pop(T& value) noexcept LOOPHOLE_NONBLOCKING { return pop_some(std::span<T>(&value, 1)) == 1; }

  // [consumer] As many as there are and fit; returns how many.
  std::size_t pop_some(std::span<T> values) noexcept LOOPHOLE_NONBLOCKING {
    const std::uint64_t tail = tail_.load(std::memory_order_relaxed);
    if (known_head_ - tail < values.size()) known_head_ = head_.load(std::memory_order_acquire);
    const std::size_t there = static_cast<std::size_t>(known_head_ - tail);
    const std::size_t count = values.size() < there ? values.size() : there;
    const std::size_t at = static_cast<std::size_t>(tail) & mask_;
    const std::size_t first = count < capacity() - at ? count : capacity() - at;
    if (first > 0) std::memcpy(values.data(), cells_.data() + at, first * sizeof(T));
    if (count > first) std::memcpy(values.data() + first, cells_.data(), (count - first) * sizeof(T));
    tail_.store(tail + count, std::memory_order_release);
    return count;
  }

  // [any-thread] Elements ever written, and ever taken out.
  [[nodiscard]] std::uint64_t written() const noexcept LOOPHOLE_NONBLOCKING { return head_.load(std::memory_order_acquire); }
  [[nodiscard]] std::uint64_t taken() const noexcept LOOPHOLE_NONBLOCKING { return tail_.load(std::memory_order_acquire); }

 private:
  void write(std::span<const T> values) noexcept LOOPHOLE_NONBLOCKING {
    const std::uint64_t head = head_.load(std::memory_order_relaxed);
    const std::size_t at = static_cast<std::size_t>(head) & mask_;
    const std::size_t first = values.size() < capacity() - at ? values.size() : capacity() - at;
    if (first > 0) std::memcpy(cells_.data() + at, values.data(), first * sizeof(T));
    if (values.size() > first) std::memcpy(cells_.data(), values.data() + first, (values.size() - first) * sizeof(T));
    head_.store(head + values.size(), std::memory_order_release);
  }

  // Either side has its position and its memory of the other's on a cache line of its own.
  static constexpr std::size_t kLine = 64;
  std::vector<T> cells_;
  std::size_t mask_;
  alignas(kLine) std::atomic<std::uint64_t> head_{0};
  std::uint64_t known_tail_ = 0;  // producer's
  alignas(kLine) std::atomic<std::uint64_t> tail_{0};
  std::uint64_t known_head_ = 0;  // consumer's
};

}  // namespace loophole::signal::rt
