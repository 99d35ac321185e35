// Lists have what was asked for, as text and as JSON.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "rig.hpp"
#include "typist.hpp"
#include "view/text.hpp"

using namespace loophole;
using nlohmann::json;
using test::aura_cli;
using test::Rig;
using test::Typist;

TEST_CASE("tracks, buses and parameters are listed alone, by name and by channel") {
  Rig rig("lists");
  rig.start_pulse({"--no-engine", "--project", (rig.folder() / "song.loophole").string()});
  CHECK(aura_cli("--timeout 30 track list").out.find("no tracks yet; `aura-cli track add NAME`") == 0);
  for (const char* words :
       {"track add 'Lead Synth'", "track add Voice", "node add 'Lead Synth' filter", "node add Voice filter", "bus add Reverb"})
    REQUIRE(aura_cli(words).exit_code == 0);
  const auto list = [](const std::string& words) {
    const auto ran = aura_cli("--json " + words);
    REQUIRE(ran.exit_code == 0);
    return json::parse(ran.out);
  };
  json tracks = list("track list");
  CHECK(tracks.size() == 2);
  CHECK(tracks["revision"] == 5);
  CHECK(tracks["tracks"].size() == 2);
  CHECK(tracks["tracks"][0]["name"] == "Lead Synth");
  CHECK(list("track list --like voi")["tracks"].size() == 1);
  CHECK(list("bus list")["buses"][0]["name"] == "Reverb");

  const std::size_t all = list("parameter list")["parameters"].size();
  const json voice = list("parameter list --track voice")["parameters"];
  CHECK(voice.size() < all);
  for (const json& one : voice) CHECK(one["fullName"].get<std::string>().starts_with("Voice/"));
  CHECK(voice[0]["id"].is_string());
  CHECK(list("parameter list --like '*/cutoff'")["parameters"].size() == 2);
  CHECK(list("parameter list --like cutoff --track Voice")["parameters"].size() == 1);
  CHECK(aura_cli("parameter list --track Moon").exit_code == 10);
  CHECK(aura_cli("parameter list --like nothing").out == "no parameter is like 'nothing'\n");
}

TEST_CASE("on a terminal a list is as wide as that, and shows names, values and whole ids") {
  Rig rig("listed");
  rig.start_pulse({"--no-engine", "--project", (rig.folder() / "song.loophole").string()});
  REQUIRE(aura_cli("--timeout 30 track add 'A track with quite a long name for a line'").exit_code == 0);
  REQUIRE(aura_cli("node add 'A track with quite a long name for a line' filter").exit_code == 0);
  const auto project = *rig.connect().project();
  Typist typist("xterm", {"parameter", "list"});
  const std::string shown = typist.rest();
  CHECK(shown.find("A track with") != std::string::npos);
  CHECK(shown.find(project.tracks[0].channel.gain.id.str() + "\r\n") != std::string::npos);
  for (std::size_t begin = 0, end = 0; (end = shown.find("\r\n", begin)) != std::string::npos; begin = end + 2)
    CHECK(cli::columns(shown.substr(begin, end - begin)) <= 80);
}

TEST_CASE("no name and no message sends control characters to a terminal; JSON has them as they are") {
  Rig rig("controls");
  rig.start_pulse({"--no-engine", "--project", (rig.folder() / "song.loophole").string()});
  auto client = rig.connect();
  const std::string name = "Voice \x1b[2J\xc2\x9b";
  const auto added = client.call(track::Add{.name = name});
  REQUIRE(added);
  const auto plain = [](const std::string& text) {
    return text.find('\x1b') == std::string::npos && text.find('\x9b') == std::string::npos;
  };
  const std::string shown = aura_cli("project show").out;
  CHECK(shown.find("Voice ?[2J?") != std::string::npos);
  CHECK(plain(shown));
  CHECK(plain(aura_cli("track list").out));
  REQUIRE(client.call(track::Rename{.track_id = added->track_id, .name = "Other"}));
  CHECK(plain(aura_cli("history list").out));
  CHECK(plain(aura_cli("history undo").out));
  const auto failed = aura_cli("track remove '" + name + "'s");
  CHECK(failed.exit_code == 10);
  CHECK(failed.out.find("Voice ?[2J?s") != std::string::npos);
  CHECK(plain(failed.out));
  CHECK(json::parse(aura_cli("--json track list").out)["tracks"][0]["name"] == name);
}
