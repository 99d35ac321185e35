// Bytes that break the rules: answered where their id could be read, counted always, and nothing else is hurt.
#include <random>
#include <string>

#include "loophole/frames/parameter_stream.hpp"
#include "support.hpp"

using namespace loophole;
using test::rename_to;
using test::Studio;

namespace {
std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}
std::string rename_text(const std::string& id, const std::string& name = "x") {
  return wire::encode_message(wire::make_command(MessageId(id), Role::aura, Role::pulse, rename_to(name))).value();
}
const Error& error_of(test::RawPeer& peer, const std::string& id, const std::string& name = "track.rename") {
  const wire::Message& answer = peer.answer(id);
  CHECK(answer.header.kind == Kind::error);
  CHECK(answer.header.name == name);
  REQUIRE(answer.error);
  return *answer.error;
}
void check_serves(Studio& studio, test::RawPeer& peer) {
  static int number = 0;
  const std::string id = "still-" + std::to_string(++number);
  const auto before = studio.renames;
  peer.command(id, rename_to("x"));
  CHECK(peer.answer(id).header.kind == Kind::reply);
  CHECK(studio.renames == before + 1);
}
}  // namespace

TEST_CASE("a payload that breaks its schema is answered with the fault") {
  Studio studio;
  const auto peer = studio.raw();
  peer->hello("i-1");
  REQUIRE(peer->connection->send(replaced(rename_text("c1"), "\"x\"", "17")));
  const Error& error = error_of(*peer, "c1");
  CHECK(is(error, errors::kPayloadInvalid));
  CHECK(error.pointer == "/payload/name");
  CHECK(error.rule == "type");
  CHECK(studio.server->counters().malformed == 1);
  check_serves(studio, *peer);
}

TEST_CASE("text that ends too early is answered where the id was before the end") {
  Studio studio;
  const auto peer = studio.raw();
  peer->hello("i-1");
  const std::string whole = rename_text("c1");
  REQUIRE(peer->connection->send(std::string_view(whole).substr(0, whole.size() - 3)));
  CHECK(is(error_of(*peer, "c1"), errors::kEnvelopeMalformed));
  CHECK(studio.renames == 0);
  check_serves(studio, *peer);
}

