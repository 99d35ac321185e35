// Undoing everything and doing it again passes through exactly the states that the edits made, byte for byte.

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "loophole/messages/registry.hpp"
#include "loophole/wire/codec.hpp"
#include "support/random_edits.hpp"
#include "support/scratch_folder.hpp"
#include "support/sound_file.hpp"

using namespace loophole;
using namespace loophole::pulse;
using namespace loophole::pulse::test;

namespace {

std::string snapshot(const Document& document) {
  return wire::to_json(document.project()).value();
}

// A user with a document, and what the project was at each step of the history.
class Walk {
 public:
  explicit Walk(std::uint32_t seed)
      : user(seed, write_sound(folder_ / "sound.wav", 100, 44'100)),
        document_(Document::create({.path = folder_ / "song.loophole", .name = "Song"}).value()),
        states_{snapshot(*document_)} {}

  [[nodiscard]] std::size_t steps() const { return states_.size() - 1; }

  void edit() {
    const Revision before = document_->revision();
    do_edit(*document_, user.next(*document_));
    std::string state = snapshot(*document_);
    if (document_->revision() == before) {  // it changed nothing: what was undone can still be done again
      REQUIRE(state == states_[position_]);
      REQUIRE(document_->history().entries().size() == steps());
      return;
    }
    REQUIRE(state != states_[position_]);
    states_.resize(++position_);
    states_.push_back(std::move(state));
    check(before);
  }
  void undo() {
    if (position_ == 0) return;
    const Revision before = document_->revision();
    do_undo(*document_);
    --position_;
    check(before);
  }
  void redo() {
    if (position_ == steps()) return;
    const Revision before = document_->revision();
    do_redo(*document_);
    ++position_;
    check(before);
  }
  void undo_all() {
    while (position_ > 0) undo();
    CHECK(is(document_->step_to_undo().error(), errors::kHistoryNothingToUndo));
  }
  void redo_all() {
    while (position_ < steps()) redo();
    CHECK(is(document_->step_to_redo().error(), errors::kHistoryNothingToRedo));
  }
  void save() { document_->save().value(); }
  void reopen() {
    const auto path = document_->path();
    const Revision revision = document_->revision();
    const auto entries = document_->history().entries();
    const Handle next = document_->edit_context().handles.next();
    document_.reset();
    document_ = Document::open(path).value();
    REQUIRE(document_->history().entries() == entries);
    REQUIRE(document_->edit_context().handles.next() == next);
    check(revision - 1);
  }

 private:
  void check(Revision before) const {
    REQUIRE(document_->revision() == before + 1);
    REQUIRE(document_->history().position() == position_);
    REQUIRE(document_->history().entries().size() == steps());
    REQUIRE(snapshot(*document_) == states_[position_]);
  }

  ScratchFolder folder_;

 public:
  RandomEdits user;

 private:
  std::unique_ptr<Document> document_;
  std::vector<std::string> states_;  // by position in the history
  std::size_t position_ = 0;
};

}  // namespace

TEST_CASE("edits, undos, redos, saves and reopenings at random, then undo all, redo all: the same bytes at each step") {
  std::map<std::string, int> made;
  for (std::uint32_t seed = 1; seed <= 10; ++seed) {
    CAPTURE(seed);
    Walk walk(seed);
    for (int i = 0; i < 300; ++i) {
      const std::size_t what = walk.user.up_to(200);
      if (what < 20)
        walk.undo();
      else if (what < 36)
        walk.redo();
      else if (what == 36)
        walk.save();
      else if (what == 37)
        walk.reopen();
      else
        walk.edit();
    }
    walk.undo_all();
    walk.redo_all();
    walk.reopen();
    for (const auto& [name, count] : walk.user.made) made[name] += count;
  }
  // Each command that can be undone was among them. Ends of gestures and plugins need an engine.
  for (const wire::MessageDesc* message : wire::all_messages()) {
    const std::string name(message->name);
    if (!message->undoable || name == "parameter.gesture.end" || name.starts_with("plugin.")) continue;
    CAPTURE(name);
    CHECK(made[name] > 5);
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
