// Envelopes: members in any order, kinds, routes, and what each fault is called.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "loophole/messages/all.hpp"
#include "test_types.hpp"

namespace lp = loophole;
using test::Fault;

namespace {

struct Outcome {
  std::string code;
  std::string pointer;
  std::string rule;
  friend bool operator==(const Outcome&, const Outcome&) = default;
};
std::ostream& operator<<(std::ostream& out, const Outcome& o) {
  return out << o.code << ' ' << o.rule << " at '" << o.pointer << "'";
}

Outcome outcome_of(const std::string& text) {
  const auto message = lp::wire::decode_message(text);
  if (message) return {"good", "", ""};
  return {message.error().code, message.error().pointer.value_or("(none)"), message.error().rule.value_or("(none)")};
}

// An envelope as a list of members, so that tests can change one.
struct Envelope {
  std::vector<std::pair<std::string, std::string>> members{{"v", "1"},
                                                           {"id", "\"m-1\""},
                                                           {"ts", "\"2026-01-31T12:00:00.000Z\""},
                                                           {"origin", "\"aura\""},
                                                           {"target", "\"pulse\""},
                                                           {"kind", "\"command\""},
                                                           {"name", "\"parameter.set\""},
                                                           {"payload", R"({"parameterId":"p","value":1.5})"}};
  Envelope& set(const std::string& name, const std::string& value) {
    for (auto& member : members)
      if (member.first == name) return member.second = value, *this;
    members.emplace_back(name, value);
    return *this;
  }
  Envelope& drop(const std::string& name) {
    std::erase_if(members, [&](const auto& member) { return member.first == name; });
    return *this;
  }
  [[nodiscard]] std::string text() const {
    std::string out = "{";
    for (const auto& [name, value] : members) out += (out.size() > 1 ? ",\"" : "\"") + name + "\":" + value;
    return out + "}";
  }
};
Envelope command() {
  return {};
}
Envelope reply() {
  return Envelope{}
      .set("origin", "\"pulse\"")
      .set("target", "\"aura\"")
      .set("kind", "\"reply\"")
      .set("cid", "\"m-0\"")
      .set("payload", R"({"value":2,"revision":9})");
}
Envelope error() {
  return reply()
      .set("kind", "\"error\"")
      .drop("payload")
      .set("error", R"({"category":"conflict","code":"gesture.conflict","message":"held"})");
}
Envelope event() {
  return Envelope{}
      .set("origin", "\"signal\"")
      .set("kind", "\"event\"")
      .set("name", "\"session.heartbeat\"")
      .set("payload", "{\"sequence\":4}");
}
Outcome outcome_of(const Envelope& envelope) {
  return outcome_of(envelope.text());
}
const Outcome kGood{"good", "", ""};

}  // namespace

TEST_CASE("a command, its reply, an error, an event") {
  const auto c = lp::wire::decode_message(command().text());
  REQUIRE(c);
  CHECK(c->header.kind == lp::Kind::command);
  CHECK(c->header.id == lp::MessageId("m-1"));
  CHECK(!c->header.cid);
  CHECK(c->desc == &lp::wire::MessageOf<lp::parameter::Set>::desc());
  REQUIRE(c->as<lp::parameter::Set>() != nullptr);
  CHECK(*c->as<lp::parameter::Set>() == lp::parameter::Set{.parameter_id = lp::ParameterId("p"), .value = 1.5});
  CHECK(c->as<lp::parameter::SetReply>() == nullptr);

  const auto r = lp::wire::decode_message(reply().text());
  REQUIRE(r);
  CHECK(r->header.cid == lp::MessageId("m-0"));
  CHECK(*r->as<lp::parameter::SetReply>() == lp::parameter::SetReply{.value = 2, .revision = 9});

  const auto e = lp::wire::decode_message(error().text());
  REQUIRE(e);
  CHECK(e->payload.empty());
  CHECK(lp::is(*e->error, lp::errors::kGestureConflict));

  const auto v = lp::wire::decode_message(event().text());
  REQUIRE(v);
  CHECK(v->as<lp::session::Heartbeat>()->sequence == 4);
}

TEST_CASE("every order of members means the same") {
  auto members = command().drop("ts").members;  // 7! orders
  std::ranges::sort(members);
  const auto wanted = lp::wire::decode_message(command().text()).value();
  do {
    const Envelope envelope{members};
    const auto message = lp::wire::decode_message(Envelope{members}.set("ts", "\"2026-01-31T12:00:00.000Z\"").text());
    REQUIRE(message);
    REQUIRE(message->header == wanted.header);
    REQUIRE(*message->as<lp::parameter::Set>() == *wanted.as<lp::parameter::Set>());
  } while (std::ranges::next_permutation(members).found);
}

