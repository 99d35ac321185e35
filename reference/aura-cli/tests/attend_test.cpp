// A user interface that nobody looks at: with the session, and with somebody who tells it what to do.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "app/driver_channel.hpp"
#include "background.hpp"

using namespace loophole;
using nlohmann::json;
using test::aura_cli;
using test::Background;
using test::kWatchdog;
using test::Rig;

namespace {

// Who tells `attend` what to do.
class Hand {
 public:
  Hand() {
    int ends[2];
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
    ::fcntl(ends[1], F_SETFD, 0);
    own_.emplace(cli::DriverChannel::take(ends[0]).value());
    other_ = ends[1];
  }
  ~Hand() { ::close(other_); }
  Hand(const Hand&) = delete;
  Hand& operator=(const Hand&) = delete;

  [[nodiscard]] std::string descriptor() const { return std::to_string(other_); }

  json tell(json order) {
    order["id"] = ++next_;
    own_->send(order.dump());
    for (;;) {
      const json answer = next();
      if (answer["id"] == next_) return answer;
    }
  }
  // Asks until it believes so.
  json believes(const std::function<bool(const json&)>& what) {
    for (;;) {
      json belief = tell({{"do", "ask"}});
      if (what(belief)) return belief;
    }
  }

 private:
  json next() {
    for (;;) {
      if (const auto text = own_->receive()) return json::parse(*text);
      pollfd more{.fd = own_->fd(), .events = POLLIN, .revents = 0};
      REQUIRE(::poll(&more, 1, static_cast<int>(kWatchdog.count())) == 1);
    }
  }
  std::optional<cli::DriverChannel> own_;
  int other_ = -1;
  int next_ = 0;
};

// The level of the first track in what it believes.
json gain(const json& belief) {
  return belief["project"]["tracks"][0]["channel"]["gain"];
}

}  // namespace

TEST_CASE("it says what happens, and stays when Pulse goes and another one comes") {
  Rig rig("attend");
  const std::string song = (rig.folder() / "song.loophole").string();
  rig.start_pulse({"--no-engine", "--project", song});
  Background attending({"--timeout", "30", "attend"});
  CHECK(attending.line() == "looking for session attend");
  CHECK(attending.line() == "attending session attend: project song at revision 0");
  REQUIRE(aura_cli("track add Drums").exit_code == 0);
  CHECK(attending.line() == "revision 1: Add Track \"Drums\"");
  rig.stop_pulse();
  std::string line = attending.line();
  if (line == "no project is open") line = attending.line();  // Pulse closes it before it goes
  CHECK_MESSAGE(line.starts_with("session attend is gone: "), line);
  rig.start_pulse({"--no-engine", "--project", song});
  CHECK(attending.line() == "attending session attend: project song at revision 1");
  REQUIRE(aura_cli("project close").exit_code == 0);
  CHECK(attending.line() == "no project is open");
  attending.signal(SIGINT);
  CHECK(attending.line() == "transactions: 1, frames of telemetry: 0, missing: 0");
  CHECK(attending.end() == 0);
}

TEST_CASE("with --json each line is an object") {
  Rig rig("attendJson");
  rig.start_pulse({"--no-engine", "--project", (rig.folder() / "song.loophole").string()});
  Background attending({"--timeout", "30", "--json", "attend"});
  CHECK(json::parse(attending.line()) == json{{"looking", "session attendJson"}});
  CHECK(json::parse(attending.line()) == json{{"attending", "session attendJson"}, {"revision", 0}});
  REQUIRE(aura_cli("track add Drums").exit_code == 0);
  CHECK(json::parse(attending.line()) == json{{"revision", 1}, {"label", "Add Track \"Drums\""}});
  attending.signal(SIGTERM);
  CHECK(json::parse(attending.line())["changes"] == 1);
  CHECK(attending.end() == 0);
}

