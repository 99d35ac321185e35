// Encoding: exact text, the same rules as on the way in, and a way back.
#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "loophole/messages/all.hpp"
#include "test_types.hpp"

namespace lp = loophole;
using test::Fault;

namespace {

std::string text_of(const test::Sample& sample) {
  return lp::wire::encode_value(test::kSample, &sample).value();
}
test::Sample good() {
  return {.count = 1, .name = "abc", .numbers = {1}, .map = {{"a", 1}}};
}
Fault fault_of(const test::Sample& sample) {
  const auto text = lp::wire::encode_value(test::kSample, &sample);
  return text ? Fault{} : test::fault_of(text.error());
}

lp::wire::Message command() {
  return lp::wire::make_command(lp::MessageId("m-1"), lp::Role::aura, lp::Role::pulse,
                                lp::parameter::Set{.parameter_id = lp::ParameterId("p"), .value = 440.5});
}

}  // namespace

TEST_CASE("a message is compact, header first") {
  auto message = command();
  message.header.ts = "2026-01-31T12:00:00.000Z";
  CHECK(lp::wire::encode_message(message).value() ==
        R"({"v":1,"id":"m-1","ts":"2026-01-31T12:00:00.000Z","origin":"aura","target":"pulse","kind":"command","name":"parameter.set",)"
        R"("payload":{"parameterId":"p","value":440.5}})");
}

TEST_CASE("answers go back with the id of the command") {
  const auto sent = lp::wire::decode_message(lp::wire::encode_message(command()).value()).value();
  const auto reply =
      lp::wire::make_reply(lp::MessageId("m-2"), sent, lp::wire::Payload::of(lp::parameter::SetReply{.value = 1, .revision = 2}));
  const auto decoded = lp::wire::decode_message(lp::wire::encode_message(reply).value()).value();
  CHECK(decoded.header == reply.header);
  CHECK(decoded.header.cid == lp::MessageId("m-1"));
  CHECK(decoded.header.origin == lp::Role::pulse);
  CHECK(*decoded.as<lp::parameter::SetReply>() == lp::parameter::SetReply{.value = 1, .revision = 2});

  const auto failed = lp::wire::make_error_reply(lp::MessageId("m-3"), sent, lp::make_error(lp::errors::kParameterNotFound, "no 'p'"));
  const auto error = lp::wire::decode_message(lp::wire::encode_message(failed).value()).value();
  CHECK(error.header.kind == lp::Kind::error);
  CHECK(*error.error == *failed.error);
}

TEST_CASE("the tag of a union goes first, wherever the schema has it") {
  const test::Item item = test::Group{"g", {test::Leaf{2}}};
  CHECK(lp::wire::encode_value(test::kItem, &item).value() == R"({"type":"group","label":"g","items":[{"type":"leaf","size":2}]})");
}

TEST_CASE("numbers are the shortest text that reads back the same") {
  for (const double value :
       {0.0, -0.0, 1.0, 0.1, -1.5, 440.0, 1e21, 1e-7, 5e-324, 1.7976931348623157e308, 1.0 / 3, 123456789.125, 9007199254740993.0}) {
    test::Sample sample = good();
    sample.any = value;
    test::Sample back;
    REQUIRE(lp::wire::decode_value(test::kSample, text_of(sample), &back));
    CHECK(back.any == value);
    CHECK(std::signbit(back.any) == std::signbit(value));
    CHECK(text_of(back) == text_of(sample));
  }
}

TEST_CASE("strings are escaped and come back") {
  for (const std::string& text : {std::string("\"\\/\b\f\n\r\t"), std::string("a\0b", 3), std::string("\x01\x1f\x7f"),
                                  std::string("später \xF0\x9F\x8E\x9B \xE2\x80\xA8")}) {
    test::Sample sample = good();
    sample.note = text;
    const std::string encoded = text_of(sample);
    CHECK(encoded.find_first_of(std::string("\0\n\r\t\b\f\x01\x1f", 8)) == std::string::npos);
    test::Sample back;
    REQUIRE(lp::wire::decode_value(test::kSample, encoded, &back));
    CHECK(back == sample);
  }
}

