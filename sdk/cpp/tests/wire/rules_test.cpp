#include "rules.hpp"

// Each rule, with a value that just keeps it and one that just breaks it; pointer and rule are exact.
#include <doctest/doctest.h>

#include <string>

#include "test_types.hpp"

using test::Fault;
using test::fault_in;

namespace {

std::string with(std::string_view member, std::string_view value) {
  return "{\"" + std::string(member) + "\":" + std::string(value) + "}";
}

void good(std::string_view member, std::initializer_list<const char*> values) {
  for (const char* value : values) {
    CAPTURE(value);
    CHECK(fault_in(with(member, value)) == Fault{});
  }
}
void bad(std::string_view member, std::string_view rule, std::initializer_list<const char*> values) {
  for (const char* value : values) {
    CAPTURE(value);
    CHECK(fault_in(with(member, value)) == Fault{"/" + std::string(member), std::string(rule)});
  }
}

}  // namespace

TEST_CASE("boolean") {
  good("flag", {"true", "false"});
  bad("flag", "type", {"0", "1", "\"true\"", "null", "[]", "{}", "1.5"});
}

TEST_CASE("integer: what JSON Schema calls an integer, within bounds") {
  good("count", {"1", "10", "1.0", "1e1", "100e-1", "10.000"});
  bad("count", "type", {"1.5", "\"3\"", "true", "null", "[1]", "{\"a\":1}", "1e-1"});
  bad("count", "minimum", {"0", "-1", "0.0", "-0", "-9223372036854775808", "-1e300", "-99999999999999999999"});
  bad("count", "maximum", {"11", "9223372036854775807", "18446744073709551615", "99999999999999999999", "1e300", "11.0"});
}

TEST_CASE("integer: nothing beyond 2^53-1, where doubles lose whole numbers") {
  const auto element = [](std::string_view value) { return fault_in("{\"numbers\":[" + std::string(value) + "]}"); };
  CHECK(element("9007199254740991") == Fault{});
  CHECK(element("-9007199254740991") == Fault{});
  CHECK(element("9007199254740991.0") == Fault{});
  CHECK(element("9007199254740992") == Fault{"/numbers/0", "maximum"});
  CHECK(element("9007199254740992.0") == Fault{"/numbers/0", "maximum"});
  CHECK(element("-9007199254740992") == Fault{"/numbers/0", "minimum"});
  CHECK(element("-9007199254740993.0") == Fault{"/numbers/0", "minimum"});
}

TEST_CASE("number: integers too, within bounds") {
  good("level", {"-1", "1", "0.5", "-1.0", "1e-300", "0"});
  good("any", {"1e308", "-1e308", "18446744073709551615", "123456789012345678901234567890"});
  bad("level", "minimum", {"-1.0000001", "-2", "-1e300", "-99999999999999999999"});
  bad("level", "maximum", {"1.0000001", "2", "18446744073709551615"});
  bad("level", "type", {"\"0.5\"", "null", "true", "[0.5]", "{}"});
}

TEST_CASE("number: one that no double can hold is no JSON for us, and neither are NaN and Infinity") {
  for (const char* value : {"1e999", "-1e999", "NaN", "Infinity", "-Infinity"})
    CHECK_MESSAGE((fault_in(with("any", value)) == Fault{"", "syntax"}), value);
}

TEST_CASE("string: length in code points") {
  good("free", {R"("")", R"("abc")", R"("äöü")", "\"\xF0\x9F\x8E\x9B\xF0\x9F\x8E\x9B\xF0\x9F\x8E\x9B\"", R"("\u00e4\ud83c\udf9bx")"});
  bad("free", "maxLength", {R"("abcd")", R"("äöüß")"});
  bad("name", "minLength", {R"("")", R"("a")", R"("ä")"});
  bad("name", "maxLength", {R"("abcab")"});
  bad("free", "type", {"1", "true", "null", "[]", "{}"});
}

TEST_CASE("string: pattern, told after the length") {
  good("name", {R"("ab")", R"("abca")", R"("\u0061b")"});
  bad("name", "pattern", {R"("aB")", R"("ab ")", R"("a\n")", R"("aä")", R"("a\u0000")"});
}

TEST_CASE("closed enumeration") {
  good("colour", {R"("red")", R"("green")"});
  bad("colour", "enum", {R"("blue")", R"("Red")", R"("")", R"("unknown")"});
  bad("colour", "type", {"0", "null", "true", "[]", "{}"});
}

TEST_CASE("open enumeration: a label that is not known is taken as unknown") {
  test::Sample sample;
  REQUIRE(loophole::wire::decode_value(test::kSample, R"({"mood":"loud"})", &sample));
  CHECK(sample.mood == test::Mood::loud);
  REQUIRE(loophole::wire::decode_value(test::kSample, R"({"mood":"jolly"})", &sample));
  CHECK(sample.mood == test::Mood::unknown);
  bad("mood", "type", {"0", "null", "{}"});
}

