#include "pulse_under_test.hpp"

#include <doctest/doctest.h>

#include <csignal>
#include <cstdlib>
#include <vector>

#include "loophole/session/directory.hpp"
#include "program/embedded_pulse.hpp"
#include "program_log.hpp"
#include "support/running_program.hpp"

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

std::vector<std::string> words_for(Topology topology, WithEngine engine) {
  std::vector<std::string> words{"--session", kSession, "--log-level", "info"};
  if (engine == WithEngine::no)
    words.emplace_back("--no-engine");
  else
    words.insert(words.end(), {"--driver", "paced"});
  if (topology == Topology::tcp) words.insert(words.end(), {"--listen", "tcp://127.0.0.1:0"});
  return words;
}

class Process final : public PulseUnderTest {
 public:
  Process(Topology topology, WithEngine engine) : pulse_(program("loophole-pulse"), words_for(topology, engine)) {
    pulse_.wait_for("is served at");
    endpoint_ = session::find(kSession).value().project_endpoint;
    CHECK((endpoint_.find("tcp://127.0.0.1:") == 0) == (topology == Topology::tcp));
    CHECK(endpoint_.find(":0") == std::string::npos);
  }
  ~Process() override {
    pulse_.send(SIGTERM);
    const int ended = pulse_.wait_for_end();
    CHECK_MESSAGE(ended == 0, pulse_.seen);
  }
  std::unique_ptr<net::ControlLink> link(net::Context& context) override {
    return net::ControlConnection::connect(context, endpoint_).value();
  }
  [[nodiscard]] std::string endpoint() const override { return endpoint_; }

 private:
  pulse::test::Running pulse_;
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
