// Limits on size and depth, and text that is no JSON.
#include <doctest/doctest.h>

#include <string>

#include "loophole/messages/all.hpp"
#include "test_types.hpp"

namespace lp = loophole;
using test::Fault;
using test::fault_in;

namespace {

std::string track_add(std::string_view name, std::string_view more = "") {
  return R"({"v":1,"id":"a","ts":"2026-01-31T12:00:00.000Z","origin":"aura","target":"pulse","kind":"command","name":"track.add","payload":{"name":")" +
         std::string(name) + "\"}" + std::string(more) + "}";
}

}  // namespace

TEST_CASE("too many bytes are refused before anything is parsed") {
  const std::string garbage(101, 'x');
  const auto error = lp::wire::decode_message(garbage, {.max_bytes = 100, .max_depth = 32}).error();
  CHECK(lp::is(error, lp::errors::kEnvelopeTooLarge));
  CHECK(error.rule == "size");
  CHECK(error.expected == "at most 100 bytes");
  CHECK(error.found == "101 bytes");
  CHECK(fault_in("{}", test::kSample, {.max_bytes = 2, .max_depth = 32}) == Fault{});
  CHECK(fault_in("{} ", test::kSample, {.max_bytes = 2, .max_depth = 32}) == Fault{"", "size"});
}

TEST_CASE("nesting up to the limit, the outermost object being 1") {
  CHECK(fault_in("{}", test::kSample, {.max_bytes = 100, .max_depth = 1}) == Fault{});
  CHECK(fault_in(R"({"numbers":[1]})", test::kSample, {.max_bytes = 100, .max_depth = 2}) == Fault{});
  CHECK(fault_in(R"({"numbers":[1]})", test::kSample, {.max_bytes = 100, .max_depth = 1}) == Fault{"", "depth"});
  const auto error = lp::wire::decode_message(track_add("x", R"(,"new":[[[]]])"), {.max_bytes = 1000, .max_depth = 3}).error();
  CHECK(lp::is(error, lp::errors::kEnvelopeTooLarge));
  CHECK(error.rule == "depth");
}

TEST_CASE("a million open brackets cost nothing but an error") {
  CHECK(lp::is(lp::wire::decode_message(std::string(1'000'000, '[')).error(), lp::errors::kEnvelopeTooLarge));
  std::string objects;
  for (int i = 0; i < 100'000; ++i) objects += "{\"a\":";
  CHECK(lp::is(lp::wire::decode_message(objects).error(), lp::errors::kEnvelopeTooLarge));
}

TEST_CASE("a message may not be larger than its schema says, an answer not larger than any message") {
  const std::string padding = ",\"new\":\"" + std::string(70'000, 'x') + "\"";
  const auto error = lp::wire::decode_message(track_add("x", padding)).error();
  CHECK(lp::is(error, lp::errors::kEnvelopeTooLarge));
  CHECK(error.rule == "size");
  CHECK(error.expected == "at most 65536 bytes as track.add");

  const auto command = lp::wire::make_command(lp::MessageId("a"), lp::Role::aura, lp::Role::pulse, lp::history::List{});
  lp::history::ListReply list;
  list.entries.resize(2000, {.revision = 1, .label = "A step with a name of some length"});
  const auto reply = lp::wire::encode_message(lp::wire::make_reply(lp::MessageId("b"), command, lp::wire::Payload::of(list)));
  REQUIRE(reply);
  CHECK(reply->size() > command.desc->max_bytes);
  CHECK(lp::wire::decode_message(*reply));
}

TEST_CASE("what is no JSON is malformed, with the place") {
  for (const char* text : {"", " ", "{", "}", "{]", "nul", "{\"v\":1,}", "{'v':1}", "{\"v\":01}", "{\"v\":.5}", "{\"v\":\"\t\"}", "{} {}",
                           "{}x", "// no\n{}", "{\"a\":\"\\ud800\"}", "{\"a\":\"\\x\"}", "\xEF\xBB\xBF{}"}) {
    const auto error = lp::wire::decode_message(text).error();
    CHECK_MESSAGE(lp::is(error, lp::errors::kEnvelopeMalformed), text);
    CHECK_MESSAGE(error.rule == "syntax", text);
    CHECK(error.pointer == "");
  }
  CHECK(lp::wire::decode_message("{\"v\":1,}").error().found->starts_with("byte "));
}

TEST_CASE("a zero byte is not the end of the text") {
  using namespace std::string_view_literals;
  CHECK(fault_in("{}\0"sv) == Fault{"", "syntax"});
  CHECK(fault_in("{}\0{\"count\":0}"sv) == Fault{"", "syntax"});
  CHECK(fault_in("\0"sv) == Fault{"", "syntax"});
}

TEST_CASE("text must be UTF-8, also in members that are ignored") {
  for (const char* bytes : {"\xFF", "\xC0\x80", "\xED\xA0\x80", "\xF5\x80\x80\x80", "\xE2\x82"}) {
    CHECK(fault_in("{\"new\":\"" + std::string(bytes) + "\"}") == Fault{"", "syntax"});
    CHECK(fault_in("{\"" + std::string(bytes) + "\":1}") == Fault{"", "syntax"});
  }
}
