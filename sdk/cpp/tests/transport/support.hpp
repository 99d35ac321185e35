#pragma once
// For tests of transport and session: a run-time directory of its own, and waiting with a watchdog.

#include <doctest/doctest.h>
#include <poll.h>
#include <stdlib.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <system_error>

#include "loophole/transport/endpoint.hpp"
#include "loophole/transport/loop.hpp"

namespace loophole::test {

using namespace std::chrono_literals;

// Far above what a loaded machine needs; reached only when something hangs.
inline constexpr std::chrono::seconds kWatchdog{60};

// An environment variable, put back at the end.
class Environment {
 public:
  Environment(std::string name, const std::optional<std::string>& value) : name_(std::move(name)) {
    if (const char* old = ::getenv(name_.c_str())) old_ = old;
    set(value);
  }
  ~Environment() { set(old_); }
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

 private:
  void set(const std::optional<std::string>& value) {
    if (value)
      ::setenv(name_.c_str(), value->c_str(), 1);
    else
      ::unsetenv(name_.c_str());
  }
  std::string name_;
  std::optional<std::string> old_;
};

// An empty private directory, removed at the end.
class TempFolder {
 public:
  TempFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "lp-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~TempFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] std::string ipc(const std::string& name) const { return net::ipc_endpoint(path_ / name); }

 private:
  std::filesystem::path path_;
};

// A run-time directory for this test.
class TempRuntime {
 public:
  [[nodiscard]] const std::filesystem::path& path() const { return folder_.path(); }
  [[nodiscard]] std::string ipc(const std::string& name) const { return folder_.ipc(name); }

 private:
  TempFolder folder_;
  Environment environment_{"LOOPHOLE_RUNTIME_DIR", folder_.path().string()};
};

// Runs the loop until `done`; false when the watchdog ends it.
inline bool run_until(net::Loop& loop, const std::function<bool()>& done) {
  const auto limit = std::chrono::steady_clock::now() + kWatchdog;
  while (!done()) {
    if (std::chrono::steady_clock::now() > limit) return false;
    loop.run_once(20ms);
  }
  return true;
}

// Asks again and again; for what no loop tells.
inline bool poll_until(const std::function<bool()>& done) {
  net::Loop idle;
  const auto limit = std::chrono::steady_clock::now() + kWatchdog;
  while (!done()) {
    if (std::chrono::steady_clock::now() > limit) return false;
    idle.run_once(1ms);
  }
  return true;
}

// Whether a descriptor is readable within the time.
inline bool readable(int fd, std::chrono::milliseconds within) {
  pollfd entry{.fd = fd, .events = POLLIN, .revents = 0};
  return ::poll(&entry, 1, static_cast<int>(within.count())) == 1;
}

// An endpoint of inproc:// that no other test has.
inline std::string inproc() {
  static int number = 0;
  return "inproc://test-" + std::to_string(++number);
}

}  // namespace loophole::test

#define REQUIRE_SOON(loop, condition) \
  REQUIRE_MESSAGE(::loophole::test::run_until(loop, [&] { return condition; }), "waited in vain for: " #condition)
#define REQUIRE_POLL(condition) REQUIRE_MESSAGE(::loophole::test::poll_until([&] { return condition; }), "waited in vain for: " #condition)
