// Clips are read ahead of the transport: in bounded memory however long the file is, with what it jumps to in memory before it jumps; what
// was not read in time is silent, counted and told.

#include <doctest/doctest.h>
#include <fcntl.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <span>
#include <sstream>

#include "stage.hpp"
#include "wav.hpp"

namespace loophole::test {
namespace {

using reference_signal::ClipFile;
using reference_signal::ReadAhead;
using reference_signal::ReadAheadLimits;

constexpr std::int64_t kRate = 48'000;
constexpr std::int64_t kHour = kRate * 3'600;

// Mono, 16 bits: a hole on the disk, but where something was written.
class LongFile {
 public:
  explicit LongFile(std::string path) : path_(std::move(path)), file_(open(path_.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600)) {
    static_assert(std::endian::native == std::endian::little);
    REQUIRE(file_ >= 0);
    const auto bytes = static_cast<std::uint32_t>(kHour * 2);
    std::string header = "RIFF" + word(bytes + 36) + "WAVEfmt " + word(16) + half(1) + half(1) + word(kRate) + word(kRate * 2) + half(2) +
                         half(16) + "data" + word(bytes);
    REQUIRE(pwrite(file_, header.data(), header.size(), 0) == 44);
    REQUIRE(ftruncate(file_, 44 + kHour * 2) == 0);
  }
  ~LongFile() { close(file_); }
  LongFile(const LongFile&) = delete;
  LongFile& operator=(const LongFile&) = delete;

