// How long does a session take to start? From starting loophole-pulse with a project of 10 tracks until a client is connected, and until
// the engine that Pulse starts plays the graph of the project.
//
//   loophole-bench-startup [--rounds N] [--pulse PATH] [--json FILE]
//
// The client looks for the session every 5 ms. Floor: starting and ending both programs for nothing (--version), one after the other, as a
// session does; in turns of the same run.

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "loophole/aura.hpp"
#include "run.hpp"

namespace {

namespace lp = loophole;
namespace bench = loophole::bench;
using BenchClock = std::chrono::steady_clock;

constexpr int kTracks = 10;
constexpr std::chrono::milliseconds kLook{5};

double milliseconds_since(BenchClock::time_point begin) {
  return std::chrono::duration<double, std::milli>(BenchClock::now() - begin).count();
}

pid_t start(const std::string& program, std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), program);
  std::vector<char*> pointers;
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  pid_t process = 0;
  if (::posix_spawn(&process, program.c_str(), &actions, nullptr, pointers.data(), ::environ) != 0) {
    std::fprintf(stderr, "cannot start %s: build it, or name it with --pulse\n", program.c_str());
    std::exit(1);
  }
  posix_spawn_file_actions_destroy(&actions);
  return process;
}

void wait_for(pid_t process) {
  int status = 0;
  if (::waitpid(process, &status, 0) != process || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    std::fprintf(stderr, "a program that was started did not end in order\n");
    std::exit(1);
  }
}

// A loophole-pulse with its engine, and a client.
class Session {
 public:
  Session(const std::string& pulse, const std::string& project)
      : begin_(BenchClock::now()),
        process_(start(pulse, {"--session", "startup", "--project", project, "--driver", "paced", "--log-level", "error"})),
        client_(lp::aura::Client::open({.session = "startup", .client_id = "bench", .retry_first = kLook, .retry_most = kLook})) {
    wait([&] { return client_.is_connected() && client_.project() != nullptr; });
    connected_ms = milliseconds_since(begin_);
    for (bool plays = false; !plays;) {
      wait([&] { return client_.engine_link().has_value(); });
      const auto status = client_.call(lp::engine::Status{}).value();
      plays = status.state == lp::engine::EngineState::running && status.engine_digest && status.engine_digest == status.model_digest;
    }
    playing_ms = milliseconds_since(begin_);
  }
  ~Session() {
    client_.close();
    ::kill(process_, SIGTERM);
    wait_for(process_);
  }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  [[nodiscard]] lp::aura::Client& client() noexcept { return client_; }

  double connected_ms = 0;
  double playing_ms = 0;

 private:
  template <class Done>
  void wait(const Done& done) {
    if (client_.poll_until(done, std::chrono::seconds(30))) return;
    std::fprintf(stderr, "the session does not come up: %s\n",
                 client_.connection().reason ? lp::to_string(*client_.connection().reason).c_str() : "no engine");
    ::kill(process_, SIGKILL);
    std::exit(1);
  }

  BenchClock::time_point begin_;
  pid_t process_;
  lp::aura::Client client_;
};

void make_project(const std::string& pulse, const std::string& path) {
  Session session(pulse, path);
  for (int i = 0; i < kTracks; ++i) {
    const auto track = session.client().call(lp::track::Add{.name = "Track", .index = {}}).value();
    static_cast<void>(
        session.client()
            .call(lp::node::Add{.channel_id = track.channel_id, .kind = lp::node::NodeKind::filter, .plugin = {}, .name = {}, .index = {}})
            .value());
  }
}

}  // namespace

int main(int argc, char** argv) {
  const bench::Arguments arguments(argc, argv, "loophole-bench-startup", {{"rounds", "N"}, {"pulse", "PATH"}});
  const int rounds = arguments.count("rounds", 30);
  std::string pulse = arguments.text("pulse");
  if (pulse.empty()) pulse = std::filesystem::read_symlink("/proc/self/exe").parent_path() / "loophole-pulse";
  const std::string signal = std::filesystem::path(pulse).parent_path() / "loophole-signal";
  bench::Run run("startup", arguments);
  const bench::TemporaryFolder folder;
  ::setenv("LOOPHOLE_RUNTIME_DIR", folder.path().c_str(), 1);
  const std::string project = folder.path() + "/song.loophole";

  make_project(pulse, project);
  std::vector<double> connected_ms, playing_ms, floor_ms;
  for (int i = 0; i < rounds; ++i) {
    {
      const Session session(pulse, project);
      connected_ms.push_back(session.connected_ms);
      playing_ms.push_back(session.playing_ms);
    }
    const auto begin = BenchClock::now();
    wait_for(start(pulse, {"--version"}));
    wait_for(start(signal, {"--version"}));
    floor_ms.push_back(milliseconds_since(begin));
  }
  run.add({.name = "startup",
           .what = "start-up of a session, " + std::to_string(kTracks) + " tracks",
           .unit = "ms",
           .ours = bench::distribution_of("until the engine plays the graph", std::move(playing_ms)),
           .floor = bench::distribution_of("both programs with --version", std::move(floor_ms)),
           .beside = {bench::distribution_of("until a client is connected", std::move(connected_ms))},
           .notes = {"The client looks for the session every " + std::to_string(kLook.count()) + " ms."}});
  return run.finish();
}
