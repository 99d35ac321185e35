#pragma once
// ClipLibrary: the clips of graphs, read on a thread of their own: a graph's files are opened and looked at, and the first frames that it
// plays are read before it goes live; while it is, its clips are read ahead of the transport (ReadAhead). The I/O thread asks; heartbeats
// and gestures go on meanwhile.

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "clips/read_ahead.hpp"
#include "loophole/core/result.hpp"
#include "loophole/messages/engine.hpp"
#include "loophole/messages/graph.hpp"

namespace loophole::reference_signal {

class ClipLibrary {
 public:
  using Done = std::function<void(Result<ClipSet>)>;
  // Runs a task on the I/O thread, soon; called from the reading thread. net::Loop::post is one.
  using Post = std::function<void(std::function<void()>)>;

  // `head` outlives it.
  ClipLibrary(Post post, const PlayHead& head, const ReadAheadLimits& limits = {})
      : post_(std::move(post)), limits_(limits), ahead_(head, limits) {}
  ~ClipLibrary();  // waits for the page that is being read
  ClipLibrary(const ClipLibrary&) = delete;
  ClipLibrary& operator=(const ClipLibrary&) = delete;

  // All functions but bytes() are [io-thread].

  // Calls `done` on the I/O thread when all files of a graph can play and what it begins with is there: at once where it is in memory, else
  // later. A file that was changed since it was opened is opened anew. Calls that have to read are answered in order. Error
  // clip.fileUnreadable with path, reason and a pointer to the first clip of the file.
  void prepare(const graph::Graph& graph, std::int64_t sample_rate_hz, Done done);

  // The transport is about to change: reads what it will play from. settle(): it has changed.
  void expect(const engine::TransportSet& change);
  void settle();
  // Whether what is expected could play at once.
  [[nodiscard]] bool has_expected() const { return ahead_.have_landed(); }

  // Logs the files that were not read fast enough, once each.
  void tell_missed();
  // [any-thread] Memory for samples.
  [[nodiscard]] std::size_t bytes() const noexcept { return ahead_.bytes(); }

 private:
  using Key = std::pair<std::string, std::int64_t>;  // path, rate
  struct Known {
    std::weak_ptr<ClipFile> file;
    bool told = false;
  };
  struct Clip {
    std::string path;
    PlacedClip placed;
  };
  struct Missing {
    std::string path;
    std::string pointer;
  };
  // A graph on its way: its files are opened one by one, then what it begins with is read.
  struct Job {
    std::vector<Clip> clips;
    std::vector<Missing> missing;
    std::size_t opened = 0;
    std::int64_t sample_rate_hz = 0;
    ClipSet set;
    Done done;
  };

  [[nodiscard]] std::shared_ptr<ClipFile> known(const std::string& path, std::int64_t sample_rate_hz);
  [[nodiscard]] static std::shared_ptr<const ClipSchedule> schedule_of(const Job& job);
  void wake();
  void work();
  [[nodiscard]] bool go_on(Job& job, ClipReader& reader);
  void answer(std::optional<Error> error);  // for the first job

  Post post_;
  ReadAheadLimits limits_;
  ReadAhead ahead_;
  std::map<Key, Known> known_;  // I/O thread's

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Job> jobs_;
  bool changed_ = false;
  bool ending_ = false;
  std::thread worker_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace loophole::reference_signal
