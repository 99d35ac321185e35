// What `describe` says of a message comes from the protocol that the program speaks.
#include <doctest/doctest.h>

#include "app/protocol.hpp"
#include "loophole/messages/registry.hpp"

using namespace loophole;
using namespace loophole::cli;

TEST_CASE("every message of the registry is described, with its summary and its schema") {
  const auto names = message_names();
  REQUIRE(names.size() == wire::all_messages().size());
  for (std::size_t i = 0; i < names.size(); ++i) {
    const wire::MessageDesc& message = *wire::all_messages()[i];
    REQUIRE(names[i] == message.name);
    const auto text = describe_message(names[i]).value();
    CHECK(text.find(message.summary) != std::string::npos);
    const auto schema = message_schema(names[i]).value();
    CHECK(schema["message"]["properties"]["name"]["const"] == names[i]);
    CHECK(schema.contains("reply") == (message.reply != nullptr));
  }
}

TEST_CASE("fields have type, unit, range and whether they are required") {
  const auto text = describe_message("automation.setPoints").value();
  CHECK(text.find("fromFrames   required, integer in frames, 0 … 2^53-1") != std::string::npos);
  CHECK(text.find("automation.Point:") != std::string::npos);  // what the list is of
  CHECK(text.find("hold | linear") != std::string::npos);
  CHECK(text.find("automation.invalidPoints (invalid)") != std::string::npos);
  CHECK(text.find("aura-cli call automation.setPoints '{") != std::string::npos);
  CHECK(describe_message("session.heartbeat").value().find("session.heartbeat: event, aura → pulse") == 0);
}

TEST_CASE("an unknown message is refused with what is near") {
  const auto none = describe_message("track.ad");
  REQUIRE_FALSE(none.has_value());
  CHECK(is(none.error(), errors::kEnvelopeUnknownName));
  CHECK(none.error().message.find("did you mean track.add?") != std::string::npos);
  CHECK_FALSE(message_schema("").has_value());
}
