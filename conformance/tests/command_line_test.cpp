// The command of a peer, and what is put into it.
#include "peer/command_line.hpp"

#include <doctest/doctest.h>

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

TEST_CASE("endpoints of a peer that runs are all named, and nothing else") {
  const auto at = attached_endpoints("control=tcp://127.0.0.1:1,telemetry=c,stream=b");
  REQUIRE(at);
  CHECK(at->control == "tcp://127.0.0.1:1");
  CHECK(at->stream == "b");
  CHECK_FALSE(attached_endpoints("control=a,stream=b"));
  CHECK_FALSE(attached_endpoints("control=a,stream=b,telemetry=c,other=d"));
  CHECK_FALSE(attached_endpoints("nonsense"));
}

TEST_CASE("words are quoted as a shell reads them") {
  CHECK(quoted({"a", "b c", "it's", "{control}", ""}) == "a 'b c' 'it'\\''s' '{control}' ''");
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
