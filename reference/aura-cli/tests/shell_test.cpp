// The shell of aura-cli: lines from a pipe, and a terminal with completion and history.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>

#include <csignal>

#include "reading.hpp"

using namespace loophole;
using test::aura_cli;
using test::Rig;

namespace {

// `aura-cli shell` at a terminal of its own.
class Typist {
 public:
  explicit Typist(const char* kind) {
    winsize size{.ws_row = 24, .ws_col = 80, .ws_xpixel = 0, .ws_ypixel = 0};
    id_ = ::forkpty(&terminal_, nullptr, nullptr, &size);
    REQUIRE(id_ >= 0);
    if (id_ == 0) {
      ::setenv("TERM", kind, 1);
      const std::string name = test::program("aura-cli").string();
      ::execl(name.c_str(), name.c_str(), "shell", nullptr);
      ::_exit(127);
    }
  }
  ~Typist() {
    if (id_ > 0) {
      ::kill(id_, SIGKILL);
      ::waitpid(id_, nullptr, 0);
    }
    ::close(terminal_);
  }
  Typist(const Typist&) = delete;
  Typist& operator=(const Typist&) = delete;

  void type(const std::string& keys) { REQUIRE(::write(terminal_, keys.data(), keys.size()) == static_cast<ssize_t>(keys.size())); }
  // Until this is on the screen, behind what was waited for before.
  void wait_for(const std::string& text) {
    for (;;) {
      if (const auto at = shown_.find(text); at != std::string::npos) {
        shown_.erase(0, at + text.size());
        return;
      }
      pollfd more{.fd = terminal_, .events = POLLIN, .revents = 0};
      char buffer[4096];
      const bool in_time = ::poll(&more, 1, static_cast<int>(test::kWatchdog.count())) == 1;
      const ssize_t got = in_time ? ::read(terminal_, buffer, sizeof buffer) : 0;
      REQUIRE_MESSAGE(got > 0, "waited for '", text, "', there is only: ", shown_);
      shown_.append(buffer, static_cast<std::size_t>(got));
    }
  }
  int end() {
    int status = 0;
    ::waitpid(id_, &status, 0);
    id_ = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }

 private:
  pid_t id_ = 0;
  int terminal_ = -1;
  std::string shown_;
};

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
    Typist typist("xterm");
    typist.wait_for("typed> ");
    typist.type("trac\trename Lea\tBass\r");
    typist.wait_for("renamed at revision 2");
    typist.wait_for("typed> ");
    typist.type("half a li\x03");  // Ctrl-C gives the line up
    typist.wait_for("typed> ");
    typist.type("meters --seconds 100\r");
    typist.wait_for("no engine");
    typist.type("\x03");  // and ends what runs
    typist.wait_for("typed> ");
    typist.type("track list\r");
    typist.wait_for("Bass");
    typist.wait_for("typed> ");
    typist.type("\x04");
    CHECK(typist.end() == 0);
  }
  Typist again("xterm");
  again.wait_for("typed> ");
  again.type("\x10\r");  // the line before
  again.wait_for("Bass");
  again.wait_for("typed> ");
  again.type("exit\r");
  CHECK(again.end() == 0);
}

TEST_CASE("a dumb terminal has a prompt and no more") {
  const Session session("dumb");
  Typist typist("dumb");
  typist.wait_for("dumb> ");
  typist.type("track add Voice\n");
  typist.wait_for("at revision 1");
  typist.wait_for("dumb> ");
  typist.type("\x04");
  CHECK(typist.end() == 0);
}
