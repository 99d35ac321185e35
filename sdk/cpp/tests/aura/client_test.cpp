#include <doctest/doctest.h>

#include <algorithm>

#include "fake_pulse.hpp"

using namespace loophole;
using test::FakePulseScript;
using test::gain_changed;
using test::kWatchdog;
using namespace std::chrono_literals;

TEST_CASE("a connected client has the project") {
  auto script = std::make_shared<FakePulseScript>();
  aura::Client client = test::connect(script);
  REQUIRE(client.project() != nullptr);
  CHECK(*client.project() == *script->snapshot.project);
  CHECK(client.revision() == 4);
  CHECK(client.is_connected());
  CHECK(client.hello().session_id == SessionId{"ses-1"});
}

TEST_CASE("an engine that came up while the hello was on its way is known") {
  auto script = std::make_shared<FakePulseScript>();
  const session::EngineLink link{.epoch = 17, .stream_endpoint = "inproc://none", .telemetry_endpoint = "inproc://none"};
  script->beside_hello.push_back(FakePulseScript::message_of(
      engine::Changed{.state = engine::EngineState::running, .reason = "started", .restarts = 0, .link = link}));
  aura::Client client = test::connect(script);
  REQUIRE(client.poll_until([&] { return client.engine_link().has_value(); }, kWatchdog));
  CHECK(*client.engine_link() == link);
}

TEST_CASE("when the reply of an edit is here its effect is in the mirror, and so was the change handler") {
  auto script = std::make_shared<FakePulseScript>();
  aura::Client client = test::connect(script);
  script->answer<parameter::Set>([&](const parameter::Set& set) -> Result<parameter::SetReply> {
    script->send(gain_changed(5, set.value));
    return parameter::SetReply{.value = set.value, .revision = 5};
  });
  std::vector<std::int64_t> told;
  client.on_change([&](const project::Changed& changed) {
    told.push_back(changed.revision);
    CHECK(client.revision() == changed.revision);
  });
  const auto reply = client.call(parameter::Set{.parameter_id = ParameterId{"gain"}, .value = 42});
  REQUIRE(reply.has_value());
  CHECK(client.revision() == reply->revision);
  CHECK(client.project()->master.gain.value == 42);
  CHECK(told == std::vector<std::int64_t>{5});
}

TEST_CASE("in each change handler the mirror is at the revision of that change, however many arrived at once") {
  auto script = std::make_shared<FakePulseScript>();
  aura::Client client = test::connect(script);
  std::vector<double> seen;
  client.on_change([&](const project::Changed& changed) {
    CHECK(client.revision() == changed.revision);
    seen.push_back(client.project()->master.gain.value);
  });
  for (int i = 1; i <= 5; ++i) script->send(gain_changed(4 + i, i));
  REQUIRE(client.poll_until([&] { return seen.size() == 5; }, kWatchdog));
  CHECK(seen == std::vector<double>{1, 2, 3, 4, 5});
}

TEST_CASE("a Pulse that cannot give the project is no connection, whatever it tells beside") {
  auto script = std::make_shared<FakePulseScript>();
  script->refuse_snapshots = true;
  script->beside_hello = {FakePulseScript::message_of(gain_changed(5, 1))};  // is not delivered to a connection that is over
  const auto client = aura::Client::connect(
      [&](net::Context&, net::Loop& loop) -> Result<std::unique_ptr<aura::ProjectPort>> {
        return std::unique_ptr<aura::ProjectPort>(std::make_unique<test::FakePulse>(loop, script));
      },
      {.deadline = kWatchdog});
  REQUIRE_FALSE(client.has_value());
  CHECK(is(client.error(), errors::kInternalFault));
}

TEST_CASE("a project that cannot be had again ends the connection, which can begin anew, and does not leave an empty one") {
  auto script = std::make_shared<FakePulseScript>();
  aura::Client client = test::connect(script);
  script->refuse_snapshots = true;
  script->send(gain_changed(900, 1));
  REQUIRE(client.poll_until([&] { return !client.is_connected(); }, kWatchdog));
  CHECK(is(client.close_reason().value(), errors::kInternalFault));
}

TEST_CASE("a small gap is filled with the transactions that were missing; each is told like any other") {
  auto script = std::make_shared<FakePulseScript>();
  aura::Client client = test::connect(script);
  std::vector<std::int64_t> asked;
  script->answer<project::Changes>([&](const project::Changes& changes) -> Result<project::ChangesReply> {
    asked.push_back(changes.since_revision);
    return project::ChangesReply{.name = "Moved",
                                 .path = "/moved.loophole",
                                 .revision = 7,
                                 .transactions = {gain_changed(5, 50), gain_changed(6, 60), gain_changed(7, 70)}};
  });
  int resets = 0;
  std::vector<double> seen;
  client.on_reset([&] { ++resets; });
  client.on_change([&](const project::Changed& changed) {
    CHECK(client.revision() == changed.revision);
    seen.push_back(client.project()->master.gain.value);
  });
  script->send(gain_changed(6, 60));  // 5 never came
  script->send(gain_changed(7, 70));
  script->send(gain_changed(8, 80));
  REQUIRE(client.poll_until([&] { return seen.size() == 4; }, kWatchdog));
  CHECK(seen == std::vector<double>{50, 60, 70, 80});
  CHECK(asked == std::vector<std::int64_t>{4});
  CHECK(client.project()->name == "Moved");
  CHECK(client.mirror().path() == "/moved.loophole");
  CHECK(resets == 0);
  CHECK(client.counters().catch_ups == 1);
  CHECK(client.counters().changes_known == 1);  // 7, which came both ways
  CHECK(client.counters().resyncs == 0);
  CHECK(script->snapshots_asked == 1);
}

