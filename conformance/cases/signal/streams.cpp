// Streams of gestures, from their opening to their end: protocol/gestures.md.
#include "loophole/wire/graph_digest.hpp"
#include "signal/rig.hpp"

namespace loophole::conformance::signal_cases {
namespace {

std::string text(const stream::StreamReport& report) {
  return "frames " + std::to_string(report.frames_received) + ", samples " + std::to_string(report.samples_received) + ", applied " +
         std::to_string(report.samples_applied) + ", lost " + std::to_string(report.samples_lost) + ", refused " +
         std::to_string(report.samples_refused);
}

}  // namespace

void add_stream_cases(std::vector<Case>& cases) {
  cases.push_back({
      .id = "signal.streams.gesture",
      .title = "A gesture is heard while it lasts, and ends at its final value",
      .steps = "Play a tone; open a stream on its gain; move it to -20 dB and to -10 dB; close with -6 dB.",
      .level = Level::wire,
      .checks = {{"heard", {"GEST-16", "GEST-18", "RT-12"}, "the meter shows the value of each sample, and stays there"},
                 {"uncommitted", {"ENG-35"}, "the digest is that of the committed value meanwhile"},
                 {"closed", {"GEST-31"}, "stream.close is answered with the digest of the final value"},
                 {"report", {"GEST-22"}, "its report counts two frames and two samples, all applied"},
                 {"last", {"GEST-31"}, "lastValues has the last sample, not the final value"},
                 {"final", {"GEST-31", "GEST-41"}, "the meter shows the final value, and stays there"}},
      .run =
          [](Trial& t) {
            Hand& hand = playing_hand(t);
            hand.move(kGain, -20);
            t.check("heard", shows(t, kToneDb - 20) && keeps(t, kToneDb - 20), shown(t));
            hand.move(kGain, -10);
            t.check("heard", shows(t, kToneDb - 10), shown(t));
            const std::string during = digest(t);
            t.check("uncommitted", during == wire::graph_digest(voice()).value, "digest " + during);
            const Answer answer = close(t, kStream, {{.handle = kGain, .value = -6}});
            const auto* reply = answer.as<stream::CloseReply>();
            t.require("closed", reply != nullptr && reply->digest == wire::graph_digest(voice(-6)), answer.text());
            const stream::StreamReport expected{.frames_received = 2, .samples_received = 2, .samples_applied = 2};
            t.check("report", reply->report == expected, text(reply->report));
            t.check("last", reply->last_values == std::vector<engine::HandleValue>{{.handle = kGain, .value = -10}}, answer.text());
            t.check("final", shows(t, kToneDb - 6) && keeps(t, kToneDb - 6), shown(t));
          },
  });
  cases.push_back({
      .id = "signal.streams.waiting-samples",
      .title = "Samples that wait in the socket count before the close",
      .steps = "Open a stream; send 500 frames and, when the engine has seen the first, close it with a final value.",
      .level = Level::required,
      .checks = {{"final", {"GEST-30", "GEST-31"}, "the final value is heard after all of them, and stays"},
                 {"counts", {"GEST-22", "GEST-30"}, "received is applied and refused together"}},
      .run =
          [](Trial& t) {
            Hand& hand = playing_hand(t);
            const auto before = counters(t);
            for (int i = 0; i < 500; ++i) hand.move(kGain, -40);
            (void)counted(t, before, 1);
            const Answer answer = close(t, kStream, {{.handle = kGain, .value = -6}});
            const auto* reply = answer.as<stream::CloseReply>();
            if (reply == nullptr) throw CaseEnded("the stream was not closed: " + answer.text());
            t.check("counts", reply->report.samples_received == reply->report.samples_applied + reply->report.samples_refused,
                    text(reply->report));
            t.check("final", shows(t, kToneDb - 6) && keeps(t, kToneDb - 6), shown(t));
          },
  });
  cases.push_back({
      .id = "signal.streams.closed",
      .title = "A closed stream changes nothing, and cannot be closed again",
      .steps = "Open and close a stream; send samples on it; close it again; close one that never was.",
      .level = Level::required,
      .checks = {{"late", {"GEST-21", "SEC-15"}, "samples after the close are refused and counted"},
                 {"unheard", {"GEST-21", "SEC-15"}, "and not heard"},
                 {"again", {"GEST-48"}, "a second close is answered with stream.unknown"},
                 {"never", {"GEST-48"}, "so is the close of one that was never opened"}},
      .run =
          [](Trial& t) {
            Hand& hand = moved_hand(t);
            (void)close(t, kStream, {{.handle = kGain, .value = -6}});
            const auto before = counters(t);
            hand.move(kGain, -30);
            (void)risen(t, before, {.frames = 1, .refused = 1});
            t.check("unheard", shows(t, kToneDb - 6) && keeps(t, kToneDb - 6), shown(t));
            const Rise by = risen(t, before, {});
            t.check("late", by.frames == 1 && by.refused == 1 && by.applied == 0, text(by));
            const Answer again = close(t, kStream, {});
            t.check("again", again.refused(errors::kStreamUnknown), again.text());
            const Answer never = close(t, 0x1234, {});
            t.check("never", never.refused(errors::kStreamUnknown), never.text());
          },
  });
  cases.push_back({
      .id = "signal.streams.open-refused",
      .title = "A stream on a parameter that is not there is refused",
      .steps = "Open a stream on an unknown handle, and on a known and an unknown one; send samples on it.",
      .level = Level::required,
      .checks = {{"refused", {"ENG-33", "ERR-6"}, "it is answered with graph.unknownHandle and a pointer to it"},
                 {"not-open", {"ENV-23", "SEC-15"}, "samples on it are refused"}},
      .run =
          [](Trial& t) {
            put(t, voice());
            const Answer answer =
                t.pulse().call(stream::Open{.stream_id = StreamId(hex(kStream)), .handles = {kGain, 4'711}, .lease_ms = 30'000});
            t.check("refused",
                    answer.refused(errors::kGraphUnknownHandle) && answer.error()->pointer.value_or("").starts_with("/payload/handles/1"),
                    answer.text());
            const auto before = counters(t);
            t.hand(kStream).move(kGain, -20);
            const Rise by = risen(t, before, {.frames = 1, .refused = 1});
            t.check("not-open", by.frames == 1 && by.refused == 1, text(by));
          },
  });
  cases.push_back({
      .id = "signal.streams.close-refused",
      .title = "A close with a wrong final value is refused as a whole",
      .steps = "Close a stream with a value out of range; then with a good one.",
      .level = Level::required,
      .checks = {{"refused", {"ENG-33", "ERR-6"}, "it is answered with parameter.outOfRange and a pointer to it"},
                 {"unchanged", {"ENV-23"}, "the committed values are as before"},
                 {"still-open", {"ENV-23"}, "the stream can still be closed"}},
      .run =
          [](Trial& t) {
            const std::string before = put(t, voice());
            (void)open(t);
            const Answer answer = close(t, kStream, {{.handle = kGain, .value = 12.5}});
            t.check("refused",
                    answer.refused(errors::kParameterOutOfRange) && answer.error()->pointer.value_or("").starts_with("/payload/values/0"),
                    answer.text());
            const std::string after = digest(t);
            t.check("unchanged", after == before, "digest " + after);
            const Answer good = close(t, kStream, {{.handle = kGain, .value = -1}});
            t.check("still-open", good.is_reply(), good.text());
          },
  });
  cases.push_back({
      .id = "signal.streams.expired",
      .title = "A stream whose lease runs out ends, and keeps its last value",
      .steps = "Open a stream with a lease of 400 ms; move it to -20 dB; fall silent; send again; close; set the value.",
      .level = Level::required,
      .checks = {{"told", {"GEST-45"}, "stream.expired comes, with the report and the last value"},
                 {"keeps", {"GEST-46"}, "the last value is heard on"},
                 {"refused", {"GEST-21"}, "samples after it are refused"},
                 {"close", {"GEST-48"}, "stream.close is answered with stream.unknown"},
                 {"free", {"GEST-46", "ENG-31"}, "the next value that Pulse says is heard"}},
      .run =
          [](Trial& t) {
            Hand& hand = playing_hand(t, {kGain}, 400);
            hand.move(kGain, -20);
            const auto* expired = t.pulse().event<stream::Expired>();
            t.require("told", expired != nullptr && expired->stream_id.value == hex(kStream), "no stream.expired");
            t.check("told",
                    expired->report.samples_applied == 1 &&
                        expired->values == std::vector<engine::HandleValue>{{.handle = kGain, .value = -20}},
                    text(expired->report));
            t.check("keeps", shows(t, kToneDb - 20) && keeps(t, kToneDb - 20), shown(t));
            const auto before = counters(t);
            hand.move(kGain, -30);
            t.check("refused", counted(t, before, 1) && keeps(t, kToneDb - 20), shown(t));
            const Answer closed = close(t, kStream, {{.handle = kGain, .value = -1}});
            t.check("close", closed.refused(errors::kStreamUnknown), closed.text());
            (void)t.pulse().call(engine::ParameterSet{.values = {{.handle = kGain, .value = -9}}});
            t.check("free", shows(t, kToneDb - 9), shown(t));
          },
  });
  cases.push_back({
      .id = "signal.streams.lease-renewed",
      .title = "Every frame renews the lease, also one whose samples are refused",
      .steps = "Open a stream with a lease of a second; send a frame with a value out of range every 100 ms, for two seconds; close.",
      .level = Level::required,
      .checks = {{"open", {"GEST-20"}, "the stream is still open after two leases"}},
      .run =
          [](Trial& t) {
            configure(t);
            put(t, voice());
            Hand& hand = open(t, kStream, {kGain}, 1'000);
            for (int i = 0; i < 20; ++i) {
              hand.move(kGain, 1'000);
              t.pass(Milliseconds(100));
            }
            const Answer answer = close(t, kStream, {});
            t.check("open", answer.is_reply(), answer.text());
          },
  });
  cases.push_back({
      .id = "signal.streams.new-graph",
      .title = "An open stream goes on over a new graph",
      .steps = "Move a gain to -20 dB; put the same graph with -3 dB; move it to -10 dB; close with -3 dB.",
      .level = Level::required,
      .checks = {{"goes-on", {"GEST-54", "ENG-34"}, "the parameter that the stream moved keeps the sample"},
                 {"moves", {"GEST-54"}, "the next sample is heard"},
                 {"final", {"GEST-31"}, "the final value is heard after the close"}},
      .run =
          [](Trial& t) {
            Hand& hand = moved_hand(t);
            put(t, voice(-3), 2);
            t.check("goes-on", keeps(t, kToneDb - 20), shown(t));
            hand.move(kGain, -10);
            t.check("moves", shows(t, kToneDb - 10), shown(t));
            (void)close(t, kStream, {{.handle = kGain, .value = -3}});
            t.check("final", shows(t, kToneDb - 3), shown(t));
          },
  });
  cases.push_back({
      .id = "signal.streams.without-values",
      .title = "A parameter that the close leaves out keeps its last sample until Pulse says a value",
      .steps = "Move a gain to -20 dB; close without values; set it to -6 dB.",
      .level = Level::required,
      .checks = {{"holds", {"ENG-31"}, "the last sample is heard on"}, {"then", {"ENG-31", "GEST-41"}, "the value of Pulse is heard"}},
      .run =
          [](Trial& t) {
            (void)moved_hand(t);
            (void)close(t, kStream, {});
            t.check("holds", keeps(t, kToneDb - 20), shown(t));
            (void)t.pulse().call(engine::ParameterSet{.values = {{.handle = kGain, .value = -6}}});
            t.check("then", shows(t, kToneDb - 6), shown(t));
          },
  });
  cases.push_back({
      .id = "signal.streams.before-automation",
      .title = "The sample of a gesture goes before automation",
      .steps = "Play a gain with automation of -24 dB; move it to -10 dB by a stream; close with the committed value.",
      .level = Level::required,
      .checks = {{"sample", {"ENG-31"}, "the sample is heard"},
                 {"automation", {"ENG-31", "GEST-41"}, "after the close the automation is heard again"}},
      .run =
          [](Trial& t) {
            graph::Graph graph = voice();
            graph.nodes[1].parameters[0].automation = automation::Lane{
                .mode = automation::Mode::read, .points = {{.position_frames = 0, .value = -24, .shape = automation::Shape::hold}}};
            play(t, graph);
            watch_meters(t);
            if (!shows(t, kToneDb - 24)) throw CaseEnded("the automation was not heard: " + shown(t));
            open(t).move(kGain, -10);
            t.check("sample", shows(t, kToneDb - 10) && keeps(t, kToneDb - 10), shown(t));
            (void)close(t, kStream, {{.handle = kGain, .value = 0}});
            t.check("automation", shows(t, kToneDb - 24), shown(t));
          },
  });
}

}  // namespace loophole::conformance::signal_cases
