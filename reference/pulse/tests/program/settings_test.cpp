// Settings of loophole-pulse: command line, environment, file, default, in this order; what is wrong is named.

#include <doctest/doctest.h>

#include <cstdlib>
#include <string>

#include "support/running_program.hpp"

using namespace loophole::pulse::test;

namespace {

struct Variable {
  Variable(const char* name, const std::string& value) : name_(name) { ::setenv(name, value.c_str(), 1); }
  ~Variable() { ::unsetenv(name_); }
  const char* name_;
};

// Exit code and all that was said.
std::pair<int, std::string> run(std::vector<std::string> arguments) {
  Running program(std::move(arguments));
  const int code = program.wait_for_end();
  return {code, program.seen};
}

std::string printed(std::vector<std::string> arguments) {
  arguments.emplace_back("--print-config");
  const auto ended = run(std::move(arguments));
  CHECK(ended.first == 0);
  return ended.second;
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("version and help; a wrong command line ends with code 2") {
  CHECK(run({"--version"}).second.find("loophole-pulse ") == 0);
  const auto help = run({"--help"});
  CHECK(help.first == 0);
  for (const char* word :
       {"--session", "--signal", "--no-engine", "--record", "--driver", "--project", "--listen", "--attach", "--log-level", "--log-format",
        "--config", "--print-config", "LOOPHOLE_PULSE_NO_ENGINE", "LOOPHOLE_PULSE_LOG_FORMAT", "inspect", "status", "Exit codes"})
    CHECK_MESSAGE(has(help.second, word), word);
  CHECK(run({"--sessions"}).first == 2);
  CHECK(run({"--no-engine", "--driver", "paced"}).first == 2);
  CHECK(run({"--log-level", "warning"}).first == 2);
  CHECK(run({"inspect"}).first == 2);
}

TEST_CASE("the command line wins over the environment, that over the file, and that over the default") {
  const RuntimeFolder folder;
  const std::string file = (folder / "my.toml").string();
  write_bytes(file, "# mine\nsession = \"from-file\"\nproject = \"my.loophole\"\nlog-level = \"debug\"\nno-engine = true\n");
  const Variable session("LOOPHOLE_PULSE_SESSION", "from-environment");
  const Variable level("LOOPHOLE_PULSE_LOG_LEVEL", "error");
  const std::string all = printed({"--config", file, "--log-level", "trace"});
  CAPTURE(all);
  CHECK(has(all, "# LOOPHOLE_PULSE_SESSION\nsession = \"from-environment\"\n"));
  CHECK(has(all, "# command line\nlog-level = \"trace\"\n"));
  CHECK(has(all, "# " + file + "\nproject = \"my.loophole\"\n"));
  CHECK(has(all, "# " + file + "\nno-engine = true\n"));
  CHECK(has(all, "# default\nlog-format = \"text\"\n"));

  // What is printed is a file that says the same.
  write_bytes(folder / "printed.toml", all);
  const std::string again = printed({"--config", (folder / "printed.toml").string()});
  CHECK(has(again, "\nproject = \"my.loophole\"\n"));
  CHECK(has(again, "\nno-engine = true\n"));
}

TEST_CASE("the file is found where configuration files are, or where a variable says; a flag may be taken back") {
  const RuntimeFolder folder;
  std::filesystem::create_directories(folder / "loophole");
  write_bytes(folder / "loophole" / "pulse.toml", "session = \"usual\"\nno-engine = true\n");
  write_bytes(folder / "other.toml", "session = \"other\"\n");
  const Variable home("XDG_CONFIG_HOME", folder.path().string());
  CHECK(has(printed({}), "session = \"usual\""));
  CHECK(has(printed({"--no-engine=false"}), "# command line\nno-engine = false"));
  const Variable config("LOOPHOLE_PULSE_CONFIG", (folder / "other.toml").string());
  CHECK(has(printed({}), "session = \"other\""));
}

TEST_CASE("settings that exclude each other are named with where they come from") {
  const RuntimeFolder folder;
  const std::string file = (folder / "my.toml").string();
  write_bytes(file, "no-engine = true\n");
  const auto ended = run({"--config", file, "--driver", "paced"});
  CHECK(ended.first == 2);
  CHECK(has(ended.second, "driver (command line) and no-engine (" + file + ")"));
  CHECK(run({"--attach", "tcp://127.0.0.1:1", "--record", "x.wav"}).first == 2);
  CHECK(run({"--attach", "tcp://127.0.0.1:1", "--no-engine"}).first == 2);
}

TEST_CASE("a mistake in file or environment ends with code 2 and says where it is") {
  const RuntimeFolder folder;
  const std::string file = (folder / "my.toml").string();
  const auto check_named = [&](const std::string& text, const std::string& name) {
    write_bytes(file, text);
    const auto ended = run({"--config", file, "--print-config"});
    CAPTURE(ended.second);
    CHECK(ended.first == 2);
    CHECK(has(ended.second, file));
    CHECK(has(ended.second, name));
  };
  check_named("sesion = \"x\"\n", "sesion");
  check_named("[engine]\ndriver = \"paced\"\n", "[engine]");
  check_named("driver = \"loud\"\n", "loud");
  check_named("session = [\"a\", \"b\"]\n", "session");
  CHECK(run({"--config", (folder / "none.toml").string()}).first == 2);
  const Variable level("LOOPHOLE_PULSE_LOG_LEVEL", "shout");
  const auto ended = run({"--print-config"});
  CHECK(ended.first == 2);
  CHECK(has(ended.second, "LOOPHOLE_PULSE_LOG_LEVEL"));
}
