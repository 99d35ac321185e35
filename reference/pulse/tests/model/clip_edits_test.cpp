// Clips: places on the timeline and on tracks, borders that stay on the audio, splits that sound as before.

#include <doctest/doctest.h>

#include <filesystem>

#include "support/scratch_folder.hpp"
#include "support/song.hpp"
#include "support/sound_file.hpp"

using namespace loophole;
using namespace loophole::pulse;
using namespace loophole::pulse::test;
using Names = std::vector<std::string>;

namespace {

// "Voice" has the clip "a" of 100 frames from 1'000 on; "Choir" has none.
struct Scene : Song {
  ScratchFolder folder;
  std::filesystem::path sound = write_sound(folder / "sound.wav", 100, 48'000);
  ClipId a = add("a", 1'000);
  TrackId choir = made(track::Add{.name = "Choir", .index = {}}).reply.track_id;

  ClipId add(const std::string& name, std::int64_t start) {
    return made(clip::Add{.track_id = track().id, .path = sound.string(), .start_frames = start, .name = name}).reply.clip_id;
  }
  [[nodiscard]] const clip::Clip& clip(const ClipId& id) const { return *state.clip(id); }
};

}  // namespace

TEST_CASE("clips stand in the order of their start, wherever they are moved") {
  Scene scene;
  (void)scene.add("b", 2'000);
  (void)scene.add("c", 3'000);
  CHECK(scene.made(clip::Move{.clip_id = scene.a, .start_frames = 2'500, .track_id = {}}).edit.label == "Move Clip \"a\"");
  CHECK(names(scene.track().clips) == Names{"b", "a", "c"});
  (void)scene.made(clip::Move{.clip_id = scene.a, .start_frames = 3'000, .track_id = {}});  // behind the one that begins there
  CHECK(names(scene.track().clips) == Names{"b", "c", "a"});
  (void)scene.made(clip::Move{.clip_id = scene.a, .start_frames = 0, .track_id = {}});
  CHECK(names(scene.track().clips) == Names{"a", "b", "c"});
  CHECK(scene.clip(scene.a).start_frames == 0);
}

TEST_CASE("a clip moves to another track with its place there") {
  Scene scene;
  const ClipId b = scene.add("b", 2'000);
  (void)scene.made(clip::Move{.clip_id = b, .start_frames = 500, .track_id = scene.choir});
  (void)scene.made(clip::Move{.clip_id = scene.a, .start_frames = 400, .track_id = scene.choir});
  CHECK(scene.track(0).clips.empty());
  CHECK(names(scene.track(1).clips) == Names{"a", "b"});
  const Error nowhere = refusal(scene, clip::Move{.clip_id = b, .start_frames = 0, .track_id = TrackId("x")});
  CHECK(is(nowhere, errors::kTrackNotFound));
  CHECK(nowhere.pointer == "/trackId");
  const Error nobody = refusal(scene, clip::Move{.clip_id = ClipId("x"), .start_frames = 0, .track_id = {}});
  CHECK(is(nobody, errors::kClipNotFound));
  CHECK(nobody.pointer == "/clipId");
}

TEST_CASE("trimming moves the borders and leaves the audio where it is") {
  Scene scene;
  CHECK(scene.made(clip::Trim{.clip_id = scene.a, .start_frames = 1'010, .length_frames = 50}).edit.label == "Trim Clip \"a\"");
  CHECK(scene.clip(scene.a).start_frames == 1'010);
  CHECK(scene.clip(scene.a).offset_frames == 10);
  CHECK(scene.clip(scene.a).length_frames == 50);
  (void)scene.made(clip::Trim{.clip_id = scene.a, .start_frames = 1'000, .length_frames = 100});  // the file has that much
  CHECK(scene.clip(scene.a).offset_frames == 0);
}

TEST_CASE("a clip that is trimmed behind another one changes its place") {
  Scene scene;
  (void)scene.add("b", 1'020);
  (void)scene.made(clip::Trim{.clip_id = scene.a, .start_frames = 1'030, .length_frames = 10});
  CHECK(names(scene.track().clips) == Names{"b", "a"});
  CHECK(scene.clip(scene.a).offset_frames == 30);
}

TEST_CASE("borders outside of the audio are refused with what is possible") {
  Scene scene;
  const auto trim = [&](std::int64_t start, std::int64_t length) {
    const Error error = refusal(scene, clip::Trim{.clip_id = scene.a, .start_frames = start, .length_frames = length});
    CHECK(is(error, errors::kClipOutOfRange));
    return error;
  };
  const Error early = trim(999, 10);
  CHECK(early.pointer == "/startFrames");
  CHECK(early.expected == "1000 to 1099");
  CHECK(trim(1'100, 1).pointer == "/startFrames");
  const Error late = trim(1'050, 51);
  CHECK(late.pointer == "/lengthFrames");
  CHECK(late.expected == "1 to 50");
  CHECK(late.found == "51");
  CHECK(is(refusal(scene, clip::Trim{.clip_id = ClipId("x"), .start_frames = 0, .length_frames = 1}), errors::kClipNotFound));
}

TEST_CASE("a clip whose file is gone can become shorter, and not longer") {
  Scene scene;
  std::filesystem::remove(scene.sound);
  (void)scene.made(clip::Trim{.clip_id = scene.a, .start_frames = 1'010, .length_frames = 80});
  const Error error = refusal(scene, clip::Trim{.clip_id = scene.a, .start_frames = 1'010, .length_frames = 81});
  CHECK(is(error, errors::kClipOutOfRange));
  CHECK(error.message.find("no such file") != std::string::npos);
  (void)scene.made(clip::Trim{.clip_id = scene.a, .start_frames = 1'000, .length_frames = 90});  // what is before it is known
}

TEST_CASE("a split makes two clips that play what one did") {
  Scene scene;
  (void)scene.add("b", 1'040);
  (void)scene.made(clip::SetGain{.clip_id = scene.a, .gain_db = -6});
  const auto planned = scene.made(clip::Split{.clip_id = scene.a, .position_frames = 1'040});
  CHECK(planned.edit.label == "Split Clip \"a\"");
  CHECK(names(scene.track().clips) == Names{"a", "b", "a"});
  const clip::Clip& first = scene.clip(scene.a);
  const clip::Clip& second = scene.clip(planned.reply.clip_id);
  CHECK(second.id != first.id);
  CHECK(first.length_frames == 40);
  CHECK(second.start_frames == 1'040);
  CHECK(second.offset_frames == 40);
  CHECK(second.length_frames == 60);
  CHECK(second.gain_db == -6);
}

TEST_CASE("a split at a border or beyond is refused with where it could be") {
  Scene scene;
  for (const std::int64_t position : {1'000, 1'100, 5, 9'999}) {
    CAPTURE(position);
    const Error error = refusal(scene, clip::Split{.clip_id = scene.a, .position_frames = position});
    CHECK(is(error, errors::kClipOutOfRange));
    CHECK(error.pointer == "/positionFrames");
    CHECK(error.expected == "1001 to 1099");
  }
  (void)scene.made(clip::Trim{.clip_id = scene.a, .start_frames = 1'000, .length_frames = 1});
  CHECK(refusal(scene, clip::Split{.clip_id = scene.a, .position_frames = 1'000}).message.find("too short") != std::string::npos);
  CHECK(is(refusal(scene, clip::Split{.clip_id = ClipId("x"), .position_frames = 0}), errors::kClipNotFound));
}

TEST_CASE("the level of a clip") {
  Scene scene;
  CHECK(scene.made(clip::SetGain{.clip_id = scene.a, .gain_db = -12}).edit.label == "Set Level of Clip \"a\"");
  CHECK(scene.clip(scene.a).gain_db == -12);
  const Error error = refusal(scene, clip::SetGain{.clip_id = ClipId("x"), .gain_db = 0});
  CHECK(is(error, errors::kClipNotFound));
  CHECK(error.pointer == "/clipId");
}
