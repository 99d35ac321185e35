#pragma once
// ClipReader: makes pages from audio files, with libsndfile and libsamplerate. The reading thread's alone.
//
// A page depends on nothing but the file and its number, so a file sounds the same whether it is played through or jumped into. A file of
// another rate is converted page by page, each with a converter that begins anew some frames earlier and ends some frames later than the
// filter reaches:
//
//   of the file     ...|-- reach --|------- page -------|-- reach --|...
//   converted          dropped     kept                 never asked for
//
// The first frame of a page lies between two frames of the file, as a rule. A converter begins on a frame; it is brought to the right phase
// by a first step of another length, whose frame is dropped as well.

#include <sndfile.h>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "clips/clip_file.hpp"
#include "loophole/core/result.hpp"

struct SRC_STATE_tag;

namespace loophole::reference_signal {

class ClipReader {
 public:
  // `open_files`: how many files it keeps open at once.
  explicit ClipReader(std::size_t open_files) : most_open_(open_files) {}
  ~ClipReader();
  ClipReader(const ClipReader&) = delete;
  ClipReader& operator=(const ClipReader&) = delete;

  // [any-thread] Nothing: there is no such file, or it cannot be asked.
  [[nodiscard]] static std::optional<FileStamp> stamp_of(const std::string& path);

  // Looks whether a file can play. Error clip.fileUnreadable with path and reason.
  [[nodiscard]] Result<std::shared_ptr<ClipFile>> open(const std::string& path, std::int64_t sample_rate_hz);
  // What cannot be read any more, or was changed since the file was opened, is silent, and logged once for each file.
  [[nodiscard]] std::unique_ptr<const ClipPage> read(const std::shared_ptr<ClipFile>& file, std::uint64_t page);

 private:
  struct CloseFile {
    void operator()(SNDFILE* file) const noexcept { sf_close(file); }
  };
  using Handle = std::unique_ptr<SNDFILE, CloseFile>;
  struct OpenFile {
    std::weak_ptr<ClipFile> of;
    Handle handle{};         // nullptr: failed, or closed to make room
    std::uint64_t at = 0;    // the next frame that it gives
    std::uint64_t end = 0;   // frames that it has, as far as is known
    std::uint64_t used = 0;  // when it was last used, in reads
    bool told = false;       // of what is wrong with it
  };
  struct DeleteConverter {
    void operator()(SRC_STATE_tag* converter) const noexcept;
  };

  [[nodiscard]] OpenFile& opened(const std::shared_ptr<ClipFile>& file);
  void reopen(OpenFile& open, ClipFile& file);
  static void tell(OpenFile& open, const ClipFile& file, const std::string& why);
  static void fail(OpenFile& open, ClipFile& file, const std::string& why);
  // Frames `first` … `first + frames` of the file, of one or two channels interleaved; zeros where there are none.
  [[nodiscard]] bool read_frames(OpenFile& open, ClipFile& file, std::int64_t first, std::size_t frames, std::vector<float>& out);
  [[nodiscard]] std::size_t read_piece(OpenFile& open, const ClipFile& file, std::uint64_t most);
  [[nodiscard]] bool seek(OpenFile& open, ClipFile& file, std::uint64_t frame);
  [[nodiscard]] bool convert(OpenFile& open, ClipFile& file, std::uint64_t page);

  std::size_t most_open_;
  std::vector<OpenFile> open_;
  std::uint64_t reads_ = 0;
  std::array<std::unique_ptr<SRC_STATE_tag, DeleteConverter>, 2> converters_;  // for one channel, and for two
  std::vector<float> raw_;                                                     // all channels, as they lie in the file
  std::vector<float> source_;                                                  // at the rate of the file
  std::vector<float> page_;                                                    // at the rate of the engine
};

}  // namespace loophole::reference_signal
