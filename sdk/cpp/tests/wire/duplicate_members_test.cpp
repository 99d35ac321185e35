// A member that comes twice: the last one counts, as for python-jsonschema and ajv. The verdict must be theirs in every case, also where
// the first one is at fault.
#include <doctest/doctest.h>

#include <string>

#include "loophole/messages/all.hpp"
#include "test_types.hpp"

namespace lp = loophole;
using test::Fault;
using test::fault_in;

namespace {

std::string event(std::string_view members) {
  return R"({"v":1,"id":"a","ts":"2026-01-31T12:00:00.000Z","origin":"pulse","target":"aura","kind":"event","name":"project.changed",)" +
         std::string(members) + "}";
}
std::string payload(std::string_view changes) {
  return R"("payload":{"revision":1,"cause":{},"label":"x","origin":"edit","changes":)" + std::string(changes) + "}";
}
Fault fault(const std::string& text) {
  const auto message = lp::wire::decode_message(text);
  return message ? Fault{} : test::fault_of(message.error());
}

constexpr const char* kGood = R"([{"type":"track.removed","trackId":"t"}])";
constexpr const char* kBad = R"([{"type":"track.removed","trackId":""}])";

}  // namespace

TEST_CASE("values: the last one counts") {
  test::Sample sample;
  REQUIRE(lp::wire::decode_value(test::kSample,
                                 R"({"count":1,"numbers":[1,2,3],"map":{"a":1,"b":2},"count":2,"numbers":[4],"map":{"c":3}})", &sample));
  CHECK(sample.count == 2);
  CHECK(sample.numbers == std::vector<std::int64_t>{4});
  CHECK(sample.map == std::map<std::string, double>{{"c", 3}});
  CHECK(fault_in(R"({"count":0,"count":1})") == Fault{});
  CHECK(fault_in(R"({"count":1,"count":0})") == Fault{"/count", "minimum"});
  CHECK(fault_in(R"({"map":{"a":"x","a":1}})") == Fault{});
  CHECK(fault_in(R"({"map":{"a":1,"a":1,"a":1}})") == Fault{});
}

TEST_CASE("messages: the last one counts") {
  const auto message = lp::wire::decode_message(event(payload(R"([{"type":"track.removed","trackId":"t1","trackId":"t2"}])")));
  REQUIRE(message);
  CHECK(std::get<lp::project::TrackRemoved>(message->as<lp::project::Changed>()->changes.at(0)).track_id == lp::TrackId("t2"));
  CHECK(lp::wire::decode_message(event(R"("id":"b",)" + payload(kGood)))->header.id == lp::MessageId("b"));
}

TEST_CASE("messages: a fault counts when it is in the last one only") {
  CHECK(fault(event(payload(kGood))) == Fault{});
  CHECK(fault(event(payload(kBad))) == Fault{"/payload/changes/0/trackId", "minLength"});
  CHECK(fault(event(payload(kBad) + "," + payload(kGood))) == Fault{});
  CHECK(fault(event(payload(kGood) + "," + payload(kBad))) == Fault{"/payload/changes/0/trackId", "minLength"});
  CHECK(fault(event(payload(R"([{"type":"track.removed","trackId":"","trackId":"t"}])"))) == Fault{});
  CHECK(fault(event(payload(R"([{"type":"track.removed","trackId":{"a":[1]},"trackId":"t"}])"))) == Fault{});
  CHECK(fault(event(payload(R"([1],"changes":[])"))) == Fault{});
  CHECK(fault(event(payload(R"([{"type":"moon.changed","type":"track.removed","trackId":"t"}])"))) == Fault{});
  // The last tag makes another member of it, so that what was at fault is not known any more.
  CHECK(fault(event(payload(R"([{"type":"track.removed","trackId":"","type":"parameter.changed","parameterId":"p","value":1}])"))) ==
        Fault{});
  CHECK(fault(event(payload(R"([{"trackId":"","type":"track.removed"},{"trackId":"t"}])"))) ==
        Fault{"/payload/changes/0/trackId", "minLength"});
  // The same name elsewhere is another member.
  CHECK(fault(event(payload(R"([{"type":"track.removed","trackId":"","x":{"trackId":"t","changes":[]}}])"))) ==
        Fault{"/payload/changes/0/trackId", "minLength"});
}

TEST_CASE("messages: members of the header") {
  CHECK(fault(event(R"("v":2,)" + payload(kGood))) == Fault{"/v", "maximum"});
  CHECK(fault(event(R"("v":2,"v":1,)" + payload(kGood))) == Fault{});
  CHECK(fault(event(R"("kind":"reply","cid":"c",)" + payload(kGood))) == Fault{"/kind", "enum"});
  CHECK(fault(event(payload(kGood) + R"(,"name":"no.such","name":"project.changed")")) == Fault{});
  CHECK(fault(event(payload(kGood) + R"(,"name":"no.such")")) == Fault{"/name", "enum"});
}

TEST_CASE("a payload that waits for its name may have members twice as well") {
  const std::string early =
      "{" + payload(kBad) + "," + payload(R"([{"type":"track.removed","trackId":"","trackId":"t"}])") + "," + event("\"x\":1").substr(1);
  CHECK(fault(early) == Fault{});
}

TEST_CASE("unknown members may come as often as they like") {
  CHECK(fault_in(R"({"new":1,"new":[],"count":1,"new":null})") == Fault{});
  CHECK(fault(event(R"("new":1,"new":2,)" + payload(kGood))) == Fault{});
}
