// What a half-typed line may become: commands, options and choices of the tree, and names of the session.
#include "app/completion.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "app/front.hpp"

using namespace loophole;
using namespace loophole::cli;
using Words = std::vector<std::string>;

namespace {

Completions completed(const std::string& line) {
  const Front front(Front::Place::program);
  return complete(front.app(), split_line(line), [](std::string_view what) -> Words {
    if (what == "TRACK") return {"Synth", "Lead Synth", "trk-1"};
    if (what == "PARAMETER") return {"Synth/Cutoff", "Synth/Gain"};
    if (what == "SESSION") return {"song"};
    if (what == "PLUGIN") return {"http://example.org/reverb"};
    return {};
  });
}

bool has(const Words& all, const std::string& one) {
  return std::ranges::find(all, one) != all.end();
}

}  // namespace

TEST_CASE("commands") {
  CHECK(completed("tra").candidates == Words{"track", "transport"});
  CHECK(completed("track re").candidates == Words{"remove", "rename"});
  CHECK(has(completed("").candidates, "status"));
  CHECK_FALSE(has(completed("comp").candidates, "complete"));  // for scripts only
  CHECK(completed("plugin state ").candidates == Words{"get", "set"});
}

TEST_CASE("names, where an argument wants them") {
  CHECK(completed("track rename ").candidates == Words{"Lead Synth", "Synth", "trk-1"});
  CHECK(completed("track rename \"Lead S").candidates == Words{"Lead Synth"});
  CHECK(completed("track rename synth ").candidates.empty());  // the new name is anybody's guess
  CHECK(completed("parameter set synth/c").candidates == Words{"Synth/Cutoff"});
  CHECK(completed("--session ").candidates == Words{"song"});
  CHECK(completed("--session song parameter get ").candidates == Words{"Synth/Cutoff", "Synth/Gain"});
  CHECK(completed("clip move Voice/a 3 --track tr").candidates == Words{"trk-1"});
  CHECK(completed("clip move Voice/a 3 --track=tr").candidates == Words{"--track=trk-1"});
  CHECK(completed("node add Synth --plugin http://e").candidates == Words{"http://example.org/reverb"});
}

TEST_CASE("options, choices and files") {
  CHECK(completed("gesture Synth/Gain --s").candidates == Words{"--seconds", "--session"});
  CHECK(completed("automation mode Synth/Gain l").candidates == Words{"latch"});
  CHECK(completed("node add Synth f").candidates == Words{"filter"});
  CHECK(completed("completion ").candidates == Words{"bash", "zsh"});
  CHECK(completed("project open ").files);
  CHECK_FALSE(completed("track rename ").files);
}

TEST_CASE("names of a project, with their ids") {
  project::Project project{};
  track::Track track{};
  track.id = TrackId("trk-1");
  track.name = "Synth";
  node::Node node{};
  node.id = NodeId("nod-1");
  node.name = "Filter";
  track.channel.nodes.push_back(node);
  project.tracks.push_back(track);
  CHECK(names_in(project, "TRACK") == Words{"Synth", "trk-1"});
  CHECK(names_in(project, "CHANNEL") == Words{"Synth", "Master"});
  CHECK(names_in(project, "NODE") == Words{"Synth/Filter", "nod-1"});
  CHECK(names_in(project, "COLOUR").empty());
}
