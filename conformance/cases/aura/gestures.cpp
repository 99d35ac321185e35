// Gestures as the hand sees them: protocol/gestures.md, "Begin", "Samples" and "End".
#include <cmath>

#include "aura/rig.hpp"

namespace loophole::conformance::aura_cases {
namespace {

std::string text_of(const GrantedStream& stream) {
  std::string text = std::to_string(stream.frames.size()) + " frames, next sequence " + std::to_string(stream.next) + ", samples:";
  for (std::size_t i = 0; i < stream.samples.size() && i < 20; ++i)
    text += " " + std::to_string(stream.samples[i].handle) + "=" + std::to_string(stream.samples[i].value);
  return text;
}

}  // namespace

void add_gesture_cases(std::vector<Case>& cases) {
  cases.push_back({
      .id = "aura.gestures.end",
      .title = "Samples go to the engine while a gesture is open, and its end carries the final value",
      .steps =
          "Tell the peer to begin a gesture on a level, to move it to -6, -12 and -18.5 dB, and to end it; watch the stream for a while "
          "after.",
      .level = Level::wire,
      .checks = {{"stream", {"GEST-10", "GEST-59"}, "frames carry the stream id and the epoch of the grant"},
                 {"numbered", {"GEST-11"}, "samples are numbered from 0 without a gap"},
                 {"plain", {"GEST-12"}, "values are in dB"},
                 {"final", {"GEST-24"}, "the end has the final value"},
                 {"over", {"GEST-15"}, "nothing comes on the stream after it"},
                 {"followed", {"MODEL-17"}, "the peer takes the transaction of its own gesture"}},
      .run =
          [](Trial& t) {
            Host& host = holder(t);
            for (const double value : {-6.0, -12.0, -18.5}) {
              t.driver().move("a", {{song::kGain, value}});
              t.require("plain", moved(t, song::kGain, value), text_of(host.stream()));
            }
            const GrantedStream& stream = host.stream();
            t.check("stream", !stream.frames.empty(), text_of(stream));
            t.check("numbered", stream.next == stream.samples.size(), text_of(stream));
            t.driver().end("a");
            const auto* end = host.got<parameter::GestureEnd>();
            t.require("final", end != nullptr && final_value(*end, song::kGain) == -18.5, text_of_end(end));
            t.pass(host.moment());
            const std::size_t frames = stream.frames.size();
            t.pass(Milliseconds(host.gesture_lease_ms));
            t.check("over", stream.frames.size() == frames, text_of(stream));
            t.check("followed", follows(t), host.text());
          },
      .capability = "driver",
  });
  cases.push_back({
      .id = "aura.gestures.grant-awaited",
      .title = "No frame is sent before the begin is answered",
      .steps = "Tell the peer to begin a gesture and to move at once; answer the begin after half a second; move again.",
      .level = Level::required,
      .checks = {{"silent", {"GEST-9"}, "no frame comes before the answer"},
                 {"then", {"GEST-11"}, "after it samples come, numbered from 0"}},
      .run =
          [](Trial& t) {
            Host& host = follower(t);
            host.hold<parameter::GestureBegin>();
            t.driver().begin("a", {song::kGain});
            if (host.got<parameter::GestureBegin>() == nullptr) throw CaseEnded("the peer was told to begin a gesture, and does not");
            t.driver().move("a", {{song::kGain, -3}});
            t.pass(Milliseconds(500));
            t.check("silent", host.deck().frames() == 0, std::to_string(host.deck().frames()) + " frames");
            host.release();
            (void)stays(t);
            t.driver().move("a", {{song::kGain, -4}});
            t.check("then", moved(t, song::kGain, -4) && host.stream().next == host.stream().samples.size(), text_of(host.stream()));
          },
      .capability = "driver",
  });
  cases.push_back({
      .id = "aura.gestures.refused",
      .title = "A begin that is refused moves nothing, and the next one is another try",
      .steps = "Refuse a begin with gesture.conflict; move; tell the peer to begin again with takeOver.",
      .level = Level::required,
      .checks = {{"silent", {"GEST-9"}, "no frame comes"},
                 {"again", {"GEST-10"}, "the next begin is another one, and takes over as it was told"}},
      .run =
          [](Trial& t) {
            Host& host = follower(t);
            host.refuse<parameter::GestureBegin>(make_error(errors::kGestureConflict, "somebody else holds it"), 1);
            t.driver().begin("a", {song::kGain});
            if (host.got<parameter::GestureBegin>() == nullptr) throw CaseEnded("the peer was told to begin a gesture, and does not");
            t.driver().move("a", {{song::kGain, -3}});
            const bool there = stays(t);
            t.pass(host.moment());
            t.check("silent", there && host.deck().frames() == 0, std::to_string(host.deck().frames()) + " frames");
            const bool granted = begins(t, "b", {song::kGain}, true);
            const auto* begin = host.got<parameter::GestureBegin>();
            t.driver().move("b", {{song::kGain, -5}});
            t.check("again", granted && begin != nullptr && begin->take_over && moved(t, song::kGain, -5), host.text());
          },
      .capability = "driver",
  });
  cases.push_back({
      .id = "aura.gestures.cancel",
      .title = "A gesture that is cancelled asks for the values before it",
      .steps = "Move a level; cancel; tell the peer to step it.",
      .level = Level::required,
      .checks = {{"revert", {"GEST-24"}, "the end asks to revert"}, {"before", {"MODEL-47"}, "a step begins from the committed value"}},
      .run =
          [](Trial& t) {
            Host& host = holder(t);
            const double committed = host.value(song::kGain);
            t.driver().move("a", {{song::kGain, -20}});
            if (!moved(t, song::kGain, -20)) throw CaseEnded("no sample came");
            t.driver().cancel("a");
            const auto* end = host.got<parameter::GestureEnd>();
            t.require("revert", end != nullptr && end->outcome == parameter::GestureOutcome::revert, text_of_end(end));
            (void)stays(t);
            const auto shown = value_shown(t, song::kGain);
            t.check("before", shown == committed, shown ? "it begins from " + std::to_string(*shown) : "no parameter.set came");
          },
      .capability = "driver",
  });
  cases.push_back({
      .id = "aura.gestures.several",
      .title = "A gesture of two parameters moves both, and its end names those that moved",
      .steps = "Begin on cutoff, resonance and level; move cutoff and resonance many times; end.",
      .level = Level::required,
      .checks = {{"both", {"GEST-10", "GEST-12"}, "samples of both come, with the handles of the grant, in their units"},
                 {"numbered", {"GEST-11"}, "sequence counts samples, not frames"},
                 {"final", {"GEST-24"}, "the end has the final value of both, and nothing of the one that did not move but its value"}},
      .run =
          [](Trial& t) {
            Host& host = holder(t, "a", {song::kCutoff, song::kResonance, song::kGain});
            for (int n = 1; n <= 40; ++n) t.driver().move("a", {{song::kCutoff, 400 + 10.0 * n}, {song::kResonance, 0.7 + 0.125 * n}});
            t.require("both", moved(t, song::kCutoff, 800) && moved(t, song::kResonance, 5.7), text_of(host.stream()));
            t.check("numbered", host.stream().next == host.stream().samples.size(), text_of(host.stream()));
            const double gain = host.value(song::kGain);
            t.driver().end("a");
            const auto* end = host.got<parameter::GestureEnd>();
            const bool moved_ones = end != nullptr && final_value(*end, song::kCutoff) == 800 && final_value(*end, song::kResonance) == 5.7;
            t.check("final", moved_ones && (std::isnan(final_value(*end, song::kGain)) || final_value(*end, song::kGain) == gain),
                    text_of_end(end));
          },
      .capability = "driver",
  });
  cases.push_back({
      .id = "aura.gestures.end-refused",
      .title = "After an end that is refused the gesture is still open, and can be reverted",
      .steps = "Move a level; refuse the end with project.fileUnwritable; tell the peer to cancel.",
      .level = Level::required,
      .checks = {{"goes-on", {"ENV-36"}, "the peer goes on"},
                 {"again", {"GEST-24"}, "where it sends an end again, it is of the same gesture"}},
      .run =
          [](Trial& t) {
            Host& host = holder(t);
            const GestureId id = host.gesture()->id;
            t.driver().move("a", {{song::kGain, -20}});
            if (!moved(t, song::kGain, -20)) throw CaseEnded("no sample came");
            host.refuse<parameter::GestureEnd>(make_error(errors::kProjectFileUnwritable, "the disk is full"), 1);
            t.driver().end("a");
            if (host.got<parameter::GestureEnd>() == nullptr) throw CaseEnded("no end came");
            t.check("goes-on", stays(t), host.text());
            t.driver().cancel("a");
            const auto* again = host.got<parameter::GestureEnd>({}, Milliseconds(500));
            t.check("again", again == nullptr || again->gesture_id == id, text_of_end(again));
          },
      .capability = "driver",
  });
  cases.push_back({
      .id = "aura.gestures.full-queue",
      .title = "A stream that nobody reads holds up nothing, and has the newest value when it is read again",
      .steps = "Read no frames; move a level twelve thousand times; look whether the peer goes on; read again.",
      .level = Level::stress,
      .checks = {{"goes-on", {"FRM-8"}, "the peer does not wait for room: it still hears its driver and Pulse"},
                 {"newest", {"FRM-12"}, "the newest value comes when there is room"},
                 {"numbered", {"GEST-11", "FRM-12"}, "what was replaced meanwhile is not numbered"}},
      .run =
          [](Trial& t) {
            constexpr int kMoves = 12'000;  // more than queues and sockets hold
            constexpr int kAtOnce = 100;    // fewer than the driver channel holds
            Host& host = holder(t);
            t.driver().move("a", {{song::kGain, -6}});
            if (!moved(t, song::kGain, -6)) throw CaseEnded("no sample came");
            host.deck().stop_reading();
            for (int n = 1; n <= kMoves; ++n) {
              const std::uint64_t last = t.driver().move("a", {{song::kGain, n == kMoves ? -18.5 : -20 - n % 32}});
              if (n % kAtOnce == 0) t.require("goes-on", t.wait([&] { return t.driver().has_answer(last); }), "the driver is not answered");
            }
            t.require("goes-on", stays(t), host.text());
            host.deck().read_again();
            t.check("newest", moved(t, song::kGain, -18.5), text_of(host.stream()));
            t.check("numbered", host.stream().next == host.stream().samples.size(), text_of(host.stream()));
          },
      .capability = "driver",
  });
  cases.push_back({
      .id = "aura.gestures.rest",
      .title = "A hand that rests keeps its lease",
      .steps = "Move a level once; do nothing for two leases.",
      .level = Level::strict,
      .checks = {{"renewed", {"GEST-14"}, "the newest value comes again at least twice a lease"}},
      .run =
          [](Trial& t) {
            Host& host = holder(t);
            t.driver().move("a", {{song::kGain, -9}});
            if (!moved(t, song::kGain, -9)) throw CaseEnded("no sample came");
            const std::size_t before = host.stream().frames.size();
            t.pass(Milliseconds(2 * host.gesture_lease_ms));
            const std::size_t renewals = host.stream().frames.size() - before;
            t.check("renewed", renewals >= 4 && host.stream().newest.at(host.parameter(song::kGain).handle) == -9,
                    std::to_string(renewals) + " frames in two leases");
          },
      .capability = "driver",
  });
}

}  // namespace loophole::conformance::aura_cases
