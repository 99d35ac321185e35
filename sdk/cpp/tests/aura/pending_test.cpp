// Calls whose answer is looked at later, and calls that are withdrawn.
#include <doctest/doctest.h>

#include <optional>

#include "fake_pulse.hpp"

using namespace loophole;
using test::FakePulseScript;
using test::kWatchdog;
using namespace std::chrono_literals;

namespace {

std::shared_ptr<FakePulseScript> script_with_history() {
  auto script = std::make_shared<FakePulseScript>();
  script->answer<history::List>(
      [](const history::List&) -> Result<history::ListReply> { return history::ListReply{.entries = {}, .position = 9}; });
  return script;
}

}  // namespace

TEST_CASE("a command that was started is under way until somebody polls") {
  const auto script = script_with_history();
  aura::Client client = test::connect(script);
  auto listed = client.start(history::List{});
  CHECK_FALSE(listed.ready());
  CHECK_FALSE(listed.id().empty());
  REQUIRE(client.poll_until([&] { return listed.ready(); }, kWatchdog));
  CHECK(listed.get().value().position == 9);
}

TEST_CASE("getting an answer polls the client: two commands are under way at once") {
  const auto script = script_with_history();
  aura::Client client = test::connect(script);
  auto first = client.start(history::List{});
  auto second = client.start(track::Remove{.track_id = TrackId{"moon"}});
  CHECK_FALSE(second.get().has_value());  // the script has no answer to it
  CHECK(first.ready());
  CHECK(first.get().value().position == 9);
  auto third = client.start(history::List{});
  CHECK(third.wait_for(kWatchdog));
}

TEST_CASE("what is withdrawn is answered at once, and its answer is dropped") {
  const auto script = script_with_history();
  aura::Client client = test::connect(script);
  auto listed = client.start(history::List{});
  listed.cancel();
  CHECK(listed.ready());
  const auto answer = listed.get();
  REQUIRE_FALSE(answer.has_value());
  CHECK(is(answer.error(), errors::kSessionCancelled));
  CHECK(answer.error().category == Category::conflict);
  CHECK(client.call(history::List{}).has_value());  // whose answer comes behind the one that was dropped

  std::optional<Error> told;
  int calls = 0;
  const MessageId id = client.call(history::List{}, [&](const Result<history::ListReply>& reply) {
    ++calls;
    told = reply.error();
  });
  client.cancel(id);
  CHECK(calls == 0);  // handlers are called from poll()
  CHECK(client.call(history::List{}).has_value());
  CHECK(calls == 1);
  CHECK(is(*told, errors::kSessionCancelled));
  client.cancel(id);  // was answered
  CHECK(client.call(history::List{}).has_value());
  CHECK(calls == 1);
}

TEST_CASE("an answer that nobody keeps is dropped, and one whose client is gone is session.cancelled") {
  const auto script = script_with_history();
  std::optional<aura::Client> client = test::connect(script);
  static_cast<void>(client->start(history::List{}));
  CHECK(client->call(history::List{}).has_value());
  auto late = client->start(history::List{});
  client.reset();
  CHECK_FALSE(late.ready());
  CHECK(is(late.get().error(), errors::kSessionCancelled));
}
