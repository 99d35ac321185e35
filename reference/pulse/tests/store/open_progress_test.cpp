// A project with a long history says how far it is while it is opened; a short one is there at once.

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "support/random_edits.hpp"
#include "support/scratch_folder.hpp"

using namespace loophole;
using namespace loophole::pulse;
using namespace loophole::pulse::test;

namespace {

std::vector<double> told_while_opening(const std::filesystem::path& path) {
  std::vector<double> told;
  Document::open(path, [&told](double done_ratio) { told.push_back(done_ratio); }).value();
  return told;
}

}  // namespace

TEST_CASE("opening tells how much of the history is read") {
  const ScratchFolder folder;
  const auto path = folder / "song.loophole";
  {
    auto document = Document::create({.path = path, .name = "Song"}).value();
    do_edit(*document, edits::plan(document->edit_context(), track::Add{.name = "Track", .index = {}}).value().edit);
  }
  CHECK(told_while_opening(path).empty());
  {
    auto document = Document::open(path).value();
    const TrackId id = document->project().tracks.front().id;
    for (int i = 1; i < 10'000; ++i) {
      const track::Rename rename{.track_id = id, .name = "Track " + std::to_string(i)};
      document->stage(edits::plan(document->edit_context(), rename).value().edit, {}).value();
    }
    document->commit().value();
  }
  const std::vector<double> told = told_while_opening(path);
  CHECK(told.size() == 2);
  CHECK(std::is_sorted(told.begin(), told.end()));
  CHECK(told.front() == doctest::Approx(0.4096));
  CHECK(told.back() == doctest::Approx(0.8192));
}