TEST_CASE("every order of members has the same fault") {
  const std::pair<Envelope, Outcome> faulty[] = {
      {command().set("payload", R"({"parameterId":"","value":1})"), {"payload.invalid", "/payload/parameterId", "minLength"}},
      {command().set("payload", R"({"parameterId":"","value":1})").set("target", "\"signal\""),
       {"envelope.wrongRoute", "/target", "route"}},
      {command().set("payload", "[]").set("name", "\"no.such\""), {"envelope.unknownName", "/name", "enum"}},
      {command().set("payload", "[]").set("v", "2"), {"envelope.malformed", "/v", "maximum"}},
      {error().drop("ts").drop("v").set("error", "{}"), {"envelope.malformed", "", "required"}},
  };
  for (const auto& [envelope, wanted] : faulty) {
    auto members = envelope.members;
    if (members.size() == 8) members.erase(members.begin() + 2), members.emplace_back("ts", "\"2026-01-31T12:00:00.000Z\"");
    std::ranges::sort(members.begin(), members.begin() + 7);
    do {
      REQUIRE(outcome_of(Envelope{members}) == wanted);
    } while (std::ranges::next_permutation(members.begin(), members.begin() + 7).found);
  }
}

TEST_CASE("members of the header are required and checked") {
  for (const char* name : {"v", "id", "ts", "origin", "target", "kind", "name"}) {
    CAPTURE(name);
    CHECK(outcome_of(command().drop(name)) == Outcome{"envelope.malformed", "", "required"});
    CHECK(outcome_of(command().set(name, "null")) == Outcome{"envelope.malformed", "/" + std::string(name), "type"});
    CHECK(outcome_of(command().set(name, "{\"a\":1}")) == Outcome{"envelope.malformed", "/" + std::string(name), "type"});
  }
  CHECK(outcome_of(command().set("v", "0")) == Outcome{"envelope.malformed", "/v", "minimum"});
  CHECK(outcome_of(command().set("v", "1.0")) == kGood);
  CHECK(outcome_of(command().set("id", "\"\"")) == Outcome{"envelope.malformed", "/id", "minLength"});
  CHECK(outcome_of(command().set("id", "\"a b\"")) == Outcome{"envelope.malformed", "/id", "pattern"});
  CHECK(outcome_of(command().set("ts", "\"now\"")) == Outcome{"envelope.malformed", "/ts", "minLength"});
  CHECK(outcome_of(command().set("origin", "\"drummer\"")) == Outcome{"envelope.malformed", "/origin", "enum"});
  CHECK(outcome_of(command().set("cid", "null")) == Outcome{"envelope.malformed", "/cid", "type"});
  CHECK(outcome_of("[]") == Outcome{"envelope.malformed", "", "type"});
  CHECK(outcome_of("[{\"payload\":{}}]") == Outcome{"envelope.malformed", "", "type"});
  CHECK(outcome_of("7") == Outcome{"envelope.malformed", "", "type"});
  CHECK(outcome_of("{}") == Outcome{"envelope.malformed", "", "required"});
}

TEST_CASE("names are known, kinds fit them") {
  CHECK(outcome_of(command().set("name", "\"parameter.fly\"")) == Outcome{"envelope.unknownName", "/name", "enum"});
  CHECK(outcome_of(command().set("kind", "\"event\"")) == Outcome{"envelope.malformed", "/kind", "enum"});
  CHECK(outcome_of(event().set("kind", "\"command\"")) == Outcome{"envelope.malformed", "/kind", "enum"});
  CHECK(outcome_of(event().set("kind", "\"reply\"").set("cid", "\"m-0\"")) == Outcome{"envelope.malformed", "/kind", "enum"});
}

TEST_CASE("a reply says what it answers; an error may stand alone") {
  CHECK(outcome_of(reply().drop("cid")) == Outcome{"envelope.malformed", "", "required"});
  CHECK(outcome_of(error().drop("cid")) == kGood);
  CHECK(outcome_of(event().set("cid", "\"m-0\"")) == kGood);
}

TEST_CASE("an error about a name that nobody knows is still an error") {
  const auto message = lp::wire::decode_message(error().set("name", "\"parameter.fly\"").text());
  REQUIRE(message);
  CHECK(message->desc == nullptr);
  CHECK(message->header.name == "parameter.fly");
  CHECK(message->error->message == "held");
  // And even then it keeps to the topology.
  CHECK(outcome_of(error().set("name", "\"parameter.fly\"").set("origin", "\"signal\"").set("target", "\"aura\"")) ==
        Outcome{"envelope.wrongRoute", "/target", "route"});
}

