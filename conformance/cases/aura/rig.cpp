#include "aura/rig.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "cases.hpp"

namespace loophole::conformance {

void add_aura_cases(std::vector<Case>& cases) {
  using namespace aura_cases;
  add_hello_cases(cases);
  add_life_cases(cases);
  add_process_cases(cases);
  add_envelope_cases(cases);
  add_model_cases(cases);
  add_telemetry_cases(cases);
  add_gesture_cases(cases);
  add_ending_cases(cases);
}

}  // namespace loophole::conformance

namespace loophole::conformance::aura_cases {

Host& follower(Trial& t) {
  Host& host = t.guest();
  if (host.got<project::Snapshot>() == nullptr) throw CaseEnded("the peer asks for no project.snapshot");
  // A driver must not be told to act on a project that has not come yet.
  if (has(t.setting().command, "{driver}") && !stays(t)) throw CaseEnded("the peer does not go on after its project.snapshot");
  return host;
}

Host& watcher(Trial& t) {
  Host& host = t.guest();
  std::vector<std::string> wanted{"meters"};
  if (has(t.setting().command, "{driver}")) {
    wanted.emplace_back("transport");
    t.driver().watch(wanted);
  }
  for (const std::string& topic : wanted)
    if (!t.wait([&] { return std::ranges::any_of(host.deck().topics(), [&](const auto& one) { return one.starts_with(topic); }); }))
      throw CaseEnded("the peer does not subscribe to " + topic);
  return host;
}

Host& holder(Trial& t, const std::string& name, const std::vector<ParameterId>& parameters) {
  Host& host = follower(t);
  if (!begins(t, name, parameters)) throw CaseEnded("the peer was told to begin a gesture, and does not");
  return host;
}

bool begins(Trial& t, const std::string& name, const std::vector<ParameterId>& parameters, bool take_over) {
  const std::uint64_t id = t.driver().begin(name, parameters, take_over);
  return t.wait([&] { return t.host().gesture() != nullptr && t.driver().has_answer(id); });
}

bool beats(Trial& t) {
  Host& host = t.host();
  const std::size_t hellos = host.hellos().size();
  const std::size_t before = host.heartbeats();
  const auto left = [&] { return host.hellos().size() > hellos || host.goodbye() || !host.greeted(); };
  // Not quicker than heartbeats come: other messages take their place.
  return t.wait([&] { return host.heartbeats() >= before + 2 || left(); }) && !left();
}

bool stays(Trial& t) {
  if (!has(t.setting().command, "{driver}")) return beats(t);
  Host& host = t.host();
  Driver& driver = t.driver();
  const std::size_t hellos = host.hellos().size();
  const auto left = [&] { return host.hellos().size() > hellos || host.goodbye() || !host.greeted(); };
  // The answer to the first question comes to the peer behind all that was told before, on the same connection. The second question is
  // asked when the peer has that answer, and comes behind all that the peer said until then.
  const auto asks = [&] {
    const std::size_t before = host.count(session::Describe::kName);
    const std::uint64_t id = driver.call(session::Describe{});
    if (!t.wait([&] { return left() || driver.has_answer(id); })) return false;
    // A peer that has not worked on the answer to its hello yet has nobody to ask, and says so.
    return left() || (driver.done(id) && t.wait([&] { return left() || host.count(session::Describe::kName) > before; }));
  };
  for (int question = 0; question < 2; ++question)
    if (!soon(t, asks) || left()) return false;
  return true;
}

std::size_t state_asked(const Host& host) {
  return host.count("project.snapshot") + host.count("project.changes");
}

bool follows(Trial& t) {
  Host& host = t.host();
  const std::size_t before = state_asked(host);
  host.commit({project::TempoChanged{.tempo_bpm = host.project().tempo_bpm + 1}}, "Set Tempo");
  return stays(t) && state_asked(host) == before;
}

bool asks_for_state(Trial& t, std::optional<Milliseconds> bound) {
  Host& host = t.host();
  const std::size_t before = state_asked(host);
  return t.wait([&] { return state_asked(host) > before; }, bound);
}

bool moved(Trial& t, const ParameterId& id, double value) {
  Host& host = t.host();
  const Handle handle = host.parameter(id).handle;
  return t.wait([&] {
    const auto& newest = host.stream().newest;
    const auto found = newest.find(handle);
    return found != newest.end() && found->second == value;
  });
}

std::optional<double> value_shown(Trial& t, const ParameterId& id) {
  constexpr double kBy = 0.5;  // a number that floating point adds without loss
  t.host().forget_commands();  // others of the same kind, such as what the peer was told to call
  t.driver().step(id, kBy);
  const auto* asked = t.host().got<parameter::Set>([&](const parameter::Set& one) { return one.parameter_id == id; });
  if (asked == nullptr) return std::nullopt;
  return asked->value - kBy;
}

std::optional<std::string> contradicts(Trial& t) {
  Host& host = t.host();
  std::string last = "the peer does not say what it believes";
  const bool same = soon(t, [&] {
    const auto belief = t.driver().ask();
    if (!belief) return false;
    last = "the peer says: " + belief->text + "\nthe project is: " + host.project_text();
    return belief->revision == host.revision() && belief->project == host.project();
  });
  if (same) return std::nullopt;
  return last;
}

double final_value(const parameter::GestureEnd& end, const ParameterId& id) {
  const auto found = std::ranges::find(end.values, id, &parameter::ParameterValue::parameter_id);
  return found == end.values.end() ? std::numeric_limits<double>::quiet_NaN() : found->value;
}

std::string text_of_end(const parameter::GestureEnd* end) {
  return end == nullptr ? "no parameter.gesture.end came" : "the end was " + *wire::to_json(*end);
}

project::Changed next_change(const Host& host) {
  return {.revision = host.revision() + 1,
          .cause = {.instance_id = InstanceId("i-somebody-else"), .command_id = MessageId("9"), .gesture_id = {}},
          .label = "Rename Track",
          .origin = project::TransactionOrigin::edit,
          .changes = {project::TrackChanged{.track_id = song::kTrack, .name = "Another Voice", .colour = {}}}};
}

}  // namespace loophole::conformance::aura_cases
