#include <doctest/doctest.h>

#include <fstream>

#include "scenario.hpp"

namespace loophole::scenarios {
namespace {

Json tracks(Player& player) {
  return player.ok("project.snapshot")["project"]["tracks"];
}

// A project with a track; gives the reply of track.add.
Json with_track(Stage& stage, Player& player) {
  stage.new_project(player);
  const Json track = player.ok("track.add", {{"name", "Drums"}});
  player.event("project.changed");
  return track;
}

// --- tracks

void tracks_come_and_go(Stage& stage) {
  Player& a = stage.join("a");
  stage.new_project(a);
  const Json drums = a.ok("track.add", {{"name", "Drums"}});
  const Json added = a.event("project.changed");
  CHECK(added["changes"][0]["type"] == "track.added");
  CHECK(added["changes"][0]["track"]["id"] == drums["trackId"]);
  a.ok("track.add", {{"name", "First"}, {"index", 0}});
  CHECK(a.event("project.changed")["changes"][0]["index"] == 0);
  CHECK(a.ok("track.rename", {{"trackId", drums["trackId"]}, {"name", "Kit"}})["revision"] == 3);
  CHECK(a.event("project.changed")["changes"][0]["name"] == "Kit");
  CHECK(tracks(a)[1]["name"] == "Kit");
  a.ok("track.remove", {{"trackId", drums["trackId"]}});
  CHECK(a.event("project.changed")["changes"][0]["type"] == "track.removed");
  CHECK(tracks(a).size() == 1);
}

void track_refusals(Stage& stage) {
  Player& a = stage.join("a");
  with_track(stage, a);
  const Json before = a.ok("project.snapshot");
  a.refused("track.rename", {{"trackId", "trk-nowhere"}, {"name", "x"}}, "track.notFound", "/payload/trackId");
  a.refused("track.remove", {{"trackId", "trk-nowhere"}}, "track.notFound", "/payload/trackId");
  a.no_event("project.changed");
  CHECK(a.ok("project.snapshot") == before);
}

void track_order(Stage& stage) {
  Player& a = stage.join("a");
  const Json drums = with_track(stage, a);
  a.ok("track.add", {{"name", "Bass"}});
  a.event("project.changed");
  a.ok("track.move", {{"trackId", drums["trackId"]}, {"index", 1}});
  CHECK(a.event("project.changed")["changes"][0]["type"] == "track.moved");
  CHECK(tracks(a)[1]["id"] == drums["trackId"]);
  a.refused("track.move", {{"trackId", "trk-nowhere"}, {"index", 0}}, "track.notFound", "/payload/trackId");
}

void track_colour(Stage& stage) {
  Player& a = stage.join("a");
  const Json drums = with_track(stage, a);
  a.ok("track.setColour", {{"trackId", drums["trackId"]}, {"colour", "#ff8800"}});
  CHECK(a.event("project.changed")["changes"][0]["colour"] == "#ff8800");
  a.ok("track.setColour", {{"trackId", drums["trackId"]}});
  CHECK_FALSE(a.event("project.changed")["changes"][0].contains("colour"));
}

void track_copy(Stage& stage) {
  Player& a = stage.join("a");
  const Json drums = with_track(stage, a);
  a.ok("node.add", {{"channelId", drums["channelId"]}, {"kind", "filter"}});
  a.event("project.changed");
  const Json copy = a.ok("track.duplicate", {{"trackId", drums["trackId"]}});
  CHECK(copy["trackId"] != drums["trackId"]);
  CHECK(copy["channelId"] != drums["channelId"]);
  CHECK(a.event("project.changed")["revision"] == copy["revision"]);
  const Json both = tracks(a);
  CHECK(both[1]["id"] == copy["trackId"]);
  CHECK(both[1]["channel"]["nodes"].size() == 1);
  CHECK(both[1]["channel"]["nodes"][0]["id"] != both[0]["channel"]["nodes"][0]["id"]);
}

// --- clips

void clips_come_and_go(Stage& stage) {
  Player& a = stage.join("a");
  const Json track = with_track(stage, a);
  const Json clip = a.ok("clip.add", {{"trackId", track["trackId"]}, {"path", stage.sound("beat.wav")}, {"startFrames", 4800}});
  CHECK(clip["lengthFrames"] == 48000);
  const Json added = a.event("project.changed")["changes"][0];
  CHECK(added["type"] == "clip.added");
  CHECK(added["clip"]["startFrames"] == 4800);
  a.ok("clip.remove", {{"clipId", clip["clipId"]}});
  CHECK(a.event("project.changed")["changes"][0]["type"] == "clip.removed");
  CHECK(tracks(a)[0]["clips"].empty());
}

void clip_refusals(Stage& stage) {
  Player& a = stage.join("a");
  const Json track = with_track(stage, a);
  a.refused("clip.add", {{"trackId", track["trackId"]}, {"path", stage.path("nowhere.wav")}, {"startFrames", 0}}, "clip.fileUnreadable",
            "/payload/path");
  std::ofstream(stage.path("text.wav")) << "no sound";
  a.refused("clip.add", {{"trackId", track["trackId"]}, {"path", stage.path("text.wav")}, {"startFrames", 0}}, "clip.fileUnreadable");
  a.refused("clip.add", {{"trackId", "trk-nowhere"}, {"path", stage.sound("beat.wav")}, {"startFrames", 0}}, "track.notFound",
            "/payload/trackId");
  a.refused("clip.remove", {{"clipId", "clp-nowhere"}}, "clip.notFound", "/payload/clipId");
  a.no_event("project.changed");
}

Json with_clip(Stage& stage, Player& player, const Json& track) {
  const Json clip = player.ok("clip.add", {{"trackId", track["trackId"]}, {"path", stage.sound("beat.wav")}, {"startFrames", 0}});
  player.event("project.changed");
  return clip;
}

void clip_move(Stage& stage) {
  Player& a = stage.join("a");
  const Json track = with_track(stage, a);
  const Json other = a.ok("track.add", {{"name", "Other"}});
  a.event("project.changed");
  const Json clip = with_clip(stage, a, track);
  a.ok("clip.move", {{"clipId", clip["clipId"]}, {"startFrames", 9600}, {"trackId", other["trackId"]}});
  CHECK(a.event("project.changed")["changes"][0]["type"] == "clip.moved");
  CHECK(tracks(a)[1]["clips"][0]["startFrames"] == 9600);
  a.refused("clip.move", {{"clipId", "clp-nowhere"}, {"startFrames", 0}}, "clip.notFound", "/payload/clipId");
}

void clip_trim_and_split(Stage& stage) {
  Player& a = stage.join("a");
  const Json clip = with_clip(stage, a, with_track(stage, a));
  a.ok("clip.trim", {{"clipId", clip["clipId"]}, {"startFrames", 1000}, {"lengthFrames", 20000}});
  CHECK(a.event("project.changed")["changes"][0]["type"] == "clip.changed");
  const Json trimmed = tracks(a)[0]["clips"][0];
  CHECK(trimmed["startFrames"] == 1000);
  CHECK(trimmed["lengthFrames"] == 20000);
  a.refused("clip.trim", {{"clipId", clip["clipId"]}, {"startFrames", 1000}, {"lengthFrames", 4'800'000}}, "clip.outOfRange");
  const Json second = a.ok("clip.split", {{"clipId", clip["clipId"]}, {"positionFrames", 11000}});
  CHECK(second["clipId"] != clip["clipId"]);
  CHECK(tracks(a)[0]["clips"].size() == 2);
  a.refused("clip.split", {{"clipId", clip["clipId"]}, {"positionFrames", 900'000}}, "clip.outOfRange");
}

void clip_gain(Stage& stage) {
  Player& a = stage.join("a");
  const Json clip = with_clip(stage, a, with_track(stage, a));
  a.ok("clip.setGain", {{"clipId", clip["clipId"]}, {"gainDb", -6.0}});
  CHECK(a.event("project.changed")["changes"][0]["clip"]["gainDb"] == -6.0);
}

// --- nodes

void nodes_come_and_go(Stage& stage) {
  Player& a = stage.join("a");
  const Json track = with_track(stage, a);
  const Json filter = a.ok("node.add", {{"channelId", track["channelId"]}, {"kind", "filter"}});
  const Json added = a.event("project.changed")["changes"][0];
  CHECK(added["type"] == "node.added");
  CHECK_FALSE(added["node"]["parameters"].empty());
  const Json tone = a.ok("node.add", {{"channelId", track["channelId"]}, {"kind", "testTone"}, {"index", 0}, {"name", "Tone"}});
  const Json chain = tracks(a)[0]["channel"]["nodes"];
  CHECK(chain[0]["id"] == tone["nodeId"]);
  CHECK(chain[0]["name"] == "Tone");
  CHECK(chain[1]["id"] == filter["nodeId"]);
  a.ok("node.remove", {{"nodeId", filter["nodeId"]}});
  CHECK(tracks(a)[0]["channel"]["nodes"].size() == 1);
}

void node_refusals(Stage& stage) {
  Player& a = stage.join("a");
  with_track(stage, a);
  a.refused("node.add", {{"channelId", "chn-nowhere"}, {"kind", "filter"}}, "channel.notFound", "/payload/channelId");
  a.refused("node.remove", {{"nodeId", "nod-nowhere"}}, "node.notFound", "/payload/nodeId");
  const Json channel = tracks(a)[0]["channel"]["id"];
  a.refused("node.add", {{"channelId", channel}, {"kind", "thereminOfTheFuture"}}, "node.kindUnsupported");
  a.no_event("project.changed");
}

void node_chain(Stage& stage) {
  Player& a = stage.join("a");
  const Json track = with_track(stage, a);
  const Json one = a.ok("node.add", {{"channelId", track["channelId"]}, {"kind", "filter"}});
  a.ok("node.add", {{"channelId", track["channelId"]}, {"kind", "testTone"}});
  a.ok("node.move", {{"nodeId", one["nodeId"]}, {"index", 1}});
  CHECK(tracks(a)[0]["channel"]["nodes"][1]["id"] == one["nodeId"]);
  a.refused("node.move", {{"nodeId", "nod-nowhere"}, {"index", 0}}, "node.notFound", "/payload/nodeId");
}

void node_bypass(Stage& stage) {
  Player& a = stage.join("a");
  const Json track = with_track(stage, a);
  const Json filter = a.ok("node.add", {{"channelId", track["channelId"]}, {"kind", "filter"}});
  a.ok("node.setBypass", {{"nodeId", filter["nodeId"]}, {"bypassed", true}});
  CHECK(tracks(a)[0]["channel"]["nodes"][0]["bypassed"] == true);
  a.refused("node.setBypass", {{"nodeId", "nod-nowhere"}, {"bypassed", true}}, "node.notFound", "/payload/nodeId");
}

void node_replace(Stage& stage) {
  Player& a = stage.join("a");
  const Json track = with_track(stage, a);
  const Json filter = a.ok("node.add", {{"channelId", track["channelId"]}, {"kind", "filter"}});
  const Json tone = a.ok("node.replace", {{"nodeId", filter["nodeId"]}, {"kind", "testTone"}});
  CHECK(tone["nodeId"] != filter["nodeId"]);
  const Json chain = tracks(a)[0]["channel"]["nodes"];
  CHECK(chain.size() == 1);
  CHECK(chain[0]["kind"] == "testTone");
}

// --- routing

void buses(Stage& stage) {
  Player& a = stage.join("a");
  stage.new_project(a);
  const Json bus = a.ok("routing.addBus", {{"name", "Reverb"}});
  CHECK(a.event("project.changed")["changes"][0]["type"] == "bus.added");
  a.ok("routing.renameBus", {{"busId", bus["busId"]}, {"name", "Hall"}});
  CHECK(a.event("project.changed")["changes"][0]["name"] == "Hall");
  a.ok("routing.removeBus", {{"busId", bus["busId"]}});
  CHECK(a.ok("project.snapshot")["project"]["buses"].empty());
  a.refused("routing.removeBus", {{"busId", bus["busId"]}}, "bus.notFound", "/payload/busId");
}

void sends(Stage& stage) {
  Player& a = stage.join("a");
  const Json track = with_track(stage, a);
  const Json bus = a.ok("routing.addBus", {{"name", "Reverb"}});
  const Json send = a.ok("routing.addSend", {{"channelId", track["channelId"]}, {"busId", bus["busId"]}});
  CHECK(tracks(a)[0]["channel"]["sends"].size() == 1);
  a.refused("routing.addSend", {{"channelId", bus["channelId"]}, {"busId", bus["busId"]}}, "routing.cycle");
  a.ok("routing.removeSend", {{"sendId", send["sendId"]}});
  CHECK(tracks(a)[0]["channel"]["sends"].empty());
  a.refused("routing.removeSend", {{"sendId", send["sendId"]}}, "send.notFound", "/payload/sendId");
}

void outputs(Stage& stage) {
  Player& a = stage.join("a");
  const Json track = with_track(stage, a);
  const Json bus = a.ok("routing.addBus", {{"name", "Group"}});
  a.ok("routing.setOutput", {{"channelId", track["channelId"]}, {"busId", bus["busId"]}});
  CHECK(tracks(a)[0]["channel"]["output"] == bus["busId"]);
  a.ok("routing.setOutput", {{"channelId", track["channelId"]}});
  CHECK_FALSE(tracks(a)[0]["channel"].contains("output"));
  a.refused("routing.setOutput", {{"channelId", track["channelId"]}, {"busId", "bus-nowhere"}}, "bus.notFound", "/payload/busId");
}

// --- automation

Json gain_of(Player& player) {
  return tracks(player)[0]["channel"]["gain"]["id"];
}

void automation_points(Stage& stage) {
  Player& a = stage.join("a");
  with_track(stage, a);
  const Json gain = gain_of(a);
  const Json points{{{"positionFrames", 0}, {"value", -12.0}, {"shape", "linear"}},
                    {{"positionFrames", 48000}, {"value", 0.0}, {"shape", "hold"}}};
  a.ok("automation.setPoints", {{"parameterId", gain}, {"fromFrames", 0}, {"toFrames", 96000}, {"points", points}});
  CHECK(a.event("project.changed")["changes"][0]["automation"]["points"] == points);
  a.ok("automation.clear", {{"parameterId", gain}});
  a.refused("automation.setPoints", {{"parameterId", gain}, {"fromFrames", 0}, {"toFrames", 10}, {"points", {points[1]}}},
            "automation.invalidPoints");
  a.refused("automation.clear", {{"parameterId", "prm-nowhere"}}, "parameter.notFound", "/payload/parameterId");
}

void automation_mode(Stage& stage) {
  Player& a = stage.join("a");
  with_track(stage, a);
  a.ok("automation.setMode", {{"parameterId", gain_of(a)}, {"mode", "read"}});
  CHECK(a.event("project.changed")["changes"][0]["automation"]["mode"] == "read");
}

}  // namespace

std::vector<Scenario> arrangement_scenarios() {
  return {
      {.domain = "track", .name = "tracks come, get names and go", .play = tracks_come_and_go},
      {.domain = "track", .name = "what is not there is refused and nothing changes", .play = track_refusals},
      {.domain = "track", .name = "the order of tracks", .play = track_order},
      {.domain = "track", .name = "colours", .play = track_colour},
      {.domain = "track", .name = "a copy has ids of its own", .play = track_copy},
      {.domain = "clip", .name = "clips come and go", .play = clips_come_and_go},
      {.domain = "clip", .name = "files that are no sound, and what is not there", .play = clip_refusals},
      {.domain = "clip", .name = "clips move to other tracks", .play = clip_move},
      {.domain = "clip", .name = "trim and split", .play = clip_trim_and_split},
      {.domain = "clip", .name = "gain", .play = clip_gain},
      {.domain = "node", .name = "nodes come in their order and go", .play = nodes_come_and_go},
      {.domain = "node", .name = "what cannot be added or is not there", .play = node_refusals},
      {.domain = "node", .name = "the order of a chain", .play = node_chain},
      {.domain = "node", .name = "bypass", .play = node_bypass},
      {.domain = "node", .name = "replace", .play = node_replace},
      {.domain = "routing", .name = "buses come, get names and go", .play = buses},
      {.domain = "routing", .name = "sends, and no cycles", .play = sends},
      {.domain = "routing", .name = "outputs", .play = outputs},
      {.domain = "automation", .name = "points are set and cleared", .play = automation_points},
      {.domain = "automation", .name = "modes", .play = automation_mode},
  };
}

}  // namespace loophole::scenarios
