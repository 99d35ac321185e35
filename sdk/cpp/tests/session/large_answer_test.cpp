// Answers that are too large to send, and large ones among those that are remembered.
#include <string>

#include "support.hpp"

using namespace loophole;
using test::rename_to;
using test::Studio;

namespace {
// About 280 bytes each.
history::ListReply steps(std::size_t number) {
  history::ListReply reply{.entries = {}, .position = 0};
  reply.entries.assign(number, {.revision = 1, .label = std::string(250, 'x')});
  return reply;
}
}  // namespace

TEST_CASE("an answer above the limit of a message becomes an error that says so, and the connection goes on") {
  Studio studio;
  studio.server->on<history::List>([](session::Server::Request<history::List> request) { request.reply(steps(70'000)); });
  const auto peer = studio.raw();
  peer->hello("i-1");
  peer->command("c1", history::List{});
  const wire::Message& answer = peer->answer("c1");
  REQUIRE(answer.error);
  CHECK(is(*answer.error, errors::kEnvelopeTooLarge));
  CHECK(answer.error->message.find("history.list") != std::string::npos);
  peer->command("c2", rename_to("x"));
  CHECK(peer->answer("c2").header.kind == Kind::reply);
}

TEST_CASE("an event above the limit of its message is counted, and others still arrive") {
  Studio studio;
  const auto peer = studio.raw();
  peer->hello("i-1");
  const auto before = studio.server->counters().malformed;
  device::Changed event;
  event.devices.assign(1024, {.id = DeviceId("alsa/hw-0"),
                              .name = std::string(256, '\x01'),  // six bytes each in JSON
                              .host_api = "ALSA",
                              .output_channels = 2,
                              .sample_rates_hz = std::vector<std::int64_t>(32, 384'000),
                              .is_default = false});
  studio.server->broadcast(event);
  studio.server->broadcast(test::transport_at(1));
  REQUIRE_SOON(studio.loop, peer->count<transport::Changed>() == 1);
  CHECK(peer->count<device::Changed>() == 0);
  CHECK(studio.server->counters().malformed == before + 1);
}

TEST_CASE("large answers of idempotent commands do not make an edit forgotten") {
  Studio studio;
  studio.server->on<history::List>([](session::Server::Request<history::List> request) { request.reply(steps(30'000)); });
  const auto peer = studio.raw();
  peer->hello("i-1");
  peer->command("edit", rename_to("x"));
  static_cast<void>(peer->answer("edit"));
  peer->command("list", history::List{});
  static_cast<void>(peer->answer("list"));
  peer->command("edit", rename_to("x"));
  CHECK(peer->answer("edit", 2).as<Edited>()->revision == 1);
  CHECK(studio.renames == 1);
}
