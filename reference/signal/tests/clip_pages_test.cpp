// Pages of clips: whatever the rate and the channels of a file, a page is what the whole file has at its place, in whatever order pages are
// read; what a file does not have is silence.

#include <doctest/doctest.h>
#include <samplerate.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <numbers>

#include "../transport/support.hpp"
#include "clips/clip_reader.hpp"
#include "wav.hpp"

namespace loophole::test {
namespace {

using reference_signal::ClipFile;
using reference_signal::ClipReader;

constexpr std::size_t kPage = ClipFile::kPageFrames;

struct Shelf {
  TempFolder folder;
  ClipReader reader{4};
  std::string path(const std::string& name) const { return (folder.path() / name).string(); }

  // Each channel is a sine of its own.
  Wav sines(int rate, int channels, std::size_t frames) const {
    Wav wav{.rate = rate, .channels = channels, .samples = {}};
    for (std::size_t i = 0; i < frames; ++i)
      for (int c = 0; c < channels; ++c)
        wav.samples.push_back(static_cast<float>(0.5 * std::sin(2 * std::numbers::pi * (300.0 + 170 * c) * static_cast<double>(i) / rate)));
    return wav;
  }
  std::shared_ptr<ClipFile> open(const std::string& name, std::int64_t rate = 48'000) {
    auto opened = reader.open(path(name), rate);
    REQUIRE(opened);
    return *opened;
  }
  // Interleaved stereo of the whole file, page by page.
  std::vector<float> all(const std::shared_ptr<ClipFile>& file) {
    std::vector<float> samples;
    for (std::uint64_t p = 0; p < file->pages(); ++p) {
      const auto page = reader.read(file, p);
      for (std::size_t i = 0; i < kPage; ++i) {
        samples.push_back(page->left_samples()[i]);
        samples.push_back(page->right_samples()[i]);
      }
    }
    return samples;
  }
};

// The first two channels, on both sides where there is one.
std::vector<float> stereo_of(const Wav& wav) {
  std::vector<float> stereo;
  const auto channels = static_cast<std::size_t>(wav.channels);
  for (std::size_t i = 0; i < wav.frames(); ++i) {
    stereo.push_back(wav.samples[i * channels]);
    stereo.push_back(wav.samples[i * channels + (channels > 1 ? 1 : 0)]);
  }
  return stereo;
}

TEST_CASE("at the engine's rate a file is as it is, with one channel, two and six, and silent behind its end") {
  Shelf shelf;
  for (const int channels : {1, 2, 6}) {
    const Wav wav = shelf.sines(48'000, channels, 3 * kPage + 1'234);
    write_wav(shelf.path("a.wav"), wav);
    const auto file = shelf.open("a.wav");
    CHECK(file->frames() == wav.frames());
    CHECK(file->pages() == 4);
    const auto expected = stereo_of(wav);
    const auto heard = shelf.all(file);
    REQUIRE(std::equal(expected.begin(), expected.end(), heard.begin()));
    CHECK(std::all_of(heard.begin() + static_cast<std::ptrdiff_t>(expected.size()), heard.end(), [](float s) { return s == 0; }));
  }
}

TEST_CASE("another rate is converted as if the file were converted whole, without a seam between pages") {
  Shelf shelf;
  for (const int rate : {22'050, 44'100, 96'000, 44'101})
    for (const int channels : {1, 2, 6}) {
      CAPTURE(rate);
      CAPTURE(channels);
      const Wav wav = shelf.sines(rate, channels, static_cast<std::size_t>(rate));
      write_wav(shelf.path("a.wav"), wav);
      const auto file = shelf.open("a.wav");
      CHECK(file->frames() == 48'000);
      const auto heard = shelf.all(file);

      auto source = stereo_of(wav);
      std::vector<float> whole(std::size_t{48'000} * 2);
      SRC_DATA data{};
      data.data_in = source.data();
      data.input_frames = rate;
      data.data_out = whole.data();
      data.output_frames = 48'000;
      data.src_ratio = 48'000.0 / rate;
      REQUIRE(src_simple(&data, SRC_SINC_MEDIUM_QUALITY, 2) == 0);
      float worst = 0;
      for (std::size_t i = 0; i < static_cast<std::size_t>(data.output_frames_gen) * 2; ++i)
        worst = std::max(worst, std::fabs(whole[i] - heard[i]));
      CHECK(worst < 1e-5);  // -100 dB, which is what converting in one go is exact to as well
    }
}

TEST_CASE("a page is the same bit by bit, whichever was read before it") {
  Shelf shelf;
  for (const int rate : {44'100, 48'000}) {
    write_wav(shelf.path("a.wav"), shelf.sines(rate, 2, 5 * kPage));
    const auto file = shelf.open("a.wav");
    const auto in_order = shelf.all(file);
    for (std::uint64_t p = file->pages(); p-- > 0;) {
      const auto page = shelf.reader.read(file, p);
      bool same = true;
      for (std::size_t i = 0; i < kPage; ++i)
        same = same && page->left[i] == in_order[2 * (p * kPage + i)] && page->right[i] == in_order[2 * (p * kPage + i) + 1];
      CHECK(same);
    }
  }
}

TEST_CASE("with more files than may be open at once, each still plays from where it is") {
  Shelf shelf;
  std::vector<std::shared_ptr<ClipFile>> files;
  std::vector<Wav> wavs;
  for (int i = 0; i < 9; ++i) {
    const std::string name = std::to_string(i) + ".wav";
    wavs.push_back({.rate = 48'000, .channels = 1, .samples = std::vector<float>(2 * kPage, 0.1F * static_cast<float>(i))});
    write_wav(shelf.path(name), wavs.back());
    files.push_back(shelf.open(name));
  }
  const auto open_files = [] {
    return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), std::filesystem::directory_iterator());
  };
  const auto before = open_files();
  for (std::uint64_t page = 0; page < 2; ++page)
    for (std::size_t i = 0; i < files.size(); ++i) CHECK(shelf.reader.read(files[i], page)->left[17] == 0.1F * static_cast<float>(i));
  CHECK(open_files() <= before + 4);
}

TEST_CASE("a file that was changed since is silent from there on, and is another file when it is opened again") {
  Shelf shelf;
  write_wav(shelf.path("a.wav"), {.rate = 48'000, .channels = 1, .samples = std::vector<float>(3 * kPage, 0.1F)});
  const auto file = shelf.open("a.wav");
  CHECK(shelf.reader.read(file, 0)->left[5] == 0.1F);
  CHECK_FALSE(file->has_failed());
  write_wav(shelf.path("a.wav"), {.rate = 48'000, .channels = 1, .samples = std::vector<float>(4 * kPage, 0.9F)});
  CHECK(shelf.reader.read(file, 1)->left[5] == 0);
  CHECK(file->has_failed());
  const auto again = shelf.open("a.wav");
  CHECK(again->stamp() != file->stamp());
  CHECK(shelf.reader.read(again, 3)->left[5] == 0.9F);
}

TEST_CASE("a file that has less than it says plays what it has") {
  Shelf shelf;
  Wav noise{.rate = 48'000, .channels = 1, .samples = {}};
  std::uint32_t random = 1;
  for (std::size_t i = 0; i < 6 * kPage; ++i) {
    random = random * 1'664'525 + 1'013'904'223;
    noise.samples.push_back(static_cast<float>(random >> 16U) / 65'536.0F - 0.5F);
  }
  write_wav(shelf.path("a.flac"), noise, SF_FORMAT_FLAC | SF_FORMAT_PCM_16);
  std::filesystem::resize_file(shelf.path("a.flac"), std::filesystem::file_size(shelf.path("a.flac")) / 2);
  const auto file = shelf.open("a.flac");
  CHECK(file->frames() == 6 * kPage);
  const auto heard = shelf.all(file);
  CHECK(heard.size() == 2 * 6 * kPage);
  for (std::size_t i = 0; i < 2 * kPage; ++i) REQUIRE(heard[2 * i] == doctest::Approx(noise.samples[i]).epsilon(0.001));
  CHECK(std::all_of(heard.end() - kPage, heard.end(), [](float s) { return s == 0; }));
}

TEST_CASE("what is no number in a file is silence") {
  Shelf shelf;
  Wav wav{.rate = 48'000, .channels = 1, .samples = std::vector<float>(1'000, 0.5F)};
  wav.samples[10] = std::nanf("");
  wav.samples[11] = INFINITY;
  write_wav(shelf.path("a.wav"), wav);
  const auto page = shelf.reader.read(shelf.open("a.wav"), 0);
  CHECK(page->left[9] == 0.5F);
  CHECK(page->left[10] == 0);
  CHECK(page->left[11] == 0);
}

}  // namespace
}  // namespace loophole::test
