// An older and a newer program work together, and nothing newer is sent to the older one. Real processes, real sockets; a tap between them
// keeps every byte. The last cases show that the newer things do travel where both sides have them.
#include "support.hpp"

using namespace loophole::test;

namespace {

const std::string kNothingNewer = "counters newer 0 withheld 0 refused 0 malformed 0";

Json renamed(const Json& more = Json::object()) {
  return example_with("track.rename", more);
}

// What a newer Aura may ask of a Pulse with which the older version is in effect.
void ask_as_newer(Pair& pair) {
  const Json reply{{"revision", 7}};
  CHECK(pair.pulse->ask(line("answer", "track.rename", reply)) == "answering");

  // What both have works.
  pair.aura->order(line("call", "track.rename", renamed()));
  CHECK(pair.aura->next() == line("reply", "track.rename", reply));
  check_payload(pair.pulse->next(), renamed());

  // What is newer is refused here, with its place, before anything is sent.
  const std::size_t before = pair.tap->to_pulse.size();
  CHECK(pair.aura->ask(line("call", "track.rename", renamed({{"nickname", "Vox"}}))) == "error protocol.newer /payload/nickname");
  CHECK(pair.aura->ask(line("call", "track.rename", renamed({{"keepNickname", true}}))) == "error protocol.newer /payload/keepNickname");
  CHECK(pair.aura->ask(line("call", "track.freeze", {{"trackId", "trk-1"}})) == "error protocol.newer /name");
  CHECK(pair.aura->ask(line("call", "node.add", example_with("node.add", {{"kind", "shimmer"}}))) == "error protocol.newer /payload/kind");
  CHECK(pair.tap->to_pulse.size() == before);

  // A newer member that says nothing new is left out.
  pair.aura->order(line("call", "track.rename", renamed({{"keepNickname", false}})));
  CHECK(pair.aura->next() == line("reply", "track.rename", reply));
  check_begins(pair.pulse->next(), "command track.rename");

  CHECK(newer_names_in(pair.tap->to_pulse) == std::vector<std::string>{});
  check_all_known(pair.tap->to_pulse);
  CHECK(pair.aura->ask("counters") == kNothingNewer);
}

// What a newer Pulse says to an Aura with which the older version is in effect.
void tell_as_newer(Pair& pair) {
  CHECK(pair.pulse->ask(line("answer", "track.rename", {{"revision", 7}, {"undoLabel", "Vox"}})) == "answering");
  CHECK(pair.pulse->ask(line("answer", "track.freeze", {{"trackId", "trk-1"}})) == "answering");

  // A reply goes without its newer member.
  CHECK(pair.aura->ask(line("call", "track.rename", renamed())) == line("reply", "track.rename", {{"revision", 7}}));
  check_begins(pair.pulse->next(), "command track.rename");

  // A newer event does not go at all; a newer member is left out; a newer label becomes `unknown`.
  CHECK(pair.pulse->ask(line("tell", "track.frozen", {{"trackId", "trk-1"}})) == "told");
  CHECK(pair.pulse->ask(line("tell", "transport.changed", example_with("transport.changed", {{"caption", "Go"}}))) == "told");
  check_payload(pair.aura->next(), example("transport.changed"));
  CHECK(pair.pulse->ask(line("tell", "parameter.gesture.ended", example_with("parameter.gesture.ended", {{"reason", "superseded"}}))) ==
        "told");
  CHECK(pair.aura->next() == "event parameter.gesture.ended unknown /reason");
  CHECK(json_of(pair.tap->to_aura.back()).at("payload").at("reason") == "unknown");

  // What is not in effect is not described either, though it has a handler.
  const Json described = json_of(pair.aura->ask(line("call", "session.describe", Json::object())));
  CHECK(described.at("protocol").at("minor").dump() == kOlder);
  const auto names = [&](const char* list) { return described.at(list).get<std::vector<std::string>>(); };
  CHECK(std::ranges::count(names("handles"), "track.rename") == 1);
  CHECK(std::ranges::count(names("handles"), "track.freeze") == 0);
  CHECK(std::ranges::count(names("sends"), "transport.changed") == 1);
  CHECK(std::ranges::count(names("sends"), "track.frozen") == 0);

  CHECK(newer_names_in(pair.tap->to_aura) == std::vector<std::string>{});
  check_all_known(pair.tap->to_aura);
  CHECK(pair.pulse->ask("counters") == "counters newer 0 withheld 4 refused 0 malformed 0");
}

}  // namespace

TEST_CASE("a newer Aura at an older Pulse") {
  Pair pair(Age::newer, Age::older);
  CHECK(pair.agreed == "ready " + kOlder);
  CHECK(pair.greeted == "greeted " + kOlder);
  ask_as_newer(pair);
  CHECK(pair.pulse->ask("counters") == kNothingNewer);
}

TEST_CASE("an older Aura at a newer Pulse") {
  Pair pair(Age::older, Age::newer);
  CHECK(pair.agreed == "ready " + kOlder);
  CHECK(pair.greeted == "greeted " + kOlder);
  tell_as_newer(pair);
  CHECK(pair.aura->ask("counters") == kNothingNewer);
}

