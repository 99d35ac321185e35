#include "clips/read_ahead.hpp"

#include <algorithm>
#include <utility>

namespace loophole::reference_signal {
namespace {

constexpr std::uint64_t kLeastFrames = 2 * ClipFile::kPageFrames;  // read whatever it costs; no block is longer, and no landing
constexpr int kPagesARound = 8;                                    // then it looks anew where the transport is
constexpr std::uint64_t kLookFrames = 2'048;                       // a transport that has moved less wants the same
static_assert(ReadAhead::kLandingFrames < kLeastFrames);

std::uint64_t scaled(std::uint64_t frames, std::int64_t from_hz, std::int64_t to_hz) {
  return from_hz == to_hz
             ? frames
             : static_cast<std::uint64_t>(static_cast<double>(frames) * static_cast<double>(to_hz) / static_cast<double>(from_hz));
}

// Calls region(begin, end, until) for what is passed from `position` on over so many frames, each place once.
template <class Region>
void along(std::uint64_t position, const Transport::Loop& loop, std::uint64_t frames, Region&& region) {
  const bool loops = loop.enabled && position < loop.end;
  const std::uint64_t straight = loops ? std::min(frames, loop.end - position) : frames;
  region(position, position + straight, std::uint64_t{0});
  if (straight < frames) region(loop.start, loop.start + std::min(frames - straight, loop.end - loop.start), straight);
}

}  // namespace

bool ReadAhead::add(const std::shared_ptr<const ClipSchedule>& schedule) {
  const std::lock_guard lock(mutex_);
  if (!schedule->track.clips.empty()) schedules_.push_back(schedule);
  ++changes_;
  return lands(*schedule, regions(kLandingFrames), head_.sample_rate_hz());
}

bool ReadAhead::has_landed(const ClipSchedule& schedule) const {
  const std::lock_guard lock(mutex_);
  return lands(schedule, regions(kLandingFrames), head_.sample_rate_hz());
}

bool ReadAhead::have_landed() const {
  const std::lock_guard lock(mutex_);
  const auto there = regions(kLandingFrames);
  return std::ranges::all_of(schedules_, [&](const std::weak_ptr<const ClipSchedule>& weak) {
    const auto schedule = weak.lock();
    return schedule == nullptr || lands(*schedule, there, head_.sample_rate_hz());
  });
}

void ReadAhead::expect(std::optional<std::uint64_t> position, const std::optional<Transport::Loop>& loop) {
  const std::lock_guard lock(mutex_);
  ++changes_;
  if (position) expected_position_ = position;
  if (loop) expected_loop_ = loop;
}

void ReadAhead::settle() {
  const std::lock_guard lock(mutex_);
  ++changes_;
  expected_position_.reset();
  if (const auto loop = std::exchange(expected_loop_, std::nullopt)) loop_ = *loop;
}

bool ReadAhead::is_idle() const {
  const std::lock_guard lock(mutex_);
  return unlinked_.empty() && bytes() <= limits_.kept_bytes &&
         std::ranges::all_of(schedules_, [](const auto& schedule) { return schedule.expired(); });
}

// What is expected is looked at before the place of the head: when it is no longer expected, the head is there already.
std::vector<ReadAhead::Region> ReadAhead::regions(std::uint64_t ahead) const {
  std::vector<Region> regions;
  const auto add = [&](std::uint64_t begin, std::uint64_t end, std::uint64_t until) { regions.push_back({begin, end, until}); };
  const PlayHead::Place place = head_.place();
  along(place.position, loop_, ahead, add);
  if (place.source != place.position) along(place.source, loop_, std::min(ahead, kLandingFrames), add);
  if (loop_.enabled) along(loop_.start, loop_, std::min(ahead, kLandingFrames), add);
  if (!expected_position_ && !expected_loop_) return regions;
  const Transport::Loop& loop = expected_loop_ ? *expected_loop_ : loop_;
  along(expected_position_.value_or(place.position), loop, kLandingFrames, add);
  if (loop.enabled) along(loop.start, loop, kLandingFrames, add);
  return regions;
}

bool ReadAhead::lands(const ClipSchedule& schedule, const std::vector<Region>& regions, std::int64_t sample_rate_hz) {
  bool there = true;
  for (const Region& region : regions)
    pages_between(schedule.track, scaled(region.begin, sample_rate_hz, schedule.sample_rate_hz),
                  scaled(region.end, sample_rate_hz, schedule.sample_rate_hz),
                  [&](const std::shared_ptr<ClipFile>& file, std::uint64_t page, std::uint64_t) { there = there && file->has(page); });
  return there;
}

ReadAhead::Look ReadAhead::look() {
  std::erase_if(schedules_, [](const auto& schedule) { return schedule.expired(); });
  const PlayHead::Place place = head_.place();
  return {
      .position = place.position / kLookFrames, .source = place.source / kLookFrames, .changes = changes_, .schedules = schedules_.size()};
}

// In the order in which they are to be read, each once.
std::vector<ReadAhead::Want> ReadAhead::wants(const Schedules& schedules) {
  const std::int64_t rate = head_.sample_rate_hz();
  const auto ahead = static_cast<std::uint64_t>(rate * kAheadSeconds);
  std::vector<Want> found;
  const std::vector<Region> there = regions(ahead);
  for (const auto& schedule : schedules) {
    for (const Region& region : there) {
      const std::uint64_t begin = scaled(region.begin, rate, schedule->sample_rate_hz);
      pages_between(schedule->track, begin, scaled(region.end, rate, schedule->sample_rate_hz),
                    [&](const std::shared_ptr<ClipFile>& file, std::uint64_t page, std::uint64_t at) {
                      found.push_back({.file = &file, .page = page, .until = region.until + (at - begin)});
                    });
    }
    for (const PlacedClip& clip : schedule->track.clips)
      for (std::uint64_t page = 0; clip.file->is_whole() && page < clip.file->pages(); ++page)
        found.push_back({.file = &clip.file, .page = page, .until = 2 * ahead});
  }
  std::ranges::stable_sort(found, {}, &Want::until);
  std::vector<Want> wanted;
  std::size_t bytes = 0;
  for (const Want& want : found) {
    ClipFile& file = **want.file;
    if (file.last_wanted(want.page) == round_) continue;
    bytes += file.page_bytes();
    if (bytes > limits_.wanted_bytes && want.until >= kLeastFrames) break;
    file.want(want.page, round_);
    wanted.push_back(want);
  }
  return wanted;
}

void ReadAhead::make_room() {
  const auto is_unwanted = [this](const Held& held) { return held.file->last_wanted(held.page) != round_; };
  std::size_t kept = 0;
  for (const Held& held : held_)
    if (is_unwanted(held)) kept += held.file->page_bytes();
  if (kept <= limits_.kept_bytes) return;
  const auto unwanted = std::partition(held_.begin(), held_.end(), [&](const Held& held) { return !is_unwanted(held); });
  std::sort(unwanted, held_.end(), [](const Held& a, const Held& b) { return a.file->last_wanted(a.page) > b.file->last_wanted(b.page); });
  std::vector<Held> stay;  // those that are held
  const std::size_t waiting = unlinked_.size();
  while (kept > limits_.kept_bytes && !held_.empty() && is_unwanted(held_.back())) {
    Held oldest = std::move(held_.back());
    held_.pop_back();
    kept -= oldest.file->page_bytes();
    if (auto page = oldest.file->take(oldest.page))
      unlinked_.push_back({.block = 0, .bytes = oldest.file->page_bytes(), .page = std::move(page)});
    else
      stay.push_back(std::move(oldest));
  }
  std::ranges::move(stay, std::back_inserter(held_));
  for (std::size_t i = waiting; i < unlinked_.size(); ++i) unlinked_[i].block = head_.block();
}

void ReadAhead::free_unlinked() {
  std::erase_if(unlinked_, [this](const Unlinked& unlinked) {
    if (!head_.has_left(unlinked.block)) return false;
    bytes_.fetch_sub(unlinked.bytes, std::memory_order_relaxed);
    return true;
  });
}

bool ReadAhead::read(ClipReader& reader) {
  free_unlinked();
  Schedules schedules;
  std::vector<Want> wanted;
  Look now;
  {
    // Both at once: what add() finds in memory is not taken out by who does not know of it yet.
    const std::lock_guard lock(mutex_);
    now = look();
    if (complete_ == now) return false;
    for (const auto& weak : schedules_)
      if (auto schedule = weak.lock()) schedules.push_back(std::move(schedule));
    ++round_;
    wanted = wants(schedules);
    make_room();
  }
  complete_.reset();
  int pages = 0;
  for (const Want& want : wanted) {
    const std::shared_ptr<ClipFile>& file = *want.file;
    if (file->has(want.page)) continue;
    if (++pages > kPagesARound) return true;
    bytes_.fetch_add(file->page_bytes(), std::memory_order_relaxed);
    held_.push_back({.file = file, .page = want.page});
    file->put(want.page, reader.read(file, want.page));
  }
  if (pages == 0) complete_ = now;
  return pages > 0;
}

}  // namespace loophole::reference_signal
