#include "app/names.hpp"

#include <doctest/doctest.h>

using namespace loophole;

namespace {

parameter::Parameter make_parameter(const std::string& id, const std::string& name) {
  parameter::Parameter parameter;
  parameter.id = ParameterId{id};
  parameter.key = name == "Cutoff" ? "cutoff" : name;
  parameter.name = name;
  return parameter;
}

node::Node make_node(const std::string& id, const std::string& name, const std::string& parameter) {
  node::Node node;
  node.id = NodeId{id};
  node.name = name;
  node.parameters = {make_parameter(id + "-p", parameter)};
  return node;
}

// Synth: Filter/Cutoff, Tone/Level, a send to Reverb. Drums: two nodes of the same name. The bus Reverb: Echo/Time.
project::Project make_project() {
  project::Project project;
  project.master.gain = make_parameter("master", "Master Gain");
  project.master.gain.key = "gain";
  track::Track synth;
  synth.id = TrackId{"trk-1"};
  synth.name = "Synth";
  synth.channel.gain = make_parameter("synth-gain", "Gain");
  synth.channel.nodes = {make_node("flt", "Filter", "Cutoff"), make_node("ton", "Tone", "Level")};
  clip::Clip clip;
  clip.id = ClipId{"clp-1"};
  clip.name = "Hello";
  synth.clips = {clip};
  track::Track drums;
  drums.id = TrackId{"trk-2"};
  drums.name = "Drums";
  drums.channel.gain = make_parameter("drums-gain", "Gain");
  drums.channel.nodes = {make_node("a", "Filter", "Cutoff"), make_node("b", "Filter", "Cutoff")};
  routing::Bus reverb;
  reverb.id = BusId{"bus-1"};
  reverb.name = "Reverb";
  reverb.channel.id = ChannelId{"chn-1"};
  reverb.channel.gain = make_parameter("reverb-gain", "Gain");
  reverb.channel.nodes = {make_node("ech", "Echo", "Time")};
  channel::Send send;
  send.id = SendId{"snd-1"};
  send.bus_id = reverb.id;
  send.level = make_parameter("snd-level", "Send Level");
  synth.channel.sends = {send};
  project.tracks = {synth, drums};
  project.buses = {reverb};
  return project;
}

}  // namespace

TEST_CASE("tracks, nodes, clips and parameters are found by name and by id") {
  const auto project = make_project();
  CHECK(cli::find_track(project, "Synth").value()->id == TrackId{"trk-1"});
  CHECK(cli::find_track(project, "trk-2").value()->name == "Drums");
  CHECK(cli::find_node(project, "Synth/Filter").value()->id == NodeId{"flt"});
  CHECK(cli::find_clip(project, "Synth/Hello").value()->id == ClipId{"clp-1"});
  CHECK(cli::find_parameter(project, "Synth/Cutoff").value()->id == ParameterId{"flt-p"});
  CHECK(cli::find_parameter(project, "Synth/Filter/Cutoff").value()->id == ParameterId{"flt-p"});
  CHECK(cli::find_parameter(project, "Drums/Gain").value()->id == ParameterId{"drums-gain"});
  CHECK(cli::find_parameter(project, "Master/Gain").value()->id == ParameterId{"master"});
  CHECK(cli::find_parameter(project, "b-p").value()->id == ParameterId{"b-p"});
}

TEST_CASE("buses, channels and sends are found by name and by id, and what is on them too") {
  const auto project = make_project();
  CHECK(cli::find_bus(project, "Reverb").value()->id == BusId{"bus-1"});
  CHECK(cli::find_channel(project, "Reverb").value()->id == ChannelId{"chn-1"});
  CHECK(cli::find_channel(project, "bus-1").value()->id == ChannelId{"chn-1"});
  CHECK(cli::find_channel(project, "Synth").value()->gain.id == ParameterId{"synth-gain"});
  CHECK(cli::find_channel(project, "Master").value() == &project.master);
  CHECK(cli::find_send(project, "Synth/Reverb").value()->id == SendId{"snd-1"});
  CHECK(cli::find_node(project, "Reverb/Echo").value()->id == NodeId{"ech"});
  CHECK(cli::find_parameter(project, "Reverb/Time").value()->id == ParameterId{"ech-p"});
  CHECK(cli::find_parameter(project, "Synth/Reverb/Send Level").value()->id == ParameterId{"snd-level"});
  CHECK(is(cli::find_bus(project, "Moon").error(), errors::kBusNotFound));
}

TEST_CASE("case does not matter") {
  CHECK(cli::find_parameter(make_project(), "synth/CUTOFF").has_value());
}

TEST_CASE("what is not there is named, with the command that lists what is") {
  const auto found = cli::find_track(make_project(), "Moon");
  REQUIRE_FALSE(found.has_value());
  CHECK(is(found.error(), errors::kTrackNotFound));
  CHECK(found.error().message.find("Moon") != std::string::npos);
  CHECK(found.error().message.find("track list") != std::string::npos);
}

TEST_CASE("what is ambiguous is refused with the ids to choose from") {
  const auto found = cli::find_parameter(make_project(), "Drums/Cutoff");
  REQUIRE_FALSE(found.has_value());
  CHECK(found.error().message.find("a-p, b-p") != std::string::npos);
}

TEST_CASE("every parameter is listed with a name that finds it or is ambiguous") {
  const auto project = make_project();
  const auto all = cli::all_parameters(project);
  CHECK(all.size() == 10);
  CHECK(all.front().name == "Synth/Filter/Cutoff");
  CHECK(all.back().parameter == &project.master.gain);
}
