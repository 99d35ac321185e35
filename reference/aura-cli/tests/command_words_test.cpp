// Every command that Aura may send has a word on the command line.
#include "app/command_words.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <sstream>

#include "app/front.hpp"
#include "loophole/messages/registry.hpp"

using namespace loophole;
using namespace loophole::cli;

TEST_CASE("the table has what the registry lets Aura send to Pulse, and nothing else") {
  std::vector<std::string> wanted;
  for (const wire::MessageDesc* message : wire::all_messages())
    if (message->kind == Kind::command && message->allows(Role::aura, Role::pulse)) wanted.emplace_back(message->name);
  std::vector<std::string> words;
  for (const CommandWord& one : command_words()) words.emplace_back(one.name);
  CHECK(words == wanted);
}

TEST_CASE("every word is a command of aura-cli, and none is `call`") {
  const Front front(Front::Place::program);
  for (const CommandWord& one : command_words()) {
    const CLI::App* at = &front.app();
    std::istringstream words{std::string(one.word)};
    for (std::string word; words >> word;) {
      const auto found = at->get_subcommands([&word](const CLI::App* each) { return each->get_name() == word; });
      REQUIRE_MESSAGE(found.size() == 1, std::string(one.name), " is to be sent by: aura-cli ", std::string(one.word));
      at = found.front();
      CHECK(word != "call");
    }
    CHECK_MESSAGE(at->get_subcommands([](const CLI::App*) { return true; }).empty(), std::string(one.word), " is a group");
  }
}

TEST_CASE("a mistyped name finds what was meant") {
  const std::vector<std::string> names{"track.add", "track.remove", "bus.add", "transport.play"};
  CHECK(nearest("trak.add", names) == std::vector<std::string>{"track.add"});
  CHECK(nearest("track", names) == std::vector<std::string>{"track.add", "track.remove"});
  CHECK(nearest("quux.frob", names).empty());
}
