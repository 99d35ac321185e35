#pragma once
// Rig: a folder and a loophole-pulse of one test, and the programs under test.

#include <doctest/doctest.h>
#include <sndfile.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "demo/pulse_process.hpp"
#include "loophole/aura.hpp"

namespace loophole::test {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

inline constexpr std::chrono::milliseconds kWatchdog{30'000};

// Where the programs under test are.
inline fs::path program(const std::string& name) {
  const char* folder = std::getenv("LOOPHOLE_PROGRAMS");
  REQUIRE_MESSAGE(folder != nullptr, "LOOPHOLE_PROGRAMS names the folder of the programs; ctest sets it");
  return fs::path(folder) / name;
}

class Rig {
 public:
  explicit Rig(const std::string& session) : session_(session) {
    std::string pattern = (fs::temp_directory_path() / "lpcli-XXXXXX").string();
    REQUIRE(mkdtemp(pattern.data()) != nullptr);
    folder_ = pattern;
    setenv("LOOPHOLE_RUNTIME_DIR", (folder_ / "run").c_str(), 1);
    setenv("LOOPHOLE_SESSION", session.c_str(), 1);
    fs::create_directory(folder_ / "run");
    fs::permissions(folder_ / "run", fs::perms::owner_all);
  }
  ~Rig() {
    pulse_.reset();
    std::error_code fault;
    fs::remove_all(folder_, fault);
  }
  Rig(const Rig&) = delete;
  Rig& operator=(const Rig&) = delete;

  void start_pulse(std::vector<std::string> more) {
    std::vector<std::string> arguments{"--session", session_};
    arguments.insert(arguments.end(), more.begin(), more.end());
    auto process = cli::PulseProcess::start(
        {.program = program("loophole-pulse"), .arguments = arguments, .log = folder_ / "pulse.log", .runtime_dir = folder_ / "run"});
    REQUIRE_MESSAGE(process.has_value(), process.error().message);
    pulse_.emplace(*std::move(process));
  }
  void stop_pulse() { CHECK(pulse_->terminate(kWatchdog)); }
  [[nodiscard]] cli::PulseProcess& pulse() { return *pulse_; }

  [[nodiscard]] aura::Client connect() const {
    return aura::Client::connect({.session = session_, .client_id = "test", .deadline = kWatchdog}).value();
  }
  [[nodiscard]] const fs::path& folder() const noexcept { return folder_; }

  // One second of a tone, as a WAV file.
  [[nodiscard]] fs::path make_wav(const std::string& name) const {
    const fs::path file = folder_ / name;
    SF_INFO info{};
    info.samplerate = 48000;
    info.channels = 1;
    info.format = SF_FORMAT_WAV | SF_FORMAT_PCM_16;
    SNDFILE* sound = sf_open(file.c_str(), SFM_WRITE, &info);
    REQUIRE(sound != nullptr);
    std::vector<float> samples(48000);
    for (std::size_t i = 0; i < samples.size(); ++i) samples[i] = 0.5F * std::sin(static_cast<float>(i) * 0.05F);
    CHECK(sf_writef_float(sound, samples.data(), 48000) == 48000);
    sf_close(sound);
    return file;
  }

 private:
  std::string session_;
  fs::path folder_;
  std::optional<cli::PulseProcess> pulse_;
};

struct Ran {
  int exit_code = -1;
  std::string out;  // standard output and error
};

// Runs aura-cli with these words.
inline Ran aura_cli(const std::string& words) {
  const std::string line = "'" + program("aura-cli").string() + "' " + words + " 2>&1";
  std::FILE* pipe = ::popen(line.c_str(), "r");
  REQUIRE(pipe != nullptr);
  Ran ran;
  std::array<char, 4096> buffer{};
  for (std::size_t got = 0; (got = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) ran.out.append(buffer.data(), got);
  const int status = ::pclose(pipe);
  ran.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128;
  return ran;
}

}  // namespace loophole::test
