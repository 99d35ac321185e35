// The same command twice: executed once, answered twice.
#include <optional>
#include <string>

#include "support.hpp"

using namespace loophole;
using test::rename_to;
using test::Studio;

namespace {
// The bytes of the n-th answer to a command.
std::string answer_bytes(test::RawPeer& peer, const std::string& id, std::size_t number) {
  const wire::Message* wanted = &peer.answer(id, number);
  for (std::size_t i = 0; i < peer.received.size(); ++i)
    if (&peer.received[i] == wanted) return peer.texts[i];
  return {};
}
}  // namespace

TEST_CASE("a repeated command is executed once and gets the same answer again") {
  Studio studio;
  const auto peer = studio.raw();
  peer->hello("i-1");
  peer->command("c1", rename_to("x"));
  peer->command("c1", rename_to("x"));
  CHECK(answer_bytes(*peer, "c1", 1) == answer_bytes(*peer, "c1", 2));
  CHECK(studio.renames == 1);
  CHECK(studio.server->counters().duplicates == 1);
}

TEST_CASE("a command that is repeated while it is worked on waits for its answer") {
  Studio studio;
  std::optional<session::Server::Request<track::Rename>> kept;
  studio.server->on<track::Rename>([&](session::Server::Request<track::Rename> request) {
    ++studio.renames;
    kept.emplace(std::move(request));
  });
  const auto peer = studio.raw();
  peer->hello("i-1");
  peer->command("c1", rename_to("x"));
  peer->command("c1", rename_to("x"));
  REQUIRE_SOON(studio.loop, studio.server->counters().duplicates == 1);
  kept->reply({.revision = 5});
  CHECK(answer_bytes(*peer, "c1", 1) == answer_bytes(*peer, "c1", 2));
  CHECK(studio.renames == 1);
}

TEST_CASE("answers are remembered over a reconnect of the same instance") {
  Studio studio;
  auto first = studio.raw();
  first->hello("i-1");
  first->command("c1", rename_to("x"));
  const std::string answer = answer_bytes(*first, "c1", 1);
  first.reset();
  const auto second = studio.raw();
  second->hello("i-1");
  second->command("c1", rename_to("x"));
  CHECK(answer_bytes(*second, "c1", 1) == answer);
  CHECK(studio.renames == 1);
}

TEST_CASE("an answer that came while its client was away is there when it comes back") {
  Studio studio;
  std::optional<session::Server::Request<track::Rename>> kept;
  studio.server->on<track::Rename>([&](session::Server::Request<track::Rename> request) { kept.emplace(std::move(request)); });
  auto first = studio.raw();
  first->hello("i-1");
  first->command("c1", rename_to("x"));
  REQUIRE_SOON(studio.loop, kept.has_value());
  first->send(wire::make_event(MessageId("bye"), Role::aura, Role::pulse, session::Goodbye{}));
  REQUIRE_SOON(studio.loop, studio.disconnected.size() == 1);
  kept->reply({.revision = 8});
  const auto second = studio.raw();
  second->hello("i-1");
  second->command("c1", rename_to("x"));
  CHECK(second->answer("c1").as<Edited>()->revision == 8);
}

TEST_CASE("the same id of another instance is another command") {
  Studio studio;
  const auto one = studio.raw();
  const auto two = studio.raw();
  one->hello("i-1");
  two->hello("i-2");
  one->command("c1", rename_to("x"));
  two->command("c1", rename_to("x"));
  CHECK(one->answer("c1").header.kind == Kind::reply);
  CHECK(two->answer("c1").header.kind == Kind::reply);
  CHECK(studio.renames == 2);
  CHECK(studio.server->counters().duplicates == 0);
}

TEST_CASE("as many answers are remembered as the options say; the oldest are forgotten") {
  Studio studio({.remembered_answers = 4});
  const auto peer = studio.raw();
  peer->hello("i-1");
  for (int i = 1; i <= 5; ++i) {
    peer->command("c" + std::to_string(i), rename_to("x"));
    static_cast<void>(peer->answer("c" + std::to_string(i)));
  }
  peer->command("c5", rename_to("x"));
  static_cast<void>(peer->answer("c5", 2));
  peer->command("c2", rename_to("x"));
  static_cast<void>(peer->answer("c2", 2));
  CHECK(studio.renames == 5);
  peer->command("c1", rename_to("x"));
  static_cast<void>(peer->answer("c1", 2));
  CHECK(studio.renames == 6);
}
