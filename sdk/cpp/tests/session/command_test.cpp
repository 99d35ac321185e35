// Commands and their answers: exactly one each, in order, from the Loop.
#include <optional>
#include <string>
#include <vector>

#include "support.hpp"

using namespace loophole;
using namespace std::chrono_literals;
using test::PortState;
using test::rename_to;
using test::Studio;

namespace {
using Answer = Result<Edited>;
using RenameRequest = session::Server::Request<track::Rename>;
}  // namespace

TEST_CASE("a command is answered, from the Loop and not from within the call") {
  Studio studio;
  auto caller = studio.ready();
  std::string seen;
  studio.server->on<track::Rename>([&](RenameRequest request) {
    seen = request.command().name;
    CHECK(request.instance_id() == caller.client->instance_id());
    CHECK(request.client() == studio.connected[0].key);
    request.reply({.revision = 7});
  });
  std::optional<Answer> answer;
  const MessageId id = caller.call(rename_to("Voice"), [&](Answer a) { answer = a; });
  CHECK_FALSE(answer);
  CHECK_FALSE(id.empty());
  REQUIRE_SOON(studio.loop, answer.has_value());
  CHECK(answer->value().revision == 7);
  CHECK(seen == "Voice");
  CHECK(studio.server->counters().control_received >= 2);
  CHECK(caller.client->counters().control_sent >= 2);
}

TEST_CASE("commands made before the connection is ready wait, in their order") {
  Studio studio;
  auto caller = studio.connect();
  std::vector<std::string> names;
  studio.server->on<track::Rename>([&](RenameRequest request) {
    names.push_back(request.command().name);
    request.reply({.revision = 1});
  });
  int answers = 0;
  for (const char* name : {"a", "b", "c"}) caller.call(rename_to(name), [&](const Answer& a) { answers += a.has_value(); });
  CHECK(caller.client->state() == PortState::connecting);
  REQUIRE_SOON(studio.loop, answers == 3);
  CHECK(names == std::vector<std::string>{"a", "b", "c"});
}

TEST_CASE("an error comes back with everything that it says") {
  Studio studio;
  auto caller = studio.ready();
  studio.server->on<track::Rename>([&](RenameRequest request) {
    Error error = make_error(errors::kTrackNotFound, "there is no track 'trk-1'");
    error.pointer = "/payload/trackId";
    request.fail(error);
  });
  std::optional<Error> error;
  caller.call(rename_to("x"), [&](const Answer& a) { error = a.error(); });
  REQUIRE_SOON(studio.loop, error.has_value());
  CHECK(is(*error, errors::kTrackNotFound));
  CHECK(error->message == "there is no track 'trk-1'");
  CHECK(error->pointer == "/payload/trackId");
}

TEST_CASE("an answer may come later, and from another turn") {
  Studio studio;
  auto caller = studio.ready();
  std::optional<RenameRequest> kept;
  studio.server->on<track::Rename>([&](RenameRequest request) { kept.emplace(std::move(request)); });
  std::optional<Answer> answer;
  caller.call(rename_to("x"), [&](Answer a) { answer = a; });
  REQUIRE_SOON(studio.loop, kept.has_value());
  CHECK_FALSE(studio.loop.run_once(5ms));
  kept->reply({.revision = 3});
  kept->reply({.revision = 4});  // a second answer is ignored
  kept.reset();
  REQUIRE_SOON(studio.loop, answer.has_value());
  CHECK(answer->value().revision == 3);
}

TEST_CASE("a request that is dropped unanswered is answered internal.fault") {
  Studio studio;
  auto caller = studio.ready();
  studio.server->on<track::Rename>([](const RenameRequest&) {});
  std::optional<Answer> answer;
  caller.call(rename_to("x"), [&](Answer a) { answer = a; });
  REQUIRE_SOON(studio.loop, answer.has_value());
  CHECK(is(answer->error(), errors::kInternalFault));
  CHECK(answer->error().message.find("track.rename") != std::string::npos);
}

TEST_CASE("a reply that breaks its schema becomes an error that says so") {
  Studio studio;
  auto caller = studio.ready();
  studio.server->on<track::Rename>([](RenameRequest request) { request.reply({.revision = -1}); });
  std::optional<Answer> answer;
  caller.call(rename_to("x"), [&](Answer a) { answer = a; });
  REQUIRE_SOON(studio.loop, answer.has_value());
  CHECK(is(answer->error(), errors::kInternalFault));
  CHECK(answer->error().message.find("revision") != std::string::npos);
}

TEST_CASE("events that were sent before an answer arrive before it") {
  Studio studio;
  auto caller = studio.ready();
  studio.server->on<track::Rename>([&](RenameRequest request) {
    studio.server->broadcast(test::transport_at(1), request.command_id());
    studio.server->send(request.client(), test::transport_at(2), request.command_id());
    request.reply({.revision = 1});
    studio.server->broadcast(test::transport_at(3));
  });
  std::vector<std::string> order;
  std::optional<MessageId> cause;
  caller.client->on_event([&](const wire::Message& message) {
    order.push_back("event " + std::to_string(message.as<transport::Changed>()->position_frames));
    if (!cause) cause = message.header.cid;
  });
  const MessageId id = caller.call(rename_to("x"), [&](const Answer&) { order.emplace_back("answer"); });
  REQUIRE_SOON(studio.loop, order.size() == 4);
  CHECK(order == std::vector<std::string>{"event 1", "event 2", "answer", "event 3"});
  CHECK(cause == id);
}

