// Versions: what is newer than the version in effect is refused in commands, left out of replies and events, and ignored where it comes in.
#include <doctest/doctest.h>

#include <memory>

#include "test_types.hpp"

namespace lp = loophole;
using lp::Kind;
using lp::Role;
using lp::wire::Version;
using test::Fault;

namespace {

// A protocol 1.2 in small: members and a label of three versions, a message of 1.1.
enum class Tint : std::uint8_t { red, violet, unknown };  // open; violet since 1.1

struct Part {
  std::int64_t size = 1;
  std::optional<Tint> tint{};  // since 1.2
  friend bool operator==(const Part&, const Part&) = default;
};
struct Wish {
  std::string name{};
  Tint tint = Tint::red;
  std::optional<std::string> hint{};  // since 1.1
  bool loud = false;                  // since 1.1, with a default
  std::vector<Part> parts{};
  friend bool operator==(const Wish&, const Wish&) = default;
};

constexpr Version k10{1, 0};
constexpr Version k11{1, 1};
constexpr Version k12{1, 2};

template <auto Member>
constexpr test::FieldDesc later(std::string_view name, const test::TypeDesc& type, Version since) {
  auto field = test::field<Member>(name, type, false);
  field.since = since;
  return field;
}
test::FieldDesc with_default(test::FieldDesc field, bool (*initial)(const void*)) {
  field.initial = initial;
  return field;
}

constexpr std::string_view kTints[] = {"red", "violet"};
constexpr Version kTintSince[] = {k10, k11};
const test::TypeDesc kTint{.shape = test::Shape::enumeration,
                           .name = "Tint",
                           .labels = kTints,
                           .label_since = kTintSince,
                           .open = true,
                           .set_label = &test::set_label<Tint>,
                           .label = &test::label<Tint>};
const test::FieldDesc kPartFields[] = {test::field<&Part::size>("size", test::kCount, true), later<&Part::tint>("tint", kTint, k12)};
const test::TypeDesc kPart{.shape = test::Shape::object, .name = "Part", .fields = kPartFields};
const test::TypeDesc kParts = test::array_of<Part>("Parts", kPart, 0, 9);
const test::FieldDesc kWishFields[] = {
    test::field<&Wish::name>("name", test::kText, true), test::field<&Wish::tint>("tint", kTint, true),
    later<&Wish::hint>("hint", test::kText, k11),
    with_default(later<&Wish::loud>("loud", test::kFlag, k11), [](const void* wish) { return !static_cast<const Wish*>(wish)->loud; }),
    test::field<&Wish::parts>("parts", kParts, true)};
const test::TypeDesc kWish{.shape = test::Shape::object, .name = "Wish", .fields = kWishFields};

constexpr lp::wire::Route kRoutes[] = {{Role::aura, Role::pulse}};
lp::wire::MessageDesc described(Kind kind, Version since) {
  return {.name = "wish.make",
          .kind = kind,
          .summary = {},
          .routes = kRoutes,
          .payload = &kWish,
          .reply = kind == Kind::command ? &kWish : nullptr,
          .make_payload = nullptr,
          .make_reply = nullptr,
          .errors = {},
          .since = since,
          .max_bytes = 65536,
          .idempotent = false,
          .undoable = false};
}
const lp::wire::MessageDesc kCommand = described(Kind::command, k10);
const lp::wire::MessageDesc kEvent = described(Kind::event, k10);
const lp::wire::MessageDesc kNewerCommand = described(Kind::command, k11);
const lp::wire::MessageDesc kNewerEvent = described(Kind::event, k11);

lp::wire::Message message_of(Kind kind, const Wish& wish, const lp::wire::MessageDesc& desc) {
  const bool answer = kind == Kind::reply;
  return lp::wire::make_message(lp::MessageId("m"), answer ? Role::pulse : Role::aura, answer ? Role::aura : Role::pulse, kind, desc,
                                {std::make_shared<const Wish>(wish), &kWish}, answer ? std::optional(lp::MessageId("c")) : std::nullopt);
}
lp::wire::Message command(const Wish& wish) {
  return message_of(Kind::command, wish, kCommand);
}

// The payload of a message as a peer of this version gets it.
std::string payload_for(const lp::wire::Message& message, Version effective, std::size_t* withheld = nullptr) {
  const std::string text = lp::wire::encode_message(message, effective, withheld).value();
  const std::string before = "\"payload\":";
  const std::string payload = text.substr(text.find(before) + before.size());
  return payload.substr(0, payload.size() - 1);
}
Fault refusal(const lp::wire::Message& message, Version effective) {
  const auto text = lp::wire::encode_message(message, effective);
  if (text) return {};
  CHECK(lp::is(text.error(), lp::errors::kProtocolNewer));
  CHECK(text.error().category == lp::envelope::Category::unsupported);
  return test::fault_of(text.error());
}

}  // namespace

TEST_CASE("a command says all that the version in effect has") {
  const Wish wish{.name = "w", .tint = Tint::violet, .hint = "h", .loud = true, .parts = {{1, Tint::violet}}};
  CHECK(payload_for(command(wish), k12) == R"({"name":"w","tint":"violet","hint":"h","loud":true,"parts":[{"size":1,"tint":"violet"}]})");
}