TEST_CASE("array: number of items, told at the array; faults of items at the item") {
  good("numbers", {"[1]", "[1,2,3]"});
  bad("numbers", "minItems", {"[]"});
  bad("numbers", "maxItems", {"[1,2,3,4]", "[1,2,3,[]]", "[1,2,3,{}]"});
  bad("numbers", "type", {"1", "{}", "null", "\"1\""});
  CHECK(fault_in(R"({"numbers":[1,2,"x"]})") == Fault{"/numbers/2", "type"});
  CHECK(fault_in(R"({"numbers":[1,[2]]})") == Fault{"/numbers/1", "type"});
}

TEST_CASE("map: number of members and length of names, told at the map; faults of values at the member") {
  good("map", {R"({"a":1})", R"({"a":1,"äöü":2.5})"});
  bad("map", "minProperties", {"{}"});
  bad("map", "maxProperties", {R"({"a":1,"b":2,"c":3})"});
  bad("map", "propertyNames", {R"({"abcd":1})"});
  bad("map", "type", {"[]", "1", "null"});
  CHECK(fault_in(R"({"map":{"a":1,"b":"x"}})") == Fault{"/map/b", "type"});
}

TEST_CASE("a pointer escapes what RFC 6901 has it escape") {
  CHECK(fault_in(R"({"map":{"a/b":null}})") == Fault{"/map/a~1b", "type"});
  CHECK(fault_in(R"({"map":{"~1":null}})") == Fault{"/map/~01", "type"});
  CHECK(fault_in(R"({"map":{"":null}})") == Fault{"/map/", "type"});
}

TEST_CASE("an object: not something else, and not null") {
  for (const char* text : {"[]", "1", "\"x\"", "null", "true"}) CHECK_MESSAGE((fault_in(text) == Fault{"", "type"}), text);
}

TEST_CASE("required members are missed at the end of their object") {
  CHECK(fault_in<test::Leaf>(R"({"type":"leaf"})", test::kLeaf) == Fault{"", "required"});
  CHECK(fault_in<test::Leaf>(R"({"size":1})", test::kLeaf) == Fault{"", "required"});
  CHECK(fault_in(R"({"item":{"type":"group","label":"x","items":[{"type":"leaf","size":1},{"type":"leaf"}]}})") ==
        Fault{"/item/items/1", "required"});
}

TEST_CASE("constant members") {
  CHECK(fault_in<test::Leaf>(R"({"type":"leaf","size":1})", test::kLeaf) == Fault{});
  CHECK(fault_in<test::Leaf>(R"({"type":"group","size":1})", test::kLeaf) == Fault{"/type", "const"});
  for (const char* value : {"1", "null", "{}", "[]"})
    CHECK_MESSAGE((fault_in<test::Leaf>("{\"type\":" + std::string(value) + ",\"size\":1}", test::kLeaf) == Fault{"/type", "type"}), value);
}

TEST_CASE("every member that is there lands where it belongs") {
  test::Sample sample;
  REQUIRE(loophole::wire::decode_value(
      test::kSample,
      R"({"flag":true,"count":7,"level":-0.5,"any":1e300,"name":"abc","free":"ü","colour":"green","mood":"loud",
                                           "numbers":[3,2],"map":{"x":1,"y":2.5},"item":{"type":"leaf","size":4},"note":""})",
      &sample));
  CHECK(sample == test::Sample{.flag = true,
                               .count = 7,
                               .level = -0.5,
                               .any = 1e300,
                               .name = "abc",
                               .free = "ü",
                               .colour = test::Colour::green,
                               .mood = test::Mood::loud,
                               .numbers = {3, 2},
                               .map = {{"x", 1}, {"y", 2.5}},
                               .item = test::Leaf{4},
                               .note = ""});
}

TEST_CASE("an error says what was expected and shows a short sample of what was found") {
  test::Sample sample;
  const auto fault = [&](std::string_view text) { return loophole::wire::decode_value(test::kSample, text, &sample).error(); };
  const auto error = fault(R"({"count":11})");
  CHECK(loophole::is(error, loophole::errors::kPayloadInvalid));
  CHECK(error.expected == "at most 10");
  CHECK(error.found == "11");
  CHECK(error.message == "count must be at most 10, found 11");
  CHECK(fault(R"({"colour":"blue"})").message == R"(colour must be one of red, green, found "blue")");
  CHECK(fault(R"({"name":"ab!"})").expected == "text that matches ^[abc]+$");
  CHECK(fault(R"({"free":"abcd"})").message == R"(free must be at most 3 characters long, found "abcd")");
  CHECK(fault(R"({"item":{}})").message == "item: the member type is missing");
  CHECK(fault("[]").message.starts_with("the value must be "));  // of the whole, which has no name
  namespace detail = loophole::wire::detail;
  CHECK(detail::to_error(loophole::errors::kProtocolNewer, detail::newer_fault("", "a message", {1, 2}, {1, 0})).message ==
        "a message of protocol 1.2 is newer than protocol 1.0, which is in effect; do without it or update the other program");
  const auto endless = fault("{\"free\":\"" + std::string(100'000, 'x') + "\"}");
  CHECK(endless.found->size() < 64);
  CHECK(loophole::wire::to_json(endless).has_value());
}
