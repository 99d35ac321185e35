#include "stage.hpp"

#include <doctest/doctest.h>
#include <sndfile.h>

#include <chrono>
#include <cstdlib>
#include <system_error>
#include <utility>

#include "loophole/core/clock.hpp"
#include "loophole/core/id.hpp"
#include "loophole/messages/registry.hpp"

namespace loophole::scenarios {

using namespace std::chrono_literals;

namespace {
constexpr std::chrono::seconds kWatchdog{60};
}

// --- Player ------------------------------------------------------------------------------------------------------------------------------

Player::Player(Stage& stage, std::string name, std::string instance) : stage_(stage), instance_(std::move(instance)), link_(stage.link()) {
  conversation_.client = std::move(name);
  link_->watch(stage_.loop(), [this] {
    while (link_) {
      const auto bytes = link_->receive();
      if (!bytes) return;
      conversation_.received.push_back(Json::parse(*bytes));
    }
  });
}

Player::~Player() {
  vanish();
}

void Player::vanish() {
  if (!link_) return;
  stage_.loop().cancel(heart_);
  link_->unwatch(stage_.loop());
  link_.reset();
}

void Player::leave() {
  send_envelope({{"v", 1},
                 {"id", "goodbye"},
                 {"ts", "2026-01-31T12:00:00.000Z"},
                 {"origin", "aura"},
                 {"target", "pulse"},
                 {"kind", "event"},
                 {"name", "session.goodbye"},
                 {"payload", {{"reason", "closing"}}}});
  vanish();
}

void Player::wait_for_more() {
  const std::size_t before = conversation_.received.size();
  const auto limit = Clock::now() + kWatchdog;
  while (conversation_.received.size() == before) {
    REQUIRE_MESSAGE(Clock::now() < limit, name() << " waited in vain; the last message: "
                                                 << (before == 0 ? std::string("none") : conversation_.received.back().dump()));
    stage_.loop().run_once(100ms);
  }
}

std::string Player::send(const std::string& command, const Json& payload, const std::string& id) {
  const std::string used = id.empty() ? name() + "-" + std::to_string(++commands_) : id;
  send_envelope({{"v", 1},
                 {"id", used},
                 {"ts", "2026-01-31T12:00:00.000Z"},
                 {"origin", "aura"},
                 {"target", "pulse"},
                 {"kind", "command"},
                 {"name", command},
                 {"payload", payload}});
  return used;
}

void Player::send_envelope(const Json& envelope) {
  REQUIRE(link_);
  REQUIRE(link_->send(envelope.dump()));
  conversation_.sent.push_back(envelope);
}

Json Player::answer(const std::string& id, std::size_t number) {
  for (std::size_t at = 0, found = 0;; ++at) {
    while (at >= conversation_.received.size()) wait_for_more();
    const Json& message = conversation_.received[at];
    if (message.value("cid", "") == id && message.value("kind", "") != "event" && ++found == number) return message;
  }
}

Json Player::hello(const Json& changes) {
  Json payload{{"role", "aura"},
               {"clientId", name()},
               {"instanceId", instance_},
               {"software", {{"name", "scenario"}, {"version", "1"}}},
               {"protocol", {{"major", wire::kProtocolMajor}, {"minMinor", 0}, {"maxMinor", wire::kProtocolMinor}}},
               {"capabilities", Json::array()}};
  payload.update(changes);
  const Json message = answer(send("session.hello", payload));
  REQUIRE_MESSAGE(message["kind"] == "reply", message.dump());
  if (heart_ == 0) {
    heart_ = stage_.loop().every(500ms, [this] {
      const Json beat{{"v", 1},
                      {"id", "heart-" + std::to_string(beats_)},
                      {"ts", "2026-01-31T12:00:00.000Z"},
                      {"origin", "aura"},
                      {"target", "pulse"},
                      {"kind", "event"},
                      {"name", "session.heartbeat"},
                      {"payload", {{"sequence", beats_}}}};
      ++beats_;
      static_cast<void>(link_->send(beat.dump()));  // full: the next one will do
    });
  }
  return message["payload"];
}

Json Player::unserved_or(const Json& answer, const std::string& command) {
  if (stage_.serves(command)) return answer;
  INFO(command << " is not in the list of session.describe, but is answered " << answer.dump());
  CHECK(answer["kind"] == "error");
  CHECK(answer["error"]["code"] == "envelope.unknownName");
  throw NotServed(command);
}

Json Player::ok(const std::string& command, const Json& payload) {
  const Json message = unserved_or(answer(send(command, payload)), command);
  REQUIRE_MESSAGE(message["kind"] == "reply", command << " " << payload.dump() << " is answered " << message.dump());
  CHECK(message["name"] == command);
  return message["payload"];
}

Json Player::refused(const std::string& command, const Json& payload, const std::string& code, const std::string& pointer) {
  const Json message = unserved_or(answer(send(command, payload)), command);
  REQUIRE_MESSAGE(message["kind"] == "error", command << " " << payload.dump() << " is answered " << message.dump());
  const Json error = message["error"];
  CHECK_MESSAGE(error["code"] == code, command << " " << payload.dump() << " is answered " << error.dump());
  if (!pointer.empty()) CHECK_MESSAGE(error.value("pointer", "") == pointer, error.dump());
  return error;
}

Json Player::event(const std::string& name) {
  std::size_t& at = taken_[name];
  for (;; ++at) {
    while (at >= conversation_.received.size()) wait_for_more();
    const Json& message = conversation_.received[at];
    if (message.value("kind", "") == "event" && message.value("name", "") == name) break;
  }
  event_ = conversation_.received[at++];
  return event_["payload"];
}

void Player::no_event(const std::string& name) {
  answer(send("session.describe"));
  for (std::size_t at = taken_[name]; at < conversation_.received.size(); ++at) {
    const Json& message = conversation_.received[at];
    CHECK_MESSAGE(!(message.value("kind", "") == "event" && message.value("name", "") == name), message.dump());
  }
}

// --- Stage -------------------------------------------------------------------------------------------------------------------------------

Stage::Stage(Topology topology, WithEngine engine) {
  std::string pattern = (std::filesystem::temp_directory_path() / "lpscene-XXXXXX").string();
  REQUIRE(::mkdtemp(pattern.data()) != nullptr);
  folder_ = pattern;
  const std::filesystem::path runtime = folder_ / "run";
  std::filesystem::create_directory(runtime);
  std::filesystem::permissions(runtime, std::filesystem::perms::owner_all);
  pulse_ = PulseUnderTest::start(topology, engine, runtime);
  endpoint_ = pulse_->endpoint();

  // One who is in no transcript finds out what is served, and sees the engine come up.
  Player scout(*this, "scout", random_id("i"));
  const bool runs = scout.hello().contains("engine");
  const Json description = scout.answer(scout.send("session.describe"))["payload"];
  for (const Json& command : description["handles"]) served_.insert(command.get<std::string>());
  if (engine == WithEngine::yes && !runs)
    while (scout.event("engine.changed")["state"] != "running") {
    }
  scout.leave();
}

Stage::~Stage() {
  players_.clear();
  pulse_.reset();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

Player& Stage::arrive(const std::string& name, const std::string& instance) {
  players_.push_back(std::make_unique<Player>(*this, name, instance.empty() ? random_id("i") : instance));
  return *players_.back();
}

Player& Stage::join(const std::string& name) {
  Player& player = arrive(name);
  player.hello();
  return player;
}

std::string Stage::sound(const std::string& file) const {
  const std::string name = path(file);
  SF_INFO info{};
  info.samplerate = 48000;
  info.channels = 1;
  info.format = SF_FORMAT_WAV | SF_FORMAT_PCM_16;
  SNDFILE* sound = ::sf_open(name.c_str(), SFM_WRITE, &info);
  REQUIRE(sound != nullptr);
  const std::vector<float> silence(48000, 0.0F);
  CHECK(::sf_writef_float(sound, silence.data(), 48000) == 48000);
  ::sf_close(sound);
  return name;
}

Json Stage::new_project(Player& player) const {
  Json reply = player.ok("project.new", {{"path", path("song.loophole")}, {"name", "Song"}});
  CHECK(player.event("project.opened")["projectId"] == reply["projectId"]);
  return reply;
}

Json Stage::transcript(bool transport_runs) const {
  Transcript transcript;
  for (const auto& player : players_) {
    // What Pulse sent before this answer is here with it.
    if (player->connected()) player->answer(player->send("session.describe"));
    transcript.push_back(player->conversation());
  }
  return normalised(transcript, {.folder = folder_.string(), .endpoint = endpoint_, .transport_runs = transport_runs});
}

}  // namespace loophole::scenarios