TEST_CASE("an answer that has a part of what is missing is asked on, from where it ends") {
  auto script = std::make_shared<FakePulseScript>();
  aura::Client client = test::connect(script);
  std::vector<std::int64_t> asked;
  script->answer<project::Changes>([&](const project::Changes& changes) -> Result<project::ChangesReply> {
    asked.push_back(changes.since_revision);
    const std::int64_t next = changes.since_revision + 1;
    return project::ChangesReply{
        .name = "Song", .path = "/song", .revision = next, .transactions = {gain_changed(next, 10.0 * static_cast<double>(next))}};
  });
  std::vector<double> seen;
  client.on_change([&](const project::Changed&) { seen.push_back(client.project()->master.gain.value); });
  script->send(gain_changed(7, 70));  // 5 and 6 never came
  script->send(gain_changed(8, 80));
  REQUIRE(client.poll_until([&] { return seen.size() == 4; }, kWatchdog));
  CHECK(seen == std::vector<double>{50, 60, 70, 80});
  CHECK(asked == std::vector<std::int64_t>{4, 5, 6});
  CHECK(client.counters().catch_ups == 1);
  CHECK(client.counters().resyncs == 0);
  CHECK(script->snapshots_asked == 1);
}

TEST_CASE("an answer that leaves the gap open, or does not fit: a snapshot") {
  const std::vector<std::vector<project::Changed>> answers{
      {}, {gain_changed(6, 60)}, {gain_changed(5, 50)}, {gain_changed(5, 50), gain_changed(7, 70)}};
  for (const auto& transactions : answers) {
    auto script = std::make_shared<FakePulseScript>();
    aura::Client client = test::connect(script);
    int changes_asked = 0;
    script->answer<project::Changes>([&](const project::Changes&) -> Result<project::ChangesReply> {
      if (++changes_asked > 1) return make_error(errors::kProjectRevisionUnavailable, "no more");
      return project::ChangesReply{.name = "Song", .path = "/song.loophole", .revision = 6, .transactions = transactions};
    });
    int resets = 0;
    client.on_reset([&] { ++resets; });
    script->snapshot.revision = 6;
    script->snapshot.project->master.gain.value = 66;
    script->send(gain_changed(6, 60));
    REQUIRE(client.poll_until([&] { return resets == 1; }, kWatchdog));
    CHECK(client.revision() == 6);
    CHECK(client.project()->master.gain.value == 66);
    CHECK(client.counters().resyncs == 1);
  }
}

TEST_CASE("an answer that leaves the gap open, and nothing that mends it: the connection begins anew") {
  auto script = std::make_shared<FakePulseScript>();
  aura::Client client = test::connect(script);
  script->answer<project::Changes>([&, asked = 0](const project::Changes&) mutable -> Result<project::ChangesReply> {
    if (++asked > 1) return make_error(errors::kProjectRevisionUnavailable, "no more");
    return project::ChangesReply{
        .name = "Song", .path = "/song.loophole", .revision = 7, .transactions = {gain_changed(5, 50), gain_changed(7, 70)}};
  });
  script->refuse_snapshots = true;
  script->send(gain_changed(7, 70));
  REQUIRE(client.poll_until([&] { return !client.is_connected(); }, kWatchdog));
  CHECK(client.connection().reason.has_value());
}

