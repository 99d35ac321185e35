#pragma once
// Hand: a user interface of its own process that moves a parameter, stops at a step of the exchange, and goes on or is killed there.

#include <doctest/doctest.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <optional>
#include <string>
#include <utility>

#include "loophole/aura.hpp"

namespace loophole::test {

// Where the hand stops; everything before was done.
enum class Step {
  begin_sent,  // the answer may or may not have come
  begun,       // granted, nothing moved
  moved,       // samples are on their way
  end_sent,    // the answer may or may not have come
};

class Hand {
 public:
  // Connects to the session of the environment and goes as far as `step`. To be made before this process has clients of its own: a fork
  // takes no threads along.
  Hand(Step step, ParameterId parameter, double value) {
    int go[2];
    int tell[2];
    REQUIRE(::pipe(go) == 0);
    REQUIRE(::pipe(tell) == 0);
    child_ = ::fork();
    REQUIRE(child_ >= 0);
    if (child_ == 0) {
      ::close(go[1]);
      ::close(tell[0]);
      const char verdict = play(step, std::move(parameter), value, go[0], tell[1]);
      say(tell[1], verdict);
      ::_exit(0);
    }
    ::close(go[0]);
    ::close(tell[1]);
    go_ = go[1];
    told_ = tell[0];
  }
  ~Hand() {
    kill();
    ::close(go_);
    ::close(told_);
  }
  Hand(const Hand&) = delete;
  Hand& operator=(const Hand&) = delete;

  // Until it stopped at its step.
  void wait_for_step() { REQUIRE(hear() == kAtStep); }
  // Lets it go on to the end of the gesture. How that went: answered, refused, or the connection is gone.
  enum class End { committed, refused, lost };
  End go_on() {
    say(go_, 'g');
    const char verdict = hear();
    REQUIRE((verdict == kCommitted || verdict == kRefused || verdict == kLost));
    return verdict == kCommitted ? End::committed : verdict == kRefused ? End::refused : End::lost;
  }
  // As a program that crashes: without a word to anybody.
  void kill() {
    if (child_ <= 0) return;
    ::kill(child_, SIGKILL);
    ::waitpid(std::exchange(child_, 0), nullptr, 0);
  }

 private:
  static constexpr char kAtStep = 's';
  static constexpr char kCommitted = 'c';
  static constexpr char kRefused = 'r';
  static constexpr char kLost = 'l';

  static void say(int pipe, char word) {
    if (::write(pipe, &word, 1) != 1) ::_exit(3);
  }
  char hear() const {
    pollfd wait{.fd = told_, .events = POLLIN, .revents = 0};
    REQUIRE(::poll(&wait, 1, 60'000) == 1);
    char word = 0;
    REQUIRE(::read(told_, &word, 1) == 1);
    return word;
  }

  // In the process of the hand.
  static char play(Step step, ParameterId parameter, double value, int go, int tell) {
    auto connected = aura::Client::connect(
        {.session = std::getenv("LOOPHOLE_SESSION"), .client_id = "hand", .deadline = std::chrono::seconds(30), .reconnect = false});
    if (!connected) return kLost;
    aura::Client client = *std::move(connected);
    const auto stop_here = [&](Step here) {
      if (step != here) return;
      say(tell, kAtStep);
      pollfd wait{.fd = go, .events = POLLIN, .revents = 0};
      while (::poll(&wait, 1, 0) == 0) client.poll(std::chrono::milliseconds(5));  // alive, as a user interface is
    };
    const auto lost = [&] { return !client.is_connected(); };

    std::optional<Result<aura::Gesture>> begun;
    client.begin_gesture({.parameters = {std::move(parameter)}, .on_abandon = parameter::OnAbandon::commit, .take_over = false},
                         [&](Result<aura::Gesture> gesture) { begun.emplace(std::move(gesture)); });
    stop_here(Step::begin_sent);
    (void)client.poll_until([&] { return begun.has_value() || lost(); }, std::chrono::seconds(30));
    if (!begun || !*begun) return lost() ? kLost : kRefused;
    aura::Gesture gesture = *std::move(*begun);
    stop_here(Step::begun);
    gesture.set(value);
    stop_here(Step::moved);
    std::optional<Result<parameter::GestureEndReply>> ended;
    gesture.end([&](Result<parameter::GestureEndReply> reply) { ended.emplace(std::move(reply)); });
    stop_here(Step::end_sent);
    (void)client.poll_until([&] { return ended.has_value() || lost(); }, std::chrono::seconds(30));
    if (!ended) return kLost;
    if (*ended) return kCommitted;
    return ended->error().category == Category::unavailable || lost() ? kLost : kRefused;
  }

  pid_t child_ = 0;
  int go_ = -1;
  int told_ = -1;
};

}  // namespace loophole::test