TEST_CASE("what is newer in a command is refused, with its place") {
  CHECK(refusal(command({.name = "w"}), k10) == Fault{});
  CHECK(refusal(command({.name = "w", .hint = "h"}), k10) == Fault{"/payload/hint", "since"});
  CHECK(refusal(command({.name = "w", .hint = "h"}), k11) == Fault{});
  CHECK(refusal(command({.name = "w", .loud = true}), k10) == Fault{"/payload/loud", "since"});
  CHECK(refusal(command({.name = "w", .tint = Tint::violet}), k10) == Fault{"/payload/tint", "since"});
  CHECK(refusal(command({.name = "w", .tint = Tint::violet}), k11) == Fault{});
  CHECK(refusal(command({.name = "w", .parts = {{1}, {1, Tint::red}}}), k11) == Fault{"/payload/parts/1/tint", "since"});
  CHECK(refusal(message_of(Kind::command, {.name = "w"}, kNewerCommand), k10) == Fault{"/name", "since"});
  CHECK(refusal(message_of(Kind::command, {.name = "w"}, kNewerCommand), k11) == Fault{});
}

TEST_CASE("the refusal names the thing and both versions") {
  const auto message_for = [](const lp::wire::Message& message) { return lp::wire::encode_message(message, k10).error().message; };
  CHECK(message_for(command({.name = "w", .hint = "h"})) ==
        "hint: a member of protocol 1.1 is newer than protocol 1.0, which is in effect; do without it or update the other program");
  CHECK(message_for(command({.name = "w", .tint = Tint::violet})).starts_with("tint: \"violet\" of protocol 1.1 is newer"));
  CHECK(message_for(message_of(Kind::command, {.name = "w"}, kNewerCommand)).starts_with("name: wish.make of protocol 1.1 is newer"));
}

TEST_CASE("a newer member that has its default is not said to who does not know it") {
  CHECK(payload_for(command({.name = "w"}), k10) == R"({"name":"w","tint":"red","parts":[]})");
  CHECK(payload_for(command({.name = "w"}), k11) == R"({"name":"w","tint":"red","loud":false,"parts":[]})");
}

TEST_CASE("replies and events go without what is newer, and it is counted") {
  const Wish wish{.name = "w", .tint = Tint::violet, .hint = "h", .loud = true, .parts = {{1, Tint::violet}, {2}}};
  for (const auto& message : {message_of(Kind::reply, wish, kCommand), message_of(Kind::event, wish, kEvent)}) {
    std::size_t withheld = 99;
    CHECK(payload_for(message, k10, &withheld) == R"({"name":"w","tint":"unknown","parts":[{"size":1},{"size":2}]})");
    CHECK(withheld == 4);
    CHECK(payload_for(message, k11, &withheld) == R"({"name":"w","tint":"violet","hint":"h","loud":true,"parts":[{"size":1},{"size":2}]})");
    CHECK(withheld == 1);
    static_cast<void>(payload_for(message, k12, &withheld));
    CHECK(withheld == 0);
  }
  std::size_t withheld = 99;
  static_cast<void>(payload_for(message_of(Kind::event, {.name = "w"}, kEvent), k10, &withheld));
  CHECK(withheld == 0);  // nothing newer was said
}

TEST_CASE("a newer event or reply as a whole is refused, an error about it is not") {
  CHECK(refusal(message_of(Kind::event, {.name = "w"}, kNewerEvent), k10) == Fault{"/name", "since"});
  CHECK(refusal(message_of(Kind::reply, {.name = "w"}, kNewerCommand), k10) == Fault{"/name", "since"});
  const auto error = lp::wire::make_error_reply(lp::MessageId("e"), message_of(Kind::command, {.name = "w"}, kNewerCommand),
                                                lp::make_error(lp::errors::kEnvelopeUnknownName, "no"));
  CHECK(lp::wire::encode_message(error, k10));
}

TEST_CASE("a label that nobody here knows is passed on to who reads it, and asked of nobody") {
  const Wish wish{.name = "w", .tint = Tint::unknown};
  for (const Version effective : {k10, k12}) {
    std::size_t withheld = 99;
    CHECK(payload_for(message_of(Kind::event, wish, kEvent), effective, &withheld).starts_with(R"({"name":"w","tint":"unknown",)"));
    CHECK(withheld == 0);
    const auto refused = lp::wire::encode_message(command(wish), effective);
    REQUIRE(!refused);
    CHECK(lp::is(refused.error(), lp::errors::kPayloadInvalid));
    CHECK(test::fault_of(refused.error()) == Fault{"/payload/tint", "enum"});
  }
  // No enumerator at all.
  CHECK(!lp::wire::encode_message(message_of(Kind::event, {.name = "w", .tint = static_cast<Tint>(7)}, kEvent)));
}

TEST_CASE("a value without a version in effect is written whole") {
  const Wish wish{.name = "w", .tint = Tint::violet, .hint = "h", .loud = true};
  CHECK(lp::wire::encode_value(kWish, &wish).value() == R"({"name":"w","tint":"violet","hint":"h","loud":true,"parts":[]})");
  const Wish unknown{.name = "w", .tint = Tint::unknown};
  CHECK(!lp::wire::encode_value(kWish, &unknown));  // a file would lose what it was
}

TEST_CASE("what comes in newer is as unknown: ignored, not even looked at, and listed") {
  const std::string text = R"({"name":"w","hint":7,"loud":{"x":[]},"tint":"violet","parts":[{"size":1},{"tint":"red","size":2}],"else":1})";
  const auto read = [&](Version effective, lp::wire::Ignored& ignored) {
    Wish wish;
    const auto done = lp::wire::decode_value(kWish, text, &wish, {.effective = effective}, &ignored);
    return done ? std::optional(wish) : std::nullopt;
  };
  lp::wire::Ignored ignored;
  CHECK(read(k10, ignored) == Wish{.name = "w", .tint = Tint::unknown, .parts = {{1}, {2}}});
  CHECK(ignored.count == 5);
  CHECK(ignored.pointers == std::vector<std::string>{"/hint", "/loud", "/tint", "/parts/1/tint", "/else"});
  CHECK(!read(k11, ignored));  // there hint has a type
}
