// Every instance that loophole-schema derives from the schemas: the decoder gives the verdict, the pointer and the rule that it names.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "loophole/messages/all.hpp"
#include "test_types.hpp"

namespace lp = loophole;
// Keeps the order of members: some instances are about it.
using nlohmann::ordered_json;
using test::Fault;

namespace {

void each_instance(const auto& visit) {
  std::size_t files = 0;
  for (const auto& file : std::filesystem::directory_iterator(LOOPHOLE_TEST_DATA)) {
    if (file.path().extension() != ".json") continue;
    ++files;
    const ordered_json data = ordered_json::parse(std::ifstream(file.path()));
    for (const ordered_json& one : data.at("instances")) visit(one);
  }
  CHECK(files >= 5);
}

std::string text_of_schemas() {
  std::string text;
  for (const auto& file : std::filesystem::directory_iterator(std::filesystem::path(LOOPHOLE_SCHEMAS) / "control")) {
    std::ifstream in(file.path());
    text.append(std::istreambuf_iterator<char>{in}, {});
  }
  return text;
}

}  // namespace

TEST_CASE("valid instances are decoded, and encoding what they say is stable") {
  std::size_t count = 0;
  each_instance([&](const ordered_json& one) {
    if (!one.at("valid")) return;
    const std::string text = one.at("instance").dump();
    CAPTURE(text);
    const auto message = lp::wire::decode_message(text);
    if (!message) FAIL_CHECK(lp::to_string(message.error()));
    if (!message) return;
    ++count;
    const auto sent = lp::wire::encode_message(*message);
    if (!sent) {
      CHECK_FALSE(one.value("sendable", true));
      return;
    }
    const auto again = lp::wire::decode_message(*sent);
    REQUIRE(again);
    CHECK(lp::wire::encode_message(*again).value() == *sent);
  });
  CHECK(count >= 1'000);
}

TEST_CASE("invalid instances have the fault that the schema gives") {
  std::map<std::string, std::size_t> rules;
  each_instance([&](const ordered_json& one) {
    if (one.at("valid")) return;
    const std::string text = one.at("instance").dump();
    CAPTURE(text);
    CAPTURE(one.at("about").get<std::string>());
    const auto message = lp::wire::decode_message(text);
    REQUIRE(!message);
    CHECK(test::fault_of(message.error()) == Fault{one.at("at").get<std::string>(), one.at("rule").get<std::string>()});
    ++rules[one.at("rule").get<std::string>()];
  });
  for (const std::string rule : {"type", "required", "enum", "route", "size", "depth"}) CHECK_MESSAGE(rules[rule] > 0, rule);
  const std::string schemas = text_of_schemas();
  for (const std::string rule :
       {"minimum", "maximum", "minLength", "maxLength", "pattern", "minItems", "maxItems", "propertyNames", "maxProperties"}) {
    const bool used = schemas.find("\"" + rule + "\"") != std::string::npos;
    CHECK_MESSAGE((rules[rule] > 0) == used, rule);
  }
}

TEST_CASE("every message and every reply has instances of both kinds") {
  std::set<std::string> valid;
  std::set<std::string> invalid;
  each_instance([&](const ordered_json& one) { (one.at("valid") ? valid : invalid).insert(one.at("schema").get<std::string>()); });
  for (const std::set<std::string>& present : {valid, invalid}) {
    CHECK(present.contains("error"));
    for (const lp::wire::MessageDesc* desc : lp::wire::all_messages()) {
      const std::string name(desc->name);
      CHECK_MESSAGE(present.contains(name), name);
      if (desc->kind == lp::Kind::command) CHECK_MESSAGE(present.contains(name + ".reply"), name);
    }
  }
}
