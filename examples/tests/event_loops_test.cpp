// The examples of event loops, with a real Pulse that ends and comes back.
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

std::string example(const char* variable) {
  const char* path = std::getenv(variable);
  REQUIRE(path != nullptr);
  return path;
}

struct Session {
  Session() { start(); }
  void start() {
    pulse.reset();
    pulse.emplace(std::vector<std::string>{"--session", "loops", "--project", (folder / "song.loophole").string(), "--driver", "paced"});
  }
  void end() {
    pulse->send(SIGTERM);
    CHECK(pulse->wait_for_end() == 0);
  }
  [[nodiscard]] aura::Client connect() const {
    return aura::Client::connect({.session = "loops", .client_id = "test", .deadline = kPatience}).value();
  }
  RuntimeFolder folder;
  std::optional<Running> pulse;
};

}  // namespace

TEST_CASE("the plain loop draws before there is a session, while there is one, and when it is back") {
  const RuntimeFolder empty;
  {
    Running window(example("LOOPHOLE_PLAIN_LOOP"), {"loops"});
    window.wait_for("looking (there is no session 'loops'");
  }
  Session session;
  Running window(example("LOOPHOLE_PLAIN_LOOP"), {"loops"});
  window.wait_for("connected, 0 tracks, stopped at 0 s");
  {
    aura::Client client = session.connect();
    CHECK(client.call(track::Add{.name = "Drums", .index = {}}).has_value());
    window.wait_for("connected, 1 tracks, stopped at 0 s");
    CHECK(client.call(transport::Play{}).has_value());
    window.wait_for("connected, 1 tracks, playing at 1 s");
  }
  session.end();
  window.wait_for("looking (");
  window.seen.clear();
  session.start();
  window.wait_for("connected, 1 tracks, stopped at");
}

TEST_CASE("the epoll loop adds a track for each line, and ends when all are answered") {
  Session session;
  aura::Client client = session.connect();
  Running window("/bin/sh", {"-c", "printf 'Drums\\nBass\\n' | " + example("LOOPHOLE_EPOLL_LOOP") + " loops"});
  CHECK(window.wait_for_end() == 0);
  CHECK(window.seen.find("Drums is ") != std::string::npos);
  CHECK(window.seen.find("there are 2 tracks") != std::string::npos);
  REQUIRE(client.poll_until([&] { return client.project() != nullptr && client.project()->tracks.size() == 2; }, kPatience));
}

TEST_CASE("the GLib loop tells what happens, survives the end of Pulse, and ends in order" *
          doctest::skip(!std::getenv("LOOPHOLE_GLIB_LOOP"))) {
  Session session;
  Running window(example("LOOPHOLE_GLIB_LOOP"), {"loops"});
  window.wait_for("connected");
  {
    aura::Client client = session.connect();
    const auto added = client.call(track::Add{.name = "Drums", .index = {}}).value();
    window.wait_for("Drums was added by somebody else");
    CHECK(client.call(track::Remove{.track_id = added.track_id}).has_value());
    window.wait_for("Drums was removed");
  }
  window.seen.clear();
  session.pulse->send(SIGKILL);
  window.wait_for("waiting: ");
  session.start();
  window.wait_for("connected");
  window.wait_for("0 tracks");
  window.send(SIGTERM);
  CHECK(window.wait_for_end() == 0);
  CHECK(window.seen.find("over: this side closed the connection") != std::string::npos);
}
