// Refused edits leave everything as it was: model, revision, history, engine, and every byte of the file.

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <random>

#include "loophole/core/id.hpp"
#include "support/sound_file.hpp"
#include "support/studio.hpp"

using namespace loophole;
using namespace loophole::pulse;
using namespace loophole::pulse::test;

namespace {

// A user who gets everything wrong, in a project that has one of each thing.
class Mistakes {
 public:
  Mistakes(Studio& studio, StudioClient& user, std::uint32_t seed) : studio_(studio), user_(user), random_(seed) {
    (void)studio.make_song(user);
    const auto sound = write_sound(studio.folder / "sound.wav", 100, 48'000);
    (void)user.call(clip::Add{.track_id = track().id, .path = sound.string(), .start_frames = 50, .name = {}}).value();
    const BusId bus = user.call(routing::AddBus{.name = "Reverb", .index = {}}).value().bus_id;
    (void)user.call(routing::AddSend{.channel_id = track().channel.id, .bus_id = bus, .pre_fader = false}).value();
  }

  // Makes a mistake; the code must be one that the schema of the command lists.
  void make() {
    const std::int64_t far = 1'000 + static_cast<std::int64_t>(random_() % 3'000);
    switch (random_() % 33) {
      case 0:
        return refused(track::Add{.name = "x", .index = far});
      case 1:
        return refused(track::Remove{.track_id = wrong<TrackId>()});
      case 2:
        return refused(track::Move{.track_id = track().id, .index = far});
      case 3:
        return refused(track::Move{.track_id = wrong<TrackId>(), .index = 0});
      case 4:
        return refused(track::Rename{.track_id = wrong<TrackId>(), .name = "x"});
      case 5:
        return refused(track::SetColour{.track_id = wrong<TrackId>(), .colour = {}});
      case 6:
        return refused(track::Duplicate{.track_id = wrong<TrackId>(), .name = {}});
      case 7:
        return refused(clip::Add{.track_id = track().id, .path = "/nowhere/at/all.wav", .start_frames = far, .name = {}});
      case 8:
        return refused(clip::Add{.track_id = wrong<TrackId>(), .path = "/nowhere/at/all.wav", .start_frames = 0, .name = {}});
      case 9:
        return refused(clip::Remove{.clip_id = wrong<ClipId>()});
      case 10:
        return refused(clip::Move{.clip_id = clip().id, .start_frames = far, .track_id = wrong<TrackId>()});
      case 11:
        return refused(clip::Trim{.clip_id = clip().id, .start_frames = far, .length_frames = 1});
      case 12:
        return refused(clip::Trim{.clip_id = clip().id, .start_frames = 60, .length_frames = far});
      case 13:
        return refused(clip::Split{.clip_id = clip().id, .position_frames = far});
      case 14:
        return refused(clip::SetGain{.clip_id = wrong<ClipId>(), .gain_db = 0});
      case 15:
        return refused(node::Add{.channel_id = wrong<ChannelId>(), .kind = node::NodeKind::pan, .plugin = {}, .name = {}, .index = {}});
      case 16:
        return refused(node::Add{.channel_id = track().channel.id, .kind = node::NodeKind::pan, .plugin = {}, .name = {}, .index = far});
      case 17:
        return refused(node::Remove{.node_id = wrong<NodeId>()});
      case 18:
        return refused(node::Move{.node_id = filter().id, .index = far, .channel_id = {}});
      case 19:
        return refused(node::SetBypass{.node_id = wrong<NodeId>(), .bypassed = true});
      case 20:
        return refused(node::Replace{.node_id = wrong<NodeId>(), .kind = node::NodeKind::pan, .plugin = {}, .name = {}});
      case 21:
        return refused(routing::AddBus{.name = "x", .index = far});
      case 22:
        return refused(routing::RemoveBus{.bus_id = wrong<BusId>()});
      case 23:
        return refused(routing::RenameBus{.bus_id = wrong<BusId>(), .name = "x"});
      case 24:
        return refused(routing::SetOutput{.channel_id = bus().channel.id, .bus_id = bus().id});
      case 25:
        return refused(routing::SetOutput{.channel_id = studio_.hub->project()->master.id, .bus_id = bus().id});
      case 26:
        return refused(routing::AddSend{.channel_id = bus().channel.id, .bus_id = bus().id, .pre_fader = true});
      case 27:
        return refused(routing::RemoveSend{.send_id = wrong<SendId>()});
      case 28:
        return refused(parameter::Set{.parameter_id = cutoff(), .value = -static_cast<double>(far)});
      case 29:
        return refused(parameter::Set{.parameter_id = wrong<ParameterId>(), .value = 0});
      case 30:
        return refused(automation::SetPoints{.parameter_id = cutoff(),
                                             .from_frames = 0,
                                             .to_frames = far,
                                             .points = {{.position_frames = far, .value = 100, .shape = automation::Shape::hold}}});
      case 31:
        return refused(automation::Clear{.parameter_id = wrong<ParameterId>(), .from_frames = {}, .to_frames = {}});
      default:
        return refused(automation::SetMode{.parameter_id = wrong<ParameterId>(), .mode = automation::Mode::read});
    }
  }

 private:
  // An id that the project does not have, or has for something else.
  template <class Id>
  Id wrong() {
    return random_() % 2 == 0 ? Id(random_id("xyz")) : Id(studio_.hub->project()->id.str());
  }
  template <class Command>
  void refused(Command command) {
    const Error error = user_.call(std::move(command)).error();
    const wire::MessageDesc& desc = wire::MessageOf<Command>::desc();
    CAPTURE(desc.name);
    CAPTURE(error.code);
    CHECK((is(error, errors::kPayloadInvalid) || std::find(desc.errors.begin(), desc.errors.end(), error.code) != desc.errors.end()));
    CHECK(error.pointer.value_or("").starts_with("/payload/"));
  }
  [[nodiscard]] const track::Track& track() const { return studio_.hub->project()->tracks.at(0); }
  [[nodiscard]] const clip::Clip& clip() const { return track().clips.at(0); }
  [[nodiscard]] const node::Node& filter() const { return track().channel.nodes.at(0); }
  [[nodiscard]] const routing::Bus& bus() const { return studio_.hub->project()->buses.at(0); }
  [[nodiscard]] ParameterId cutoff() const { return filter().parameters.at(0).id; }

  Studio& studio_;
  StudioClient& user_;
  std::mt19937 random_;
};

}  // namespace

TEST_CASE("hundreds of refused edits change nothing: model, revision, history, engine, bytes of the file") {
  Studio studio;
  studio.start_engine();
  StudioClient user = studio.client();
  Mistakes mistakes(studio, user, 7);
  const auto path = studio.hub->document()->path();
  const auto before = user.call(project::Snapshot{}).value();
  const auto list = user.call(history::List{}).value();
  const std::size_t events = user.of<project::Changed>().size();
  studio.settle();
  const std::size_t received = studio.signal->received.size();
  const std::string bytes = bytes_in(path);
  const std::string log = bytes_in(path.string() + "-wal");
  REQUIRE(!log.empty());

  for (int i = 0; i < 400; ++i) mistakes.make();

  CHECK(user.call(project::Snapshot{}).value() == before);
  CHECK(user.call(history::List{}).value() == list);
  CHECK(user.of<project::Changed>().size() == events);
  studio.settle();
  CHECK(studio.signal->received.size() == received);
  CHECK((bytes_in(path) == bytes));
  CHECK((bytes_in(path.string() + "-wal") == log));
}
