#pragma once
// ClipFile: an audio file that plays, as pages at the rate of the engine. Not all of them are in memory: the reading thread puts pages in
// ahead of where the transport is and takes out what is behind it. The audio thread looks, and never waits.
//
//   reading thread   put(page) ------------------------------> there
//                    take(page) -> unlinked -> [the audio thread has left the block that it was in] -> freed
//   audio thread     enter block, page(i): there, or nullptr, leave block
//   driver offline   hold(i): there, and not to be taken until release(i)

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "loophole/signal/rt/nonblocking.hpp"

namespace loophole::reference_signal {

// What tells a file from the one that was at its path before.
struct FileStamp {
  std::uintmax_t size = 0;
  std::int64_t changed = 0;
  friend auto operator<=>(const FileStamp&, const FileStamp&) = default;
};

// How the samples lie in the file.
struct ClipFormat {
  std::int64_t sample_rate_hz = 0;
  std::int32_t channels = 0;
  std::uint64_t frames = 0;  // that the file says it has
};

// Samples of one page, silent behind the end of the file. Mono is on both sides; of more than two channels the first two count.
struct ClipPage {
  std::vector<float> left;
  std::vector<float> right;  // empty: mono
  [[nodiscard]] const float* left_samples() const noexcept LOOPHOLE_NONBLOCKING { return left.data(); }
  [[nodiscard]] const float* right_samples() const noexcept LOOPHOLE_NONBLOCKING { return right.empty() ? left.data() : right.data(); }
};

class ClipFile {
 public:
  static constexpr std::uint32_t kPageFrames = 8'192;
  // A file of so many pages stays in memory for as long as a graph plays it.
  static constexpr std::uint64_t kWholePages = 2;

  ClipFile(std::string path, const FileStamp& stamp, const ClipFormat& format, std::int64_t sample_rate_hz)
      : path_(std::move(path)),
        stamp_(stamp),
        format_(format),
        sample_rate_hz_(sample_rate_hz),
        frames_(frames_at(format, sample_rate_hz)),
        slots_(static_cast<std::size_t>((frames_ + kPageFrames - 1) / kPageFrames)) {}
  ~ClipFile();  // when nobody uses a page of it any more
  ClipFile(const ClipFile&) = delete;
  ClipFile& operator=(const ClipFile&) = delete;

  // [any-thread]
  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  [[nodiscard]] const FileStamp& stamp() const noexcept { return stamp_; }
  [[nodiscard]] const ClipFormat& format() const noexcept { return format_; }
  [[nodiscard]] std::int64_t sample_rate_hz() const noexcept { return sample_rate_hz_; }
  // Length at the rate of the engine.
  [[nodiscard]] std::uint64_t frames() const noexcept LOOPHOLE_NONBLOCKING { return frames_; }
  [[nodiscard]] static std::uint64_t frames_at(const ClipFormat& format, std::int64_t sample_rate_hz) noexcept {
    const auto from = static_cast<std::uint64_t>(format.sample_rate_hz);
    return (format.frames * static_cast<std::uint64_t>(sample_rate_hz) + from - 1) / from;
  }
  [[nodiscard]] std::uint64_t pages() const noexcept { return slots_.size(); }
  [[nodiscard]] bool is_whole() const noexcept { return pages() <= kWholePages; }
  [[nodiscard]] std::size_t page_bytes() const noexcept { return sizeof(float) * kPageFrames * (format_.channels > 1 ? 2 : 1); }
  [[nodiscard]] bool has(std::uint64_t page) const noexcept { return slots_[page].page.load(std::memory_order_acquire) != 0; }

  // [audio-thread] Within a block: nullptr where the page is not there.
  [[nodiscard]] const ClipPage* page(std::uint64_t page) const noexcept LOOPHOLE_NONBLOCKING {
    return reinterpret_cast<const ClipPage*>(slots_[page].page.load(std::memory_order_seq_cst) & ~kHeld);
  }
  // [audio-thread] So many frames had to sound and were not there.
  void miss(std::uint64_t frames) noexcept LOOPHOLE_NONBLOCKING {
    missed_frames_.store(missed_frames() + frames, std::memory_order_relaxed);
  }
  // [any-thread]
  [[nodiscard]] std::uint64_t missed_frames() const noexcept LOOPHOLE_NONBLOCKING { return missed_frames_.load(std::memory_order_relaxed); }

  // [reading-thread] It cannot be read any more.
  void fail() noexcept { failed_.store(true, std::memory_order_relaxed); }
  // [any-thread]
  [[nodiscard]] bool has_failed() const noexcept { return failed_.load(std::memory_order_relaxed); }

  // [reading-thread] Puts in a page that is not there.
  void put(std::uint64_t page, std::unique_ptr<const ClipPage> samples) noexcept;
  // [reading-thread] Takes a page out; nullptr: it is held. The audio thread may be at it until it has left its block.
  [[nodiscard]] std::unique_ptr<const ClipPage> take(std::uint64_t page) noexcept;
  // [reading-thread] In which of its rounds the page was wanted last.
  [[nodiscard]] std::uint64_t last_wanted(std::uint64_t page) const noexcept { return slots_[page].wanted; }
  void want(std::uint64_t page, std::uint64_t round) noexcept { slots_[page].wanted = round; }

  // [any-thread] Keeps a page that is there; false: it is not. One holder at a time.
  [[nodiscard]] bool hold(std::uint64_t page) noexcept;
  void release(std::uint64_t page) noexcept { slots_[page].page.fetch_and(~kHeld, std::memory_order_release); }

 private:
  static constexpr std::uintptr_t kHeld = 1;  // in the address of a page
  static_assert(alignof(ClipPage) > kHeld);

  struct Slot {
    std::atomic<std::uintptr_t> page{0};
    std::uint64_t wanted = 0;
  };
  std::string path_;
  FileStamp stamp_;
  ClipFormat format_;
  std::int64_t sample_rate_hz_;
  std::uint64_t frames_;
  std::vector<Slot> slots_;
  std::atomic<std::uint64_t> missed_frames_{0};
  std::atomic<bool> failed_{false};
};

}  // namespace loophole::reference_signal
