// The arguments with which Pulse starts an engine.

#include "loophole/signal/engine_program.hpp"

#include <doctest/doctest.h>

#include <vector>

namespace loophole::signal {
namespace {

std::string refused(const std::vector<const char*>& words) {
  const auto read = read_engine_arguments(words);
  const auto* wrong = std::get_if<WrongArguments>(&read);
  return wrong != nullptr ? wrong->message : "";
}

TEST_CASE("the options of an engine come in any order") {
  const std::vector<const char*> words{"--telemetry", "ipc:///t", "--last-words", "/w", "--control", "ipc:///c", "--stream", "ipc:///s"};
  const auto read = read_engine_arguments(words);
  const auto* arguments = std::get_if<EngineArguments>(&read);
  REQUIRE(arguments != nullptr);
  CHECK(arguments->control_endpoint == "ipc:///c");
  CHECK(arguments->stream_endpoint == "ipc:///s");
  CHECK(arguments->telemetry_endpoint == "ipc:///t");
  CHECK(arguments->last_words == "/w");
}

TEST_CASE("what is wrong is said by name") {
  CHECK(refused({"--control", "c", "--stream", "s", "--telemetry", "t"}).empty());
  CHECK(refused({"--control", "c", "--stream", "s"}) == "--telemetry is not given");
  CHECK(refused({"--control", "c", "--stream", "--telemetry", "t"}) == "--stream lacks its value");
  CHECK(refused({"--control", "c", "--stream", "s", "--telemetry"}) == "--telemetry lacks its value");
  CHECK(refused({"--volume", "11"}) == "'--volume' is no option of this engine");
  CHECK(refused({}) == "--control is not given");
}

}  // namespace
}  // namespace loophole::signal
