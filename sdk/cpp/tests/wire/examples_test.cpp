// Every message of the registry, by the examples that stand beside its schema.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "loophole/messages/all.hpp"
#include "test_types.hpp"

namespace lp = loophole;
using nlohmann::json;
using test::Fault;

namespace {

// x-messages of all schemas, by name.
json examples_of_schemas() {
  json all = json::object();
  for (const auto& file : std::filesystem::directory_iterator(std::filesystem::path(LOOPHOLE_SCHEMAS) / "control")) {
    const json schema = json::parse(std::ifstream(file.path()));
    if (schema.contains("x-messages")) all.update(schema.at("x-messages"));
  }
  return all;
}

json envelope_of(const lp::wire::MessageDesc& desc, const json& payload) {
  return {{"v", 1},
          {"id", "m-1"},
          {"ts", "2026-01-31T12:00:00.000Z"},
          {"origin", to_string(desc.routes[0].from)},
          {"target", to_string(desc.routes[0].to)},
          {"kind", to_string(desc.kind)},
          {"name", desc.name},
          {"payload", payload}};
}

// Members in the order in which the encoder writes them, so that the payload is decoded without a detour, too.
std::string in_order(const json& envelope) {
  std::string text = "{";
  for (const char* member : {"v", "id", "ts", "origin", "target", "kind", "name", "payload"})
    text += (text.size() > 1 ? ",\"" : "\"") + std::string(member) + "\":" + envelope.at(member).dump();
  return text + "}";
}

}  // namespace

TEST_CASE("the schemas and the registry have the same messages") {
  const json examples = examples_of_schemas();
  CHECK(examples.size() == lp::wire::all_messages().size());
  for (const lp::wire::MessageDesc* desc : lp::wire::all_messages()) CHECK_MESSAGE(examples.contains(desc->name), desc->name);
}

TEST_CASE("valid examples are decoded, and encoding is stable") {
  const json examples = examples_of_schemas();
  std::size_t count = 0;
  for (const lp::wire::MessageDesc* desc : lp::wire::all_messages()) {
    CAPTURE(desc->name);
    CHECK(!examples.at(std::string(desc->name)).at("examples").at("valid").empty());
    for (const json& payload : examples.at(std::string(desc->name)).at("examples").at("valid")) {
      const json envelope = envelope_of(*desc, payload);
      const auto message = lp::wire::decode_message(envelope.dump());
      if (!message) FAIL_CHECK(desc->name << ": " << lp::to_string(message.error()));
      if (!message) continue;
      CHECK(message->desc == desc);
      const std::string once = lp::wire::encode_message(*message).value();
      const auto again = lp::wire::decode_message(once);
      REQUIRE(again);
      CHECK(again->header == message->header);
      CHECK(lp::wire::encode_message(*again).value() == once);
      // Nothing that was in the example is lost or changed on the way.
      const json patch = json::diff(envelope, json::parse(once));
      for (const json& change : patch) CHECK_MESSAGE(change.at("op") == "add", change.dump());
      ++count;
    }
  }
  CHECK(count >= lp::wire::all_messages().size());
}

TEST_CASE("invalid examples have the fault that the schema gives") {
  const json examples = examples_of_schemas();
  std::size_t count = 0;
  for (const lp::wire::MessageDesc* desc : lp::wire::all_messages()) {
    for (const json& example : examples.at(std::string(desc->name)).at("examples").at("invalid")) {
      const Fault wanted{"/payload" + example.at("pointer").get<std::string>(), example.at("rule").get<std::string>()};
      const json envelope = envelope_of(*desc, example.at("payload"));
      for (const std::string& text : {in_order(envelope), envelope.dump()}) {
        CAPTURE(text);
        const auto message = lp::wire::decode_message(text);
        REQUIRE(!message);
        CHECK(lp::is(message.error(), lp::errors::kPayloadInvalid));
        CHECK(test::fault_of(message.error()) == wanted);
      }
      ++count;
    }
  }
  CHECK(count >= 15);
}

TEST_CASE("an unknown member in every object of every valid example changes nothing") {
  const json examples = examples_of_schemas();
  for (const lp::wire::MessageDesc* desc : lp::wire::all_messages()) {
    for (const json& payload : examples.at(std::string(desc->name)).at("examples").at("valid")) {
      const std::string text = in_order(envelope_of(*desc, payload));
      const std::string wanted = lp::wire::encode_message(lp::wire::decode_message(text).value()).value();
      for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '{') continue;
        std::string more = text;
        more.insert(i + 1, text[i + 1] == '}' ? R"("aFuture":[{"x":null}])" : R"("aFuture":[{"x":null}],)");
        const auto message = lp::wire::decode_message(more);
        REQUIRE_MESSAGE(message, more);
        CHECK(lp::wire::encode_message(*message).value() == wanted);
      }
    }
  }
}