TEST_CASE("a command that nobody handles is answered, not dropped") {
  Studio studio;
  auto caller = studio.ready();
  std::optional<Error> error;
  caller.call(history::Undo{}, [&](const Result<history::Undo::Reply>& a) { error = a.error(); });
  REQUIRE_SOON(studio.loop, error.has_value());
  CHECK(is(*error, errors::kEnvelopeUnknownName));
  CHECK(error->message.find("history.undo") != std::string::npos);
}

TEST_CASE("what must not be sent fails at the sender, from the Loop") {
  Studio studio;
  auto caller = studio.ready();
  std::vector<Error> failed;
  caller.call(rename_to(""), [&](const Answer& a) { failed.push_back(a.error()); });
  caller.call(graph::Query{}, [&](const Result<graph::Query::Reply>& a) { failed.push_back(a.error()); });
  CHECK(failed.empty());
  REQUIRE_SOON(studio.loop, failed.size() == 2);
  CHECK(is(failed[0], errors::kPayloadInvalid));
  CHECK(is(failed[1], errors::kEnvelopeWrongRoute));
  CHECK(studio.renames == 0);
}

TEST_CASE("without an answer until the deadline a call fails, and the late answer is ignored and counted") {
  Studio studio;
  auto caller = studio.ready();
  std::optional<RenameRequest> kept;
  studio.server->on<track::Rename>([&](RenameRequest request) { kept.emplace(std::move(request)); });
  std::vector<Answer> answers;
  caller.call(rename_to("x"), [&](Answer a) { answers.push_back(std::move(a)); }, {.deadline = 20ms});
  REQUIRE_SOON(studio.loop, (kept.has_value() && answers.size() == 1));
  CHECK(is(answers[0].error(), errors::kSessionTimeout));
  CHECK(answers[0].error().message.find("track.rename") != std::string::npos);
  kept->reply({.revision = 1});
  REQUIRE_SOON(studio.loop, caller.client->counters().refused == 1);
  CHECK(answers.size() == 1);
  CHECK(caller.client->state() == PortState::ready);
}

TEST_CASE("the end of a batch is told once for all commands that were waiting") {
  Studio studio;
  const auto peer = studio.raw();
  peer->hello("i-1");
  int batches = 0;
  std::int64_t at_end = 0;
  studio.server->on_batch_end([&] {
    ++batches;
    at_end = studio.renames;
  });
  for (int i = 0; i < 50; ++i) peer->command("c" + std::to_string(i), rename_to("x"));
  REQUIRE_SOON(studio.loop, studio.renames == 50);
  CHECK(batches >= 1);
  CHECK(batches <= 50);
  CHECK(at_end == 50);
  const int before = batches;
  peer->command("counters", session::Counters{});  // answered by the server itself: nothing for the application to commit
  static_cast<void>(peer->answer("counters"));
  CHECK(batches == before);
}

TEST_CASE("a command does not wait for the end of what another client asks without end") {
  Studio studio;
  const auto flooding = studio.raw();
  const auto editing = studio.raw();
  flooding->hello("i-1");
  editing->hello("i-2");
  std::int64_t behind = 0;
  studio.server->on<track::Rename>([&](RenameRequest request) {
    behind = studio.server->counters().control_received;
    request.reply({.revision = 1});
  });
  studio.server->on_batch_end([&] { behind = studio.server->counters().control_received - behind; });
  for (int i = 0; i < 200; ++i) flooding->command("c" + std::to_string(i), session::Describe{});
  editing->command("edit", rename_to("x"));
  static_cast<void>(editing->answer("edit"));
  CHECK(behind < 100);
  static_cast<void>(flooding->answer("c199"));
}

TEST_CASE("the commands of one client that wait are one batch") {
  if (test::topology() != test::Topology::in_process) return;  // what is there is known only here
  Studio studio;
  const auto peer = studio.raw();
  peer->hello("i-1");
  std::vector<std::int64_t> at_ends;
  studio.server->on_batch_end([&] { at_ends.push_back(studio.renames); });
  for (int i = 0; i < 100; ++i) peer->command("c" + std::to_string(i), rename_to("x"));
  static_cast<void>(peer->answer("c99"));
  CHECK(at_ends == std::vector<std::int64_t>{100});
}

TEST_CASE("counters come from the server, with what the application adds") {
  Studio studio;
  auto caller = studio.ready();
  studio.server->on_counters([](session::CountersReply& counters) { counters.telemetry_frames_sent = 99; });
  std::optional<session::CountersReply> counters;
  caller.call(session::Counters{}, [&](const Result<session::CountersReply>& a) { counters = a.value(); });
  REQUIRE_SOON(studio.loop, counters.has_value());
  CHECK(counters->control_received >= 2);
  CHECK(counters->control_sent >= 1);
  CHECK(counters->telemetry_frames_sent == 99);
  CHECK(counters->stream_frames_seen == 0);
}
