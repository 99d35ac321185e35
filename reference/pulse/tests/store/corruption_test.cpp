// Whatever happens to the bytes of a project file, opening it gives the true project or an error, and never another project.

#include <doctest/doctest.h>

#include <filesystem>
#include <random>

#include "support/random_edits.hpp"
#include "support/scratch_folder.hpp"
#include "support/sound_file.hpp"

using namespace loophole;
using namespace loophole::pulse;
using namespace loophole::pulse::test;

namespace {

struct Song {
  project::Project project;
  Revision revision = 0;
  std::vector<history::Entry> history;
  Handle next_handle = 0;

  explicit Song(Document& document)
      : project(document.project()),
        revision(document.revision()),
        history(document.history().entries()),
        next_handle(document.edit_context().handles.next()) {}
  bool operator==(const Song&) const = default;
};

// One way in which a disk or a careless program damages a file.
std::string damage(std::string bytes, std::mt19937& random) {
  const auto below = [&](std::size_t count) { return std::uniform_int_distribution<std::size_t>(0, count - 1)(random); };
  const std::size_t at = below(bytes.size());
  switch (below(6)) {
    case 0:  // a bit
      bytes[at] = static_cast<char>(bytes[at] ^ (1 << below(8)));
      break;
    case 1:  // a byte
      bytes[at] = static_cast<char>(below(256));
      break;
    case 2:  // a sector of zeros
      for (std::size_t i = at; i < std::min(bytes.size(), at + 512); ++i) bytes[i] = 0;
      break;
    case 3: {  // a page that was written to the wrong place
      const std::size_t from = below(bytes.size() / 4'096) * 4'096;
      bytes.replace(at / 4'096 * 4'096, 4'096, bytes.substr(from, 4'096));
      break;
    }
    case 4:  // cut off
      bytes.resize(at);
      break;
    default: {  // two bytes exchanged
      const std::size_t other = below(bytes.size());
      std::swap(bytes[at], bytes[other]);
    }
  }
  return bytes;
}

}  // namespace

TEST_CASE("hundreds of damages: the true project, or an error that names the file") {
  constexpr std::uint32_t kSeed = 20'260'131;
  const ScratchFolder folder;
  const auto path = folder / "song.loophole";
  auto document = Document::create({.path = path, .name = "Song"}).value();
  RandomEdits user(kSeed, write_sound(folder / "sound.wav", 100, 48'000));
  for (int i = 0; i < 60; ++i) {
    do_edit(*document, user.next(*document));
    if (i == 40) document->save().value();
  }
  do_undo(*document);
  const Song truth(*document);
  document.reset();  // all of it is in the file itself now
  const std::string good = bytes_in(path);
  REQUIRE(good.size() > 10 * 4'096);

  std::mt19937 random(kSeed);
  int refused = 0;
  int harmless = 0;
  for (int i = 0; i < 600; ++i) {
    CAPTURE(i);
    const std::string bad = damage(good, random);
    write_bytes(path, bad);
    const auto opened = Document::open(path);
    if (opened) {
      ++harmless;
      CHECK(Song(**opened) == truth);
    } else {
      ++refused;
      CHECK(opened.error().message.find(path.string()) != std::string::npos);
      CHECK(bytes_in(path) == bad);
    }
    for (const char* neighbour : {"-wal", "-journal"}) std::filesystem::remove(path.string() + neighbour);
  }
  MESSAGE(refused << " refused, " << harmless << " without harm");
  CHECK(refused > 300);
}

TEST_CASE("a damaged log: the project as it was at some transaction, or an error") {
  constexpr std::uint32_t kSeed = 7;
  const ScratchFolder folder;
  const auto path = folder / "song.loophole";
  auto document = Document::create({.path = path, .name = "Song"}).value();
  std::vector<project::Project> states{document->project()};
  for (int i = 0; i < 12; ++i) {
    do_edit(*document, edits::plan(document->edit_context(), track::Add{.name = "Track", .index = {}}).value().edit);
    states.push_back(document->project());
  }
  // As a killed Pulse leaves both.
  const std::string file = bytes_in(path);
  const std::string log = bytes_in(path.string() + "-wal");
  document.reset();
  REQUIRE(log.size() > 4'096);

  std::mt19937 random(kSeed);
  for (int i = 0; i < 300; ++i) {
    CAPTURE(i);
    write_bytes(path, file);
    write_bytes(path.string() + "-wal", damage(log, random));
    const auto opened = Document::open(path);
    if (!opened) continue;
    const auto revision = static_cast<std::size_t>((*opened)->revision());
    REQUIRE(revision < states.size());
    CHECK((*opened)->project() == states[revision]);
  }
}