TEST_CASE("what a receiver must refuse is not sent") {
  const auto with = [](auto change) {
    test::Sample sample = good();
    change(sample);
    return fault_of(sample);
  };
  CHECK(fault_of(good()) == Fault{});
  CHECK(with([](auto& s) { s.count = 0; }) == Fault{"/count", "minimum"});
  CHECK(with([](auto& s) { s.count = 11; }) == Fault{"/count", "maximum"});
  CHECK(with([](auto& s) { s.level = 1.1; }) == Fault{"/level", "maximum"});
  CHECK(with([](auto& s) { s.any = std::numeric_limits<double>::quiet_NaN(); }) == Fault{"/any", "type"});
  CHECK(with([](auto& s) { s.any = std::numeric_limits<double>::infinity(); }) == Fault{"/any", "type"});
  CHECK(with([](auto& s) { s.name = "a"; }) == Fault{"/name", "minLength"});
  CHECK(with([](auto& s) { s.name = "abcab"; }) == Fault{"/name", "maxLength"});
  CHECK(with([](auto& s) { s.name = "abd"; }) == Fault{"/name", "pattern"});
  CHECK(with([](auto& s) { s.note = "\xFF"; }) == Fault{"/note", "syntax"});
  CHECK(with([](auto& s) { s.note = "\xED\xA0\x80"; }) == Fault{"/note", "syntax"});
  CHECK(with([](auto& s) { s.mood = test::Mood::unknown; }) == Fault{"/mood", "enum"});
  CHECK(with([](auto& s) { s.colour = static_cast<test::Colour>(7); }) == Fault{"/colour", "enum"});
  CHECK(with([](auto& s) { s.numbers = {}; }) == Fault{"/numbers", "minItems"});
  CHECK(with([](auto& s) { s.numbers = {1, 2, 3, 4}; }) == Fault{"/numbers", "maxItems"});
  CHECK(with([](auto& s) { s.numbers = {1, 9007199254740992}; }) == Fault{"/numbers/1", "maximum"});
  CHECK(with([](auto& s) { s.map = {}; }) == Fault{"/map", "minProperties"});
  CHECK(with([](auto& s) { s.map = {{"a", 1}, {"b", 2}, {"c", 3}}; }) == Fault{"/map", "maxProperties"});
  CHECK(with([](auto& s) { s.map = {{"abcd", 1}}; }) == Fault{"/map", "propertyNames"});
  CHECK(with([](auto& s) { s.map = {{"\xFF", 1}}; }) == Fault{"/map", "syntax"});
  CHECK(with([](auto& s) { s.map = {{"a", 1}, {"b", std::nan("")}}; }) == Fault{"/map/b", "type"});
  CHECK(with([](auto& s) { s.item = test::Group{"", {test::Leaf{1}, test::Leaf{0}}}; }) == Fault{"/item/items/1/size", "minimum"});
}

TEST_CASE("a value that is nested too deep is not sent") {
  test::Item item = test::Leaf{1};
  for (int i = 0; i < 15; ++i) item = test::Group{"", {item}};
  CHECK(lp::wire::encode_value(test::kItem, &item));
  item = test::Group{"", {item}};
  const auto error = lp::wire::encode_value(test::kItem, &item).error();
  CHECK(lp::is(error, lp::errors::kEnvelopeTooLarge));
  CHECK(error.rule == "depth");
}

TEST_CASE("messages that make no sense are not sent") {
  const auto fault = [](auto change) {
    auto message = command();
    change(message);
    const auto text = lp::wire::encode_message(message);
    return text ? Fault{} : test::fault_of(text.error());
  };
  CHECK(fault([](auto&) {}) == Fault{});
  CHECK(fault([](auto& m) { m.header.id = lp::MessageId(""); }) == Fault{"/id", "minLength"});
  CHECK(fault([](auto& m) { m.header.target = lp::Role::signal; }) == Fault{"/target", "route"});
  CHECK(fault([](auto& m) { m.header.kind = lp::Kind::event; }) == Fault{"/kind", "enum"});
  CHECK(fault([](auto& m) { m.desc = nullptr; }) == Fault{"/name", "enum"});
  CHECK(fault([](auto& m) { m.payload = {}; }) == Fault{"/payload", "required"});
  CHECK(fault([](auto& m) { m.payload = lp::wire::Payload::of(lp::track::Add{.name = "x"}); }) == Fault{"/payload", "type"});
  CHECK(fault([](auto& m) {
          m.payload = lp::wire::Payload::of(lp::parameter::Set{.parameter_id = lp::ParameterId("p"), .value = std::nan("")});
        }) == Fault{"/payload/value", "type"});
  CHECK(fault([](auto& m) {
          std::swap(m.header.origin, m.header.target);
          m.header.kind = lp::Kind::error;
        }) == Fault{"/error", "required"});
}

TEST_CASE("a message that is too large is not sent") {
  auto message = lp::wire::make_command(lp::MessageId("m"), lp::Role::aura, lp::Role::pulse,
                                        lp::parameter::GestureEnd{.gesture_id = lp::GestureId("g")});
  CHECK(lp::wire::encode_message(message));
  lp::project::Changed changed{.revision = 1, .cause = {}, .label = "x", .origin = {}, .changes = {}};
  changed.changes.resize(
      60'000, lp::project::TrackChanged{.track_id = lp::TrackId(std::string(64, 't')), .name = std::string(128, '\x01'), .colour = {}});
  const auto large =
      lp::wire::encode_message(lp::wire::make_event(lp::MessageId("m"), lp::Role::pulse, lp::Role::aura, std::move(changed)));
  REQUIRE(!large);
  CHECK(lp::is(large.error(), lp::errors::kEnvelopeTooLarge));
}
