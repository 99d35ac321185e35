// session.describe: what a peer answers and what it may send.
#include <algorithm>
#include <string>

#include "support.hpp"

using namespace loophole;
using test::Studio;

namespace {
session::DescribeReply described(Studio& studio, test::Caller& caller) {
  std::optional<session::DescribeReply> reply;
  caller.call(session::Describe{}, [&](const Result<session::DescribeReply>& answer) { reply = answer.value(); });
  REQUIRE_SOON(studio.loop, reply.has_value());
  return *reply;
}
bool has(const std::vector<std::string>& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}
}  // namespace

TEST_CASE("a server says what has a handler, besides what it answers itself") {
  Studio studio;
  auto caller = studio.ready();
  const auto before = described(studio, caller);
  CHECK(before.handles == std::vector<std::string>{"session.counters", "session.describe", "session.hello", "track.rename"});
  CHECK(before.protocol == caller.client->hello()->protocol);
  CHECK(before.fingerprint == wire::kModelFingerprint);
  studio.server->on<track::Add>([](session::Server::Request<track::Add>) {});
  CHECK(has(described(studio, caller).handles, "track.add"));
}

TEST_CASE("what is named is answered, and only that") {
  Studio studio;
  auto caller = studio.ready();
  const auto reply = described(studio, caller);
  for (const wire::MessageDesc* desc : wire::all_messages()) {
    if (desc->kind != Kind::command || !desc->allows(Role::aura, Role::pulse) || desc->name == session::Hello::kName) continue;
    bool known = true;
    // A payload that is not filled may break its schema; then it never leaves, and says nothing about the server.
    bool answered = false;
    bool sent = true;
    caller.client->call_payload(*desc, {desc->make_payload(), desc->payload},
                                [&](Result<wire::Payload> answer) {
                                  answered = true;
                                  sent = answer || !is(answer.error(), errors::kPayloadInvalid);
                                  known = answer || !is(answer.error(), errors::kEnvelopeUnknownName);
                                },
                                {.deadline = test::kWatchdog});
    REQUIRE_SOON(studio.loop, answered);
    if (sent) CHECK_MESSAGE(known == has(reply.handles, desc->name), desc->name);
  }
}

TEST_CASE("events are those that the topology lets this side send") {
  Studio studio;
  auto caller = studio.ready();
  const auto reply = described(studio, caller);
  CHECK(has(reply.sends, "project.changed"));
  CHECK(has(reply.sends, "operation.progress"));
  CHECK(has(reply.sends, "session.goodbye"));
  CHECK_FALSE(has(reply.sends, "engine.state.changed"));  // from Signal only
  CHECK(std::ranges::is_sorted(reply.sends));
}
