#include "pulse/rig.hpp"

#include <fstream>
#include <iterator>

#include "cases.hpp"

namespace loophole::conformance {

void add_pulse_cases(std::vector<Case>& cases) {
  using namespace pulse_cases;
  add_hello_cases(cases);
  add_life_cases(cases);
  add_envelope_cases(cases);
  add_fault_cases(cases);
  add_project_cases(cases);
  add_edit_cases(cases);
  add_refusal_cases(cases);
  add_history_cases(cases);
  add_engine_cases(cases);
  add_restart_cases(cases);
  add_plugin_cases(cases);
  add_gesture_cases(cases);
  add_ending_cases(cases);
  add_process_cases(cases);
  add_stress_cases(cases);
}

}  // namespace loophole::conformance

namespace loophole::conformance::pulse_cases {

std::filesystem::path song(Trial& t, std::string_view name) {
  return t.folder() / (std::string(name) + ".loophole");
}

project::OpenReply new_project(Trial& t, std::string_view name) {
  const auto reply = done(t, project::New{.path = song(t, name).string(), .name = "Song"});
  t.aura().follow();
  return reply;
}

Signal& running_engine(Trial& t) {
  (void)t.aura();
  const bool running = soon(t, [&] { return done(t, engine::Status{}).state == engine::EngineState::running; });
  if (!running) throw CaseEnded("the engine does not come to run");
  return t.signal();
}

Aura& second_aura(Trial& t) {
  (void)t.aura();
  Aura& other = t.join();
  other.greet();
  other.follow();
  return other;
}

Voice voice(Trial& t, const std::string& name) {
  const auto track = done(t, track::Add{.name = name});
  const auto filter = done(t, node::Add{.channel_id = track.channel_id, .kind = node::NodeKind::filter});
  const project::SnapshotReply now = snapshot(t.aura());
  Voice made{.track = track.track_id, .channel = track.channel_id, .filter = filter.node_id};
  if (now.project)
    for (const track::Track& one : now.project->tracks) {
      if (one.id != made.track) continue;
      made.gain = one.channel.gain.id;
      for (const node::Node& node : one.channel.nodes)
        for (const parameter::Parameter& parameter : node.parameters) {
          if (parameter.key == "cutoff") made.cutoff = parameter.id;
          if (parameter.key == "resonance") made.resonance = parameter.id;
        }
    }
  if (made.gain.empty() || made.cutoff.empty() || made.resonance.empty())
    throw CaseEnded("the snapshot does not have the parameters of a track with a filter");
  return made;
}

project::SnapshotReply snapshot(Client& who) {
  return done(who, project::Snapshot{});
}
project::Project project_of(Client& who) {
  project::SnapshotReply now = snapshot(who);
  if (!now.project) throw CaseEnded("project.snapshot has no project, though one is open");
  return *std::move(now.project);
}
history::ListReply steps(Client& who) {
  return done(who, history::List{});
}
const parameter::Parameter& parameter_of(Trial& t, const ParameterId& id) {
  const parameter::Parameter* found = t.aura().mirror().parameter(id);
  if (found == nullptr) throw CaseEnded("the project has no parameter '" + id.value + "'");
  return *found;
}

bool engine_has(Trial& t, const ParameterId& id, double value) {
  const Handle handle = parameter_of(t, id).handle;
  return t.wait([&] { return t.signal().live.value(handle) == value; });
}
std::string engine_value(Trial& t, const ParameterId& id) {
  const auto value = t.signal().live.value(parameter_of(t, id).handle);
  return value ? "the engine was told " + std::to_string(*value) : "the engine was not told of it";
}

bool digests_agree(Trial& t) {
  return soon(t, [&] {
    const auto status = done(t, engine::Status{});
    return status.model_digest && status.engine_digest && status.model_digest == status.engine_digest && t.signal().live.there() &&
           *status.model_digest == t.signal().live.digest();
  });
}
std::string digests(Trial& t) {
  const auto status = done(t, engine::Status{});
  return "model " + (status.model_digest ? status.model_digest->value : "none") + ", engine " +
         (status.engine_digest ? status.engine_digest->value : "none") + ", of what the engine was given " +
         (t.signal().live.there() ? t.signal().live.digest().value : "none");
}

std::string envelope(std::string_view id, std::string_view name, std::string_view payload) {
  return command_text(Role::aura, Role::pulse, id, name, payload);
}

std::string bytes_of_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

std::filesystem::path wave_file(Trial& t, std::string_view name, std::int64_t frames) {
  const auto path = t.folder() / name;
  const auto number = [](std::int64_t value, int bytes) {
    std::string text;
    for (int i = 0; i < bytes; ++i) text += static_cast<char>((value >> (8 * i)) & 255);
    return text;
  };
  const std::int64_t size = frames * 2;
  write_file(path, "RIFF" + number(36 + size, 4) + "WAVEfmt " + number(16, 4) + number(1, 2) + number(1, 2) + number(48'000, 4) +
                       number(96'000, 4) + number(2, 2) + number(16, 2) + "data" + number(size, 4) +
                       std::string(static_cast<std::size_t>(size), '\0'));
  return path;
}

}  // namespace loophole::conformance::pulse_cases
