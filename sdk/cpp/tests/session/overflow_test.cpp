// A client that reads too slowly is disconnected; nobody else notices.
#include <string>

#include "support.hpp"

using namespace loophole;
using session::GoodbyeReason;
using test::Studio;

TEST_CASE("a full queue ends that connection alone, is counted, and is told as soon as there is room") {
  Studio studio({.socket = {.queue_messages = 16}});
  auto healthy = studio.ready();
  int heard = 0;
  healthy.client->on_event([&](const wire::Message&) { ++heard; });

  auto slow = studio.link({.queue_messages = 16});
  const session::Hello hello{.role = Role::aura,
                             .client_id = "slow",
                             .instance_id = InstanceId("i-slow"),
                             .software = {.name = "slow", .version = "1"},
                             .protocol = {.major = wire::kProtocolMajor, .min_minor = 0, .max_minor = 0}};
  REQUIRE(slow->send(wire::encode_message(wire::make_command(MessageId("h"), Role::aura, Role::pulse, hello)).value()));
  REQUIRE_SOON(studio.loop, studio.connected.size() == 2);
  const session::ClientKey key = studio.connected[1].key;

  // Large events, so that the kernel's own buffers are full soon.
  project::Changed large{.revision = 1, .label = std::string(256, 'x')};
  large.cause.instance_id = InstanceId("i");
  int sent = 0;
  bool inside_send = false;
  studio.server->on_disconnected([&](const session::ClientInfo& client, GoodbyeReason reason) {
    CHECK_FALSE(inside_send);
    studio.disconnected.push_back(client);
    studio.reasons.push_back(reason);
  });
  while (studio.server->clients().size() == 2) {
    REQUIRE(++sent < 100'000);
    inside_send = true;
    studio.server->send(key, large);
    inside_send = false;
  }
  studio.server->broadcast(test::transport_at(0));
  REQUIRE_SOON(studio.loop, (studio.disconnected.size() == 1 && heard == 1));
  CHECK(studio.disconnected[0].key == key);
  CHECK(studio.reasons[0] == GoodbyeReason::overflow);
  CHECK(studio.server->counters().overflows == 1);

  bool told = false;
  const auto read = [&] {
    while (const auto bytes = slow->receive()) {
      const auto message = wire::decode_message(*bytes).value();
      if (const auto* goodbye = message.as<session::Goodbye>()) told = goodbye->reason == GoodbyeReason::overflow;
    }
    return told;
  };
  REQUIRE_SOON(studio.loop, read());
  int answers = 0;
  healthy.call(test::rename_to("x"), [&](const Result<Edited>& answer) { answers += answer.has_value(); });
  REQUIRE_SOON(studio.loop, answers == 1);
}
