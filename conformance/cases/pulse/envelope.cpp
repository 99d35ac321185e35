// Envelopes, commands and answers, on the edge to Aura: protocol/envelope.md.
#include <algorithm>
#include <set>

#include "pulse/rig.hpp"

namespace loophole::conformance::pulse_cases {

void add_envelope_cases(std::vector<Case>& cases) {
  cases.push_back({
      .id = "pulse.envelope.member-order",
      .title = "Members come in any order",
      .steps = "Send track.add with its members backwards, and the payload first.",
      .level = Level::wire,
      .checks = {{"backwards", {"ENV-4"}, "the command is done"}},
      .run =
          [](Trial& t) {
            (void)new_project(t);
            const Answer answer =
                said(t.aura(), "b1",
                     R"({"payload":{"name":"Drums"},"name":"track.add","kind":"command","target":"pulse","origin":"aura",)"
                     R"("ts":"2026-01-31T12:00:00.000Z","id":"b1","v":1})");
            t.check("backwards", answer.as<track::AddReply>() != nullptr, answer.text());
          },
  });
  cases.push_back({
      .id = "pulse.envelope.unknown-members",
      .title = "Members and labels that are not known are ignored, at every depth",
      .steps = "Send track.add and automation.setPoints with invented members, and a point of an invented shape.",
      .level = Level::required,
      .checks = {{"header", {"ENV-5", "VER-6"}, "invented members of header and payload are ignored"},
                 {"depths", {"ENV-5", "VER-6"}, "so are those of a point in a list"},
                 {"label",
                  {"ENV-11", "VER-6"},
                  "a kind of node that nobody knows is no broken schema, but answered with node.kindUnsupported"},
                 {"shape", {"ENV-11"}, "points of a shape that nobody knows are refused, and nothing is changed"},
                 {"closed", {"VER-7"}, "one of a closed enumeration is refused with payload.invalid"},
                 {"counted", {"HELLO-17", "GEN-4"}, "they are counted as newer"}},
      .run =
          [](Trial& t) {
            (void)new_project(t);
            const Voice v = voice(t);
            Aura& aura = t.aura();
            const auto before = counters(aura);
            const Answer header = said(aura, "u1",
                                       with(envelope("u1", "track.add", R"({"name":"Drums","size":{"x":[1,null,{"z":"}"}]}})"), R"({"v":1)",
                                            R"({"x":{"y":[]},"v":1,"null":null)"));
            t.check("header", header.is_reply(), header.text());
            const auto points = [&](const std::string& id, const std::string& shape) {
              return envelope(id, "automation.setPoints",
                              R"({"parameterId":")" + v.gain.value +
                                  R"(","fromFrames":0,"toFrames":100,"points":[{"positionFrames":5,"value":-1,"shape":")" + shape +
                                  R"(","bend":{"a":1e300}}]})");
            };
            const Answer depths = said(aura, "u2", points("u2", "linear"));
            t.check("depths", depths.is_reply(), depths.text());
            const Answer label =
                said(aura, "u3", envelope("u3", "node.add", R"({"channelId":")" + v.channel.value + R"(","kind":"kaleidoscope"})"),
                     Meant::wrong);
            t.check("label", label.refused(errors::kNodeKindUnsupported), label.text());
            const auto project = snapshot(aura).project;
            const Answer shape = said(aura, "u5", points("u5", "wiggle"), Meant::wrong);
            t.check("shape", shape.error() != nullptr && snapshot(aura).project == project, shape.text());
            const Answer closed =
                said(aura, "u4",
                     envelope("u4", "parameter.gesture.begin", R"({"parameterIds":[")" + v.gain.value + R"("],"onAbandon":"shrug"})"),
                     Meant::wrong);
            t.check("closed", closed.refused(errors::kPayloadInvalid), closed.text());
            t.check("counted", counters(aura).newer > before.newer, "newer did not rise");
          },
  });
  cases.push_back({
      .id = "pulse.envelope.numbers",
      .title = "A number is the same however it is written, and ts is for logs",
      .steps = "Send integers as 0.96e5 and 48000.0, a tempo as 12e1, from 1999 and 2099.",
      .level = Level::required,
      .checks = {{"integers", {"ENV-13"}, "project.new with 4.8e4 opens a project of 48000 Hz"},
                 {"numbers", {"ENV-13"}, "a tempo of 9e1 is 90"},
                 {"time", {"ENV-10"}, "commands from 1999 and 2099 are done as any other"}},
      .run =
          [](Trial& t) {
            Aura& aura = t.aura();
            const Answer made =
                said(aura, "n1", envelope("n1", "project.new", R"({"path":")" + song(t).string() + R"(","sampleRateHz":4.8e4})"));
            const auto now = snapshot(aura);
            t.check("integers", made.is_reply() && now.project && now.project->sample_rate_hz == 48'000, made.text());
            const Answer tempo = said(aura, "n2", with(envelope("n2", "transport.setTempo", R"({"tempoBpm":9e1})"), "2026", "1999"));
            t.check("time", tempo.is_reply(), tempo.text());
            t.check("numbers", project_of(aura).tempo_bpm == 90.0, tempo.text());
            const Answer later = said(aura, "n3", with(envelope("n3", "transport.setTempo", R"({"tempoBpm":91})"), "2026", "2099"));
            t.check("time", later.is_reply(), later.text());
          },
  });
  cases.push_back({
      .id = "pulse.envelope.member-twice",
      .title = "Of a member that comes twice the last one counts, where it is not refused",
      .steps = "Send track.add with two names.",
      .level = Level::required,
      .checks = {{"last", {"ENV-9"}, "the answer is a refusal, or the name is the last one"}},
      .run =
          [](Trial& t) {
            (void)new_project(t);
            const Answer answer = said(t.aura(), "d1", envelope("d1", "track.add", R"({"name":"One","name":"Two"})"), Meant::wrong);
            const auto now = snapshot(t.aura());
            const bool refused = answer.refused(errors::kEnvelopeMalformed) || answer.refused(errors::kPayloadInvalid);
            t.check("last", refused || (now.project && now.project->tracks.size() == 1 && now.project->tracks[0].name == "Two"),
                    answer.text());
          },
  });
  cases.push_back({
      .id = "pulse.envelope.answers",
      .title = "Each command gets exactly one answer, with its id and name",
      .steps = "Send fifty commands without waiting, some of which are refused; collect the answers; look at the project.",
      .level = Level::required,
      .checks = {{"each", {"ENV-14", "ENV-15"}, "each of them is answered, with its id as cid and its name"},
                 {"once", {"ENV-14"}, "no further answer comes"},
                 {"order", {"ENV-18"}, "they were done in the order in which they were sent"}},
      .run =
          [](Trial& t) {
            (void)new_project(t);
            Aura& aura = t.aura();
            std::vector<std::string> ids;
            std::vector<std::string> names;
            for (int i = 0; i < 50; ++i) {
              if (i % 5 == 4) {
                ids.push_back(aura.send(track::Remove{.track_id = TrackId("trk-none")}));
              } else {
                names.push_back("Track " + std::to_string(i));
                ids.push_back(aura.send(track::Add{.name = names.back()}));
              }
            }
            for (std::size_t i = 0; i < ids.size(); ++i) {
              const Answer answer = aura.answer(ids[i]);
              const bool refusal = i % 5 == 4;
              const bool right = refusal ? answer.refused(errors::kTrackNotFound) : answer.is_reply();
              t.check("each",
                      right && answer.message() != nullptr && answer.message()->header.name == (refusal ? "track.remove" : "track.add"),
                      answer.text());
            }
            const auto now = snapshot(aura);
            std::vector<std::string> found;
            for (const track::Track& one : now.project.value().tracks) found.push_back(one.name);
            t.check("order", found == names, "the tracks have another order");
            bool further = false;
            for (const std::string& id : ids) further = further || aura.answer(id, Milliseconds(0)).came();
            t.check("once", !further, "a command was answered again");
          },
  });
  cases.push_back({
      .id = "pulse.envelope.events-first",
      .title = "Events that a command caused come before its answer, with its id as cid, to every user interface",
      .steps = "With two user interfaces, add a track; look at what comes to both.",
      .level = Level::required,
      .checks = {{"before", {"ENV-16"}, "project.changed comes before the answer"},
                 {"cid", {"ENV-17"}, "it has the id of the command as cid"},
                 {"other", {"ENV-17", "MODEL-2"}, "the other one gets it with the same cid"}},
      .run =
          [](Trial& t) {
            (void)new_project(t);
            Aura& other = second_aura(t);
            Aura& aura = t.aura();
            const std::size_t from = aura.order().size();
            const std::string id = aura.send(track::Add{.name = "Drums"});
            const Answer answer = aura.answer(id);
            const auto begin = aura.order().begin() + static_cast<std::ptrdiff_t>(from);
            const auto replied = std::find(begin, aura.order().end(), "track.add reply");
            t.check("before", replied != aura.order().end() && std::find(begin, replied, "project.changed event") != replied,
                    answer.text());
            const auto* changed = aura.event<project::Changed>();
            t.check("cid", changed != nullptr && aura.last_event().header.cid && aura.last_event().header.cid->value == id, "another cid");
            const auto* told = other.event<project::Changed>();
            t.check("other", told != nullptr && other.last_event().header.cid && other.last_event().header.cid->value == id,
                    told == nullptr ? "no project.changed" : "another cid");
          },
  });
  cases.push_back({
      .id = "pulse.envelope.retry",
      .title = "A command that is not idempotent and arrives again is not executed again",
      .steps = "Add a track; send the same with the same id again, on the same connection and on a new one of the same instance.",
      .level = Level::required,
      .checks = {{"same", {"ENV-24"}, "it gets the answer of the first time"},
                 {"reconnected", {"ENV-24", "ENV-25"}, "so it does on a new connection"},
                 {"once", {"ENV-24"}, "there is one track"},
                 {"other-instance", {"ENV-24"}, "another instance with the same id adds another one"}},
      .run =
          [](Trial& t) {
            (void)new_project(t);
            Aura& aura = t.aura();
            const std::string text = aura.text_of(track::Add{.name = "Drums"}, "p1");
            const Answer first = said(aura, "p1", text);
            const auto* reply = first.as<track::AddReply>();
            if (reply == nullptr) throw CaseEnded("track.add was refused: " + first.text());
            const auto same = [&](const Answer& answer) {
              const auto* now = answer.as<track::AddReply>();
              return now != nullptr && *now == *reply;
            };
            const Answer second = said(aura, "p1", text);
            t.check("same", same(second), second.text());
            Aura& again = t.join();
            again.be(aura.instance());
            again.greet();
            const Answer third = said(again, "p1", text);
            t.check("reconnected", same(third), third.text());
            t.check("once", project_of(again).tracks.size() == 1, "there are more tracks");
            again.disconnect();  // an event with this id as cause would be one of its own
            Aura& stranger = t.join();
            stranger.greet();
            const Answer other = said(stranger, "p1", text);
            t.check("other-instance", other.is_reply() && !same(other), other.text());
          },
  });
  cases.push_back({
      .id = "pulse.envelope.retry-memory",
      .title = "The answers to the newest 64 commands are remembered, also while one is gone",
      .steps = "Add 64 tracks; cut the connection; connect again as the same instance; send the first command again.",
      .level = Level::required,
      .checks = {{"remembered", {"ENV-25", "ENV-24"}, "it gets the answer of the first time"}, {"once", {"ENV-24"}, "there are 64 tracks"}},
      .run =
          [](Trial& t) {
            (void)new_project(t);
            Aura& keeper = second_aura(t);
            Aura& aura = t.aura();
            TrackId first;
            for (int i = 1; i <= 64; ++i) {
              const std::string id = "p" + std::to_string(i);
              const Answer answer = said(aura, id, aura.text_of(track::Add{.name = "Drums"}, id));
              if (!answer.is_reply()) throw CaseEnded("track.add was refused: " + answer.text());
              if (i == 1) first = answer.need<track::AddReply>().track_id;
            }
            aura.disconnect();
            Aura& again = t.join();
            again.be(aura.instance());
            again.greet();
            const Answer answer = said(again, "p1", again.text_of(track::Add{.name = "Drums"}, "p1"));
            const auto* reply = answer.as<track::AddReply>();
            t.check("remembered", reply != nullptr && reply->track_id == first, answer.text());
            t.check("once", project_of(keeper).tracks.size() == 64, "another number of tracks");
          },
  });
  cases.push_back({
      .id = "pulse.envelope.joined",
      .title = "A command that arrives again while it is being executed is joined to the first",
      .steps = "Hold the engine's answer to stream.open; begin a gesture; send the same begin again; let the engine answer.",
      .level = Level::required,
      .checks = {{"waits", {"GEST-1"}, "nothing is answered before the engine took the stream"},
                 {"both", {"ENV-43", "ENV-14"}, "then both are answered, with the same gesture"},
                 {"once", {"ENV-43"}, "the engine opened one stream"}},
      .run =
          [](Trial& t) {
            (void)new_project(t);
            running_engine(t);
            const Voice v = voice(t);
            Aura& aura = t.aura();
            t.signal().hold<stream::Open>();
            const std::string text = aura.text_of(parameter::GestureBegin{.parameter_ids = {v.gain}}, "g1");
            aura.send_text(text, Meant::valid);
            if (t.signal().got<stream::Open>() == nullptr) throw CaseEnded("the engine was not asked to open a stream");
            aura.send_text(text, Meant::valid);
            (void)snapshot(aura);
            t.check("waits", !aura.answer("g1", Milliseconds(200)).came(), "the begin was answered before the engine took the stream");
            t.signal().release();
            const Answer first = aura.answer("g1");
            const Answer second = aura.answer("g1");
            const auto* one = first.as<parameter::GestureBeginReply>();
            const auto* two = second.as<parameter::GestureBeginReply>();
            t.check("both", one != nullptr && two != nullptr && one->gesture_id == two->gesture_id, first.text() + "\n" + second.text());
            t.check("once", t.signal().stream_ids.size() == 1, std::to_string(t.signal().stream_ids.size()) + " streams were opened");
          },
  });
  cases.push_back({
      .id = "pulse.envelope.ids",
      .title = "No id is given twice, on whichever edge",
      .steps = "Edit with two user interfaces, let the engine die and come back, edit on; compare the ids on both edges.",
      .level = Level::required,
      .checks = {{"edges", {"ENV-2"}, "no message to the engine has the id of one to a user interface"},
                 {"engines", {"ENV-2"}, "no message to the second engine has the id of one to the first"}},
      .run =
          [](Trial& t) {
            (void)new_project(t);
            Signal& signal = running_engine(t);
            Aura& other = second_aura(t);
            const Voice v = voice(t);
            (void)done(t, parameter::Set{.parameter_id = v.gain, .value = -1});
            if (!digests_agree(t)) throw CaseEnded("the engine was not brought up: " + digests(t));
            const std::set<std::string> first = signal.ids();
            signal.crash();
            if (!t.wait([&] { return signal.starts() == 2 && signal.live.there(); })) throw CaseEnded("no other engine was brought up");
            (void)done(t, parameter::Set{.parameter_id = v.gain, .value = -2});
            (void)engine_has(t, v.gain, -2);
            for (Aura* one : {&t.aura(), &other})
              for (const std::string& id : one->ids()) t.check("edges", !signal.ids().contains(id), "'" + id + "' is on both edges");
            t.check("engines", signal.ids().size() >= first.size() + signal.order().size(), "an id of the first came again");
          },
  });
  cases.push_back({
      .id = "pulse.envelope.thousand",
      .title = "A thousand commands that wait are all answered",
      .steps = "Send 1,000 questions without reading an answer; then read.",
      .level = Level::required,
      .checks = {{"all", {"FRM-11", "FRM-10", "ENV-14"}, "each of them is answered"}},
      .run =
          [](Trial& t) {
            Aura& aura = t.aura();
            aura.stop_reading();
            std::vector<std::string> ids;
            for (int i = 0; i < 1'000; ++i) ids.push_back(aura.send(project::Snapshot{}));
            aura.read_again();
            for (const std::string& id : ids) {
              const Answer answer = aura.answer(id);
              t.require("all", answer.is_reply(), id + ": " + answer.text());
            }
          },
  });
}

}  // namespace loophole::conformance::pulse_cases
