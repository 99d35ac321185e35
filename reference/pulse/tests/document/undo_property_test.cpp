// Undoing everything and doing it again passes through exactly the states that the edits made.

#include <doctest/doctest.h>

#include <vector>

#include "support/random_edits.hpp"
#include "support/scratch_folder.hpp"
#include "support/sound_file.hpp"

using namespace loophole;
using namespace loophole::pulse;
using namespace loophole::pulse::test;

TEST_CASE("undo all, redo all: the same project at each step, for many random histories") {
  constexpr int kSteps = 60;
  for (std::uint32_t seed = 1; seed <= 6; ++seed) {
    CAPTURE(seed);
    const ScratchFolder folder;
    auto document = Document::create({.path = folder / "song.loophole", .name = "Song"}).value();
    RandomEdits user(seed, write_sound(folder / "sound.wav", 100, 48'000));
    std::vector<project::Project> states{document->project()};
    for (int i = 0; i < kSteps; ++i) {
      do_edit(*document, user.next(*document));
      states.push_back(document->project());
    }
    for (int i = kSteps; i > 0; --i) {
      do_undo(*document);
      REQUIRE(document->project() == states[static_cast<std::size_t>(i - 1)]);
    }
    CHECK(is(document->step_to_undo().error(), errors::kHistoryNothingToUndo));
    for (int i = 1; i <= kSteps; ++i) {
      do_redo(*document);
      REQUIRE(document->project() == states[static_cast<std::size_t>(i)]);
    }
    CHECK(is(document->step_to_redo().error(), errors::kHistoryNothingToRedo));
    CHECK(document->revision() == 3 * kSteps);
  }
}

TEST_CASE("edits, undos and redos mixed at random: reopened it is the same project, revision and history") {
  for (std::uint32_t seed = 1; seed <= 5; ++seed) {
    CAPTURE(seed);
    const ScratchFolder folder;
    const auto path = folder / "song.loophole";
    auto document = Document::create({.path = path, .name = "Song"}).value();
    RandomEdits user(seed, write_sound(folder / "sound.wav", 100, 44'100));
    for (int i = 0; i < 120; ++i) {
      const std::size_t what = user.up_to(6);
      if (what == 0 && document->step_to_undo())
        do_undo(*document);
      else if (what == 1 && document->step_to_redo())
        do_redo(*document);
      else
        do_edit(*document, user.next(*document));
      if (i == 70) document->save().value();  // so that loading is a snapshot and a replay
    }
    const project::Project project = document->project();
    const Revision revision = document->revision();
    const auto entries = document->history().entries();
    const auto position = document->history().position();
    const Handle next = document->edit_context().handles.next();
    document.reset();

    auto again = Document::open(path).value();
    CHECK(again->project() == project);
    CHECK(again->revision() == revision);
    CHECK(again->history().entries() == entries);
    CHECK(again->history().position() == position);
    CHECK(again->edit_context().handles.next() == next);
  }
}

TEST_CASE("a new edit cuts off what was undone") {
  const ScratchFolder folder;
  auto document = Document::create({.path = folder / "song.loophole", .name = "Song"}).value();
  const auto add = [&](const char* name) {
    do_edit(*document, edits::plan(document->edit_context(), track::Add{.name = name, .index = {}}).value().edit);
  };
  add("A");
  add("B");
  do_undo(*document);
  add("C");
  CHECK(is(document->step_to_redo().error(), errors::kHistoryNothingToRedo));
  REQUIRE(document->history().entries().size() == 2);
  CHECK(document->history().entries()[1].label == "Add Track \"C\"");
  CHECK(document->history().entries()[1].revision == 4);
}
