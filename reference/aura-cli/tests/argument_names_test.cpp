// An error names what was typed, not where that was in the message.
#include "app/argument_names.hpp"

#include <doctest/doctest.h>

#include "app/front.hpp"

using namespace loophole;
using namespace loophole::cli;

namespace {

std::string argument(const std::vector<std::string>& words, std::string_view pointer) {
  const Front front(Front::Place::program);
  const CLI::App* command = &front.app();
  for (const std::string& word : words) command = command->get_subcommand(word);
  return argument_of(*command, pointer).value_or("");
}

}  // namespace

TEST_CASE("members of payloads are found among the arguments of the command") {
  CHECK(argument({"parameter", "set"}, "/value") == "VALUE");
  CHECK(argument({"parameter", "set"}, "/parameterId") == "PARAMETER");
  CHECK(argument({"project", "new"}, "/sampleRateHz") == "--sample-rate");
  CHECK(argument({"project", "new"}, "/tempoBpm") == "--tempo");
  CHECK(argument({"project", "new"}, "/path") == "FILE");
  CHECK(argument({"transport", "tempo"}, "/tempoBpm") == "BPM");
  CHECK(argument({"transport", "loop"}, "/loop/endFrames") == "TO");
  CHECK(argument({"track", "rename"}, "/name") == "NEW-NAME");
  CHECK(argument({"track", "colour"}, "/colour") == "COLOUR");
  CHECK(argument({"clip", "gain"}, "/gainDb") == "DB");
  CHECK(argument({"automation", "set"}, "/points/0/value") == "POINT");
  CHECK(argument({"automation", "set"}, "/fromFrames") == "--from");
  CHECK(argument({"node", "add"}, "/index") == "--index");
}

TEST_CASE("what nobody typed has no name") {
  CHECK(argument({"call"}, "/name").empty());
  CHECK(argument({"parameter", "set"}, "").empty());
  CHECK(argument({"history", "undo"}, "/anything").empty());
}
