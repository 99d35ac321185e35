// Bytes that nobody meant: cut off, changed, made up. The outcome is always a message or an error, and an error can always be sent.
#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "loophole/messages/all.hpp"
#include "test_types.hpp"

namespace lp = loophole;

namespace {

std::vector<std::string> messages() {
  using lp::Role;
  lp::project::Changed changed{.revision = 12, .cause = {}, .label = "Später", .origin = {}, .changes = {}};
  changed.changes.push_back(lp::project::ParameterChanged{.parameter_id = lp::ParameterId("prm-1"), .value = -1.5e-9});
  changed.changes.push_back(lp::project::TrackChanged{.track_id = lp::TrackId("trk-1"), .name = "\"\\\n", .colour = {}});
  const auto id = lp::MessageId("m-1");
  const auto command = lp::wire::make_command(
      id, Role::aura, Role::pulse,
      lp::parameter::GestureEnd{.gesture_id = lp::GestureId("g"), .values = {{.parameter_id = lp::ParameterId("p"), .value = 3}}});
  std::vector<std::string> texts;
  texts.push_back(lp::wire::encode_message(command).value());
  texts.push_back(lp::wire::encode_message(lp::wire::make_event(id, Role::pulse, Role::aura, changed)).value());
  texts.push_back(
      lp::wire::encode_message(lp::wire::make_error_reply(id, command, lp::make_error(lp::errors::kInternalFault, "x"))).value());
  // Payload first and tag last, so that tapes are in it.
  texts.push_back(
      R"({"payload":{"changes":[{"parameterId":"p","value":1,"type":"parameter.changed"}],"revision":1,"cause":{},"label":"x","origin":"edit"},)"
      R"("v":1,"id":"a","ts":"2026-01-31T12:00:00.000Z","origin":"pulse","target":"aura","kind":"event","name":"project.changed"})");
  return texts;
}

void try_decode(const std::string& text) {
  lp::wire::Salvage salvage;
  const auto message = lp::wire::decode_message(text, {}, &salvage);
  if (message) {
    // What was decoded can be encoded, unless it has a label of an open enumeration that only a receiver may have.
    const auto again = lp::wire::encode_message(*message);
    CHECK_MESSAGE((again || again.error().rule == "enum"), text);
  } else {
    CHECK(!message.error().code.empty());
    CHECK_MESSAGE(lp::wire::to_json(message.error()), text);
  }
}

}  // namespace

TEST_CASE("a message cut off at any byte is malformed") {
  for (const std::string& text : messages()) {
    REQUIRE(lp::wire::decode_message(text));
    for (std::size_t length = 0; length < text.size(); ++length) {
      const auto cut = lp::wire::decode_message(text.substr(0, length));
      REQUIRE(!cut);
      CHECK(lp::is(cut.error(), lp::errors::kEnvelopeMalformed));
      CHECK(cut.error().rule == "syntax");
    }
  }
}

TEST_CASE("any byte of a message may be any other") {
  for (const std::string& text : messages()) {
    for (std::size_t i = 0; i < text.size(); ++i) {
      for (const int value : {0x00, 0x20, 0x22, 0x2C, 0x30, 0x5B, 0x5C, 0x5D, 0x7B, 0x7D, 0x80, 0xC3, 0xFF}) {
        std::string changed = text;
        changed[i] = static_cast<char>(value);
        try_decode(changed);
      }
    }
  }
}

TEST_CASE("random changes") {
  constexpr const char* kPieces[] = {"{",
                                     "}",
                                     "[",
                                     "]",
                                     ",",
                                     ":",
                                     "\"",
                                     "\\",
                                     "\\u0000",
                                     "null",
                                     "true",
                                     "-",
                                     "1e9",
                                     "0.5",
                                     "9007199254740993",
                                     "\"type\"",
                                     "\"kind\":\"error\",",
                                     "\"payload\":",
                                     "\"error\":{}",
                                     "\"name\":\"track.add\",",
                                     "\xC3",
                                     "{\"a\":",
                                     "[[[[[[[["};
  std::mt19937 random(20260131);
  const auto below = [&](std::size_t limit) { return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random); };
  const auto texts = messages();
  for (int round = 0; round < 20'000; ++round) {
    std::string text = texts[below(texts.size())];
    const std::size_t edits = 1 + below(4);
    for (std::size_t edit = 0; edit < edits && !text.empty(); ++edit) {
      const std::size_t at = below(text.size());
      switch (below(4)) {
        case 0:
          text[at] = static_cast<char>(below(256));
          break;
        case 1:
          text.erase(at, 1 + below(12));
          break;
        case 2:
          text.insert(at, kPieces[below(std::size(kPieces))]);
          break;
        default: {  // a piece of itself elsewhere
          const std::string piece = text.substr(at, 1 + below(40));
          text.insert(below(text.size()), piece);
        }
      }
    }
    try_decode(text);
  }
}

TEST_CASE("random bytes") {
  std::mt19937 random(1);
  for (int round = 0; round < 5'000; ++round) {
    std::string text(std::uniform_int_distribution<std::size_t>(0, 200)(random), '\0');
    for (char& c : text) c = static_cast<char>(random());
    try_decode(text);
  }
}

TEST_CASE("random values for a table with every shape") {
  constexpr const char* kValues[] = {"null",    "true",     "0",         "1",       "-3.5", "1e30", "\"\"",
                                     "\"abc\"", "\"leaf\"", "\"group\"", "\"red\"", "[]",   "{}"};
  constexpr const char* kKeys[] = {"flag", "count", "level", "name", "colour", "mood",  "numbers", "map",
                                   "item", "note",  "type",  "size", "label",  "items", "new",     "a"};
  std::mt19937 random(7);
  const auto below = [&](std::size_t limit) { return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random); };
  std::size_t good = 0;
  for (int round = 0; round < 20'000; ++round) {
    const auto value = [&](const auto& self, int depth) -> std::string {
      const std::size_t pick = below(depth > 5 ? 1 : 3);
      if (pick == 0) return kValues[below(std::size(kValues))];
      std::string text(1, pick == 1 ? '{' : '[');
      for (std::size_t i = below(4); i > 0; --i) {
        if (pick == 1) text += "\"" + std::string(kKeys[below(std::size(kKeys))]) + "\":";
        text += self(self, depth + 1);
        if (i > 1) text += ',';
      }
      return text + (pick == 1 ? '}' : ']');
    };
    std::string text = "{\"" + std::string(kKeys[below(std::size(kKeys))]) + "\":" + value(value, 0) + ",\"" +
                       kKeys[below(std::size(kKeys))] + "\":" + value(value, 0) + "}";
    test::Sample sample;
    const auto done = lp::wire::decode_value(test::kSample, text, &sample);
    if (done) {
      ++good;
    } else {
      CHECK_MESSAGE(lp::wire::to_json(done.error()), text);
    }
  }
  CHECK(good > 100);
}
