// What becomes of an edit before it is a transaction: idle changes are left out, too many are refused, labels are cut.

#include <doctest/doctest.h>

#include "support/random_edits.hpp"
#include "support/scratch_folder.hpp"

using namespace loophole;
using namespace loophole::pulse;
using namespace loophole::pulse::test;

namespace {

struct Scene {
  ScratchFolder folder;
  std::unique_ptr<Document> document = Document::create({.path = folder / "song.loophole", .name = "Song"}).value();
  ParameterId gain = document->project().master.gain.id;

  [[nodiscard]] project::Change set(double value) const { return project::ParameterChanged{.parameter_id = gain, .value = value}; }
};

}  // namespace

TEST_CASE("changes that set what is so already are left out; an edit of nothing else is no transaction") {
  Scene scene;
  const project::Change tempo = project::TempoChanged{.tempo_bpm = 97};
  const auto some = scene.document->stage({.label = "Some", .changes = {scene.set(0), tempo, tempo}}, {}).value();
  REQUIRE(some.has_value());
  CHECK(some->changes == std::vector{tempo});
  CHECK(!scene.document->stage({.label = "None", .changes = {scene.set(0), tempo}}, {}).value().has_value());
  CHECK(!scene.document->stage({.label = "Empty", .changes = {}}, {}).value().has_value());
  CHECK(scene.document->revision() == 1);
  CHECK(scene.document->history().entries().size() == 1);
  scene.document->commit().value();
  do_undo(*scene.document);
  CHECK(scene.document->project().tempo_bpm == 120);
}

TEST_CASE("an edit with more changes than a transaction may have is refused as a whole") {
  Scene scene;
  const project::Project before = scene.document->project();
  Edit edit{.label = "Much", .changes = {}};
  for (int i = 0; i < 65'537; ++i) edit.changes.push_back(scene.set(i % 2 == 0 ? -1 : -2));
  const auto refused = scene.document->stage(std::move(edit), {});
  REQUIRE(!refused);
  CHECK(is(refused.error(), errors::kPayloadInvalid));
  CHECK(scene.document->project() == before);
  CHECK(!scene.document->has_staged());
}

TEST_CASE("a change that does not fit takes those before it back") {
  Scene scene;
  const project::Project before = scene.document->project();
  const auto refused =
      scene.document->stage({.label = "x", .changes = {scene.set(-3), project::TrackRemoved{.track_id = TrackId("x")}}}, {});
  REQUIRE(!refused);
  CHECK(is(refused.error(), errors::kInternalFault));
  CHECK(scene.document->project() == before);
  CHECK(scene.document->revision() == 0);
}

TEST_CASE("a label is no longer than a client takes") {
  Scene scene;
  std::string label;
  for (int i = 0; i < 300; ++i) label += "ö";
  const auto transaction = scene.document->stage({.label = label, .changes = {scene.set(-3)}}, {}).value();
  CHECK(transaction->label == label.substr(0, 2 * 256));
  scene.document->commit().value();
}
