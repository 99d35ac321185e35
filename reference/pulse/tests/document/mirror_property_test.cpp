// A mirror that is told nothing but the changes of each transaction stays equal to the project, and no identifier or handle is given twice.

#include <doctest/doctest.h>

#include <set>
#include <string>

#include "support/random_edits.hpp"
#include "support/scratch_folder.hpp"
#include "support/sound_file.hpp"

using namespace loophole;
using namespace loophole::pulse;
using namespace loophole::pulse::test;

namespace {

// Identifiers and handles of what changes add.
class Given {
 public:
  void take(const project::Change& change) {
    if (const auto* added = std::get_if<project::TrackAdded>(&change)) {
      once(added->track.id.str());
      for (const clip::Clip& clip : added->track.clips) once(clip.id.str());
      take(added->track.channel);
    }
    if (const auto* added = std::get_if<project::ClipAdded>(&change)) once(added->clip.id.str());
    if (const auto* added = std::get_if<project::NodeAdded>(&change)) take(added->node);
    if (const auto* added = std::get_if<project::BusAdded>(&change)) {
      once(added->bus.id.str());
      take(added->bus.channel);
    }
    if (const auto* added = std::get_if<project::SendAdded>(&change)) take(added->send);
  }
  void take(const channel::Channel& channel) {
    once(channel.id.str());
    once(channel.meter_handle);
    take(channel.gain, channel.id.str());
    for (const node::Node& node : channel.nodes) take(node);
    for (const channel::Send& send : channel.sends) take(send);
  }

 private:
  void take(const node::Node& node) {
    once(node.id.str());
    if (node.meter_handle) once(*node.meter_handle);
    for (const parameter::Parameter& parameter : node.parameters) take(parameter, node.id.str());
  }
  void take(const channel::Send& send) {
    once(send.id.str());
    take(send.level, send.id.str());
  }
  void take(const parameter::Parameter& parameter, const std::string& owner) {
    once(parameter.id.str());
    once(parameter.handle);
    REQUIRE(parameter.owner_id.str() == owner);
  }
  void once(const std::string& id) { REQUIRE(ids_.insert(id).second); }
  void once(Handle handle) { REQUIRE(handles_.insert(handle).second); }

  std::set<std::string> ids_;
  std::set<Handle> handles_;
};

}  // namespace

TEST_CASE("a mirror that follows the changes is the project, and edits give new identifiers only, whatever is undone between") {
  for (std::uint32_t seed = 100; seed < 110; ++seed) {
    CAPTURE(seed);
    const ScratchFolder folder;
    const auto path = folder / "song.loophole";
    auto document = Document::create({.path = path, .name = "Song"}).value();
    RandomEdits user(seed, write_sound(folder / "sound.wav", 100, 48'000));
    model::ProjectState mirror(document->project());
    Given given;
    given.take(document->project().master);
    const auto follow = [&](Edit edit, Provenance provenance) {
      const bool is_edit = provenance.origin == project::TransactionOrigin::edit;
      const auto transaction = document->stage(std::move(edit), std::move(provenance)).value();
      if (!transaction) return;
      for (const project::Change& change : transaction->changes) {
        if (is_edit) given.take(change);
        mirror.apply(change).value();
      }
      REQUIRE(mirror.project() == document->project());
    };
    for (int i = 0; i < 400; ++i) {
      const std::size_t what = user.up_to(20);
      if (what < 4) document->commit().value();  // steps are read from the file
      if (what == 0 && document->history().next_undo() != nullptr) {
        auto step = document->step_to_undo().value();
        follow(std::move(step.edit), {.origin = project::TransactionOrigin::undo, .cause = {}, .step = step.step});
      } else if (what == 1 && document->history().next_redo() != nullptr) {
        auto step = document->step_to_redo().value();
        follow(std::move(step.edit), {.origin = project::TransactionOrigin::redo, .cause = {}, .step = step.step});
      } else if (what == 2 && user.up_to(10) == 0) {
        document.reset();
        document = Document::open(path).value();
        REQUIRE(mirror.project() == document->project());
      } else {
        follow(user.next(*document), {});
      }
    }
    document->commit().value();
  }
}
