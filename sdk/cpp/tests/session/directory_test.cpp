// session.json: how clients find a session.
#include "loophole/session/directory.hpp"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "../transport/support.hpp"

using namespace loophole;
namespace fs = std::filesystem;

namespace {
session::SessionFile file_of(const std::string& name, std::int64_t process = ::getpid()) {
  return {.name = name,
          .process_id = process,
          .project_endpoint = "ipc:///somewhere/project.sock",
          .software = {.name = "loophole-pulse", .version = "0.1.0"},
          .protocol = {.major = 1, .min_minor = 0, .max_minor = 0},
          .engine = session::EngineLink{.epoch = 5, .stream_endpoint = "ipc:///s", .telemetry_endpoint = "ipc:///t"}};
}

// The id of a process that has ended.
std::int64_t dead_process() {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(0);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  return child;
}
}  // namespace

TEST_CASE("what was published is found, until it is withdrawn") {
  const test::TempRuntime runtime;
  REQUIRE(session::publish(file_of("one")));
  CHECK(session::find("one").value() == file_of("one"));
  auto changed = file_of("one");
  changed.engine.reset();
  REQUIRE(session::publish(changed));
  CHECK(session::find("one").value() == changed);
  int entries = 0;
  for (const auto& entry : fs::directory_iterator(runtime.path() / "one")) {
    ++entries;
    CHECK(entry.path().filename() == "session.json");
    CHECK((fs::status(entry.path()).permissions() & fs::perms::all) == (fs::perms::owner_read | fs::perms::owner_write));
  }
  CHECK(entries == 1);
  session::withdraw("one");
  CHECK_FALSE(session::find("one"));
  session::withdraw("one");
  session::withdraw("never-was");
  session::withdraw("../one");
}

TEST_CASE("a session that is not there is named, with those that are and what to type") {
  const test::TempRuntime runtime;
  const auto none = session::find("live");
  REQUIRE_FALSE(none);
  CHECK(is(none.error(), errors::kSessionNotFound));
  CHECK(none.error().message.find("'live'") != std::string::npos);
  CHECK(none.error().message.find("loophole-pulse --session live") != std::string::npos);
  CHECK(fs::is_empty(runtime.path()));  // asking makes nothing
  REQUIRE(session::publish(file_of("studio")));
  CHECK(session::find("live").error().message.find("studio") != std::string::npos);
}

TEST_CASE("sessions of different names are side by side") {
  const test::TempRuntime runtime;
  REQUIRE(session::publish(file_of("b")));
  REQUIRE(session::publish(file_of("a")));
  const auto all = session::list().value();
  REQUIRE(all.size() == 2);
  CHECK(all[0].name == "a");
  CHECK(all[1].name == "b");
}

TEST_CASE("what a dead process left counts as not there, and may be published over") {
  const test::TempRuntime runtime;
  REQUIRE(session::publish(file_of("one", dead_process())));
  CHECK(is(session::find("one").error(), errors::kSessionNotFound));
  CHECK(session::list().value().empty());
  REQUIRE(session::publish(file_of("one")));
  CHECK(session::find("one"));
}

TEST_CASE("the file of another process that lives is not withdrawn") {
  const test::TempRuntime runtime;
  REQUIRE(session::publish(file_of("one", ::getppid())));
  session::withdraw("one");
  CHECK(session::find("one"));
}

TEST_CASE("files that are none are passed over") {
  const test::TempRuntime runtime;
  REQUIRE(session::publish(file_of("good")));
  for (const char* text : {"", "{", "[]", "{\"name\":\"bad\"}"}) {
    fs::create_directories(runtime.path() / "bad");
    std::ofstream(runtime.path() / "bad" / "session.json", std::ios::trunc) << text;
    CHECK(is(session::find("bad").error(), errors::kSessionNotFound));
    CHECK(session::list().value().size() == 1);
  }
  fs::create_directories(runtime.path() / "alias");
  fs::copy_file(runtime.path() / "good" / "session.json", runtime.path() / "alias" / "session.json");
  CHECK(session::list().value().size() == 1);  // the name in the file is that of its folder, or it is not believed
}

TEST_CASE("what cannot be published says why") {
  const test::TempRuntime runtime;
  CHECK(is(session::publish(file_of("no/such")).error(), errors::kPayloadInvalid));
  const test::Environment open("LOOPHOLE_RUNTIME_DIR", "/proc/none");
  const auto refused = session::publish(file_of("one"));
  REQUIRE_FALSE(refused);
  CHECK(is(refused.error(), errors::kSessionRuntimeDir));
  CHECK(refused.error().message.find("/proc/none") != std::string::npos);
}
