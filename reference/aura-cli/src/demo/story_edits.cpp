// The second half of the story: the gesture, history, the engine's death, the file.
#include <fmt/format.h>

#include <algorithm>
#include <csignal>

#include "app/interrupt.hpp"
#include "app/sweep.hpp"
#include "demo/audio_files.hpp"
#include "demo/recorded.hpp"
#include "demo/story.hpp"

namespace loophole::cli {

using namespace std::chrono_literals;

namespace {

constexpr double kSweepFromHz = 120;
constexpr double kSweepToHz = 6000;
constexpr double kSweepRateHz = 240;
constexpr std::chrono::duration<double> kSweepLength{3.0};
constexpr double kAboveToneHz = 900;
constexpr double kLikeSpeech = 0.5;  // 0.85 as measured; the filter and the other track take the rest
constexpr double kSweptAboveHz = 3'000;
constexpr double kSweptDb = 12;

}  // namespace

bool Story::move_cutoff() {
  stage_.heading(5, "A hand moves the plugin's cutoff: samples go straight to Signal");
  const parameter::Parameter* found = client_->mirror().state()->parameter(cutoff_);
  if (found == nullptr) return check("gesture.samples", false, "the cutoff is not in the project any more");
  const parameter::Parameter cutoff = *found;
  const auto history_before = call("gesture.undoStep", history::List{});
  const auto counters_before = history_before ? call("gesture.bypassesPulse", session::Counters{}) : std::nullopt;
  if (!counters_before) return false;

  auto gesture = client_->begin_gesture(cutoff_);
  if (!gesture) return fail("gesture.samples", gesture.error());
  SweepOptions sweep{.length = kSweepLength, .rate_hz = kSweepRateHz};
  sweep.stop = interrupted;
  sweep.drawn = [&] {
    stage_.note(fmt::format("cutoff {:.0f} Hz", gesture->value().value_or(0)));
    stage_.draw(*client_, client_->telemetry());
  };
  const auto engine_frames = [&] {
    const auto& transport = client_->telemetry().transport();
    return transport ? static_cast<std::int64_t>(transport->engine_frames) : 0;
  };
  sweep_begin_ = engine_frames();
  const SweepResult swept = run_sweep(*client_, *gesture, {{.parameter = cutoff, .from = kSweepFromHz, .to = kSweepToHz}}, sweep);
  sweep_end_ = engine_frames();
  stage_.note("");
  if (interrupted()) return false;
  auto ended = gesture->finish();
  if (!ended) return fail("gesture.samples", ended.error());
  const aura::GestureCounters sent = gesture->counters();
  const stream::StreamReport& seen = ended->stream;
  report_.gesture.samples_sent = sent.samples_sent;
  report_.gesture.samples_applied = seen.samples_applied;
  report_.gesture.lost = seen.samples_lost;
  report_.gesture.committed_value = ended->values.empty() ? 0 : ended->values.front().value;
  const auto all = static_cast<std::int64_t>(sent.samples_sent);
  check("gesture.samples",
        swept.set == 720 && all == swept.set && seen.samples_received == all && seen.samples_applied == all && seen.samples_lost == 0 &&
            seen.samples_refused == 0,
        fmt::format("{} sent in {:.2f} s ({:.1f} Hz), {} received, {} applied, {} lost, {} refused, {} coalesced", all, swept.took.count(),
                    static_cast<double>(swept.set) / swept.took.count(), seen.samples_received, seen.samples_applied, seen.samples_lost,
                    seen.samples_refused, sent.coalesced));

  const auto history_after = call("gesture.undoStep", history::List{});
  const auto counters_after = history_after ? call("gesture.bypassesPulse", session::Counters{}) : std::nullopt;
  if (!counters_after) return false;
  report_.gesture.undo_entries =
      static_cast<std::int64_t>(history_after->entries.size()) - static_cast<std::int64_t>(history_before->entries.size());
  check("gesture.undoStep", report_.gesture.undo_entries == 1,
        fmt::format("{} new: '{}', revision {}", report_.gesture.undo_entries,
                    history_after->entries.empty() ? "" : history_after->entries.back().label, ended->revision));

  cutoff_after_ = kSweepToHz;
  bool equal = false;
  auto value = value_when(3s, cutoff_after_, equal);
  if (!value) return fail("gesture.value", value.error());
  report_.gesture.engine_value = value->engine_value.value_or(0);
  check("gesture.value", equal && report_.gesture.committed_value == cutoff_after_,
        fmt::format("committed {:.17g} Hz, model {:.17g}, engine {:.17g}", report_.gesture.committed_value, value->value,
                    report_.gesture.engine_value));
  check("gesture.bypassesPulse", counters_after->stream_frames_seen == 0 && counters_after->telemetry_frames_seen == 0,
        fmt::format("Pulse saw {} stream and {} telemetry frames; {} control messages", counters_after->stream_frames_seen,
                    counters_after->telemetry_frames_seen, counters_after->control_received - counters_before->control_received));
  return true;
}

bool Story::undo_and_redo() {
  stage_.heading(6, "Undo and redo: model and engine follow");
  bool back = false;
  const auto undone = call("history.undo", history::Undo{});
  if (!undone) return false;
  auto value = value_when(3s, cutoff_before_, back);
  if (!value) return fail("history.undo", value.error());
  check("history.undo", back,
        fmt::format("'{}': model {:g} Hz, engine {:g} Hz, revision {}", undone->label, value->value, value->engine_value.value_or(0),
                    undone->revision));
  wait(700ms, [] { return false; });

  const auto redone = call("history.redo", history::Redo{});
  if (!redone) return false;
  value = value_when(3s, cutoff_after_, back);
  if (!value) return fail("history.redo", value.error());
  check("history.redo", back,
        fmt::format("'{}': model {:g} Hz, engine {:g} Hz, revision {}", redone->label, value->value, value->engine_value.value_or(0),
                    redone->revision));
  wait(700ms, [] { return false; });
  return !interrupted();
}

bool Story::kill_engine() {
  stage_.heading(7, "Signal is killed: Pulse starts it again and replays the graph");
  const auto before = call("engine.restarted", engine::Status{});
  if (!before) return false;
  const auto engine = static_cast<pid_t>(before->process_id);
  if (engine <= 1 || program_of(engine) != "loophole-signal" || !before->link || !before->engine_digest)
    return check("engine.restarted", false, fmt::format("process {} is no running loophole-signal", engine));

  std::string told;
  client_->on_engine([&](const engine::Changed& changed) {
    told += (told.empty() ? "" : ", ") + std::string(to_string(changed.state));
    stage_.forget_levels();
  });
  const auto killed_at = Clock::now();
  if (kill(engine, SIGKILL) != 0) return check("engine.restarted", false, fmt::format("cannot kill process {}", engine));
  const auto old_epoch = before->link->epoch;
  const bool again = wait(10s, [&] { return client_->engine_link() && client_->engine_link()->epoch != old_epoch; });
  bool running = false;
  auto after = status_when(
      10s,
      [&](const engine::StatusReply& s) {
        return s.state == engine::EngineState::running && s.link && s.link->epoch != old_epoch && s.engine_digest == s.model_digest;
      },
      running);
  client_->on_engine({});
  if (!after) return fail("engine.restarted", after.error());
  if (after->process_id != 0) engines_.push_back(static_cast<pid_t>(after->process_id));
  report_.engine.recovery_ms = after->recovery_ms;
  auto epochs = after->epochs;
  std::sort(epochs.begin(), epochs.end());
  epochs.erase(std::unique(epochs.begin(), epochs.end()), epochs.end());
  report_.engine.epochs_seen = static_cast<std::int64_t>(epochs.size());
  if (!check("engine.restarted", again && running && epochs.size() == 2 && after->process_id != engine,
             again && running
                 ? fmt::format("process {} became {} after {:.0f} ms (Pulse told: {})", engine, after->process_id, after->recovery_ms, told)
                 : fmt::format("waited 10 s for a running engine in a new epoch; it is {} ({})", to_string(after->state), log_tail())))
    return false;
  report_.engine.digest_equal =
      after->engine_digest && after->engine_digest == before->engine_digest && after->engine_digest == after->model_digest;
  check("engine.digest", report_.engine.digest_equal,
        fmt::format("epoch {} {}…, epoch {} {}…", old_epoch, before->engine_digest->str().substr(0, 16), after->link->epoch,
                    after->engine_digest ? after->engine_digest->str().substr(0, 16) : "none"));

  stage_.forget_levels();
  loudness_ = {};
  const auto& telemetry = client_->telemetry();
  const bool metered = wait(5s, [&] {
    return telemetry.meters().epoch == static_cast<std::uint64_t>(after->link->epoch) && loudness_.frames >= 10 &&
           loudness_.master_db > -60;
  });
  const auto silence = std::chrono::duration<double>(Clock::now() - killed_at).count();
  check("engine.metersGoOn", metered,
        fmt::format("{} frames of the new epoch {:.2f} s after the kill, Master {:.1f} dB{}", loudness_.frames, silence,
                    loudness_.master_db, metered ? "" : "; waited 5 s for 10 frames above -60 dB"));
  wait(2500ms, [] { return false; });
  return !interrupted();
}

bool Story::reopen() {
  stage_.heading(8, "Save, close, open again: the same project, revision and history");
  const auto stopped = call("project.reopened", transport::Stop{});
  const auto saved = stopped ? call("project.reopened", project::Save{}) : std::nullopt;
  const auto before = saved ? call("project.reopened", project::Snapshot{}) : std::nullopt;
  const auto history_before = before ? call("project.reopened", history::List{}) : std::nullopt;
  if (!history_before || !before->path) return false;
  if (!call("project.reopened", project::Close{})) return false;
  const bool closed = client_->project() == nullptr;
  const auto opened = call("project.reopened", project::Open{.path = *before->path});
  const auto after = opened ? call("project.reopened", project::Snapshot{}) : std::nullopt;
  const auto history_after = after ? call("project.reopened", history::List{}) : std::nullopt;
  if (!history_after) return false;
  const bool same = before->project == after->project && before->revision == after->revision && client_->project() != nullptr &&
                    *client_->project() == *after->project && saved->revision == after->revision;
  check("project.reopened", closed && same,
        fmt::format("revision {} and {}, projects {}", before->revision, after->revision, same ? "equal" : "different"));
  check("history.reopened", *history_before == *history_after,
        fmt::format("{} steps, {} done, {}", history_after->entries.size(), history_after->position,
                    *history_before == *history_after ? "equal" : "different"));
  return !interrupted();
}

bool Story::finish() {
  stage_.heading(9, "What was checked and measured");
  const auto counters = call("pulse.seesNoFrames", session::Counters{});
  if (!counters) return false;
  report_.pulse.stream_frames_seen = counters->stream_frames_seen;
  report_.pulse.telemetry_frames_seen = counters->telemetry_frames_seen;
  check("pulse.seesNoFrames", counters->stream_frames_seen == 0 && counters->telemetry_frames_seen == 0,
        fmt::format("{} stream and {} telemetry frames in its whole life", counters->stream_frames_seen, counters->telemetry_frames_seen));
  const aura::TelemetryCounters& telemetry = client_->telemetry().counters();
  report_.telemetry = {.meters_frames = telemetry.meters_frames, .transport_frames = telemetry.transport_frames, .gaps = telemetry.gaps};
  check("telemetry.complete",
        telemetry.meters_frames > 0 && telemetry.transport_frames > 0 && telemetry.gaps == 0 && telemetry.malformed == 0,
        fmt::format("{} meter frames, {} positions, {} missing, {} malformed, {} of an old epoch", telemetry.meters_frames,
                    telemetry.transport_frames, telemetry.gaps, telemetry.malformed, telemetry.stale_epoch));

  client_.reset();
  const bool in_time = pulse_->terminate(5s);
  const std::optional<int> status = pulse_->wait_status();
  const bool left = pulse_->group_alive() ||
                    std::any_of(engines_.begin(), engines_.end(), [](pid_t engine) { return program_of(engine) == "loophole-signal"; });
  check("processes.ended", in_time && status == 0 && !left,
        in_time ? fmt::format("Pulse ended with status {}, {} process left", status.value_or(-1), left ? "a" : "no")
                : std::string("waited 5 s for Pulse to end, then killed it"));

  report_.audio.file = std::filesystem::absolute(recording_).string();
  auto audio = measure_audio(recording_);
  if (!audio) return fail("audio.recorded", audio.error());
  report_.audio.seconds = audio->seconds;
  report_.audio.rms_db = audio->rms_db;
  check("audio.recorded", audio->seconds > 5 && audio->rms_db > -60,
        fmt::format("{:.2f} s, RMS {:.1f} dB, peak {:.1f} dB", audio->seconds, audio->rms_db, audio->peak_db));
  listen_to_recording();
  return true;
}

void Story::listen_to_recording() {
  const auto heard = read_sound(recording_);
  if (!heard) return static_cast<void>(fail("audio.speech", heard.error()));
  Sound speech{.sample_rate_hz = heard->sample_rate_hz, .samples = {}};
  std::vector<std::size_t> begins;
  for (const auto& file : options_.audio) {
    const auto clip = read_sound(file);
    if (!clip) return static_cast<void>(fail("audio.speech", clip.error()));
    const Sound same_rate = clip->at_rate(heard->sample_rate_hz);
    begins.push_back(speech.samples.size());
    speech.samples.insert(speech.samples.end(), same_rate.samples.begin(), same_rate.samples.end());
  }
  begins.push_back(speech.samples.size());

  // The second clip where there is one: the first fades in with the transport. The plugin's filter and the driver may make it a little
  // late.
  const std::size_t which = begins.size() > 2 ? 1 : 0;
  const auto clip_begin = static_cast<std::int64_t>(begins[which]);
  const auto clip = speech.part(clip_begin, static_cast<std::int64_t>(begins[which + 1]) - clip_begin);
  // Above the tone of the other track.
  const Match match = find_in(above(heard->samples, kAboveToneHz, heard->sample_rate_hz), above(clip, kAboveToneHz, heard->sample_rate_hz),
                              played_from_ + clip_begin, heard->sample_rate_hz / 50);
  check("audio.speech", match.correlation > kLikeSpeech,
        fmt::format("'{}' is in the recording: correlation {:.2f}, {} frames later than played", options_.audio[which].stem().string(),
                    match.correlation, match.frames));

  const std::int64_t window = heard->sample_rate_hz * 8 / 10;
  const auto passed = [&](std::int64_t from) {
    return level_above(heard->part(from, window), kSweptAboveHz, heard->sample_rate_hz) -
           level_above(speech.part(from - played_from_, window), kSweptAboveHz, heard->sample_rate_hz);
  };
  const double at_begin = passed(sweep_begin_);
  const double at_end = passed(sweep_end_ - window);
  check("audio.sweep", at_end - at_begin > kSweptDb,
        fmt::format("of the speech above {:.0f} Hz {:.1f} dB pass the plugin at the begin of the sweep, {:.1f} dB at its end",
                    kSweptAboveHz, at_begin, at_end));
}

}  // namespace loophole::cli
