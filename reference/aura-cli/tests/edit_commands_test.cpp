// Every edit from the command line, by name, in a project that is edited without an engine.
#include <doctest/doctest.h>

#include "rig.hpp"

using namespace loophole;
using test::aura_cli;
using test::Rig;

namespace {

struct Session : Rig {
  explicit Session(const std::string& name) : Rig(name) {
    start_pulse({"--no-engine"});
    done("project new '" + (folder() / "song.loophole").string() + "'");
  }
  // Must work.
  static void done(const std::string& words) {
    const auto ran = aura_cli(words);
    INFO(words, ": ", ran.out);
    CHECK(ran.exit_code == 0);
  }
  [[nodiscard]] project::Project project() const { return *connect().project(); }
};

}  // namespace

TEST_CASE("tracks and clips") {
  const Session session("clips");
  Session::done("track add Voice");
  Session::done("track add Drums --index 0");
  Session::done("clip add Voice '" + session.make_wav("a.wav").string() + "' --at 1");
  Session::done("clip split Voice/a 1.5");
  Session::done("track duplicate Voice --name Choir");
  Session::done("track move Drums 2");
  Session::done("track colour Voice '#e8a33d'");
  auto project = session.project();
  REQUIRE(project.tracks.size() == 3);
  CHECK(project.tracks[2].name == "Drums");
  CHECK(project.tracks[1].name == "Choir");
  const track::Track& voice = project.tracks[0];
  CHECK(voice.colour == "#e8a33d");
  REQUIRE(voice.clips.size() == 2);
  CHECK(voice.clips[1].start_frames == 72'000);

  const std::string second = voice.clips[1].id.str();
  Session::done("clip move " + second + " 0.25 --track Drums");
  Session::done("clip trim Drums/a --from 0.375 --to 0.5");
  Session::done("clip gain Drums/a -6");
  project = session.project();
  REQUIRE(project.tracks[2].clips.size() == 1);
  const clip::Clip& clip = project.tracks[2].clips[0];
  CHECK(clip.id.str() == second);
  CHECK(clip.start_frames == 18'000);
  CHECK(clip.offset_frames == 30'000);
  CHECK(clip.length_frames == 6'000);
  CHECK(clip.gain_db == -6);
  CHECK(aura_cli("clip split Drums/a 3").exit_code == 10);
}

TEST_CASE("automation and tempo") {
  const Session session("values");
  Session::done("automation set Master/Gain 0=-6 1.5=0:hold");
  Session::done("automation mode Master/Gain touch");
  Session::done("transport tempo 97.5");
  auto project = session.project();
  CHECK(project.tempo_bpm == 97.5);
  const automation::Lane lane = project.master.gain.automation.value();
  CHECK(lane.mode == automation::Mode::touch);
  CHECK(lane.points == std::vector<automation::Point>{{.position_frames = 0, .value = -6, .shape = automation::Shape::linear},
                                                      {.position_frames = 72'000, .value = 0, .shape = automation::Shape::hold}});
  Session::done("automation clear Master/Gain --from 1");
  CHECK(session.project().master.gain.automation->points.size() == 1);
  CHECK(aura_cli("automation set Master/Gain half").exit_code == 10);
  CHECK(aura_cli("automation mode Master/Gain sometimes").exit_code == 2);
}
