// How gestures end otherwise than by their hand: protocol/gestures.md, "Every ending".
#include <algorithm>

#include "aura/rig.hpp"

namespace loophole::conformance::aura_cases {
namespace {

// A gesture that has moved to -20 dB.
Host& moving(Trial& t) {
  t.host().lease_ms = 1'000;
  Host& host = holder(t);
  t.driver().move("a", {{song::kGain, -20}});
  if (!moved(t, song::kGain, -20)) throw CaseEnded("no sample came");
  return host;
}

// Nothing more on the stream of the gesture that was, though the peer is told to move; and the next gesture is one of its own.
void is_over(Trial& t, std::string_view quiet, std::string_view next) {
  Host& host = t.host();
  const GrantedStream& stream = host.stream();
  (void)stays(t);
  t.pass(host.moment());
  const std::size_t frames = stream.frames.size();
  t.driver().move("a", {{song::kGain, -30}});
  t.pass(Milliseconds(host.gesture_lease_ms));
  t.check(quiet, stream.frames.size() == frames, std::to_string(stream.frames.size() - frames) + " frames of the stream that is over");
  const bool granted = begins(t, "b", {song::kCutoff});
  t.driver().move("b", {{song::kCutoff, 1'000}});
  t.check(next, granted && moved(t, song::kCutoff, 1'000) && host.stream().next == host.stream().samples.size(), host.text());
}

Case ended(std::string_view id, std::string_view title, std::string_view steps, void (*run)(Trial&)) {
  return {.id = id,
          .title = title,
          .steps = steps,
          .level = Level::required,
          .checks = {{"quiet", {"GEST-64"}, "no frame of its stream comes any more"},
                     {"next", {"GEST-10", "GEST-11"}, "the next gesture has its own stream, from sequence 0"}},
          .run = run,
          .capability = "driver"};
}

}  // namespace

void add_ending_cases(std::vector<Case>& cases) {
  cases.push_back(ended("aura.endings.lease", "A gesture whose lease ran out is over",
                        "Move; say that the lease ran out; move again; begin another.", [](Trial& t) {
                          moving(t).end_gesture(parameter::GestureEndReason::lease_expired);
                          is_over(t, "quiet", "next");
                        }));
  cases.push_back(ended("aura.endings.taken-over", "A gesture that another client took over is over",
                        "Move; say that another client took over; move again; begin another.", [](Trial& t) {
                          moving(t).end_gesture(parameter::GestureEndReason::taken_over);
                          is_over(t, "quiet", "next");
                        }));
  cases.push_back(ended("aura.endings.target-removed", "A gesture whose parameter is removed is over",
                        "Begin on the level of a track; remove the track; move again; begin another.", [](Trial& t) {
                          Host& host = follower(t);
                          const ParameterId gain("prm-5");
                          if (!begins(t, "a", {gain})) throw CaseEnded("no gesture was begun");
                          t.driver().move("a", {{gain, -20}});
                          if (!moved(t, gain, -20)) throw CaseEnded("no sample came");
                          host.commit({project::TrackRemoved{.track_id = song::kOtherTrack}}, "Remove Track");
                          host.end_gesture(parameter::GestureEndReason::target_removed);
                          is_over(t, "quiet", "next");
                        }));
  cases.push_back(ended("aura.endings.engine-lost", "A gesture whose engine does not come back is over",
                        "Move; the engine dies; say that the gesture ended; the engine comes back; begin another.", [](Trial& t) {
                          Host& host = moving(t);
                          host.engine_dies();
                          host.end_gesture(parameter::GestureEndReason::engine_lost);
                          host.engine_returns();
                          is_over(t, "quiet", "next");
                        }));
  cases.push_back({
      .id = "aura.endings.engine-dies",
      .title = "When the engine comes back the gesture goes on, with the newest values first",
      .steps = "Move a filter; the engine dies; move on; it comes back with a new stream; move; end.",
      .level = Level::required,
      .checks = {{"paused", {"GEST-51"}, "no frame comes between"},
                 {"newest", {"GEST-50"}, "the newest value of each parameter that moved comes first on the new stream"},
                 {"from-0", {"GEST-50", "GEST-11"}, "from sequence 0"},
                 {"new-link", {"FRM-20", "ENG-63"}, "at the new endpoint, and at no old one"},
                 {"final", {"GEST-24"}, "the end has the final value"}},
      .run =
          [](Trial& t) {
            Host& host = holder(t, "a", {song::kCutoff, song::kResonance});
            t.driver().move("a", {{song::kCutoff, 1'000}, {song::kResonance, 2}});
            if (!moved(t, song::kCutoff, 1'000) || !moved(t, song::kResonance, 2)) throw CaseEnded("no samples came");
            host.engine_dies();
            (void)stays(t);
            t.pass(host.moment());
            const std::size_t before = host.frames_at_old_endpoints();
            t.driver().move("a", {{song::kCutoff, 2'000}});
            t.pass(Milliseconds(500));
            t.check("paused", host.frames_at_old_endpoints() == before,
                    std::to_string(host.frames_at_old_endpoints() - before) + " frames to the engine that is gone");
            host.engine_returns();
            const bool both = moved(t, song::kCutoff, 2'000) && moved(t, song::kResonance, 2);
            t.require("newest", both, host.text());
            const GrantedStream& stream = host.stream();
            const Handle cutoff = host.parameter(song::kCutoff).handle;
            const auto first = std::ranges::find(stream.samples, static_cast<std::uint32_t>(cutoff), &frames::ParameterSample::handle);
            t.check("newest", first->value == 2'000, "the first one is " + std::to_string(first->value));
            t.check("from-0", stream.next == stream.samples.size(), "the next sequence is " + std::to_string(stream.next));
            t.driver().move("a", {{song::kCutoff, 3'000}});
            t.check("new-link", moved(t, song::kCutoff, 3'000) && host.frames_at_old_endpoints() == before, host.text());
            t.driver().end("a");
            const auto* end = host.got<parameter::GestureEnd>();
            t.check("final", end != nullptr && final_value(*end, song::kCutoff) == 3'000 && final_value(*end, song::kResonance) == 2,
                    text_of_end(end));
          },
      .capability = "driver",
  });
  cases.push_back({
      .id = "aura.endings.pulse-dies",
      .title = "When Pulse dies its gestures are over",
      .steps = "Move a level; Pulse dies, and another one comes; tell the peer to move, to end, and to begin another.",
      .level = Level::required,
      .checks = {{"quiet", {"GEST-52"}, "no frame of the gesture comes any more"},
                 {"not-ended", {"GEST-52"}, "the other Pulse gets no end of it"},
                 {"next", {"GEST-10", "GEST-11"}, "the next gesture has its own stream, from sequence 0"}},
      .run =
          [](Trial& t) {
            Host& host = moving(t);
            const GestureId id = host.gesture()->id;
            const std::size_t hellos = host.hellos().size();
            host.die();
            host.rise();
            if (!t.wait([&] { return host.hellos().size() > hellos && host.greeted(); }, 2 * t.patience() + Milliseconds(3'000)))
              throw CaseEnded("the peer does not say hello to the other Pulse");
            (void)stays(t);
            const GrantedStream& stream = host.stream();
            t.pass(host.moment());
            const std::size_t frames = stream.frames.size();
            t.driver().move("a", {{song::kGain, -30}});
            t.driver().end("a");
            t.pass(Milliseconds(500));
            t.check("quiet", stream.frames.size() == frames, std::to_string(stream.frames.size() - frames) + " frames");
            const auto* end =
                host.got<parameter::GestureEnd>([&](const parameter::GestureEnd& one) { return one.gesture_id == id; }, Milliseconds(100));
            t.check("not-ended", end == nullptr, text_of_end(end));
            const bool granted = begins(t, "b", {song::kCutoff});
            t.driver().move("b", {{song::kCutoff, 1'000}});
            t.check("next", granted && moved(t, song::kCutoff, 1'000) && host.stream().next == host.stream().samples.size(), host.text());
          },
      .capability = "driver",
  });
}

}  // namespace loophole::conformance::aura_cases
