// What an engine does with each sample and frame: protocol/gestures.md, protocol/framing.md.
#include <algorithm>
#include <cstring>
#include <limits>

#include "loophole/core/bytes.hpp"
#include "signal/rig.hpp"

namespace loophole::conformance::signal_cases {
namespace {

using Sample = frames::ParameterSample;

// A tone with a gesture at -20 dB: what the cases below try to disturb.
Hand& gesture(Trial& t) {
  Hand& hand = moved_hand(t);
  return hand;
}

// A sample that must be refused is counted as such and not heard.
void refuses(Trial& t, std::string_view check, const std::function<void()>& send) {
  const auto before = counters(t);
  send();
  const Rise by = risen(t, before, {.frames = 1, .refused = 1});
  t.check("unheard", keeps(t, kToneDb - 20), "after '" + std::string(check) + "': " + shown(t));
  const Rise later = risen(t, before, {});  // what was told meanwhile, too
  t.check(check, by.refused == 1 && later.refused == 1 && later.applied == 0, text(later));
}

}  // namespace

void add_sample_cases(std::vector<Case>& cases) {
  cases.push_back({
      .id = "signal.samples.refused",
      .title = "Samples that must not reach a parameter are refused, one by one",
      .steps = "Hold a gain at -20 dB; send samples that are too old, of another handle, no number, out of range; of another stream and "
               "another epoch.",
      .level = Level::required,
      .checks = {{"nan", {"GEST-21"}, "not a number is refused"},
                 {"infinite", {"GEST-21"}, "infinity is refused"},
                 {"above", {"GEST-21"}, "a value above the maximum is refused, and not clamped"},
                 {"below", {"GEST-21"}, "a value below the minimum is refused, and not clamped"},
                 {"handle", {"GEST-21"}, "a handle that the stream was not opened for is refused"},
                 {"old", {"GEST-21"}, "a number below the next expected is refused"},
                 {"stream", {"GEST-21", "SEC-15"}, "a stream id that was never opened is refused"},
                 {"epoch", {"GEST-21", "ENG-9"}, "another epoch is refused"},
                 {"unheard", {"GEST-21", "SEC-15"}, "none of them is heard"},
                 {"goes-on", {"GEST-21", "FRM-33"}, "the next good sample is heard"}},
      .run =
          [](Trial& t) {
            Hand& hand = gesture(t);
            refuses(t, "nan", [&] { hand.move(kGain, std::numeric_limits<double>::quiet_NaN()); });
            refuses(t, "infinite", [&] { hand.move(kGain, std::numeric_limits<double>::infinity()); });
            refuses(t, "above", [&] { hand.move(kGain, 12.001); });
            refuses(t, "below", [&] { hand.move(kGain, -90.001); });
            refuses(t, "handle", [&] { hand.move(kToneLevel, -40); });
            frames::ParameterStreamHeader header = hand.header;
            header.sequence = 0;
            refuses(t, "old", [&] { hand.frame(header, {{.value = -40, .handle = kGain}}, true); });
            header = hand.header;
            header.stream_id ^= 1;
            refuses(t, "stream", [&] { hand.frame(header, {{.value = -40, .handle = kGain}}, true); });
            header = hand.header;
            header.epoch -= 1;
            refuses(t, "epoch", [&] { hand.frame(header, {{.value = -40, .handle = kGain}}, true); });
            hand.move(kGain, -10);
            t.check("goes-on", shows(t, kToneDb - 10), shown(t));
          },
  });
  cases.push_back({
      .id = "signal.samples.one-by-one",
      .title = "A sample that is refused does not take others of its frame with it",
      .steps = "Send a frame of four samples, of which the first and the third are wrong.",
      .level = Level::required,
      .checks = {{"counts", {"GEST-22", "GEST-23"}, "two are applied and two refused"},
                 {"newest", {"GEST-17", "GEST-23"}, "the last good one is heard"},
                 {"report", {"GEST-22"}, "the report of the stream says the same"}},
      .run =
          [](Trial& t) {
            Hand& hand = gesture(t);
            const auto before = counters(t);
            hand.move({{.value = std::numeric_limits<double>::quiet_NaN(), .handle = kGain},
                       {.value = -30, .handle = kGain},
                       {.value = -40, .handle = kToneLevel},
                       {.value = -10, .handle = kGain}});
            (void)risen(t, before, {.frames = 1, .applied = 2, .refused = 2});
            t.check("newest", shows(t, kToneDb - 10) && keeps(t, kToneDb - 10), shown(t));
            const Rise by = risen(t, before, {});
            t.check("counts", by.applied == 2 && by.refused == 2, text(by));
            const Answer answer = close(t, kStream, {{.handle = kGain, .value = 0}});
            const auto* reply = answer.as<stream::CloseReply>();
            const stream::StreamReport expected{
                .frames_received = 2, .samples_received = 5, .samples_applied = 3, .samples_lost = 0, .samples_refused = 2};
            t.check("report", reply != nullptr && reply->report == expected, answer.text());
          },
  });
  cases.push_back({
      .id = "signal.samples.lost",
      .title = "Missing numbers are counted as lost",
      .steps = "Send two samples from 0; one from 5; the first two again. The table of gestures.md, in other words.",
      .level = Level::required,
      .checks = {{"report", {"GEST-21", "GEST-22"}, "three frames, five samples: three applied, three lost, two refused"},
                 {"heard", {"GEST-17"}, "the newest is heard"}},
      .run =
          [](Trial& t) {
            Hand& hand = playing_hand(t);
            const auto before = counters(t);
            hand.move({{.value = -20, .handle = kGain}, {.value = -21, .handle = kGain}});
            const frames::ParameterStreamHeader first{.stream_id = kStream, .epoch = t.epoch(), .sequence = 0};
            hand.header.sequence = 5;
            hand.move(kGain, -10);
            hand.frame(first, {{.value = -20, .handle = kGain}, {.value = -21, .handle = kGain}}, false);
            (void)counted(t, before, 3);
            t.check("heard", shows(t, kToneDb - 10), shown(t));
            const Answer answer = close(t, kStream, {{.handle = kGain, .value = 0}});
            const auto* reply = answer.as<stream::CloseReply>();
            const stream::StreamReport expected{
                .frames_received = 3, .samples_received = 5, .samples_applied = 3, .samples_lost = 3, .samples_refused = 2};
            t.check("report", reply != nullptr && reply->report == expected, answer.text());
          },
  });
  cases.push_back({
      .id = "signal.samples.targets-together",
      .title = "One frame moves all its targets",
      .steps = "Open a stream on gain and level; move both in one frame by +6 and -6 dB.",
      .level = Level::required,
      .checks = {{"both", {"GEST-19", "RT-9"}, "the meter shows both: their sum is as before"},
                 {"values", {"GEST-45", "GEST-31"}, "lastValues has both"}},
      .run =
          [](Trial& t) {
            Hand& hand = playing_hand(t, {kGain, kToneLevel});
            const auto before = counters(t);
            hand.move({{.value = 6, .handle = kGain}, {.value = kToneDb - 6, .handle = kToneLevel}});
            t.check("both", counted(t, before, 1) && shows(t, kToneDb) && keeps(t, kToneDb), shown(t));
            const Answer answer = close(t, kStream, {{.handle = kGain, .value = 0}, {.handle = kToneLevel, .value = kToneDb}});
            const auto* reply = answer.as<stream::CloseReply>();
            t.check("values", reply != nullptr && reply->last_values.size() == 2, answer.text());
          },
  });
  cases.push_back({
      .id = "signal.samples.bad-bytes",
      .title = "Bytes that are no frame are dropped and counted, and the next frame is taken",
      .steps = "Hold a gain at -20 dB; send nothing, text, an envelope, frames that are cut, of another identifier, with offsets that lead "
               "outside, and one that is too large.",
      .level = Level::required,
      .checks = {{"counted", {"FRM-32", "FRM-5", "FRM-30", "FRM-31"}, "each of them is counted, in EngineStats or in session.counters"},
                 {"not-applied", {"FRM-32", "SEC-16"}, "none of them is counted as applied"},
                 {"unheard", {"FRM-32", "SEC-16"}, "none of them is heard"},
                 {"goes-on", {"FRM-33"}, "the next good frame is heard"},
                 {"control", {"SEC-16"}, "the control plane serves"}},
      .run =
          [](Trial& t) {
            Hand& hand = gesture(t);
            const Sample loud{.value = 0, .handle = kGain};
            const std::string good(text_of(frames::make_parameter_stream(hand.header, {&loud, 1})));
            const auto patched = [&good](std::size_t at, const std::string& bytes) {
              std::string bad = good;
              return bad.replace(at, bytes.size(), bytes);
            };
            Watcher& watcher = t.watcher();
            watcher.subscribe("stats@010");
            const auto malformed = [&] {
              const auto& stats = watcher.stats["stats@010"];
              return stats.empty() ? std::int64_t{-1} : static_cast<std::int64_t>(stats.back().stream_frames_malformed);
            };
            if (!t.wait([&] { return malformed() >= 0; })) throw CaseEnded("no frame of stats@010");
            const auto before = counters(t);
            const std::int64_t malformed_before = malformed();
            const std::vector<std::string> bad{
                "",
                "hello",
                envelope("x1", "graph.query", "{}"),
                good.substr(0, good.size() / 2),
                good.substr(0, 7),
                patched(4, "LPXX"),
                patched(4, "LPME"),
                patched(0, std::string("\xff\xff\xff\x7f", 4)),
                patched(0, std::string("\xff\xff\xff\xff", 4)),
                std::string(2'000, '\xff'),
                good + std::string(1'100'000, '\0'),
            };
            for (const std::string& bytes : bad) hand.bytes(bytes);
            hand.parts({"x", good});
            t.check("unheard", keeps(t, kToneDb - 20), shown(t));
            hand.move(kGain, -10);
            t.check("goes-on", shows(t, kToneDb - 10), shown(t));
            const auto sent = static_cast<std::int64_t>(bad.size() + 1);
            std::int64_t told = 0;
            const bool all = soon(
                t,
                [&] {
                  const auto now = counters(t);
                  // A frame of another plane may be counted as such.
                  told = std::max(malformed() - malformed_before, now.malformed + now.refused - before.malformed - before.refused) +
                         now.telemetry_frames_seen - before.telemetry_frames_seen;
                  return told >= sent;
                },
                std::max(t.patience() / 3, kCountsBy));
            t.check("counted", all, std::to_string(told) + " of " + std::to_string(sent) + " were counted");
            const Rise by = risen(t, before, {.applied = 1});
            t.check("not-applied", by.applied == 1, text(by) + "; one good sample was sent");
            t.check("control", t.pulse().call(graph::Query{}).is_reply(), "graph.query is not answered");
          },
  });
  cases.push_back({
      .id = "signal.samples.reserved",
      .title = "Reserved fields are ignored",
      .steps = "Send a sample whose reserved field is not 0.",
      .level = Level::required,
      .checks = {{"taken", {"FRM-36"}, "it is heard"}},
      .run =
          [](Trial& t) {
            Hand& hand = playing_hand(t);
            hand.frame(hand.header, {{.value = -20, .handle = kGain, .reserved = 0xdead'beef}}, true);
            t.check("taken", shows(t, kToneDb - 20), shown(t));
          },
  });
  cases.push_back({
      .id = "signal.samples.newer-table",
      .title = "Fields of a table that are not known are ignored",
      .steps = "Send a frame whose table has a field more than the schema.",
      .level = Level::required,
      .checks = {{"taken", {"FRM-34"}, "it is heard"}},
      .run =
          [](Trial& t) {
            Hand& hand = playing_hand(t);
            // Laid out by hand: header, vtable with five fields, table, vector of one sample. All offsets as FlatBuffers has them.
            std::string frame(112, '\0');
            const auto put16 = [&frame](std::size_t at, std::uint16_t value) { std::memcpy(frame.data() + at, &value, sizeof value); };
            const auto put32 = [&frame](std::size_t at, std::uint32_t value) { std::memcpy(frame.data() + at, &value, sizeof value); };
            const auto put64 = [&frame](std::size_t at, std::uint64_t value) { std::memcpy(frame.data() + at, &value, sizeof value); };
            put32(0, 28);  // the table
            frame.replace(4, 4, "LPPS");
            put16(12, 14);  // vtable: its size, the size of the table, then where each field is
            put16(14, 44);
            put16(16, 4);   // stream_id
            put16(18, 12);  // epoch
            put16(20, 20);  // sequence
            put16(22, 28);  // samples
            put16(24, 36);  // a field of a later minor
            put32(28, 16);  // back to the vtable
            put64(32, hand.header.stream_id);
            put64(40, hand.header.epoch);
            put64(48, 0);
            put32(56, 20);  // to the vector
            put64(64, 0x1122'3344'5566'7788);
            put32(76, 1);  // one sample, aligned to 8
            const double value = -20;
            std::memcpy(frame.data() + 80, &value, sizeof value);
            put32(96, kGain);
            hand.bytes(frame);
            t.check("taken", shows(t, kToneDb - 20), shown(t));
          },
  });
  cases.push_back({
      .id = "signal.samples.during-command",
      .title = "Samples are taken while a command is being prepared",
      .steps = "Send graph.replace of a large graph and, at once, samples for the parameter that stays; close the stream.",
      .level = Level::required,
      .checks = {{"taken", {"ENG-4", "GEST-54"}, "the sample is heard"}},
      .run =
          [](Trial& t) {
            Hand& hand = playing_hand(t);
            graph::Graph large = voice();
            for (int i = 0; i < 500; ++i) {
              large.nodes.push_back(gain("extra-" + std::to_string(i), 100 + i));
              large.connections.push_back({.from = GraphNodeId("tone"), .to = large.nodes.back().id});
            }
            const std::string id = t.pulse().send(graph::Replace{.revision = 2, .graph = large});
            hand.move(kGain, -20);
            const Answer answer = t.pulse().answer(id);
            t.check("taken", answer.is_reply() && shows(t, kToneDb - 20), shown(t));
          },
  });
}

}  // namespace loophole::conformance::signal_cases
