#include "clips/clip_library.hpp"

#include <algorithm>
#include <filesystem>

namespace loophole::reference_signal {
namespace {

constexpr std::size_t kBudgetFrames = std::size_t{64} << 20;  // 512 MiB of stereo that no clip uses any more

}  // namespace

ClipLibrary::~ClipLibrary() {
  *alive_ = false;
  if (!worker_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  wake_.notify_all();
  worker_.join();
}

void ClipLibrary::fetch(std::vector<std::string> paths, std::int64_t sample_rate_hz, Done done) {
  std::sort(paths.begin(), paths.end());
  paths.erase(std::unique(paths.begin(), paths.end()), paths.end());
  ClipSet set;
  Job job{.files = {}, .sample_rate_hz = sample_rate_hz, .done = {}};
  for (const std::string& path : paths) {
    std::error_code fault;
    const std::uintmax_t size = std::filesystem::file_size(path, fault);
    const auto changed = std::filesystem::last_write_time(path, fault);
    const Key key{path, sample_rate_hz, size, static_cast<std::int64_t>(changed.time_since_epoch().count())};
    const auto cached = cache_.find(key);
    if (!fault && cached != cache_.end())
      set.emplace(path, cached->second);
    else
      job.files.emplace_back(path, key);
  }
  if (job.files.empty()) return done(std::move(set));

  job.done = [this, still = alive_, kept = std::move(set), done = std::move(done)](Loaded loaded) mutable {
    if (!*still) return;
    if (!loaded) return done(std::move(loaded).error());
    for (const auto& [key, audio] : *loaded) {
      kept.emplace(std::get<0>(key), audio);
      cache_.insert_or_assign(key, audio);
    }
    loaded->clear();
    done(std::move(kept));
    keep_within_budget();
  };
  {
    const std::lock_guard lock(mutex_);
    jobs_.push_back(std::move(job));
  }
  start_worker();
  wake_.notify_all();
}

void ClipLibrary::start_worker() {
  if (!worker_.joinable()) worker_ = std::thread([this] { work(); });
}

void ClipLibrary::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return ending_ || !jobs_.empty(); });
    if (ending_) return;
    Job job = std::move(jobs_.front());
    jobs_.pop_front();
    lock.unlock();
    Loaded loaded(Audio{});
    for (const auto& [path, key] : job.files) {
      auto audio = load_clip(path, job.sample_rate_hz);
      if (!audio) {
        loaded = std::move(audio).error();
        break;
      }
      loaded->emplace(key, *std::move(audio));
    }
    // Nothing of it stays here: what `done` owns goes when it was called, on the I/O thread.
    post_([done = std::move(job.done), loaded = std::move(loaded)]() mutable { done(std::move(loaded)); });
    lock.lock();
  }
}

void ClipLibrary::keep_within_budget() {
  std::size_t unused = 0;
  for (const auto& [key, audio] : cache_)
    if (audio.use_count() == 1) unused += audio->frames();
  for (auto entry = cache_.begin(); entry != cache_.end() && unused > kBudgetFrames;) {
    if (entry->second.use_count() == 1) {
      unused -= entry->second->frames();
      entry = cache_.erase(entry);
    } else {
      ++entry;
    }
  }
}

}  // namespace loophole::reference_signal
