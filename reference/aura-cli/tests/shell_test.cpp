// The shell of aura-cli: lines from a pipe, and a terminal with completion and history.
#include <doctest/doctest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "reading.hpp"
#include "typist.hpp"

using namespace loophole;
using test::aura_cli;
using test::Rig;
using test::Typist;

namespace {

struct Session : Rig {
  explicit Session(const std::string& name) : Rig(name) {
    ::setenv("XDG_STATE_HOME", (folder() / "state").c_str(), 1);
    start_pulse({"--no-engine", "--project", (folder() / "song.loophole").string()});
    { const auto client = connect(); }  // it is up
  }
};

}  // namespace

TEST_CASE("lines from a pipe go on after a mistake; the last one gives the exit code") {
  const Session session("piped");
  const auto ran = test::aura_cli_reading(session, "shell", "track add Voice\ntrack remove Moon\n# nothing\ntrack add \"Lead Voice\"\n");
  INFO(ran.out);
  CHECK(ran.exit_code == 0);
  CHECK(ran.out.find("track.notFound") != std::string::npos);
  CHECK(ran.out.find("> ") == std::string::npos);  // no prompt for nobody
  CHECK(session.connect().project()->tracks.at(1).name == "Lead Voice");
  CHECK(test::aura_cli_reading(session, "shell", "track list\ntrack remove Moon\n").exit_code == 10);
}

TEST_CASE("at a terminal words are completed, and what was typed comes back") {
  const Session session("typed");
  REQUIRE(aura_cli("track add 'Lead Voice'").exit_code == 0);
  {
    Typist typist("xterm", {"shell"});
    typist.wait_for("typed> ");
    typist.type("trac\trename Lea\tBass\r");
    typist.wait_for("renamed at revision 2");
    typist.wait_for("typed> ");
    typist.type("half a li");
    typist.interrupt_line();  // Ctrl-C gives the line up
    typist.wait_for("typed> ");
    typist.type("meters --seconds 100\r");
    typist.wait_for("no engine");
    typist.interrupt_line();  // and ends what runs
    typist.wait_for("typed> ");
    typist.type("track list\r");
    typist.wait_for("Bass");
    typist.wait_for("typed> ");
    typist.type("trac\t");
    typist.wait_for("k ");  // completed: from here on it is the shell that takes keys, not the terminal
    typist.type("\x15\x04");
    CHECK(typist.end() == 0);
  }
  Typist again("xterm", {"shell"});
  again.wait_for("typed> ");
  again.type("\x10\r");  // the line before
  again.wait_for("Bass");
  again.wait_for("typed> ");
  again.type("exit\r");
  CHECK(again.end() == 0);
}

TEST_CASE("Ctrl-C ends the wait for a Pulse that does not answer") {
  const Rig rig("silent");
  ::setenv("XDG_STATE_HOME", (rig.folder() / "state").c_str(), 1);
  const std::string path = (rig.folder() / "run" / "silent.sock").string();
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  REQUIRE(path.size() < sizeof address.sun_path);
  path.copy(address.sun_path, path.size());
  const int listening = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  REQUIRE(::bind(listening, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  REQUIRE(::listen(listening, 8) == 0);
  Typist typist("xterm", {"--connect", "ipc://" + path, "shell"});
  typist.wait_for("silent> ");
  typist.type("--timeout 3600 history list\r");
  pollfd called{.fd = listening, .events = POLLIN, .revents = 0};
  REQUIRE(::poll(&called, 1, static_cast<int>(test::kWatchdog.count())) == 1);  // it connects, and nobody will answer
  typist.interrupt_line();
  typist.wait_for("session.cancelled");
  typist.wait_for("silent> ");
  typist.type("exit\r");
  CHECK(typist.end() == 0);
  ::close(listening);
}

TEST_CASE("a dumb terminal has a prompt and no more") {
  const Session session("dumb");
  Typist typist("dumb", {"shell"});
  typist.wait_for("dumb> ");
  typist.type("track add Voice\n");
  typist.wait_for("at revision 1");
  typist.wait_for("dumb> ");
  typist.type("\x04");
  CHECK(typist.end() == 0);
}
