// The comparison of transcripts: equal where runs differ only in what each run makes anew, and not equal otherwise.
#include "transcript.hpp"

#include <doctest/doctest.h>

#include <utility>

using namespace loophole::scenarios;

namespace {

constexpr const char* kFirst = "trk-abcdefghijkmnpqr";
constexpr const char* kSecond = "trk-rqpnmkjihgfedcba";
constexpr const char* kOther = "trk-2222333344445555";

Json reply(const std::string& id, const std::string& track, int revision) {
  return {{"v", 1},
          {"id", id},
          {"ts", "2026-01-31T12:00:00.000Z"},
          {"kind", "reply"},
          {"cid", "a-1"},
          {"name", "track.add"},
          {"payload", {{"trackId", track}, {"revision", revision}}}};
}
Json heartbeat(int sequence) {
  return {{"kind", "event"}, {"name", "session.heartbeat"}, {"payload", {{"sequence", sequence}}}};
}
Transcript example() {
  return {{.client = "a", .sent = {{{"id", "a-1"}, {"name", "track.add"}}}, .received = {reply("m2", kFirst, 1), reply("m3", kSecond, 2)}}};
}
std::optional<std::string> compare(const Transcript& one, const Transcript& other, const Surroundings& surroundings = {}) {
  return difference(normalised(one, surroundings), normalised(other, surroundings));
}

}  // namespace

TEST_CASE("a run with other ids, times, numbers of messages and heartbeats is equal") {
  const Transcript one = example();
  Transcript other{{.client = "a",
                    .sent = {{{"id", "a-1"}, {"name", "track.add"}}, heartbeat(0)},
                    .received = {heartbeat(0), reply("m7", kOther, 1), reply("m9", kFirst, 2)}}};
  other[0].received[1]["ts"] = "2027-01-01T00:00:00.000Z";
  CHECK_FALSE(compare(one, other).has_value());
}

TEST_CASE("places of a run are taken out") {
  Transcript one = example();
  Transcript other = example();
  one[0].received[0]["payload"] = {{"path", "/tmp/a/song"}, {"message", "Pulse at ipc:///tmp/a/run/x has no more"}, {"processId", 11}};
  other[0].received[0]["payload"] = {{"path", "/tmp/bb/song"}, {"message", "Pulse at tcp://127.0.0.1:4711 has no more"}, {"processId", 12}};
  const Json a = normalised(one, {.folder = "/tmp/a", .endpoint = "ipc:///tmp/a/run/x"});
  CHECK_FALSE(difference(a, normalised(other, {.folder = "/tmp/bb", .endpoint = "tcp://127.0.0.1:4711"})).has_value());
  CHECK(difference(a, normalised(other, {.folder = "/tmp/c", .endpoint = "tcp://127.0.0.1:4711"})).has_value());
}

TEST_CASE("positions are compared unless the transport runs") {
  Transcript one = example();
  Transcript other = example();
  one[0].received[0]["payload"] = {{"positionFrames", 4800}};
  other[0].received[0]["payload"] = {{"positionFrames", 4801}};
  CHECK(compare(one, other).has_value());
  CHECK_FALSE(compare(one, other, {.transport_runs = true}).has_value());
}

TEST_CASE("every other difference is found, with its place") {
  Transcript changed = example();
  std::string place;
  SUBCASE("a value") {
    changed[0].received[1]["payload"]["revision"] = 3;
    place = "/a/received/1/payload/revision";
  }
  SUBCASE("the same id where there were two") {
    changed[0].received[1] = reply("m3", kFirst, 2);
    place = "/a/received/1/payload/trackId";
  }
  SUBCASE("a message that is missing") {
    changed[0].received.pop_back();
    place = "/a/received/1";
  }
  SUBCASE("a message too many") {
    changed[0].received.push_back(reply("m4", kFirst, 2));
    place = "/a/received/2";
  }
  SUBCASE("another order") {
    std::swap(changed[0].received[0], changed[0].received[1]);
    place = "/a/received/0";
  }
  SUBCASE("something else sent") {
    changed[0].sent[0]["name"] = "track.remove";
    place = "/a/sent/0/name";
  }
  SUBCASE("a member more") {
    changed[0].received[0]["payload"]["mood"] = "fine";
    place = "/a/received/0/payload/mood";
  }
  SUBCASE("a member less") {
    changed[0].received[0]["payload"].erase("revision");
    place = "/a/received/0/payload/revision";
  }
  SUBCASE("another client") {
    changed[0].client = "b";
    place = "/a";
  }
  SUBCASE("the client of another answer") {
    changed[0].received[0]["cid"] = "a-2";
    place = "/a/received/0/cid";
  }
  for (const bool forth : {true, false}) {
    const auto found = forth ? compare(example(), changed) : compare(changed, example());
    REQUIRE(found.has_value());
    if (forth) CHECK_MESSAGE(found->find(place) == 0, *found);
  }
}
