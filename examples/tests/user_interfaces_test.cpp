// The small user interfaces, with a real Pulse and a real engine.
#include <doctest/doctest.h>

#include <csignal>
#include <cstdlib>
#include <optional>

#include "loophole/aura.hpp"
#include "support/running_program.hpp"
#include "support/scratch_folder.hpp"

using namespace loophole;
using namespace loophole::pulse::test;

namespace {

constexpr std::chrono::seconds kPatience{30};

std::string example(const std::string& name) {
  const char* folder = std::getenv("LOOPHOLE_EXAMPLES");
  REQUIRE(folder != nullptr);
  return std::string(folder) + "/example-" + name;
}

struct Session {
  Session() {
    start();
    client = aura::Client::connect({.session = "small", .client_id = "test", .deadline = kPatience}).value();
    REQUIRE(client->poll_until([this] { return client->engine_link().has_value(); }, kPatience));
  }
  void start() {
    pulse.reset();
    pulse.emplace(std::vector<std::string>{"--session", "small", "--project", (folder / "song.loophole").string(), "--driver", "paced"});
  }
  RuntimeFolder folder;
  std::optional<Running> pulse;
  std::optional<aura::Client> client;
};

}  // namespace

TEST_CASE("changes: what happens is told by the kind of thing, and another project is a new beginning") {
  Session session;
  Running window(example("changes"), {"small"});
  window.wait_for("0 tracks");
  const TrackId first = session.client->call(track::Add{.name = "Drums"}).value().track_id;
  window.wait_for("revision 1: Add Track \"Drums\" (edit)\nnew: Drums");
  CHECK(session.client->call(track::Add{.name = "Bass"}).has_value());
  CHECK(session.client->call(track::Move{.track_id = first, .index = 1}).has_value());
  window.wait_for("Drums is number 1");
  CHECK(session.client->call(track::Rename{.track_id = first, .name = "Kit"}).has_value());
  window.wait_for("Drums is now Kit");
  CHECK(session.client->call(parameter::Set{.parameter_id = session.client->project()->master.gain.id, .value = -6}).has_value());
  window.wait_for("Gain: 0 to -6 dB");
  CHECK(session.client->call(history::Undo{}).has_value());
  window.wait_for("(undo)\nMaster Gain: -6 to 0 dB");
  CHECK(session.client->call(track::Remove{.track_id = first}).has_value());
  window.wait_for("gone: Kit");
  window.seen.clear();
  CHECK(session.client->call(project::Close{}).has_value());
  window.wait_for("0 tracks");
}

TEST_CASE("errors: each kind has its advice") {
  Session session;
  const auto says = [](const std::string& name, const std::string& value) {
    Running program(example("errors"), {name, value});
    const int code = program.wait_for_end();
    return std::to_string(code) + " " + program.seen;
  };
  CHECK(says("small", "-6") == "0 -6 dB at revision 1\n");
  CHECK(says("small", "1000").starts_with("1 choose another value: "));
  CHECK(session.client->call(project::Close{}).has_value());
  CHECK(says("small", "-6") == "1 open a project first: no project is open\n");
  CHECK(says("nobody", "-6").starts_with("1 try again later: "));
}

TEST_CASE("spectrum: the tone that plays is the highest") {
  Session session;
  const auto added = session.client->call(track::Add{.name = "Tone"}).value();
  CHECK(session.client->call(node::Add{.channel_id = added.channel_id, .kind = node::NodeKind::test_tone}).has_value());
  CHECK(session.client->call(transport::Play{}).has_value());
  Running window(example("spectrum"), {"small"});
  window.wait_for(" dB at 445 Hz");  // the middle of the bin that 440 Hz is in
  REQUIRE(session.client->poll_until([&] { return session.client->project()->master.nodes.size() == 1; }, kPatience));
}

TEST_CASE("first_ui: it goes on when Signal is killed, and when Pulse is") {
  Session session;
  Running window(example("first_ui"), {"small"});
  window.wait_for("connected    gain   -");
  const auto engine = session.client->call(engine::Status{}).value().process_id;
  const auto recovered = [&session, engine] {
    const auto status = session.client->call(engine::Status{});
    return status && status->state == engine::EngineState::running && status->process_id != engine;
  };
  REQUIRE(::kill(static_cast<pid_t>(engine), SIGKILL) == 0);
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (!recovered()) REQUIRE(std::chrono::steady_clock::now() < end);
  const ParameterId gain = session.client->project()->tracks.front().channel.gain.id;
  const auto held = [&] { return session.client->call(parameter::Get{.parameter_id = gain}).value().engine_value; };
  const auto at_first = held();
  while (held() == at_first) REQUIRE(std::chrono::steady_clock::now() < end);  // the hand moves on

  session.pulse->send(SIGKILL);
  window.seen.clear();
  window.wait_for("waiting");
  session.start();
  window.wait_for("connected    gain");
  window.seen.clear();
  window.wait_for("#");  // and plays again
}

TEST_CASE("first_ui: it has one track however often it is started, and an engine that hangs is no live meter") {
  Session session;
  {
    const Running window(example("first_ui"), {"small"});
    REQUIRE(session.client->poll_until(
        [&] {
          return session.client->project()->tracks.size() == 1 && session.client->project()->tracks.front().channel.nodes.size() == 1;
        },
        kPatience));
  }
  Running window(example("first_ui"), {"small"});
  window.wait_for("#");
  CHECK(session.client->project()->tracks.size() == 1);
  const auto engine = static_cast<pid_t>(session.client->call(engine::Status{}).value().process_id);
  REQUIRE(::kill(engine, SIGSTOP) == 0);
  window.seen.clear();
  window.wait_for("not known");
  ::kill(engine, SIGCONT);  // where Pulse did not end it yet
  window.seen.clear();
  window.wait_for("#");
}

TEST_CASE("first_ui: without a project it says what to do") {
  Session session;
  CHECK(session.client->call(project::Close{}).has_value());
  Running window(example("first_ui"), {"small"});
  CHECK(window.wait_for_end() == 1);
  CHECK(window.seen.find("aura-cli project new") != std::string::npos);
}

TEST_CASE("first_steps and gesture: what fails is told, and the program ends with it") {
  Session session;
  CHECK(session.client->call(project::Close{}).has_value());
  for (const char* name : {"first_steps", "gesture"}) {
    Running program(example(name), {"small"});
    CHECK(program.wait_for_end() == 1);
    CHECK(program.seen.starts_with("project.none: "));
  }
}

TEST_CASE("meters: levels while the engine runs, and not known when it hangs") {
  Session session;
  Running window(example("meters"), {"small"});
  window.wait_for("stopped");
  const auto engine = static_cast<pid_t>(session.client->call(engine::Status{}).value().process_id);
  REQUIRE(::kill(engine, SIGSTOP) == 0);
  window.wait_for("not known (connected, heard ");
  ::kill(engine, SIGCONT);
  window.seen.clear();
  window.wait_for(" dB ");
}