TEST_CASE("messages go where the topology has them, answers the other way") {
  const Outcome wrong{"envelope.wrongRoute", "/target", "route"};
  const char* const roles[] = {"\"aura\"", "\"pulse\"", "\"signal\""};
  for (const char* origin : roles) {
    for (const char* target : roles) {
      const auto over = [&](Envelope envelope) { return outcome_of(envelope.set("origin", origin).set("target", target)); };
      const bool there = std::string(origin) == "\"aura\"" && std::string(target) == "\"pulse\"";
      const bool back = std::string(origin) == "\"pulse\"" && std::string(target) == "\"aura\"";
      CHECK(over(command()) == (there ? kGood : wrong));
      CHECK(over(reply()) == (back ? kGood : wrong));
      // An error may be about a message that had no business on its edge, so it goes wherever control messages go.
      const bool control = std::string(origin) != target && (std::string(origin) == "\"pulse\"" || std::string(target) == "\"pulse\"");
      CHECK(over(error()) == (control ? kGood : wrong));
    }
  }
  const auto error = lp::wire::decode_message(command().set("target", "\"signal\"").text()).error();
  CHECK(error.expected == "aura to pulse");
  CHECK(error.found == "aura to signal");
}

TEST_CASE("pointers into the payload begin at the envelope") {
  CHECK(outcome_of(command().drop("payload")) == Outcome{"payload.invalid", "/payload", "required"});
  CHECK(outcome_of(command().set("payload", "null")) == Outcome{"payload.invalid", "/payload", "type"});
  CHECK(outcome_of(command().set("payload", "{}")) == Outcome{"payload.invalid", "/payload", "required"});
  CHECK(outcome_of(command().set("payload", R"({"parameterId":"p","value":"x"})")) == Outcome{"payload.invalid", "/payload/value", "type"});
  CHECK(outcome_of(error().drop("error")) == Outcome{"payload.invalid", "/error", "required"});
  CHECK(outcome_of(error().set("error", R"({"category":"x","code":"a.b","message":""})")) ==
        Outcome{"payload.invalid", "/error/category", "enum"});
}

TEST_CASE("the body of another kind is an unknown member") {
  CHECK(outcome_of(command().set("error", "7")) == kGood);
  CHECK(outcome_of(error().set("payload", "7")) == kGood);
}

TEST_CASE("ignored members of an envelope and its payload are counted, in any order, and listed on request") {
  auto members = command().set("error", "7").set("later", "[]").set("payload", R"({"parameterId":"p","value":1,"why":"x"})").members;
  for (std::size_t turn = 0; turn < members.size(); ++turn) {
    std::rotate(members.begin(), members.begin() + 1, members.end());
    lp::wire::Ignored ignored;
    const auto message = lp::wire::decode_message(Envelope{members}.text(), {}, nullptr, &ignored).value();
    CHECK(message.ignored == 3);
    CHECK(ignored.count == 3);
    std::ranges::sort(ignored.pointers);
    CHECK(ignored.pointers == std::vector<std::string>{"/error", "/later", "/payload/why"});
  }
  CHECK(lp::wire::decode_message(command().text()).value().ignored == 0);
  CHECK(lp::wire::decode_message(error().set("payload", "7").text()).value().ignored == 1);
}

TEST_CASE("what can be read of a faulty message is kept for the answer") {
  const auto salvage = [](const std::string& text, const lp::wire::DecodeLimits& limits = {}) {
    lp::wire::Salvage out;
    CHECK(!lp::wire::decode_message(text, limits, &out));
    return out;
  };
  for (const Envelope& envelope :
       {command().set("payload", "{}"), command().set("name", "\"no.such\""), command().set("v", "2"), command().drop("ts")}) {
    auto members = envelope.members;
    for (std::size_t turn = 0; turn < members.size(); ++turn) {
      std::rotate(members.begin(), members.begin() + 1, members.end());
      const auto out = salvage(Envelope{members}.text());
      CHECK(out.id == lp::MessageId("m-1"));
      CHECK(out.name.has_value());
      CHECK(out.kind == lp::Kind::command);
      CHECK(out.origin == lp::Role::aura);
      CHECK(!out.cid);
    }
  }
  CHECK(salvage(reply().set("payload", "{}").text()).cid == lp::MessageId("m-0"));
  const auto partly = salvage(command().set("id", "\"a b\"").set("kind", "\"song\"").text());
  CHECK(!partly.id);
  CHECK(!partly.kind);
  CHECK(partly.name == "parameter.set");
  CHECK(!salvage("[1]").id);
  CHECK(!salvage("").id);
  // Of nested members nothing is taken.
  CHECK(!salvage(R"({"payload":{"id":"x"}})").id);
  // Too deep, but the header came first.
  CHECK(salvage(command().set("payload", "[[[[]]]]").text(), {.max_bytes = 1000, .max_depth = 3}).id == lp::MessageId("m-1"));
}
