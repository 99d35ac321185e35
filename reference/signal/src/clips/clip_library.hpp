#pragma once
// ClipLibrary: audio files, read and resampled on a thread of their own, kept while they are used or fit. The I/O thread asks; heartbeats
// and gestures go on while an hour of audio is resampled.

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "clips/clip_audio.hpp"
#include "loophole/core/result.hpp"

namespace loophole::reference_signal {

// Audio by path.
using ClipSet = std::unordered_map<std::string, std::shared_ptr<const ClipAudio>>;

// [any-thread] Reads a file with libsndfile and brings it to `sample_rate_hz` with libsamplerate. Error clip.fileUnreadable with path and
// reason.
[[nodiscard]] Result<std::shared_ptr<const ClipAudio>> load_clip(const std::string& path, std::int64_t sample_rate_hz);

class ClipLibrary {
 public:
  using Done = std::function<void(Result<ClipSet>)>;
  // Runs a task on the I/O thread, soon; called from the loading thread. net::Loop::post is one.
  using Post = std::function<void(std::function<void()>)>;

  explicit ClipLibrary(Post post) : post_(std::move(post)) {}
  ~ClipLibrary();  // waits for the file that is being read
  ClipLibrary(const ClipLibrary&) = delete;
  ClipLibrary& operator=(const ClipLibrary&) = delete;

  // [io-thread] Calls `done` on the I/O thread with all files, at once when they are in memory, else later; or with the first error. A file
  // that was changed since it was read is read again. Calls that have to read are answered in order.
  void fetch(std::vector<std::string> paths, std::int64_t sample_rate_hz, Done done);

 private:
  // Path, rate, size and time of last change.
  using Key = std::tuple<std::string, std::int64_t, std::uintmax_t, std::int64_t>;
  using Audio = std::map<Key, std::shared_ptr<const ClipAudio>>;
  using Loaded = Result<Audio>;
  struct Job {
    std::vector<std::pair<std::string, Key>> files;
    std::int64_t sample_rate_hz = 0;
    std::function<void(Loaded)> done;
  };

  void start_worker();
  void work();
  void keep_within_budget();

  Post post_;
  Audio cache_;  // I/O thread's

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Job> jobs_;
  bool ending_ = false;
  std::thread worker_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace loophole::reference_signal