TEST_CASE("a newer program that is told to speak the older version is as good as an older one") {
  SUBCASE("Aura") {
    Pair pair(Age::newer, Age::newer, {kOlder});
    CHECK(pair.agreed == "ready " + kOlder);
    ask_as_newer(pair);
  }
  SUBCASE("Aura, told by Pulse") {
    Pair pair(Age::newer, Age::newer, {kOlder});
    tell_as_newer(pair);
    CHECK(pair.aura->ask("counters") == kNothingNewer);
  }
  SUBCASE("Pulse") {
    Pair pair(Age::newer, Age::newer, {}, {kOlder});
    CHECK(pair.greeted == "greeted " + kOlder);
    ask_as_newer(pair);
    CHECK(pair.pulse->ask("counters") == kNothingNewer);
  }
}

TEST_CASE("commands that wait for the hello are held to the version that it brings") {
  Stage stage;
  Peer aura(stage.loop, Age::newer, {"aura", stage.endpoint("pulse")});
  aura.order(line("call", "track.rename", renamed({{"nickname", "Vox"}})));
  aura.order(line("call", "track.freeze", {{"trackId", "trk-1"}}));
  Peer pulse(stage.loop, Age::older, {"pulse", stage.endpoint("pulse")});
  CHECK(pulse.next() == "serving");
  CHECK(aura.next() == "ready " + kOlder);
  CHECK(aura.next() == "error protocol.newer /payload/nickname");
  CHECK(aura.next() == "error protocol.newer /name");
  CHECK(pulse.next() == "greeted " + kOlder);
  CHECK(pulse.ask("counters") == kNothingNewer);
}

TEST_CASE("one event, two clients, each in its version") {
  Stage stage;
  Peer pulse(stage.loop, Age::newer, {"pulse", stage.endpoint("pulse")});
  CHECK(pulse.next() == "serving");
  Peer older(stage.loop, Age::older, {"aura", stage.endpoint("pulse")});
  CHECK(older.next() == "ready " + kOlder);
  CHECK(pulse.next() == "greeted " + kOlder);
  Peer newer(stage.loop, Age::newer, {"aura", stage.endpoint("pulse")});
  CHECK(newer.next() == "ready " + kNewer);
  CHECK(pulse.next() == "greeted " + kNewer);
  const Json changed = example_with("transport.changed", {{"caption", "Go"}});
  CHECK(pulse.ask(line("tell", "transport.changed", changed)) == "told");
  check_payload(newer.next(), changed);
  const std::string told = older.next();
  check_payload(told, example("transport.changed"));
  CHECK(newer_names_in({told}) == std::vector<std::string>{});
  CHECK(pulse.ask(line("tell", "track.frozen", {{"trackId", "trk-1"}})) == "told");
  CHECK(newer.next() == line("event", "track.frozen", {{"trackId", "trk-1"}}));
  CHECK(pulse.ask("counters") == "counters newer 0 withheld 2 refused 0 malformed 0");
}

TEST_CASE("two newer programs say what is newer") {
  Pair pair(Age::newer, Age::newer);
  CHECK(pair.agreed == "ready " + kNewer);
  CHECK(pair.greeted == "greeted " + kNewer);
  const Json reply{{"revision", 7}, {"undoLabel", "Vox"}};
  CHECK(pair.pulse->ask(line("answer", "track.rename", reply)) == "answering");
  CHECK(pair.pulse->ask(line("answer", "track.freeze", {{"trackId", "trk-1"}})) == "answering");

  pair.aura->order(line("call", "track.rename", renamed({{"nickname", "Vox"}, {"keepNickname", true}})));
  check_payload(pair.aura->next(), reply);
  check_payload(pair.pulse->next(), renamed({{"nickname", "Vox"}, {"keepNickname", true}}));
  CHECK(pair.aura->ask(line("call", "track.freeze", {{"trackId", "trk-1"}})) == line("reply", "track.freeze", {{"trackId", "trk-1"}}));
  check_begins(pair.pulse->next(), "command track.freeze");
  // It goes out, and this Pulse has no handler for it.
  CHECK(pair.aura->ask(line("call", "node.add", example_with("node.add", {{"kind", "shimmer"}}))) == "error envelope.unknownName -");

  for (const auto& [name, payload] : {std::pair<std::string, Json>{"track.frozen", {{"trackId", "trk-1"}}},
                                      {"transport.changed", example_with("transport.changed", {{"caption", "Go"}})},
                                      {"parameter.gesture.ended", example_with("parameter.gesture.ended", {{"reason", "superseded"}})}}) {
    CHECK(pair.pulse->ask(line("tell", name, payload)) == "told");
    check_payload(pair.aura->next(), payload);
  }
  CHECK(newer_names_in(pair.tap->to_pulse) == std::vector<std::string>{"freeze", "nickname", "keepNickname", "shimmer"});
  CHECK(newer_names_in(pair.tap->to_aura) == std::vector<std::string>{"freeze", "frozen", "undoLabel", "caption", "superseded"});
  CHECK(pair.aura->ask("counters") == kNothingNewer);
  CHECK(pair.pulse->ask("counters") == kNothingNewer);
}
