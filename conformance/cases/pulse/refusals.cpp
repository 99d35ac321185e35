// Edits that are refused: the code, the place, and that nothing came of it. protocol/model.md, protocol/errors.md.
#include <algorithm>

#include "loophole/messages/automation.hpp"
#include "loophole/messages/clip.hpp"
#include "loophole/messages/transport.hpp"
#include "pulse/rig.hpp"

namespace loophole::conformance::pulse_cases {
namespace {

// Refused with this code; where the command has a value that is wrong, with a pointer to it.
template <class C>
void refused(Trial& t, std::string_view check, const C& command, const errors::Code& code, std::string_view pointer = {}) {
  const Answer answer = t.aura().call(command);
  t.check(check, answer.refused(code), std::string(C::kName) + ": " + answer.text());
  if (!pointer.empty())
    t.check("pointer", answer.error() != nullptr && answer.error()->pointer == pointer, std::string(C::kName) + ": " + answer.text());
}

}  // namespace

void add_refusal_cases(std::vector<Case>& cases) {
  cases.push_back({
      .id = "pulse.refusals.not-found",
      .title = "What is not there is named by its code, and nothing changes",
      .steps = "Name tracks, clips, channels, nodes, buses, sends and parameters that there are not; compare project, history and file.",
      .level = Level::required,
      .checks = {{"track", {"ERR-8", "ENV-23"}, "track.notFound"},
                 {"clip", {"ERR-8"}, "clip.notFound"},
                 {"channel", {"ERR-8"}, "channel.notFound"},
                 {"node", {"ERR-8"}, "node.notFound"},
                 {"routing", {"ERR-8"}, "bus.notFound and send.notFound"},
                 {"parameter", {"ERR-8"}, "parameter.notFound"},
                 {"unchanged", {"MODEL-5", "ENV-23"}, "project, revision and history are as they were, and nobody was told"}},
      .run =
          [](Trial& t) {
            (void)new_project(t);
            const Voice v = voice(t);
            const auto before = snapshot(t.aura());
            const auto history = steps(t.aura());
            const auto told = std::ranges::count(t.aura().order(), "project.changed event");
            refused(t, "track", track::Rename{.track_id = TrackId("trk-none"), .name = "x"}, errors::kTrackNotFound);
            refused(t, "track", track::Duplicate{.track_id = TrackId("trk-none")}, errors::kTrackNotFound);
            refused(t, "track", track::Remove{.track_id = TrackId("trk-none")}, errors::kTrackNotFound);
            refused(t, "clip", clip::Remove{.clip_id = ClipId("clp-none")}, errors::kClipNotFound);
            refused(t, "clip", clip::Split{.clip_id = ClipId("clp-none"), .position_frames = 1}, errors::kClipNotFound);
            refused(t, "channel", node::Add{.channel_id = ChannelId("chn-none"), .kind = node::NodeKind::pan}, errors::kChannelNotFound);
            refused(t, "channel", node::Move{.node_id = v.filter, .index = 0, .channel_id = ChannelId("chn-none")},
                    errors::kChannelNotFound);
            refused(t, "node", node::SetBypass{.node_id = NodeId("nod-none"), .bypassed = true}, errors::kNodeNotFound);
            refused(t, "routing", routing::SetOutput{.channel_id = v.channel, .bus_id = BusId("bus-none")}, errors::kBusNotFound);
            refused(t, "routing", routing::RemoveSend{.send_id = SendId("snd-none")}, errors::kSendNotFound);
            refused(t, "parameter", parameter::Set{.parameter_id = ParameterId("prm-none"), .value = 0}, errors::kParameterNotFound);
            refused(t, "parameter", automation::Clear{.parameter_id = ParameterId("prm-none")}, errors::kParameterNotFound);
            t.check("unchanged",
                    snapshot(t.aura()) == before && steps(t.aura()) == history &&
                        std::ranges::count(t.aura().order(), "project.changed event") == told,
                    "a refused command left something behind");
          },
  });
  cases.push_back({
      .id = "pulse.refusals.ranges",
      .title = "Values and places outside of their ranges are refused, not clamped",
      .steps = "Set values just beyond both ends of a range; move tracks, nodes and buses beyond the end of their lists.",
      .level = Level::required,
      .checks = {{"value", {"MODEL-35"}, "a value outside of its range is answered with parameter.outOfRange"},
                 {"index", {"MODEL-37"}, "an index beyond the end is answered with payload.invalid"},
                 {"pointer", {"ERR-6"}, "the error points at the value"},
                 {"points", {"MODEL-35"}, "so is a point of automation, with a pointer to it"},
                 {"unchanged", {"MODEL-5"}, "project and revision are as they were"}},
      .run =
          [](Trial& t) {
            (void)new_project(t);
            const Voice v = voice(t);
            const parameter::Parameter cutoff = parameter_of(t, v.cutoff);
            const auto before = snapshot(t.aura());
            for (const double value : {cutoff.minimum - 1e-6, cutoff.maximum + 1e-3, -1e300, 1e300})
              refused(t, "value", parameter::Set{.parameter_id = v.cutoff, .value = value}, errors::kParameterOutOfRange, "/payload/value");
            refused(t, "index", track::Move{.track_id = v.track, .index = 1}, errors::kPayloadInvalid, "/payload/index");
            refused(t, "index", node::Move{.node_id = v.filter, .index = 7}, errors::kPayloadInvalid, "/payload/index");
            refused(t, "index", node::Add{.channel_id = v.channel, .kind = node::NodeKind::pan, .index = 9}, errors::kPayloadInvalid,
                    "/payload/index");
            refused(t, "index", routing::AddBus{.name = "Bus", .index = 1}, errors::kPayloadInvalid, "/payload/index");
            refused(
                t, "points",
                automation::SetPoints{.parameter_id = v.cutoff,
                                      .from_frames = 0,
                                      .to_frames = 100,
                                      .points = {{.position_frames = 1, .value = cutoff.minimum, .shape = automation::Shape::hold},
                                                 {.position_frames = 2, .value = cutoff.maximum * 2, .shape = automation::Shape::hold}}},
                errors::kParameterOutOfRange, "/payload/points/1/value");
            t.check("unchanged", snapshot(t.aura()) == before, "another project or revision");
          },
  });
  cases.push_back({
      .id = "pulse.refusals.things",
      .title = "What cannot be is refused with the code for it",
      .steps =
          "Lead buses round; add nodes of no kind, clips of no file; split and trim beyond a clip; send automation out of order; set a "
          "loop that ends before it begins.",
      .level = Level::required,
      .checks = {{"cycle", {"ERR-8", "MODEL-5"}, "a way that leads back is answered with routing.cycle"},
                 {"file", {"ERR-8"}, "a file that is not there is answered with clip.fileUnreadable"},
                 {"clip", {"ERR-8"}, "a place beyond the clip is answered with clip.outOfRange"},
                 {"automation", {"ERR-8"}, "points out of order or outside of their part are answered with automation.invalidPoints"},
                 {"unchanged", {"MODEL-5", "ENV-23"}, "project and revision are as they were"}},
      .run =
          [](Trial& t) {
            (void)new_project(t);
            const Voice v = voice(t);
            const auto one = done(t, routing::AddBus{.name = "One"});
            const auto two = done(t, routing::AddBus{.name = "Two"});
            (void)done(t, routing::SetOutput{.channel_id = one.channel_id, .bus_id = two.bus_id});
            const auto clip =
                done(t, clip::Add{.track_id = v.track, .path = wave_file(t, "short.wav", 4'800).string(), .start_frames = 100});
            const auto before = snapshot(t.aura());
            refused(t, "cycle", routing::SetOutput{.channel_id = two.channel_id, .bus_id = one.bus_id}, errors::kRoutingCycle);
            refused(t, "cycle", routing::AddSend{.channel_id = two.channel_id, .bus_id = two.bus_id}, errors::kRoutingCycle);
            refused(t, "file", clip::Add{.track_id = v.track, .path = (t.folder() / "nothing.wav").string(), .start_frames = 0},
                    errors::kClipFileUnreadable);
            refused(t, "clip", clip::Split{.clip_id = clip.clip_id, .position_frames = 100}, errors::kClipOutOfRange);
            refused(t, "clip", clip::Trim{.clip_id = clip.clip_id, .start_frames = 100, .length_frames = 4'801}, errors::kClipOutOfRange);
            using automation::Shape;
            const auto points = [&](std::vector<automation::Point> list) {
              return automation::SetPoints{.parameter_id = v.gain, .from_frames = 10, .to_frames = 20, .points = std::move(list)};
            };
            refused(t, "automation", points({{15, 0, Shape::hold}, {12, 0, Shape::hold}}), errors::kAutomationInvalidPoints);
            refused(t, "automation", points({{12, 0, Shape::hold}, {12, 1, Shape::hold}}), errors::kAutomationInvalidPoints);
            refused(t, "automation", points({{20, 0, Shape::hold}}), errors::kAutomationInvalidPoints);
            t.check("unchanged", snapshot(t.aura()) == before, "another project or revision");
          },
  });
  cases.push_back({
      .id = "pulse.refusals.durable",
      .title = "A refused edit leaves the project file as it was, too",
      .steps = "Add a track; send edits that are refused; kill the Pulse; open the file with another one.",
      .level = Level::required,
      .checks = {{"file", {"MODEL-5"}, "project, revision and history are those of before"}},
      .run =
          [](Trial& t) {
            (void)new_project(t);
            const Voice v = voice(t);
            const auto before = snapshot(t.aura());
            const auto history = steps(t.aura());
            for (int i = 0; i < 20; ++i) (void)t.aura().call(parameter::Set{.parameter_id = v.cutoff, .value = -1e9});
            (void)t.aura().call(track::Remove{.track_id = TrackId("trk-none")});
            t.restart_peer();
            (void)done(t, project::Open{.path = song(t).string()});
            const auto after = snapshot(t.aura());
            t.check("file", after.revision == before.revision && after.project == before.project && steps(t.aura()) == history,
                    "another project, revision or history");
          },
  });
  cases.push_back({
      .id = "pulse.refusals.no-project",
      .title = "Without a project, what needs one is refused with project.none",
      .steps = "Send every command that may be answered with project.none, in a valid form, while no project is open.",
      .level = Level::required,
      .checks = {{"none", {"MODEL-24"}, "each of them is answered with project.none"}},
      .run =
          [](Trial& t) {
            running_engine(t);
            const TrackId track("trk-1");
            const ChannelId channel("chn-1");
            const ParameterId parameter("prm-1");
            refused(t, "none", track::Add{.name = "x"}, errors::kProjectNone);
            refused(t, "none", track::Move{.track_id = track, .index = 0}, errors::kProjectNone);
            refused(t, "none", clip::Remove{.clip_id = ClipId("clp-1")}, errors::kProjectNone);
            refused(t, "none", node::Add{.channel_id = channel, .kind = node::NodeKind::pan}, errors::kProjectNone);
            refused(t, "none", node::Remove{.node_id = NodeId("nod-1")}, errors::kProjectNone);
            refused(t, "none", routing::AddBus{.name = "x"}, errors::kProjectNone);
            refused(t, "none", parameter::Get{.parameter_id = parameter}, errors::kProjectNone);
            refused(t, "none", parameter::Set{.parameter_id = parameter, .value = 0}, errors::kProjectNone);
            refused(t, "none", parameter::GestureBegin{.parameter_ids = {parameter}}, errors::kProjectNone);
            refused(t, "none", automation::Clear{.parameter_id = parameter}, errors::kProjectNone);
            refused(t, "none", transport::SetTempo{.tempo_bpm = 100}, errors::kProjectNone);
            refused(t, "none", transport::Play{}, errors::kProjectNone);
            refused(t, "none", history::Undo{}, errors::kProjectNone);
            refused(t, "none", history::List{}, errors::kProjectNone);
            refused(t, "none", project::Save{}, errors::kProjectNone);
            refused(t, "none", project::Close{}, errors::kProjectNone);
            refused(t, "none", project::SaveAs{.path = song(t, "other").string()}, errors::kProjectNone);
            refused(t, "none", project::Changes{.project_id = ProjectId("prj-1"), .since_revision = 0}, errors::kProjectNone);
          },
  });
}

}  // namespace loophole::conformance::pulse_cases
