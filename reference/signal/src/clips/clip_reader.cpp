#include "clips/clip_reader.hpp"

#include <samplerate.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <utility>

namespace loophole::reference_signal {
namespace {

constexpr std::uint64_t kMostFrames = std::uint64_t{1} << 32U;  // 24 hours at 48 kHz
constexpr std::size_t kPieceFrames = 4'096;                     // read at once
constexpr std::int64_t kReachFrames = 64;                       // of the filter to each side, at the lower of the two rates; it has 46

Error unreadable(const std::string& path, const std::string& why) {
  return make_error(errors::kClipFileUnreadable, "the audio file '" + path + "' cannot be read: " + why);
}

std::size_t channels_of(const ClipFile& file) {
  return file.format().channels > 1 ? 2 : 1;
}

std::int64_t floor_div(std::int64_t a, std::int64_t b) {
  return a / b - (a % b < 0 ? 1 : 0);
}

}  // namespace

ClipReader::~ClipReader() = default;

std::optional<FileStamp> ClipReader::stamp_of(const std::string& path) {
  std::error_code fault;
  const std::uintmax_t size = std::filesystem::file_size(path, fault);
  if (fault) return std::nullopt;
  const auto changed = std::filesystem::last_write_time(path, fault);
  if (fault) return std::nullopt;
  return FileStamp{.size = size, .changed = static_cast<std::int64_t>(changed.time_since_epoch().count())};
}

void ClipReader::DeleteConverter::operator()(SRC_STATE_tag* converter) const noexcept {
  src_delete(converter);
}

Result<std::shared_ptr<ClipFile>> ClipReader::open(const std::string& path, std::int64_t sample_rate_hz) {
  std::error_code fault;
  const auto status = std::filesystem::status(path, fault);
  if (status.type() == std::filesystem::file_type::not_found) return unreadable(path, "there is no such file");
  if (status.type() != std::filesystem::file_type::regular) return unreadable(path, "it is no regular file");
  const auto stamp = stamp_of(path);
  if (!stamp) return unreadable(path, "its size and age cannot be asked for");

  SF_INFO info{};
  Handle handle(sf_open(path.c_str(), SFM_READ, &info));
  if (!handle) return unreadable(path, sf_strerror(nullptr));
  if (info.frames <= 0) return unreadable(path, "it has no audio in it");
  if (info.channels < 1 || info.samplerate < 1) return unreadable(path, "it does not say its channels and its sample rate");
  const ClipFormat format{.sample_rate_hz = info.samplerate, .channels = info.channels, .frames = static_cast<std::uint64_t>(info.frames)};
  const double ratio = static_cast<double>(sample_rate_hz) / info.samplerate;
  if (src_is_valid_ratio(ratio) == 0)
    return unreadable(path, "its sample rate of " + std::to_string(info.samplerate) + " Hz cannot be brought to that of the engine, " +
                                std::to_string(sample_rate_hz) + " Hz");
  if (format.frames > kMostFrames || ClipFile::frames_at(format, sample_rate_hz) > kMostFrames)
    return unreadable(path, "it has more than " + std::to_string(kMostFrames) + " frames");
  std::vector<float> first(static_cast<std::size_t>(info.channels));  // a header alone is no audio
  if (sf_readf_float(handle.get(), first.data(), 1) != 1)
    return unreadable(path, sf_error(handle.get()) != SF_ERR_NO_ERROR ? sf_strerror(handle.get()) : "it has no audio in it");
  return std::make_shared<ClipFile>(path, *stamp, format, sample_rate_hz);
}

ClipReader::OpenFile& ClipReader::opened(const std::shared_ptr<ClipFile>& file) {
  std::erase_if(open_, [](const OpenFile& open) { return open.of.expired(); });
  auto found = std::ranges::find_if(open_, [&](const OpenFile& open) { return open.of.lock() == file; });
  if (found == open_.end())
    found = open_.insert(found, {.of = file, .handle = {}, .at = 0, .end = file->format().frames, .used = 0, .told = false});
  found->used = ++reads_;
  if (!found->handle && !file->has_failed()) reopen(*found, *file);
  return *found;
}

void ClipReader::reopen(OpenFile& open, ClipFile& file) {
  OpenFile* oldest = nullptr;
  std::size_t count = 0;
  for (OpenFile& other : open_) {
    if (!other.handle) continue;
    ++count;
    if (oldest == nullptr || other.used < oldest->used) oldest = &other;
  }
  if (count >= most_open_) oldest->handle.reset();
  SF_INFO info{};
  open.handle.reset(sf_open(file.path().c_str(), SFM_READ, &info));
  open.at = 0;
  if (!open.handle) return fail(open, file, sf_strerror(nullptr));
  if (info.samplerate != file.format().sample_rate_hz || info.channels != file.format().channels)
    fail(open, file, "it has another format now");
}

void ClipReader::tell(OpenFile& open, const ClipFile& file, const std::string& why) {
  if (!std::exchange(open.told, true)) spdlog::warn("the audio file '{}' {}", file.path(), why);
}

void ClipReader::fail(OpenFile& open, ClipFile& file, const std::string& why) {
  open.handle.reset();
  file.fail();
  tell(open, file, "cannot be read any more; what was not read yet is silent until another graph comes: " + why);
}

std::unique_ptr<const ClipPage> ClipReader::read(const std::shared_ptr<ClipFile>& file, std::uint64_t page) {
  OpenFile& open = opened(file);
  const std::size_t channels = channels_of(*file);
  page_.assign(ClipFile::kPageFrames * channels, 0.0F);
  const std::uint64_t first = page * ClipFile::kPageFrames;
  const bool as_it_is = file->format().sample_rate_hz == file->sample_rate_hz();
  bool complete = open.handle != nullptr;
  if (complete)
    complete =
        as_it_is ? read_frames(open, *file, static_cast<std::int64_t>(first), ClipFile::kPageFrames, page_) : convert(open, *file, page);
  if (complete && stamp_of(file->path()) != file->stamp()) {  // looked at afterwards: what was read is of the file that was opened
    fail(open, *file, "it was changed");
    complete = false;
  }
  auto samples = std::make_unique<ClipPage>();
  samples->left.assign(ClipFile::kPageFrames, 0.0F);
  if (channels == 2) samples->right.assign(ClipFile::kPageFrames, 0.0F);
  if (!complete) return samples;
  const auto frames = static_cast<std::size_t>(std::min<std::uint64_t>(ClipFile::kPageFrames, file->frames() - first));
  for (std::size_t i = 0; i < frames; ++i) {
    samples->left[i] = page_[i * channels];
    if (channels == 2) samples->right[i] = page_[2 * i + 1];
  }
  return samples;
}

bool ClipReader::read_frames(OpenFile& open, ClipFile& file, std::int64_t first, std::size_t frames, std::vector<float>& out) {
  const std::size_t channels = channels_of(file);
  const auto in_file = static_cast<std::size_t>(file.format().channels);
  out.assign(frames * channels, 0.0F);
  const std::int64_t begin = std::max<std::int64_t>(first, 0);
  const std::int64_t end = std::min(first + static_cast<std::int64_t>(frames), static_cast<std::int64_t>(open.end));
  if (begin >= end) return true;
  if (!seek(open, file, static_cast<std::uint64_t>(begin))) return !file.has_failed();
  auto at = static_cast<std::size_t>(begin - first);
  for (std::int64_t left = end - begin; left > 0;) {
    const std::size_t got = read_piece(open, file, static_cast<std::uint64_t>(left));
    if (got == 0) return true;
    for (std::size_t i = 0; i < got; ++i, ++at)
      for (std::size_t c = 0; c < channels; ++c) {
        const float sample = raw_[i * in_file + c];
        out[at * channels + c] = std::isfinite(sample) ? sample : 0.0F;
      }
    left -= static_cast<std::int64_t>(got);
  }
  return true;
}

// What there is not is silence.
std::size_t ClipReader::read_piece(OpenFile& open, const ClipFile& file, std::uint64_t most) {
  raw_.resize(kPieceFrames * static_cast<std::size_t>(file.format().channels));
  const auto frames = static_cast<sf_count_t>(std::min<std::uint64_t>(most, kPieceFrames));
  const sf_count_t got = sf_readf_float(open.handle.get(), raw_.data(), frames);
  if (got > 0) {
    open.at += static_cast<std::uint64_t>(got);
    return static_cast<std::size_t>(got);
  }
  open.end = open.at;
  tell(open, file, "says that it has " + std::to_string(file.format().frames) + " frames and ends after " + std::to_string(open.end));
  return 0;
}

// Some formats can only be read from the begin on. False: the frame is not there.
bool ClipReader::seek(OpenFile& open, ClipFile& file, std::uint64_t frame) {
  if (open.at == frame) return true;
  if (sf_seek(open.handle.get(), static_cast<sf_count_t>(frame), SEEK_SET) == static_cast<sf_count_t>(frame)) {
    open.at = frame;
    return true;
  }
  if (open.at > frame) reopen(open, file);
  while (!file.has_failed() && open.at < frame)
    if (read_piece(open, file, frame - open.at) == 0) return false;
  return !file.has_failed();
}

bool ClipReader::convert(OpenFile& open, ClipFile& file, std::uint64_t page) {
  const std::size_t channels = channels_of(file);
  auto& converter = converters_[channels - 1];
  int fault = 0;
  if (!converter) converter.reset(src_new(SRC_SINC_MEDIUM_QUALITY, static_cast<int>(channels), &fault));
  if (!converter) {
    fail(open, file, std::string("no converter of sample rates: ") + src_strerror(fault));
    return false;
  }
  const std::int64_t from = file.format().sample_rate_hz;
  const std::int64_t to = file.sample_rate_hz();
  // Frames before the page that are dropped, so that the filter has all of its past, and where the first of them lies in the file.
  const std::int64_t reach = (kReachFrames * std::max(from, to) + to - 1) / to;
  const std::int64_t dropped = (reach * to + from - 1) / from;
  const std::int64_t begin = static_cast<std::int64_t>(page * ClipFile::kPageFrames) - dropped;
  const std::int64_t at = floor_div(begin * from, to);
  const double phase = static_cast<double>(begin * from - at * to) / static_cast<double>(to);
  const std::int64_t wanted = dropped + ClipFile::kPageFrames;
  const auto needed = static_cast<std::size_t>(wanted * from / to + 2 * reach + 8);
  if (!read_frames(open, file, at - 1, needed, source_)) return false;

  const auto step = [&](SRC_DATA& data, double ratio) {
    data.src_ratio = ratio;
    fault = src_set_ratio(converter.get(), ratio);
    if (fault == 0) fault = src_process(converter.get(), &data);
    return fault == 0;
  };
  page_.resize(static_cast<std::size_t>(wanted) * channels);
  SRC_DATA data{};
  data.data_in = source_.data();
  data.input_frames = static_cast<long>(needed);
  data.data_out = page_.data();
  data.output_frames = 1;
  fault = src_reset(converter.get());
  bool converted = fault == 0 && step(data, 1.0 / (1.0 + phase)) && data.output_frames_gen == 1;
  if (converted) {
    data.data_in += static_cast<std::size_t>(data.input_frames_used) * channels;
    data.input_frames -= data.input_frames_used;
    data.output_frames = static_cast<long>(wanted);
    converted = step(data, static_cast<double>(to) / static_cast<double>(from)) && data.output_frames_gen == wanted;
  }
  if (!converted) {
    fail(open, file,
         std::string("its sample rate cannot be converted: ") + (fault != 0 ? src_strerror(fault) : "the converter gave too little"));
    return false;
  }
  page_.erase(page_.begin(), page_.begin() + dropped * static_cast<std::int64_t>(channels));
  return true;
}

}  // namespace loophole::reference_signal