TEST_CASE("a message larger than the limit is answered, and the connection goes on") {
  Studio studio({.socket = {.max_bytes = 4096}});
  const auto peer = studio.raw();
  peer->hello("i-1");
  CHECK(peer->answer("hello").as<session::HelloReply>()->limits.max_message_bytes == 4096);
  REQUIRE(peer->connection->send(rename_text("c1") + std::string(10'000, ' ')));
  const Error& error = error_of(*peer, "c1");
  CHECK(is(error, errors::kEnvelopeTooLarge));
  CHECK(error.message.find("4096") != std::string::npos);
  CHECK(studio.server->counters().malformed == 1);
  check_serves(studio, *peer);
}

TEST_CASE("a message larger than its kind allows is answered") {
  Studio studio;
  const auto peer = studio.raw();
  peer->hello("i-1");
  REQUIRE(peer->connection->send(rename_text("c1") + std::string(100'000, ' ')));
  CHECK(is(error_of(*peer, "c1"), errors::kEnvelopeTooLarge));
  check_serves(studio, *peer);
}

TEST_CASE("a name that is not known is answered under that name") {
  Studio studio;
  const auto peer = studio.raw();
  peer->hello("i-1");
  REQUIRE(peer->connection->send(replaced(rename_text("c1"), "track.rename", "track.explode")));
  CHECK(is(error_of(*peer, "c1", "track.explode"), errors::kEnvelopeUnknownName));
  CHECK(studio.server->counters().refused == 1);
  check_serves(studio, *peer);
}

TEST_CASE("a command that has no business here is refused") {
  Studio studio;
  const auto peer = studio.raw();
  peer->hello("i-1");
  REQUIRE(peer->connection->send(replaced(rename_text("c1"), "\"aura\"", "\"signal\"")));
  CHECK(is(error_of(*peer, "c1"), errors::kEnvelopeWrongRoute));
  peer->command("c2", graph::Query{}, Role::pulse, Role::signal);  // right on another edge
  CHECK(is(error_of(*peer, "c2", "graph.query"), errors::kEnvelopeWrongRoute));
  CHECK(studio.server->counters().refused == 2);
  check_serves(studio, *peer);
}

TEST_CASE("before hello, a faulty command is answered with its fault, and only one without a fault is told to say hello") {
  Studio studio;
  const auto peer = studio.raw();
  REQUIRE(peer->connection->send(replaced(rename_text("c1"), "\"x\"", "17")));
  CHECK(is(error_of(*peer, "c1"), errors::kPayloadInvalid));
  REQUIRE(peer->connection->send(replaced(rename_text("c2"), "track.rename", "track.explode")));
  CHECK(is(error_of(*peer, "c2", "track.explode"), errors::kEnvelopeUnknownName));
  REQUIRE(peer->connection->send(rename_text("c3")));
  CHECK(is(error_of(*peer, "c3"), errors::kSessionHelloRequired));
  CHECK(studio.renames == 0);
}

TEST_CASE("a faulty event is counted and not answered") {
  Studio studio;
  const auto peer = studio.raw();
  peer->hello("i-1");
  const std::size_t before = peer->received.size();
  const std::string heartbeat =
      wire::encode_message(wire::make_event(MessageId("e1"), Role::aura, Role::pulse, session::Heartbeat{.sequence = 7})).value();
  REQUIRE(peer->connection->send(replaced(heartbeat, ":7", ":-7")));
  REQUIRE(peer->connection->send(replaced(heartbeat, "session.heartbeat", "session.murmur")));
  REQUIRE(peer->connection->send(replaced(heartbeat, "\"pulse\"", "\"signal\"")));
  check_serves(studio, *peer);
  CHECK(studio.server->counters().malformed == 1);
  CHECK(studio.server->counters().refused == 2);
  CHECK(peer->received.size() == before + 1);
}

TEST_CASE("answers and events that nobody asked for are counted and not answered") {
  Studio studio;
  const auto peer = studio.raw();
  peer->hello("i-1");
  const std::size_t before = peer->received.size();
  const auto broken_error = replaced(replaced(rename_text("c1"), "\"command\"", "\"error\""), "\"x\"", "17");
  REQUIRE(peer->connection->send(broken_error));
  check_serves(studio, *peer);
  CHECK(studio.server->counters().malformed + studio.server->counters().refused == 1);
  CHECK(peer->received.size() == before + 1);
}

TEST_CASE("a stream frame thrown at the control socket is counted as a stream frame") {
  Studio studio;
  const auto peer = studio.raw();
  peer->hello("i-1");
  const frames::ParameterSample sample{.value = 1.0, .time_ns = 2, .handle = 3};
  REQUIRE(peer->connection->send(text_of(frames::make_parameter_stream({.stream_id = 1, .epoch = 2, .sequence = 0}, {&sample, 1}))));
  check_serves(studio, *peer);
  CHECK(studio.server->counters().stream_frames_seen == 1);
  CHECK(studio.server->counters().refused == 1);
  CHECK(studio.server->counters().malformed == 0);
}

TEST_CASE("thousands of broken messages hurt nobody") {
  Studio studio;
  const auto healthy = studio.raw();
  healthy->hello("i-healthy");
  std::mt19937 random(20'260'131);
  const auto below = [&](std::size_t limit) { return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random); };
  auto vandal = studio.link();
  const std::string whole = rename_text("c1");
  constexpr int kMessages = 5000;
  for (int i = 0; i < kMessages; ++i) {
    std::string bytes;
    if (i % 2 == 0) {
      bytes.resize(below(300));
      for (char& c : bytes) c = static_cast<char>(below(256));
    } else {
      bytes = whole;
      for (std::size_t changes = 1 + below(4); changes > 0; --changes) bytes[below(bytes.size())] = static_cast<char>(below(256));
      if (below(4) == 0) bytes.resize(below(bytes.size()));
    }
    REQUIRE_SOON(studio.loop, vandal->send(bytes));
    if (i % 50 == 0) {
      studio.loop.run_once(std::chrono::milliseconds(0));
      while (vandal->receive()) {
      }
    }
    if (i % 1000 == 0) check_serves(studio, *healthy);
  }
  REQUIRE_SOON(studio.loop, studio.server->counters().malformed + studio.server->counters().refused >= kMessages);
  check_serves(studio, *healthy);
  CHECK(studio.server->clients().size() == 1);
}
