// One epoll for a user interface and its client: what a user types, and what Pulse says. Adds a track for each line of standard input.
//
//   printf 'Drums\nBass\n' | example-epoll_loop [session]
#include <sys/epoll.h>
#include <unistd.h>

#include <cstdio>
#include <loophole/aura.hpp>
#include <string>
#include <utility>

using namespace std::chrono_literals;
namespace lp = loophole;

static int fail(const lp::Error& error) {
  std::fprintf(stderr, "%s\n", to_string(error).c_str());
  return 1;
}

int main(int argc, char** argv) {
  auto connected = lp::aura::Client::connect({.session = argc > 1 ? argv[1] : "default", .client_id = "example-epoll_loop"});
  if (!connected) return fail(connected.error());
  lp::aura::Client& aura = *connected;

  // aura.fd() is readable, level-triggered, as long as poll() has something to do: messages, telemetry, timers.
  const int epoll = epoll_create1(EPOLL_CLOEXEC);
  for (const int fd : {STDIN_FILENO, aura.fd()}) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = fd;
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) != 0) {  // a file cannot be waited for
      std::perror("example-epoll_loop: standard input must be a terminal or a pipe");
      return 1;
    }
  }

  int under_way = 0;
  bool more = true;
  std::string line;
  const auto add_track = [&](const std::string& name) {
    ++under_way;
    aura.call(lp::track::Add{.name = name, .index = {}}, [&, name](const lp::Result<lp::track::AddReply>& reply) {
      --under_way;
      if (reply)
        std::printf("%s is %s; there are %zu tracks\n", name.c_str(), reply->track_id.str().c_str(), aura.project()->tracks.size());
      else
        std::printf("%s: %s\n", name.c_str(), to_string(reply.error()).c_str());
    });
  };
  while (more || under_way > 0) {
    epoll_event event{};
    if (epoll_wait(epoll, &event, 1, -1) != 1) continue;
    if (event.data.fd == aura.fd()) {
      if (!aura.poll(0ms)) break;
      continue;
    }
    char typed = 0;
    more = read(STDIN_FILENO, &typed, 1) == 1;
    if (!more)
      epoll_ctl(epoll, EPOLL_CTL_DEL, STDIN_FILENO, nullptr);
    else if (typed != '\n')
      line += typed;
    else
      add_track(std::exchange(line, {}));
  }
  close(epoll);
  return 0;
}
