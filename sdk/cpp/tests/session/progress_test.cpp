// operation.progress: what is told between a command and its answer, and what that does to its deadline.
#include <string>
#include <vector>

#include "support.hpp"

using namespace loophole;
using test::rename_to;
using test::Studio;
using RenameRequest = session::Server::Request<track::Rename>;
using Clock = std::chrono::steady_clock;

TEST_CASE("progress comes to who asked, in order, before the answer, and not as an event") {
  Studio studio;
  auto caller = studio.ready();
  auto other = studio.ready();
  std::vector<std::string> told;
  int events = 0;
  for (auto* client : {caller.client.get(), other.client.get()}) client->on_event([&](const wire::Message&) { ++events; });
  studio.server->on<track::Rename>([](RenameRequest request) {
    request.progress({.step = "begin"});
    request.progress({.step = "half", .done_ratio = 0.5});
    request.reply({.revision = 1});
    request.progress({.step = "too late"});
  });
  caller.call(rename_to("x"), [&](const Result<track::Rename::Reply>& answer) { told.push_back(answer ? "answer" : "error"); },
              {.deadline = test::kWatchdog, .on_progress = [&](const operation::Progress& progress) {
                 told.push_back(progress.step + (progress.done_ratio ? " " + std::to_string(*progress.done_ratio) : ""));
               }});
  REQUIRE_SOON(studio.loop, told.size() >= 3);
  // Another exchange, behind which nothing can hide.
  bool done = false;
  other.call(session::Counters{}, [&](const auto&) { done = true; });
  caller.call(session::Counters{}, [&](const auto&) { told.push_back("end"); });
  REQUIRE_SOON(studio.loop, (done && told.back() == "end"));
  CHECK(told == std::vector<std::string>{"begin", "half 0.500000", "answer", "end"});
  CHECK(events == 0);
}

TEST_CASE("who does not ask for progress gets the answer all the same") {
  Studio studio;
  auto caller = studio.ready();
  studio.server->on<track::Rename>([](RenameRequest request) {
    request.progress({.step = "begin"});
    request.reply({.revision = 7});
  });
  std::optional<std::int64_t> revision;
  caller.call(rename_to("x"), [&](const Result<track::Rename::Reply>& answer) { revision = answer.value().revision; });
  REQUIRE_SOON(studio.loop, revision == 7);
}

TEST_CASE("progress has the id of its command, and breaks no schema") {
  Studio studio;
  const auto peer = studio.raw();
  peer->hello("i-1");
  studio.server->on<track::Rename>([](RenameRequest request) {
    request.progress({.step = ""});  // too short: not sent, but counted
    request.progress({.step = "begin"});
    request.reply({.revision = 1});
  });
  peer->command("c1", rename_to("x"));
  static_cast<void>(peer->answer("c1"));
  REQUIRE(peer->count<operation::Progress>() == 1);
  for (const wire::Message& message : peer->received)
    if (message.as<operation::Progress>() != nullptr) CHECK(message.header.cid == MessageId("c1"));
  CHECK(studio.server->counters().malformed == 1);
}

TEST_CASE("a command that is repeated on another connection has its progress there, too") {
  Studio studio;
  const auto first = studio.raw();
  first->hello("i-1");
  std::optional<RenameRequest> kept;
  studio.server->on<track::Rename>([&](RenameRequest request) { kept.emplace(std::move(request)); });
  first->command("c1", rename_to("x"));
  REQUIRE_SOON(studio.loop, kept.has_value());
  const auto second = studio.raw();
  second->hello("i-1");
  second->command("c1", rename_to("x"));
  REQUIRE_SOON(studio.loop, studio.server->counters().duplicates == 1);
  kept->progress({.step = "going on"});
  kept->reply({.revision = 1});
  static_cast<void>(second->answer("c1"));
  CHECK(second->count<operation::Progress>() == 1);
}

TEST_CASE("the deadline of a call begins anew with each sign of progress") {
  Studio studio;
  auto caller = studio.ready();
  std::vector<RenameRequest> kept;
  studio.server->on<track::Rename>([&](RenameRequest request) { kept.push_back(std::move(request)); });
  // A stalled machine may let the deadline pass before the progress is sent; then once more, with more time.
  for (auto deadline = std::chrono::milliseconds(40);; deadline *= 2) {
    std::optional<Clock::time_point> progressed;
    std::optional<Error> failed;
    Clock::duration after_progress{};
    kept.clear();
    caller.call(rename_to("x"),
                [&](const Result<track::Rename::Reply>& answer) {
                  failed = answer.error();
                  if (progressed) after_progress = Clock::now() - *progressed;
                },
                {.deadline = deadline, .on_progress = [&](const operation::Progress&) { progressed = Clock::now(); }});
    bool half = false;
    const auto timer = studio.loop.after(deadline / 2, [&] { half = true; });
    REQUIRE_SOON(studio.loop, ((half && !kept.empty()) || failed));
    if (!failed) kept.back().progress({.step = "going on"});
    REQUIRE_SOON(studio.loop, failed.has_value());
    studio.loop.cancel(timer);
    CHECK(is(*failed, errors::kSessionTimeout));
    if (!progressed) continue;
    CHECK(after_progress >= deadline);
    CHECK(failed->message.find("said nothing more about track.rename") != std::string::npos);
    break;
  }
}

TEST_CASE("progress after the deadline is ignored and counted") {
  Studio studio;
  auto caller = studio.ready();
  std::optional<RenameRequest> kept;
  studio.server->on<track::Rename>([&](RenameRequest request) { kept.emplace(std::move(request)); });
  bool failed = false;
  int progress = 0;
  caller.call(rename_to("x"), [&](const Result<track::Rename::Reply>&) { failed = true; },
              {.deadline = std::chrono::milliseconds(20), .on_progress = [&](const operation::Progress&) { ++progress; }});
  REQUIRE_SOON(studio.loop, (failed && kept));
  kept->progress({.step = "late"});
  REQUIRE_SOON(studio.loop, caller.client->counters().refused == 1);
  CHECK(progress == 0);
  CHECK(caller.client->state() == test::PortState::ready);
}

TEST_CASE("a client may end in the handler of its own call's progress") {
  Studio studio;
  auto caller = studio.ready();
  studio.server->on<track::Rename>([](RenameRequest request) {
    request.progress({.step = "begin"});
    request.reply({.revision = 1});
  });
  bool ended = false;
  caller.call(rename_to("x"), [](const Result<track::Rename::Reply>&) {},
              {.deadline = test::kWatchdog, .on_progress = [&](const operation::Progress&) {
                 caller.client.reset();
                 ended = true;
               }});
  REQUIRE_SOON(studio.loop, ended);
  REQUIRE_SOON(studio.loop, studio.server->clients().empty());
}
