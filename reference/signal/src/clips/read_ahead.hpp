#pragma once
// ReadAhead: which pages of which files have to be in memory, in which order they are read, and which go.
//
//                 position                          loop end
//   ------|  kept  |=== ahead, the nearest first ====|          wanted; the loop goes on at its start
//              |== landing ==|                                  wanted: the start of the loop, and where a change of the transport goes
//
// What is wanted stays within a budget: with many clips at once each is read less far ahead. The next frames of each clip are read whatever
// it costs. What is no longer wanted is kept while there is little of it.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "clips/clip_reader.hpp"
#include "clips/clip_schedule.hpp"
#include "clips/play_head.hpp"
#include "loophole/signal/rt/transport.hpp"

namespace loophole::reference_signal {

using signal::rt::Transport;

struct ReadAheadLimits {
  std::size_t wanted_bytes = std::size_t{256} << 20;  // 17 minutes of stereo
  std::size_t kept_bytes = std::size_t{32} << 20;     // of what is no longer wanted
  std::size_t open_files = 64;
};

class ReadAhead {
 public:
  static constexpr std::int64_t kAheadSeconds = 2;
  // What has to be there before a graph goes live or the transport jumps.
  static constexpr std::uint64_t kLandingFrames = ClipFile::kPageFrames * 3 / 2;

  // `head` outlives it.
  ReadAhead(const PlayHead& head, const ReadAheadLimits& limits) : head_(head), limits_(limits) {}

  // [any-thread] Reads ahead for a schedule from now on. Returns whether it could play at once.
  [[nodiscard]] bool add(const std::shared_ptr<const ClipSchedule>& schedule);
  // [any-thread] Whether there is all that a schedule needs to play from where the transport is, and from where it may jump to.
  [[nodiscard]] bool has_landed(const ClipSchedule& schedule) const;
  [[nodiscard]] bool have_landed() const;

  // [io-thread] The transport is about to jump there, or to loop so.
  void expect(std::optional<std::uint64_t> position, const std::optional<Transport::Loop>& loop);
  // [io-thread] What was expected has come about.
  void settle();

  // [reading-thread] Reads some pages; false: nothing is missing.
  [[nodiscard]] bool read(ClipReader& reader);
  // [reading-thread] Whether nothing is to do until add() or expect() is called.
  [[nodiscard]] bool is_idle() const;
  // [any-thread] Whether the transport moves on by itself.
  [[nodiscard]] bool is_moving() const noexcept { return head_.place().playing; }
  // [any-thread] Memory for samples, in use or about to be freed.
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_.load(std::memory_order_relaxed); }

 private:
  using Schedules = std::vector<std::shared_ptr<const ClipSchedule>>;
  // Of the timeline, in frames of the engine; `until`: how long until its first frame may be needed.
  struct Region {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
    std::uint64_t until = 0;
  };
  struct Want {
    const std::shared_ptr<ClipFile>* file = nullptr;
    std::uint64_t page = 0;
    std::uint64_t until = 0;
  };
  struct Held {
    std::shared_ptr<ClipFile> file;
    std::uint64_t page = 0;
  };
  // What decides which pages are wanted, as far as it matters.
  struct Look {
    std::uint64_t position = 0;
    std::uint64_t source = 0;
    std::uint64_t changes = 0;
    std::size_t schedules = 0;
    friend bool operator==(const Look&, const Look&) = default;
  };
  struct Unlinked {
    std::uint64_t block = 0;  // in which the audio thread was
    std::size_t bytes = 0;
    std::unique_ptr<const ClipPage> page;
  };

  // With the mutex held.
  [[nodiscard]] std::vector<Region> regions(std::uint64_t ahead) const;
  [[nodiscard]] static bool lands(const ClipSchedule& schedule, const std::vector<Region>& regions, std::int64_t sample_rate_hz);
  [[nodiscard]] Look look();
  [[nodiscard]] std::vector<Want> wants(const Schedules& schedules);
  void make_room();
  void free_unlinked();

  const PlayHead& head_;
  ReadAheadLimits limits_;
  mutable std::mutex mutex_;
  std::vector<std::weak_ptr<const ClipSchedule>> schedules_;
  Transport::Loop loop_;
  std::optional<std::uint64_t> expected_position_;
  std::optional<Transport::Loop> expected_loop_;
  std::uint64_t changes_ = 0;  // rises with each call of add(), expect() and settle()

  std::uint64_t round_ = 0;       // the rest is the reading thread's
  std::optional<Look> complete_;  // nothing was missing there
  std::vector<Held> held_;
  std::vector<Unlinked> unlinked_;
  std::atomic<std::size_t> bytes_{0};
};

}  // namespace loophole::reference_signal
