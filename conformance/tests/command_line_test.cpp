// The command line: the command of a peer and what is put into it, endpoints, what can be explained.
#include "peer/command_line.hpp"

#include <doctest/doctest.h>

#include <set>
#include <stdexcept>
#include <string>

#include "cli/show.hpp"

using namespace loophole::conformance;

TEST_CASE("placeholders become endpoints, also within a word") {
  const Endpoints at{.control = "ipc:///c", .stream = "ipc:///s", .telemetry = "ipc:///t"};
  CHECK(substitute({"e", "{control}", "--all={stream}+{telemetry}+{stream}"}, at) ==
        std::vector<std::string>{"e", "ipc:///c", "--all=ipc:///s+ipc:///t+ipc:///s"});
}

TEST_CASE("a command is refused that is empty, has unknown placeholders or none for the control plane") {
  CHECK_FALSE(fault_of({"e", "{control}", "${HOME}", "{1}"}, "signal"));
  CHECK(fault_of({}, "signal"));
  CHECK(fault_of({"e", "{stream}"}, "signal"));
  CHECK(fault_of({"e", "{control}", "{session}"}, "signal"));
}

TEST_CASE("ports are different ones, and none that the kernel gives to connections") {
  std::set<std::string> seen;
  for (int n = 0; n < 10; ++n) {
    const Endpoints at = new_endpoints(Topology::tcp, "/unused");
    for (const std::string& one : {at.control, at.stream, at.telemetry, at.project}) {
      CHECK(seen.insert(one).second);
      CHECK(std::stoi(one.substr(one.rfind(':') + 1)) < 32'768);
    }
  }
}

TEST_CASE("a Pulse is told where to bind, and which program to start") {
  CHECK_FALSE(fault_of({"p", "--listen={project}", "{engine}"}, "pulse"));
  CHECK(fault_of({"p", "{project}"}, "pulse")->find("{engine}") != std::string::npos);
  CHECK(fault_of({"p", "{engine}"}, "pulse")->find("{project}") != std::string::npos);
  CHECK(fault_of({"p", "{project}", "{engine}", "{control}"}, "pulse"));
  Endpoints at;
  at.project = "ipc:///p";
  at.engine = "/folder/engine";
  CHECK(substitute({"{project}", "--signal={engine}"}, at) == std::vector<std::string>{"ipc:///p", "--signal=/folder/engine"});
}

TEST_CASE("endpoints of a peer that runs are all named, and nothing else") {
  const auto at = attached_endpoints("control=tcp://127.0.0.1:1,telemetry=ipc:///c,stream=ipc:///b");
  REQUIRE(at);
  CHECK(at->control == "tcp://127.0.0.1:1");
  CHECK(at->stream == "ipc:///b");
  CHECK_FALSE(attached_endpoints("control=ipc:///a,stream=ipc:///b"));
  CHECK_FALSE(attached_endpoints("control=ipc:///a,stream=ipc:///b,telemetry=ipc:///c,other=ipc:///d"));
  CHECK_FALSE(attached_endpoints("control=foo,stream=ipc:///b,telemetry=ipc:///c"));
  CHECK_FALSE(attached_endpoints("nonsense"));
}

TEST_CASE("what can be explained is a case, a check of it and a requirement") {
  const auto text = [](std::string_view id) { return explain(id).value_or("nothing"); };
  CHECK(text("signal.hello.answer") == text("signal.hello.answer/alive"));
  CHECK(text("FRM-7").find("pulse.restart.cut-connection/hello") != std::string::npos);
  for (const char* id : {"signal.hello.nonsense", "signal.hello.answer/nonsense", "FRM-7000", ""}) CHECK_MESSAGE(text(id) == "nothing", id);
}

TEST_CASE("words are quoted as a shell reads them") {
  CHECK(quoted({"a", "b c", "it's", "{control}", ""}) == "a 'b c' 'it'\\''s' '{control}' ''");
}

TEST_CASE("a folder that cannot be made, a path too long for a socket and a full disk are told, with what to do") {
  CHECK_THROWS_WITH_AS(Folder("/nowhere/case"), doctest::Contains("set TMPDIR"), std::runtime_error);
  CHECK_THROWS_WITH_AS(check_length(std::string(100, 'x'), 20), doctest::Contains("set TMPDIR to a shorter one"), std::runtime_error);
  CHECK_NOTHROW(check_length("/tmp/lpc-123456", 72));
  CHECK_THROWS_WITH_AS(write_file("/dev/full", "bytes"), doctest::Contains("No space left"), std::runtime_error);
}

TEST_CASE("a folder within another is made anew, without what was left in it") {
  const Folder base;
  std::filesystem::create_directory(base.path() / "c");
  write_file(base.path() / "c" / "left", "from a crash");
  const Folder inner(base.path() / "c");
  CHECK(std::filesystem::is_empty(inner.path()));
}

TEST_CASE("endpoints are new each time, in a folder for their owner alone that goes with its content") {
  std::filesystem::path path;
  {
    const Folder folder;
    path = folder.path();
    CHECK((std::filesystem::status(path).permissions() & std::filesystem::perms::all) == std::filesystem::perms::owner_all);
    CHECK(new_endpoints(Topology::ipc, path).control.starts_with("ipc://" + path.string()));
    const Endpoints ports = new_endpoints(Topology::tcp, path);
    CHECK(ports.control != ports.stream);
  }
  CHECK_FALSE(std::filesystem::exists(path));
}
