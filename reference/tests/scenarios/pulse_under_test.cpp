#include "pulse_under_test.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <vector>

#include "loophole/session/directory.hpp"
#include "program/embedded_pulse.hpp"
#include "program_log.hpp"

namespace loophole::scenarios {
namespace {

constexpr const char* kSession = "scenario";

std::filesystem::path program(const std::string& name) {
  const char* folder = std::getenv("LOOPHOLE_PROGRAMS");
  REQUIRE_MESSAGE(folder != nullptr, "LOOPHOLE_PROGRAMS names the folder of the programs; ctest sets it");
  return std::filesystem::path(folder) / name;
}

class InProcess final : public PulseUnderTest {
 public:
  explicit InProcess(WithEngine engine) {
    static const bool logs = [] {
      program_log::start({.process = "pulse", .level = "error"});
      return true;
    }();
    REQUIRE(logs);
    pulse::Options options;
    options.session = kSession;
    options.no_engine = engine == WithEngine::no;
    options.signal = program("loophole-signal");
    options.driver = "paced";
    auto started = pulse::EmbeddedPulse::start(options);
    REQUIRE_MESSAGE(started.has_value(), to_string(started.error()));
    pulse_ = *std::move(started);
  }
  std::unique_ptr<net::ControlLink> link(net::Context&) override { return pulse_->address().connect(); }
  [[nodiscard]] std::string endpoint() const override { return session::find(kSession).value().project_endpoint; }

 private:
  std::unique_ptr<pulse::EmbeddedPulse> pulse_;
};

class Process final : public PulseUnderTest {
 public:
  Process(Topology topology, WithEngine engine) {
    std::vector<std::string> words{program("loophole-pulse"), "--session", kSession, "--log-level", "info"};
    if (engine == WithEngine::no)
      words.emplace_back("--no-engine");
    else
      words.insert(words.end(), {"--driver", "paced"});
    if (topology == Topology::tcp) words.insert(words.end(), {"--listen", "tcp://127.0.0.1:0"});
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    std::array<int, 2> pipe{};
    REQUIRE(::pipe2(pipe.data(), O_CLOEXEC) == 0);
    log_ = pipe[0];
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, pipe[1], STDERR_FILENO);
    const int failed = ::posix_spawn(&id_, words.front().c_str(), &actions, nullptr, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    ::close(pipe[1]);
    REQUIRE(failed == 0);
    wait_for("is served at");
    endpoint_ = session::find(kSession).value().project_endpoint;
    CHECK((endpoint_.find("tcp://127.0.0.1:") == 0) == (topology == Topology::tcp));
    CHECK(endpoint_.find(":0") == std::string::npos);
  }
  ~Process() override {
    if (id_ > 0) {
      ::kill(id_, SIGTERM);
      read_all();
      int status = 0;
      ::waitpid(id_, &status, 0);
      CHECK_MESSAGE((WIFEXITED(status) && WEXITSTATUS(status) == 0), log_text_);
    }
    ::close(log_);
  }
  std::unique_ptr<net::ControlLink> link(net::Context& context) override {
    return net::ControlConnection::connect(context, endpoint_).value();
  }
  [[nodiscard]] std::string endpoint() const override { return endpoint_; }

 private:
  bool read_some() {
    pollfd watched{.fd = log_, .events = POLLIN, .revents = 0};
    if (::poll(&watched, 1, 60'000) != 1) {
      FAIL_CHECK("silent for 60 s; so far: " << log_text_);
      return false;
    }
    std::array<char, 4096> bytes{};
    const ssize_t got = ::read(log_, bytes.data(), bytes.size());
    if (got > 0) log_text_.append(bytes.data(), static_cast<std::size_t>(got));
    return got > 0;
  }
  void wait_for(const std::string& text) {
    while (log_text_.find(text) == std::string::npos) REQUIRE_MESSAGE(read_some(), log_text_);
  }
  void read_all() {
    while (read_some()) {
    }
  }

  pid_t id_ = 0;
  int log_ = -1;
  std::string log_text_;
  std::string endpoint_;
};

}  // namespace

const char* name_of(Topology topology) noexcept {
  switch (topology) {
    case Topology::in_process:
      return "in-process";
    case Topology::ipc:
      return "ipc";
    case Topology::tcp:
      return "tcp";
  }
  return "";
}

std::unique_ptr<PulseUnderTest> PulseUnderTest::start(Topology topology, WithEngine engine, const std::filesystem::path& runtime_dir) {
  ::setenv("LOOPHOLE_RUNTIME_DIR", runtime_dir.c_str(), 1);
  if (topology == Topology::in_process) return std::make_unique<InProcess>(engine);
  return std::make_unique<Process>(topology, engine);
}

}  // namespace loophole::scenarios