TEST_CASE("a large gap: a snapshot at once") {
  auto script = std::make_shared<FakePulseScript>();
  aura::Client client = test::connect(script);
  int resets = 0;
  client.on_reset([&] { ++resets; });
  script->snapshot.revision = 1'000;
  script->send(gain_changed(1'000, 1));
  REQUIRE(client.poll_until([&] { return resets == 1; }, kWatchdog));
  CHECK(client.revision() == 1'000);
  CHECK(std::find(script->received.begin(), script->received.end(), project::Changes::kName) == script->received.end());
}

TEST_CASE("a gap in the revisions is mended with a snapshot where the transactions cannot be had") {
  auto script = std::make_shared<FakePulseScript>();
  aura::Client client = test::connect(script);
  int resets = 0;
  int changes = 0;
  client.on_reset([&] { ++resets; });
  client.on_change([&](const project::Changed&) { ++changes; });
  script->snapshot.revision = 7;
  script->snapshot.project->master.gain.value = 70;
  script->send(gain_changed(7, 70));  // 5 and 6 never came
  script->send(gain_changed(8, 80));
  REQUIRE(client.poll_until([&] { return changes == 1; }, kWatchdog));
  CHECK(resets == 1);
  CHECK(client.revision() == 8);
  CHECK(client.project()->master.gain.value == 80);
  CHECK(client.counters().resyncs == 1);
  CHECK(script->snapshots_asked == 2);
}

TEST_CASE("transactions that a snapshot contains are not applied again") {
  auto script = std::make_shared<FakePulseScript>();
  aura::Client client = test::connect(script);
  script->send(gain_changed(3, 1));
  script->send(gain_changed(4, 1));
  REQUIRE(client.poll_until([&] { return client.counters().changes_known == 2; }, kWatchdog));
  CHECK(client.project()->master.gain.value == 0);
  CHECK(client.counters().resyncs == 0);
}

TEST_CASE("the reply of opening comes when the project is in the mirror") {
  auto script = std::make_shared<FakePulseScript>();
  script->snapshot = {.revision = 0, .path = {}, .project = {}};
  aura::Client client = test::connect(script);
  CHECK(client.project() == nullptr);
  script->answer<project::Open>([&](const project::Open& open) -> Result<project::OpenReply> {
    script->snapshot = {.revision = 12, .path = open.path, .project = test::make_project()};
    script->send(project::Opened{.project_id = ProjectId{"prj"}, .name = "Song", .path = open.path, .revision = 12});
    return project::OpenReply{.project_id = ProjectId{"prj"}, .name = "Song", .path = open.path, .revision = 12};
  });
  int resets = 0;
  client.on_reset([&] { ++resets; });
  REQUIRE(client.call(project::Open{.path = "/other"}).has_value());
  REQUIRE(client.project() != nullptr);
  CHECK(client.revision() == 12);
  CHECK(client.mirror().path() == "/other");
  CHECK(resets == 1);

  script->send(project::Closed{.project_id = ProjectId{"prj"}});
  REQUIRE(client.poll_until([&] { return client.project() == nullptr; }, kWatchdog));
  CHECK(resets == 2);
}

TEST_CASE("a refused command gives its error and leaves the mirror alone") {
  auto script = std::make_shared<FakePulseScript>();
  aura::Client client = test::connect(script);
  script->answer<track::Remove>([](const track::Remove&) -> Result<Edited> { return make_error(errors::kTrackNotFound, "no such track"); });
  const auto reply = client.call(track::Remove{.track_id = TrackId{"moon"}});
  REQUIRE_FALSE(reply.has_value());
  CHECK(is(reply.error(), errors::kTrackNotFound));
  CHECK(client.revision() == 4);
}

TEST_CASE("a call with a handler does not wait, and handlers may wait for calls of their own") {
  auto script = std::make_shared<FakePulseScript>();
  aura::Client client = test::connect(script);
  script->answer<history::List>(
      [](const history::List&) -> Result<history::ListReply> { return history::ListReply{.entries = {}, .position = 9}; });
  std::int64_t inner = -1;
  bool outer = false;
  client.call(history::List{}, [&](Result<history::ListReply>) {
    inner = client.call(history::List{}).value().position;
    outer = true;
  });
  CHECK_FALSE(outer);
  REQUIRE(client.poll_until([&] { return outer; }, kWatchdog));
  CHECK(inner == 9);
}

TEST_CASE("the end of the connection is told with its reason") {
  auto script = std::make_shared<FakePulseScript>();
  aura::Client client = test::connect(script);
  std::string why;
  client.on_connection([&](const aura::Connection& connection) {
    CHECK(connection.state == aura::Connection::State::closed);
    why = connection.reason->code;
  });
  script->end_connection(make_error(errors::kSessionLost, "Pulse fell silent"));
  CHECK_FALSE(client.poll_until([] { return false; }, kWatchdog));
  CHECK_FALSE(client.is_connected());
  CHECK(why == errors::kSessionLost.text);
  REQUIRE(client.close_reason().has_value());
  CHECK(is(*client.close_reason(), errors::kSessionLost));
}

TEST_CASE("a moved client goes on") {
  auto script = std::make_shared<FakePulseScript>();
  aura::Client first = test::connect(script);
  aura::Telemetry* telemetry = &first.telemetry();
  int changes = 0;
  first.on_change([&](const project::Changed&) { ++changes; });
  aura::Client client = std::move(first);
  CHECK(&client.telemetry() == telemetry);
  script->send(gain_changed(5, 1));
  REQUIRE(client.poll_until([&] { return changes == 1; }, kWatchdog));
}

TEST_CASE("timers call their handlers from poll") {
  auto script = std::make_shared<FakePulseScript>();
  aura::Client client = test::connect(script);
  int ticks = 0;
  bool once = false;
  const auto timer = client.every(1ms, [&] { ++ticks; });
  client.after(2ms, [&] { once = true; });
  REQUIRE(client.poll_until([&] { return ticks >= 3 && once; }, kWatchdog));
  client.cancel(timer);
}
