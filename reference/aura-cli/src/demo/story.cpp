#include "demo/story.hpp"

#include <fmt/format.h>

#include <csignal>
#include <fstream>
#include <utility>

#include "app/interrupt.hpp"
#include "app/names.hpp"
#include "demo/audio_files.hpp"

namespace loophole::cli {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

namespace {

constexpr milliseconds kStartDeadline{10'000};
constexpr milliseconds kAskAgain{40};
constexpr const char* kPlugin = "http://calf.sourceforge.net/plugins/Filter";  // Debian package calf-plugins

}  // namespace

Story::Story(StoryOptions options, Stage& stage, Report& report)
    : options_(std::move(options)), stage_(stage), report_(report), recording_(options_.out / "demo.wav") {}

Story::~Story() {
  client_.reset();
  if (pulse_) pulse_->terminate(3s);
  pulse_.reset();
  // Pulse ends its engine; should it have failed to, we do.
  for (const pid_t engine : engines_)
    if (program_of(engine) == "loophole-signal") kill(engine, SIGKILL);
}

void Story::play() {
  const auto begin = Clock::now();
  const bool told = start() && make_project() && go_live() && listen() && move_cutoff() && undo_and_redo() && kill_engine() && reopen();
  report_.finished = told && finish();
  report_.seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  if (interrupted()) conclude({.id = "story.finished", .ok = false, .detail = "interrupted"});
}

bool Story::check(std::string id, bool ok, std::string detail) {
  if (interrupted() && !ok) return false;  // a check that was cut short says nothing
  conclude({.id = std::move(id), .ok = ok, .detail = std::move(detail)});
  return ok;
}

void Story::conclude(Check check) {
  report_.checks.push_back(std::move(check));
  stage_.check(report_.checks.back());
}

bool Story::fail(std::string id, const Error& error) {
  return check(std::move(id), false, to_string(error));
}

bool Story::wait(milliseconds deadline, const std::function<bool()>& done) {
  const auto end = Clock::now() + deadline;
  while (!done()) {
    const auto left = std::chrono::ceil<milliseconds>(end - Clock::now());
    if (left <= 0ms || interrupted() || !client_->poll(std::min(left, milliseconds{20}))) return done();
    stage_.draw(*client_, client_->telemetry());
  }
  return true;
}

Result<engine::StatusReply> Story::status_when(milliseconds deadline, const std::function<bool(const engine::StatusReply&)>& wanted,
                                               bool& ok) {
  const auto end = Clock::now() + deadline;
  for (;;) {
    auto status = client_->call(engine::Status{});
    ok = status && wanted(*status);
    if (ok || !status || interrupted() || Clock::now() >= end) return status;
    wait(kAskAgain, [] { return false; });
  }
}

Result<parameter::GetReply> Story::value_when(milliseconds deadline, double wanted, bool& ok) {
  const auto end = Clock::now() + deadline;
  for (;;) {
    auto value = client_->call(parameter::Get{.parameter_id = cutoff_});
    ok = value && value->value == wanted && value->engine_value == wanted;
    if (ok || !value || interrupted() || Clock::now() >= end) return value;
    wait(kAskAgain, [] { return false; });
  }
}

std::string Story::log_tail() const {
  std::ifstream log(options_.out / "pulse.log");
  std::string last;
  for (std::string line; std::getline(log, line);)
    if (!line.empty()) last = line;
  return last.empty() ? "its log is empty" : "its last words: " + last;
}

void Story::follow(const aura::MetersView& view) {
  stage_.meters(view);
  const project::Project* project = client_ ? client_->project() : nullptr;
  if (project == nullptr) return;
  const auto loudest = [&view](std::int64_t handle, double& db) {
    for (const aura::Level& level : view.levels)
      if (level.handle == handle) db = std::max(db, decibels(static_cast<double>(level.peak)));
  };
  ++loudness_.frames;
  loudest(project->master.meter_handle, loudness_.master_db);
  const model::ProjectState& state = *client_->mirror().state();
  if (const track::Track* voice = state.track(voice_)) loudest(voice->channel.meter_handle, loudness_.voice_db);
  if (const track::Track* synth = state.track(synth_)) loudest(synth->channel.meter_handle, loudness_.synth_db);
}

bool Story::start() {
  stage_.heading(1, "Pulse starts, starts Signal, and aura-cli connects");
  const std::string session = fmt::format("demo-{}", getpid());
  PulseProcessOptions pulse{.program = options_.pulse,
                            .arguments = {"--session", session, "--record", recording_.string()},
                            .log = options_.out / "pulse.log",
                            .runtime_dir = options_.runtime_dir};
  if (!options_.signal.empty()) pulse.arguments.insert(pulse.arguments.end(), {"--signal", options_.signal.string()});
  auto process = PulseProcess::start(pulse);
  if (!process) return fail("session.hello", process.error());
  pulse_.emplace(*std::move(process));

  // In short turns, so that a Pulse that ends at once is noticed at once.
  std::optional<Error> last;
  for (const auto end = Clock::now() + kStartDeadline; !client_ && Clock::now() < end && !pulse_->wait_status() && !interrupted();) {
    auto client = aura::Client::connect({.session = session, .client_id = "aura-cli demo", .deadline = 500ms});
    if (client)
      client_.emplace(*std::move(client));
    else
      last = client.error();
  }
  if (!client_) {
    const std::string why =
        pulse_->wait_status() ? "loophole-pulse ended at once" : "waited 10 s for Pulse: " + (last ? last->message : "");
    return check("session.hello", false, why + "; " + log_tail());
  }
  const session::HelloReply& hello = client_->hello();
  check("session.hello", hello.protocol.major == 1,
        fmt::format("{} {}, protocol {}.{}, connection {}", hello.software.name, hello.software.version, hello.protocol.major,
                    hello.protocol.minor, hello.session_id.str()));

  client_->telemetry().subscribe(aura::Telemetry::Topic::transport);
  client_->telemetry().on_meters([this](const aura::MetersView& view) { follow(view); });

  bool running = false;
  auto status = status_when(
      kStartDeadline, [](const engine::StatusReply& s) { return s.state == engine::EngineState::running; }, running);
  if (!status) return fail("engine.running", status.error());
  if (!running || !status->link || !status->effective)
    return check("engine.running", false, fmt::format("waited 10 s for the engine, which is {}; {}", to_string(status->state), log_tail()));
  engines_.push_back(static_cast<pid_t>(status->process_id));
  const engine::Effective& effective = *status->effective;
  report_.engine.driver = to_string(effective.driver);
  check("engine.running", true,
        fmt::format("process {}, epoch {}, {} Hz / {}", status->process_id, status->link->epoch, effective.sample_rate_hz,
                    effective.block_frames));
  if (effective.driver == engine::Driver::portaudio)
    stage_.say("Sound goes to " + effective.device + " through PortAudio.");
  else
    stage_.say(fmt::format("Sound goes to no device: the {} driver keeps real time.", report_.engine.driver));
  return true;
}

bool Story::make_project() {
  stage_.heading(2, "A new project: recorded speech through an LV2 plugin, and a tone through a filter");
  const auto file = options_.out / "demo.loophole";
  auto made = call("project.created", project::New{.path = file.string(), .name = "Demo"});
  if (!made) return false;
  check("project.created", std::filesystem::is_regular_file(file), fmt::format("{}, {}", file.filename().string(), made->project_id.str()));

  const auto voice = call("project.edited", track::Add{.name = "Voice", .index = {}});
  const auto synth = voice ? call("project.edited", track::Add{.name = "Synth", .index = {}}) : std::nullopt;
  if (!synth) return false;
  voice_ = voice->track_id;
  synth_ = synth->track_id;
  std::int64_t end = 0;
  for (const auto& audio : options_.audio) {
    const auto clip = call("project.edited", clip::Add{.track_id = voice_, .path = audio.string(), .start_frames = end, .name = {}});
    if (!clip) return false;
    end += clip->length_frames;
  }
  const auto plugin = call(
      "plugin.added",
      node::Add{.channel_id = voice->channel_id, .kind = node::NodeKind::plugin, .plugin = PluginId(kPlugin), .name = {}, .index = {}});
  if (!plugin) return false;
  if (!call("project.edited",
            node::Add{.channel_id = synth->channel_id, .kind = node::NodeKind::test_tone, .plugin = {}, .name = {}, .index = {}}))
    return false;
  const auto filter = call(
      "project.edited", node::Add{.channel_id = synth->channel_id, .kind = node::NodeKind::filter, .plugin = {}, .name = {}, .index = {}});
  if (!filter) return false;
  const project::Project& project = *client_->project();
  if (auto level = find_parameter(project, "Synth/level"))
    if (!call("project.edited", parameter::Set{.parameter_id = (*level)->id, .value = -18.0})) return false;
  const node::Node* hosted = client_->mirror().state()->node(plugin->node_id);
  check("plugin.added", hosted != nullptr && hosted->status == NodeStatus::ready && !hosted->parameters.empty(),
        hosted == nullptr
            ? "it is not in the project"
            : fmt::format("'{}' with {} parameters is {}", hosted->name, hosted->parameters.size(), to_string(hosted->status)));
  auto cutoff = find_parameter(*client_->project(), "Voice/freq");
  if (!cutoff) return fail("project.edited", cutoff.error());
  cutoff_ = (*cutoff)->id;
  cutoff_before_ = (*cutoff)->value;

  auto history = call("project.edited", history::List{});
  auto snapshot = call("project.edited", project::Snapshot{});
  if (!history || !snapshot) return false;
  check("project.edited", history->position == static_cast<std::int64_t>(history->entries.size()) && !history->entries.empty(),
        fmt::format("{} clips of {:.1f} s, {} undo steps, revision {}", options_.audio.size(),
                    static_cast<double>(end) / static_cast<double>(project.sample_rate_hz), history->entries.size(), client_->revision()));
  check("project.mirrored", snapshot->project == *client_->project() && snapshot->revision == client_->revision(),
        fmt::format("mirror equals Pulse's project at revision {}", snapshot->revision));
  return true;
}

bool Story::go_live() {
  stage_.heading(3, "Pulse derives the graph, Signal makes it live and plays");
  bool live = false;
  auto status = status_when(
      5s, [](const engine::StatusReply& s) { return s.engine_digest && s.engine_digest == s.model_digest; }, live);
  if (!status) return fail("graph.live", status.error());
  const std::string digest = status->engine_digest ? status->engine_digest->str().substr(0, 16) + "…" : "none";
  check("graph.live", live, live ? "model and engine have digest " + digest : "waited 5 s for equal digests; the engine has " + digest);
  loudness_ = {};
  const auto state = call("transport.plays", transport::Play{});
  return state && check("transport.plays", state->playing, fmt::format("from frame {}", state->position_frames));
}

bool Story::listen() {
  stage_.heading(4, "Meters and position come straight from Signal");
  const auto& telemetry = client_->telemetry();
  const bool came = wait(3s, [&] { return telemetry.transport() && telemetry.transport()->playing && telemetry.meters().epoch != 0; });
  if (!came) return check("telemetry.transport", false, "waited 3 s for meters and a running position from Signal");
  const aura::TransportView first = *telemetry.transport();
  wait(4000ms, [] { return false; });
  if (interrupted() || !telemetry.transport()) return check("telemetry.transport", false, "the position stopped coming");
  const aura::TransportView last = *telemetry.transport();
  const double moved = static_cast<double>(last.position_frames) - static_cast<double>(first.position_frames);
  const double took = static_cast<double>(last.time_ns - first.time_ns) / 1e9;
  // Both are of the engine's clock; how late this process reads them does not matter.
  const double pace = took > 0 ? moved / took / last.sample_rate_hz : 0.0;
  check("telemetry.transport", pace > 0.5 && pace < 2.0, fmt::format("{:.0f} frames in {:.2f} s: {:.3f} of real time", moved, took, pace));
  played_from_ = static_cast<std::int64_t>(last.engine_frames) - static_cast<std::int64_t>(last.position_frames);
  check("telemetry.meters", loudness_.voice_db > -60 && loudness_.synth_db > -60 && loudness_.master_db > -60,
        fmt::format("peaks Voice {:.1f}, Synth {:.1f}, Master {:.1f} dB", loudness_.voice_db, loudness_.synth_db, loudness_.master_db));
  return true;
}

}  // namespace loophole::cli