TEST_CASE("a driver is obeyed: commands, steps, gestures, telemetry") {
  Rig rig("attendDriver");
  rig.start_pulse({"--driver", "paced", "--project", (rig.folder() / "song.loophole").string()});
  Hand hand;
  const Background attending({"--timeout", "30", "attend", "--driver", hand.descriptor()});
  hand.believes([](const json& belief) { return belief["connected"] == true; });
  CHECK(hand.tell({{"do", "call"}, {"name", "track.add"}, {"payload", {{"name", "Drums"}}}})["ok"] == true);
  const json before = gain(hand.tell({{"do", "ask"}}));
  const json id = before["id"];

  CHECK(hand.tell({{"do", "step"}, {"parameterId", id}, {"by", -4.5}})["ok"] == true);
  CHECK(gain(hand.tell({{"do", "ask"}}))["value"] == before["value"].get<double>() - 4.5);

  CHECK(hand.tell({{"do", "watch"}, {"topics", {"meters", "stats"}}})["ok"] == true);
  const json watched = hand.believes([](const json& belief) { return belief.contains("meters"); });
  CHECK(watched["meters"]["epoch"].get<std::uint64_t>() > 0);

  CHECK(hand.tell({{"do", "begin"}, {"gesture", "a"}, {"parameterIds", {id}}, {"takeOver", false}})["ok"] == true);
  CHECK(hand.tell({{"do", "ask"}})["gestures"] == json{"a"});
  const json other = hand.tell({{"do", "begin"}, {"gesture", "b"}, {"parameterIds", {id}}, {"takeOver", false}});
  CHECK(other["error"]["code"] == "gesture.conflict");
  CHECK(hand.tell({{"do", "move"}, {"gesture", "a"}, {"values", {{{"parameterId", id}, {"value", -12}}}}})["ok"] == true);
  CHECK(hand.tell({{"do", "end"}, {"gesture", "a"}})["ok"] == true);
  const json ended = hand.tell({{"do", "ask"}});
  CHECK(gain(ended)["value"] == -12);
  CHECK(ended["gestures"].empty());

  CHECK(hand.tell({{"do", "begin"}, {"gesture", "c"}, {"parameterIds", {id}}, {"takeOver", false}})["ok"] == true);
  CHECK(hand.tell({{"do", "move"}, {"gesture", "c"}, {"values", {{{"parameterId", id}, {"value", -30}}}}})["ok"] == true);
  CHECK(hand.tell({{"do", "cancel"}, {"gesture", "c"}})["ok"] == true);
  CHECK(gain(hand.tell({{"do", "ask"}}))["value"] == -12);
}

TEST_CASE("what a driver cannot have is refused, and the next thing is done") {
  Rig rig("attendRefused");
  rig.start_pulse({"--no-engine"});
  Hand hand;
  const Background attending({"--timeout", "30", "attend", "--driver", hand.descriptor()});
  hand.believes([](const json& belief) { return belief["connected"] == true; });
  const auto code = [&](json order) { return hand.tell(std::move(order))["error"]["code"]; };
  CHECK(code({{"do", "dance"}}) == "payload.invalid");
  CHECK(code({{"to", "do"}}) == "payload.invalid");
  CHECK(code({{"do", "step"}, {"parameterId", 3}, {"by", 1}}) == "payload.invalid");
  CHECK(code({{"do", "step"}, {"parameterId", "prm-1"}, {"by", 1}}) == "project.none");
  CHECK(code({{"do", "call"}, {"name", "track.ad"}, {"payload", json::object()}}) == "envelope.unknownName");
  CHECK(code({{"do", "call"}, {"name", "track.add"}, {"payload", {{"name", 3}}}}) == "payload.invalid");
  CHECK(code({{"do", "call"}, {"name", "track.add"}, {"payload", {{"name", "Drums"}}}}) == "project.none");
  CHECK(code({{"do", "move"}, {"gesture", "a"}, {"values", json::array()}}) == "gesture.notFound");
  CHECK(code({{"do", "end"}, {"gesture", "a"}}) == "gesture.notFound");
  CHECK(code({{"do", "watch"}, {"topics", {"weather"}}}) == "payload.invalid");
  CHECK(hand.tell({{"do", "ask"}})["connected"] == true);
}

TEST_CASE("a driver needs a socket") {
  Rig rig("attendNoDriver");
  const test::Ran ran = aura_cli("attend --driver 0 </dev/null");
  CHECK(ran.exit_code == 10);
  CHECK(ran.out.find("no descriptor of a stream socket") != std::string::npos);
}
