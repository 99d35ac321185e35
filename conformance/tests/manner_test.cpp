// Legal oddities say the same in another way: nothing that a receiver must not take.
#include "manner.hpp"

#include <doctest/doctest.h>

#include "trial/speech_rules.hpp"

using namespace loophole::conformance;
using namespace loophole::conformance::faults;
using std::chrono::milliseconds;

namespace {

const Moment kNow{};

const Json kValue = Json::parse(
    R"({"a":1,"b":-0.25,"c":"é \"\\\n 🎛","d":[1e-05,9007199254740991,{"e":true,"f":null}],"g":{},"h":[],"i":-60.0,"j":0,"k":0.1,"l":1795446825666772})");

std::string message(const std::string& id, const std::string& kind, const std::string& name, const std::string& cid,
                    const std::string& payload) {
  return R"({"v":1,"id":")" + id + R"(",)" + (cid.empty() ? "" : R"("cid":")" + cid + R"(",)") +
         R"("ts":"2026-01-31T12:00:00.000Z","origin":"signal","target":"pulse","kind":")" + kind + R"(","name":")" + name +
         R"(","payload":)" + payload + "}";
}
std::string query_reply(const std::string& id, const std::string& cid) {
  return message(id, "reply", "graph.query", cid, R"({"revision":1,"values":[]})");
}

// Those of the requirements that these messages break, with c1 and c2 asked.
std::vector<std::string> broken(const Texts& messages) {
  SpeechRules rules;
  ConnectionMemory connection;
  for (const char* asked : {"c1", "c2"}) {
    connection.sent[asked] = "graph.query";
    connection.open[asked] = 1;
    rules.asked(asked);
  }
  std::vector<Violation> violations;
  for (const std::string& text : messages) (void)rules.hear(text, loophole::Role::signal, loophole::Role::pulse, connection, violations);
  std::vector<std::string> found;
  for (const Violation& violation : violations) found.push_back(violation.requirement + " " + violation.what);
  return found;
}

}  // namespace

TEST_CASE("the same value in every way of writing it") {
  for (const bool reversed : {false, true})
    for (const bool escaped : {false, true})
      for (const bool spaced : {false, true})
        for (const auto numbers : {Writing::Numbers::plain, Writing::Numbers::fraction, Writing::Numbers::exponent}) {
          const std::string text = written(kValue, {.reversed = reversed, .escaped = escaped, .spaced = spaced, .numbers = numbers});
          CAPTURE(text);
          CHECK(nlohmann::json::parse(text) == nlohmann::json(kValue));  // this one compares without order, and 1 with 1.0
        }
}

TEST_CASE("each freedom is used, and not only allowed") {
  CHECK(written(kValue, {.reversed = true}).starts_with(R"({"l":1795446825666772,"k":0.1)"));
  CHECK(written(Json("é🎛/"), {.escaped = true}) == R"("\u00e9\uD83c\uDF9B\u002F")");
  CHECK(written(Json::parse("[1,2]"), {.spaced = true}) == " [\r\n1\t,\n  2  ] ");
  CHECK(written(Json::parse("[880,0.25,-60.0]"), {.numbers = Writing::Numbers::fraction}) == "[880.0,0.2500,-60.000]");
  CHECK(written(Json::parse("[880,0.25,-60.0,0]"), {.numbers = Writing::Numbers::exponent}) == "[880e+0,25e-2,-600e-1,0e+0]");
}

