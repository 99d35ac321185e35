#include "clips/clip_library.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <unordered_set>

namespace loophole::reference_signal {
namespace {

// The audio thread wakes nobody: how often it is looked where it is.
constexpr std::chrono::milliseconds kLook{10};
constexpr std::chrono::milliseconds kRestingLook{100};

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

std::shared_ptr<ClipFile> ClipLibrary::known(const std::string& path, std::int64_t sample_rate_hz) {
  const auto found = known_.find({path, sample_rate_hz});
  if (found == known_.end()) return nullptr;
  auto file = found->second.file.lock();
  return file != nullptr && !file->has_failed() && ClipReader::stamp_of(path) == file->stamp() ? file : nullptr;
}

std::shared_ptr<const ClipSchedule> ClipLibrary::schedule_of(const Job& job) {
  auto schedule = std::make_shared<ClipSchedule>();
  schedule->sample_rate_hz = job.sample_rate_hz;
  for (const Clip& clip : job.clips) {
    PlacedClip placed = clip.placed;
    placed.file = job.set.files.at(clip.path);
    schedule->track.add(std::move(placed));
  }
  schedule->track.sort();
  return schedule;
}

void ClipLibrary::prepare(const graph::Graph& graph, std::int64_t sample_rate_hz, Done done) {
  std::erase_if(known_, [](const auto& entry) { return entry.second.file.expired(); });
  Job job{.clips = {}, .missing = {}, .opened = 0, .sample_rate_hz = sample_rate_hz, .set = {}, .done = std::move(done)};
  std::unordered_set<std::string> seen;
  for (std::size_t n = 0; n < graph.nodes.size(); ++n)
    for (std::size_t c = 0; c < graph.nodes[n].clips.size(); ++c) {
      const graph::GraphClip& clip = graph.nodes[n].clips[c];
      job.clips.push_back({.path = clip.path,
                           .placed = {.start = static_cast<std::uint64_t>(clip.start_frames),
                                      .offset = static_cast<std::uint64_t>(clip.offset_frames),
                                      .length = static_cast<std::uint64_t>(clip.length_frames)}});
      if (!seen.insert(clip.path).second) continue;
      if (auto file = known(clip.path, sample_rate_hz))
        job.set.files.emplace(clip.path, std::move(file));
      else
        job.missing.push_back(
            {.path = clip.path, .pointer = "/graph/nodes/" + std::to_string(n) + "/clips/" + std::to_string(c) + "/path"});
    }
  if (job.missing.empty()) {
    job.set.schedule = schedule_of(job);
    if (ahead_.add(job.set.schedule)) {
      wake();
      return job.done(std::move(job.set));
    }
  }
  {
    const std::lock_guard lock(mutex_);
    jobs_.push_back(std::move(job));
  }
  wake();
}

void ClipLibrary::wake() {
  {
    const std::lock_guard lock(mutex_);
    changed_ = true;
  }
  if (!worker_.joinable()) worker_ = std::thread([this] { work(); });
  wake_.notify_all();
}

void ClipLibrary::expect(const engine::TransportSet& change) {
  std::optional<std::uint64_t> position;
  std::optional<Transport::Loop> loop;
  if (change.position_frames) position = static_cast<std::uint64_t>(*change.position_frames);
  if (change.loop)
    loop = Transport::Loop{.enabled = change.loop->enabled,
                           .start = static_cast<std::uint64_t>(change.loop->start_frames),
                           .end = static_cast<std::uint64_t>(change.loop->end_frames)};
  ahead_.expect(position, loop);
  if (worker_.joinable()) wake();
}

void ClipLibrary::settle() {
  ahead_.settle();
}

void ClipLibrary::tell_missed() {
  for (auto& [key, known] : known_) {
    const auto file = known.file.lock();
    if (file == nullptr || file->missed_frames() == 0 || std::exchange(known.told, true)) continue;
    spdlog::warn(
        "the audio file '{}' is not read fast enough: what was not there in time is silent ({} frames so far) and counts as an xrun",
        file->path(), file->missed_frames());
  }
}

// ---- the reading thread ----

void ClipLibrary::work() {
  ClipReader reader(limits_.open_files);
  std::unique_lock lock(mutex_);
  const auto is_woken = [this] { return ending_ || changed_; };
  while (!ending_) {
    changed_ = false;
    Job* job = jobs_.empty() ? nullptr : &jobs_.front();  // stays where it is while others are added
    lock.unlock();
    bool busy = ahead_.read(reader);
    if (job != nullptr) busy = go_on(*job, reader) || busy;
    lock.lock();
    if (busy) continue;
    if (ahead_.is_idle() && jobs_.empty())
      wake_.wait(lock, is_woken);
    else
      wake_.wait_for(lock, ahead_.is_moving() ? kLook : kRestingLook, is_woken);
  }
}

// Returns whether there was something to do; one file at a time, so that what plays is read ahead meanwhile.
bool ClipLibrary::go_on(Job& job, ClipReader& reader) {
  if (job.opened < job.missing.size()) {
    const Missing& missing = job.missing[job.opened];
    auto opened = reader.open(missing.path, job.sample_rate_hz);
    if (!opened) {
      Error error = std::move(opened).error();
      error.pointer = missing.pointer;
      answer(std::move(error));
      return true;
    }
    job.set.files.emplace(missing.path, *std::move(opened));
    ++job.opened;
    return true;
  }
  if (job.set.schedule == nullptr) {
    job.set.schedule = schedule_of(job);
    static_cast<void>(ahead_.add(job.set.schedule));
    return true;
  }
  if (!ahead_.has_landed(*job.set.schedule)) return false;
  answer({});
  return true;
}

void ClipLibrary::answer(std::optional<Error> error) {
  std::unique_lock lock(mutex_);
  Job job = std::move(jobs_.front());
  jobs_.pop_front();
  lock.unlock();
  // Nothing of it stays here: what `done` owns goes when it was called, on the I/O thread.
  post_([this, still = alive_, job = std::move(job), error = std::move(error)]() mutable {
    if (!*still) return;
    if (error) return job.done(*std::move(error));
    for (const Missing& opened : job.missing) {
      const auto& file = job.set.files.at(opened.path);
      known_.insert_or_assign({opened.path, job.sample_rate_hz}, Known{.file = file, .told = false});
    }
    job.done(std::move(job.set));
  });
}

}  // namespace loophole::reference_signal