  static float sample(std::int64_t frame) { return static_cast<float>(value(frame)) / 32'768.0F; }
  // Sound over so many frames.
  void write(std::int64_t from, std::int64_t frames) {
    std::vector<std::int16_t> samples;
    for (std::int64_t i = 0; i < frames; ++i) samples.push_back(value(from + i));
    REQUIRE(pwrite(file_, samples.data(), samples.size() * 2, 44 + from * 2) == frames * 2);
  }
  const std::string& path() const { return path_; }

 private:
  static std::int16_t value(std::int64_t frame) { return static_cast<std::int16_t>(frame * 2'654'435'761 >> 11 & 0x3fff); }
  static std::string word(std::uint32_t value) { return {reinterpret_cast<const char*>(&value), 4}; }
  static std::string half(std::uint16_t value) { return {reinterpret_cast<const char*>(&value), 2}; }

  std::string path_;
  int file_;
};

graph::GraphClip clip_of(const std::string& path, std::int64_t start = 0, std::int64_t length = kHour, std::int64_t offset = 0) {
  return {.path = path, .start_frames = start, .offset_frames = offset, .length_frames = length, .gain_db = 0};
}
graph::Graph playing(std::vector<graph::GraphClip> clips) {
  return chain_of({player_of("player", std::move(clips)), output_of()});
}
reference_signal::ReferenceEngineOptions within(const ReadAheadLimits& limits) {
  return {.driver = {}, .record = {}, .plugins = {}, .clips = limits, .make_plugin = {}};
}

// The first of some samples that is not the file's from `at` on; as many as there are: all are.
std::size_t first_wrong(std::span<const float> heard, std::int64_t at) {
  std::size_t i = 0;
  while (i < heard.size() && heard[i] == LongFile::sample(at + static_cast<std::int64_t>(i))) ++i;
  return i;
}

// A stage whose reading thread can be held back: it has something to say, and nobody listens.
struct Slow : Stage {
  using Stage::Stage;
  TempFolder folder;
  LongFile file{(folder.path() / "long.wav").string()};

  void hold_reader() {
    posting.lock();
    write_wav((folder.path() / "other.wav").string(), {.rate = 48'000, .channels = 1, .samples = std::vector<float>(100, 0.5F)});
    other_ = playing({clip_of(file.path()), clip_of((folder.path() / "other.wav").string(), kHour, 100)});
    order_ = signal::check_graph(other_).value();
    engine.replace_graph(other_, order_, [this](const Result<signal::Engine::Ticket>& ticket) {
      REQUIRE(ticket);
      answered_ = true;
    });
    REQUIRE_POLL(posters == 1);
  }
  void let_reader_go() {
    posting.unlock();
    REQUIRE_SOON(loop, answered_);
  }
  // One block after the other, complete or not.
  std::vector<float> render_late(std::size_t frames) {
    std::vector<float> left;
    std::vector<float> out(512);
    while (left.size() < frames) {
      desk.callback->render(out, ++time_ns);
      for (std::size_t i = 0; i < 256; ++i) left.push_back(out[2 * i]);
      engine.tick();
    }
    return left;
  }

 private:
  graph::Graph other_;
  signal::GraphOrder order_;
  bool answered_ = false;
};

TEST_CASE("an hour plays, from wherever, as the file is, in the memory that there is for it") {
  constexpr ReadAheadLimits kLimits{.wanted_bytes = std::size_t{1} << 20, .kept_bytes = std::size_t{256} << 10, .open_files = 4};
  Stage stage(within(kLimits));
  const TempFolder folder;
  LongFile file((folder.path() / "hour.wav").string());
  REQUIRE(stage.configure());
  for (const std::int64_t minute : {0, 1, 7, 30, 59}) file.write(minute * 60 * kRate, kRate);
  REQUIRE(stage.replace(playing({clip_of(file.path())})));
  std::size_t most = 0;
  for (const std::int64_t minute : {59, 0, 30, 7, 1}) {
    const std::int64_t from = minute * 60 * kRate;
    stage.play(from);
    stage.render(512);  // the old place fades out, the new one in
    const std::int64_t at = stage.engine.transport().position_frames;
    CHECK(at > from);
    const auto heard = stage.render(static_cast<std::size_t>(kRate / 2));
    CHECK(first_wrong(heard, at) == heard.size());
    most = std::max(most, stage.engine.clips().bytes());
  }
  stage.play(0);
  for (int second = 0; second < 120; ++second) {
    stage.render(static_cast<std::size_t>(kRate));
    most = std::max(most, stage.engine.clips().bytes());
  }
  CHECK(stage.engine.missed_frames() == 0);
  CHECK(most > 0);
  CHECK(most < 2 * (kLimits.wanted_bytes + kLimits.kept_bytes));
  REQUIRE(stage.replace(chain_of({tone_of("tone", 1), output_of()})));
  stage.render(1'024);
  REQUIRE_POLL((stage.engine.tick(), stage.engine.clips().bytes() <= kLimits.kept_bytes));
}

TEST_CASE("many clips at once share the memory, each is read less far ahead, and all of them play") {
  constexpr ReadAheadLimits kLimits{.wanted_bytes = std::size_t{1} << 20, .kept_bytes = 0, .open_files = 4};
  Stage stage(within(kLimits));
  const TempFolder folder;
  LongFile file((folder.path() / "hour.wav").string());
  REQUIRE(stage.configure());
  std::vector<graph::GraphClip> clips;
  for (std::int64_t i = 0; i < 20; ++i) {
    file.write(i * 3 * kRate, kRate);
    clips.push_back(clip_of(file.path(), 0, kRate, i * 3 * kRate));
  }
  REQUIRE(stage.replace(playing(clips)));
  stage.play(0);
  const auto heard = stage.render(40'000);
  std::size_t right = 256;
  while (right < heard.size()) {
    float sum = 0;
    for (std::int64_t clip = 0; clip < 20; ++clip) sum += LongFile::sample(clip * 3 * kRate + static_cast<std::int64_t>(right));
    if (heard[right] != sum) break;
    ++right;
  }
  CHECK(right == heard.size());
  CHECK(stage.engine.missed_frames() == 0);
  // Twenty times two seconds would be 7.5 MiB.
  CHECK(stage.engine.clips().bytes() <= kLimits.wanted_bytes + 20 * 4 * ClipFile::kPageFrames * sizeof(float));
}

TEST_CASE("a loop is in memory where it begins before it gets there") {
  Slow stage;
  stage.file.write(10 * kRate, 20 * kRate);
  REQUIRE(stage.configure());
  REQUIRE(stage.replace(playing({clip_of(stage.file.path())})));
  const std::int64_t start = 10 * kRate + 77;
  const std::int64_t end = 25 * kRate + 5;
  stage.transport({.playing = true,
                   .position_frames = end - kRate / 4,
                   .loop = transport::Loop{.enabled = true, .start_frames = start, .end_frames = end},
                   .tempo_bpm = {}});
  stage.hold_reader();
  const auto heard = stage.render_late(static_cast<std::size_t>(kRate / 2));
  stage.let_reader_go();
  CHECK(stage.engine.missed_frames() == 0);
  const auto before = static_cast<std::size_t>(kRate / 4);
  const auto played = std::span(heard);
  CHECK(first_wrong(played.subspan(256, before - 256), end - kRate / 4 + 256) == before - 256);
  CHECK(first_wrong(played.subspan(before), start) == heard.size() - before);
}

TEST_CASE("a jump waits until it can be heard, what sounded goes on until then, and a stop waits for nothing") {
  Slow stage;
  stage.file.write(0, 3 * kRate);
  stage.file.write(600 * kRate, kRate);
  REQUIRE(stage.configure());
  REQUIRE(stage.replace(playing({clip_of(stage.file.path())})));
  stage.play(0);
  stage.render(1'024);
  stage.hold_reader();
  const auto jump = stage.engine.set_transport({.playing = {}, .position_frames = 600 * kRate, .loop = {}, .tempo_bpm = {}}).value();
  const auto before = stage.render_late(1'024);
  CHECK_FALSE(stage.engine.taken(jump));
  CHECK(before.back() == LongFile::sample(2'047));
  CHECK(stage.engine.transport().position_frames == 2'048);
  stage.let_reader_go();
  REQUIRE_POLL((stage.engine.tick(), !stage.engine.renderer().holds_transport()));
  stage.render(512);
  CHECK(stage.engine.taken(jump));
  CHECK(stage.render(256).back() == LongFile::sample(600 * kRate + 511));
  CHECK(stage.engine.missed_frames() == 0);
  stage.stop();
  CHECK_FALSE(stage.engine.renderer().holds_transport());
}

TEST_CASE("what was not read in time is silent, an xrun, logged once by the name of the file, and sounds again when it is there") {
  std::ostringstream log;
  const auto logger_before = spdlog::default_logger();
  spdlog::set_default_logger(std::make_shared<spdlog::logger>("test", std::make_shared<spdlog::sinks::ostream_sink_mt>(log)));
  Slow stage;
  stage.file.write(0, 10 * kRate);
  REQUIRE(stage.configure());
  REQUIRE(stage.replace(playing({clip_of(stage.file.path())})));
  stage.play(0);
  stage.hold_reader();
  const auto heard = stage.render_late(static_cast<std::size_t>(5 * kRate));
  const std::size_t there = 256 + first_wrong(std::span(heard).subspan(256), 256);
  CHECK(there >= static_cast<std::size_t>(ReadAhead::kAheadSeconds * kRate));
  CHECK(std::all_of(heard.begin() + static_cast<std::ptrdiff_t>(there), heard.end(), [](float s) { return s == 0; }));
  CHECK(stage.engine.missed_frames() == heard.size() - there);
  CHECK(stage.engine.state().xruns == static_cast<std::int64_t>((heard.size() - there + 255) / 256));
  stage.let_reader_go();
  const auto again = stage.render(4'096);
  CHECK(first_wrong(again, static_cast<std::int64_t>(heard.size())) == again.size());
  CHECK(stage.engine.missed_frames() == heard.size() - there);
  spdlog::set_default_logger(logger_before);
  const std::string said = log.str();
  const auto told = said.find("'" + stage.file.path() + "' is not read fast enough");
  CHECK(told != std::string::npos);
  CHECK(said.find("is not read fast enough", told + 1'000) == std::string::npos);
}

TEST_CASE("what a file of another rate sounds like does not depend on how the transport came there, or on other graphs") {
  const TempFolder folder;
  const std::string path = (folder.path() / "sweep.wav").string();
  Wav sweep{.rate = 44'100, .channels = 2, .samples = {}};
  for (int i = 0; i < 44'100 * 8; ++i) {
    const float value = static_cast<float>(0.5 * std::sin(1e-7 * i * static_cast<double>(i)));
    sweep.samples.insert(sweep.samples.end(), {value, -value});
  }
  write_wav(path, sweep);
  Stage through;
  REQUIRE(through.configure());
  REQUIRE(through.replace(playing({clip_of(path)})));
  through.play(0);
  const auto whole = through.render(6 * 48'000);
  Stage stage;
  REQUIRE(stage.configure());
  REQUIRE(stage.replace(playing({clip_of(path)})));
  for (const std::int64_t from : {200'000, 31'999, 150'001}) {
    stage.play(from);
    stage.render(512);
    auto graph = playing({clip_of(path)});
    graph.nodes.push_back(gain_of("beside", 9));
    REQUIRE(stage.replace(graph));  // the clip stays
    const auto at = static_cast<std::size_t>(stage.engine.transport().position_frames);
    const auto heard = stage.render(20'480);
    CHECK(std::equal(heard.begin(), heard.end(), whole.begin() + static_cast<std::ptrdiff_t>(at)));
  }
}

}  // namespace
}  // namespace loophole::test