TEST_CASE("a message that might come to be beyond its limit is left as it is") {
  const auto other = writes({.escaped = true});
  const std::string small = R"({"a":")" + std::string(1'000, 'x') + R"("})";
  const std::string large = R"({"a":")" + std::string(20'000, 'x') + R"("})";
  CHECK(other->pass(small, kNow).at(0).size() > 6'000);
  CHECK(other->pass(large, kNow) == Texts{large});
}

TEST_CASE("ids are as long as wanted, the same for the same message, and of the process") {
  const auto book = std::make_shared<IdBook>();
  const auto first = ids_of(64, book);
  const auto second = ids_of(64, book);
  const auto id = [](const Texts& texts) { return Json::parse(texts.at(0))["id"].get<std::string>(); };
  const std::string one = id(first->pass(query_reply("m1", "c1"), kNow));
  CHECK(one.size() == 64);
  CHECK(id(second->pass(query_reply("m2", "c1"), kNow)) != one);
  CHECK(id(second->pass(query_reply("m1", "c1"), kNow)) == one);
  const auto brief = ids_of(1, std::make_shared<IdBook>());
  std::set<std::string> seen;
  for (int n = 0; n < 200; ++n) seen.insert(id(brief->pass(query_reply("m" + std::to_string(n), "c1"), kNow)));
  CHECK(seen.size() == 200);
  CHECK(id(brief->pass(query_reply("m0", "c1"), kNow)) == "0");
}

TEST_CASE("heartbeats come twice and rise by one") {
  const auto often = beats_often();
  Texts said;
  for (const char* n : {"0", "1", "2"})
    for (const std::string& text :
         often->pass(message("h" + std::string(n), "event", "session.heartbeat", "", R"({"sequence":)" + std::string(n) + "}"), kNow))
      said.push_back(text);
  CHECK(said.size() == 6);
  CHECK(broken(said) == std::vector<std::string>{});
}

TEST_CASE("progress comes before the answer, once") {
  const auto tells = tells_progress();
  Texts said = tells->pass(query_reply("m1", "c1"), kNow);
  CHECK(said.size() == 2);
  CHECK(broken(said) == std::vector<std::string>{});
  CHECK(tells->pass(query_reply("m1", "c1"), kNow).size() == 1);  // the answer of the first time, said again
}

TEST_CASE("answers change places, and nothing else does") {
  const auto swaps = swaps_answers();
  const std::string a = query_reply("m1", "c1");
  const std::string b = query_reply("m2", "c2");
  const std::string caused = message("m3", "event", "operation.progress", "c2", R"({"step":"s"})");
  const std::string goodbye = message("m4", "event", "session.goodbye", "", R"({"reason":"closing"})");
  CHECK(swaps->pass(a, kNow).empty());
  CHECK(swaps->holds());
  CHECK(swaps->pass(b, kNow) == Texts{b, a});
  CHECK(broken({b, a}) == std::vector<std::string>{});
  CHECK(swaps->pass(a, kNow).empty());
  CHECK(swaps->pass(caused, kNow) == Texts{a, caused});
  CHECK(swaps->pass(a, kNow).empty());
  CHECK(swaps->pass(goodbye, kNow) == Texts{a, goodbye});
  CHECK(swaps->pass(a, kNow).empty());
  CHECK(swaps->pass(a, kNow) == Texts{a, a});  // a repeated answer to one command
  CHECK(swaps->pass(a, kNow).empty());
  CHECK(swaps->due(kNow).empty());
  CHECK(swaps->due(kNow + milliseconds(1'000)) == Texts{a});
  CHECK_FALSE(swaps->holds());
}

TEST_CASE("what is late keeps its order, and nothing is lost") {
  const auto slow = late(milliseconds(60));
  Texts sent;
  Texts came;
  for (int n = 0; n < 20; ++n) {
    sent.push_back(std::to_string(n));
    CHECK(slow->pass(sent.back(), kNow + milliseconds(n)).empty());
    for (const std::string& text : slow->due(kNow + milliseconds(n))) came.push_back(text);
  }
  CHECK(slow->holds());
  for (const std::string& text : slow->due(kNow + milliseconds(1'000))) came.push_back(text);
  CHECK(came == sent);
  CHECK_FALSE(slow->holds());
  const std::string goodbye = message("m1", "event", "session.goodbye", "", R"({"reason":"closing"})");
  CHECK(slow->pass("a", kNow).empty());
  CHECK(slow->pass(goodbye, kNow) == Texts{"a", goodbye});
}

TEST_CASE("manners work one behind the other, also on what was held") {
  std::vector<std::unique_ptr<Manner>> list;
  list.push_back(late(milliseconds(10)));
  list.push_back(as_manner([](const std::string& text) -> Texts { return {text + "!", "?"}; }));
  Manners both(std::move(list));
  CHECK(both.pass("a", kNow).empty());
  CHECK(both.holds());
  CHECK(both.due(kNow + milliseconds(1'000)) == Texts{"a!", "?"});
}

TEST_CASE("bytes that are no message pass as they are") {
  for (const std::string text : {"", "no JSON", "[1]", "{\"id\":7}"}) {
    CHECK(ids_of(64, std::make_shared<IdBook>())->pass(text, kNow) == Texts{text});
    CHECK(beats_often()->pass(text, kNow) == Texts{text});
    CHECK(swaps_answers()->pass(text, kNow) == Texts{text});
    CHECK(tells_progress()->pass(text, kNow) == Texts{text});
  }
}

TEST_CASE("there are oddities for both roles, with ids of their own") {
  for (const char* role : {"signal", "pulse"}) {
    CHECK(oddities(role).size() >= 14);
    for (const Fault* oddity : oddities(role)) {
      CHECK(oddity->id.starts_with("legal-"));
      CHECK(find(role, oddity->id) == oddity);
      CHECK(oddity->does.size() > 5);
    }
  }
}
