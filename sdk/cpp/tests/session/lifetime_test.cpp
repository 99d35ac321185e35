// Objects may be destroyed in any callback, also the one that calls.
#include <memory>
#include <optional>

#include "support.hpp"

using namespace loophole;
using namespace std::chrono_literals;
using test::PortState;
using test::rename_to;
using test::Studio;

namespace {
void settle(net::Loop& loop) {
  bool over = false;
  loop.after(20ms, [&] { over = true; });
  REQUIRE_SOON(loop, over);
}
}  // namespace

TEST_CASE("a client may be destroyed in each of its callbacks") {
  Studio studio;
  auto caller = std::make_unique<test::Caller>(studio.connect());
  bool destroyed = false;
  int other_answers = 0;
  const auto destroy = [&] {
    caller.reset();
    destroyed = true;
  };
  SUBCASE("in on_state ready") {
    caller->client->on_state([&](PortState) { destroy(); });
  }
  SUBCASE("in on_state closed") {
    caller->client->on_state([&](PortState state) {
      if (state == PortState::closed)
        destroy();
      else
        studio.server->close(session::GoodbyeReason::closing);
    });
  }
  SUBCASE("in on_event") {
    caller->client->on_event([&](const wire::Message&) { destroy(); });
    studio.server->on_connected([&](const session::ClientInfo&) {
      studio.server->broadcast(test::transport_at(0));
      studio.server->broadcast(test::transport_at(0));
    });
  }
  SUBCASE("in an answer, with other calls open") {
    for (int i = 0; i < 3; ++i)
      caller->call(rename_to("x"), [&](const Result<Edited>&) {
        if (!destroyed)
          destroy();
        else
          ++other_answers;
      });
  }
  SUBCASE("in a failed answer, with other calls open") {
    for (int i = 0; i < 3; ++i)
      caller->call(rename_to(""), [&](const Result<Edited>&) {
        if (!destroyed)
          destroy();
        else
          ++other_answers;
      });
  }
  REQUIRE_SOON(studio.loop, destroyed);
  settle(studio.loop);
  CHECK(other_answers == 0);
  CHECK(studio.server->clients().empty());
}

TEST_CASE("a server may be destroyed in each of its callbacks") {
  Studio studio;
  auto caller = studio.connect();
  bool destroyed = false;
  const auto destroy = [&] {
    studio.server.reset();
    destroyed = true;
  };
  caller.call(rename_to("x"), [](const Result<Edited>&) {});
  SUBCASE("in on_hello") {
    studio.server->on_hello([&](const session::ClientInfo&, session::HelloReply&) { destroy(); });
  }
  SUBCASE("in on_connected") {
    studio.server->on_connected([&](const session::ClientInfo&) { destroy(); });
  }
  SUBCASE("in a command") {
    studio.server->on<track::Rename>([&](session::Server::Request<track::Rename> request) {
      destroy();
      request.reply({.revision = 1});
    });
  }
  SUBCASE("in on_batch_end") {
    studio.server->on_batch_end([&] { destroy(); });
  }
  SUBCASE("in on_disconnected") {
    studio.server->on_disconnected([&](const session::ClientInfo&, session::GoodbyeReason) { destroy(); });
    caller.client->on_state([&](PortState state) {
      if (state == PortState::ready) caller.client->close();
    });
  }
  REQUIRE_SOON(studio.loop, destroyed);
  settle(studio.loop);
}

TEST_CASE("a request that outlives its server answers nobody and hurts nobody") {
  Studio studio;
  auto caller = studio.ready();
  std::vector<session::Server::Request<track::Rename>> kept;
  studio.server->on<track::Rename>([&](session::Server::Request<track::Rename> request) { kept.push_back(std::move(request)); });
  for (int i = 0; i < 2; ++i) caller.call(rename_to("x"), [](const Result<Edited>&) {});
  REQUIRE_SOON(studio.loop, kept.size() == 2);
  studio.server.reset();
  kept[0].reply({.revision = 1});
  CHECK(kept[0].command().name == "x");
  kept.clear();
  settle(studio.loop);
}

TEST_CASE("a request that is assigned over is answered") {
  Studio studio;
  auto caller = studio.ready();
  std::optional<session::Server::Request<track::Rename>> kept;
  studio.server->on<track::Rename>([&](session::Server::Request<track::Rename> request) {
    if (kept)
      *kept = std::move(request);
    else
      kept.emplace(std::move(request));
  });
  std::vector<Result<Edited>> answers;
  for (int i = 0; i < 2; ++i) caller.call(rename_to("x"), [&](Result<Edited> a) { answers.push_back(std::move(a)); });
  REQUIRE_SOON(studio.loop, answers.size() == 1);
  CHECK(is(answers[0].error(), errors::kInternalFault));
  kept->reply({.revision = 2});
  REQUIRE_SOON(studio.loop, answers.size() == 2);
  CHECK(answers[1].value().revision == 2);
}

TEST_CASE("a callback may run the Loop until the answer to another call is there") {
  Studio studio;
  auto caller = studio.ready();
  bool inner = false;
  bool outer = false;
  caller.call(rename_to("x"), [&](const Result<Edited>&) {
    caller.call(rename_to("y"), [&](const Result<Edited>&) { inner = true; });
    outer = test::run_until(studio.loop, [&] { return inner; });
  });
  REQUIRE_SOON(studio.loop, outer);
}
