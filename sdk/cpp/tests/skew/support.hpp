#pragma once
// For tests of version skew: peers as processes, a tap on the wire between them, and payloads that are valid in today's schemas.

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <deque>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "../transport/support.hpp"
#include "loophole/messages/registry.hpp"
#include "loophole/transport/sockets.hpp"
#include "loophole/wire/codec.hpp"

namespace loophole::test {

using Json = nlohmann::json;

enum class Age { older, newer };

// The version that today's protocol has, and the next one, which the patches in newer/ make.
inline const std::string kOlder = std::to_string(wire::kProtocolMinor);
inline const std::string kNewer = std::to_string(wire::kProtocolMinor + 1);

// What the patches add. No text of today's protocol has any of these in it.
inline constexpr std::array kNewerNames = {"freeze", "frozen", "nickname", "keepNickname", "undoLabel", "caption", "shimmer", "superseded"};

// A skew_peer, driven by lines.
class Peer {
 public:
  Peer(net::Loop& loop, Age age, const std::vector<std::string>& words) : loop_(loop) {
    const std::string program = age == Age::older ? SKEW_PEER_OLDER : SKEW_PEER_NEWER;
    std::vector<char*> arguments{const_cast<char*>(program.c_str())};
    for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    std::array<int, 2> in{};
    std::array<int, 2> out{};
    REQUIRE(::pipe2(in.data(), O_CLOEXEC) == 0);
    REQUIRE(::pipe2(out.data(), O_CLOEXEC) == 0);
    id_ = ::fork();
    REQUIRE(id_ >= 0);
    if (id_ == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // never left behind
      ::dup2(in[0], STDIN_FILENO);
      ::dup2(out[1], STDOUT_FILENO);
      ::execv(program.c_str(), arguments.data());
      ::_exit(127);
    }
    ::close(in[0]);
    ::close(out[1]);
    in_ = in[1];
    out_ = out[0];
    loop_.watch_fd(out_, [this] { read(); });
  }
  ~Peer() {
    if (!ended_) loop_.unwatch_fd(out_);
    ::close(in_);
    ::close(out_);
    ::kill(id_, SIGKILL);
    ::waitpid(id_, nullptr, 0);
  }
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  void order(const std::string& line) {
    const std::string text = line + "\n";
    REQUIRE(::write(in_, text.data(), text.size()) == static_cast<ssize_t>(text.size()));
  }
  // The next line that it writes.
  std::string next() {
    REQUIRE_SOON(loop_, (!lines_.empty() || ended_));
    REQUIRE_MESSAGE(!lines_.empty(), "the peer has ended");
    std::string line = lines_.front();
    lines_.pop_front();
    return line;
  }
  // What it writes next, after an order.
  std::string ask(const std::string& line) {
    order(line);
    return next();
  }

 private:
  void read() {
    std::array<char, 4096> bytes{};
    const ssize_t count = ::read(out_, bytes.data(), bytes.size());
    if (count <= 0) {
      ended_ = true;
      return loop_.unwatch_fd(out_);
    }
    text_.append(bytes.data(), static_cast<std::size_t>(count));
    for (std::size_t end = text_.find('\n'); end != std::string::npos; end = text_.find('\n')) {
      lines_.push_back(text_.substr(0, end));
      text_.erase(0, end + 1);
    }
  }

  net::Loop& loop_;
  pid_t id_ = -1;
  int in_ = -1;
  int out_ = -1;
  bool ended_ = false;
  std::string text_;
  std::deque<std::string> lines_;
};

// Stands between Auras and a Pulse, passes everything on and keeps it.
class Tap {
 public:
  Tap(net::Context& context, net::Loop& loop, const std::string& front, std::string back)
      : context_(context), loop_(loop), back_(std::move(back)), listener_(net::ControlListener::bind(context, front).value()) {
    loop_.watch(*listener_, [this] {
      while (auto incoming = listener_->receive()) {
        to_pulse.push_back(incoming->bytes);
        REQUIRE(connection_of(incoming->peer).send(incoming->bytes));
      }
    });
  }
  ~Tap() {
    loop_.unwatch(*listener_);
    for (auto& [peer, connection] : connections_) loop_.unwatch(*connection);
  }
  Tap(const Tap&) = delete;
  Tap& operator=(const Tap&) = delete;

  std::vector<std::string> to_pulse;
  std::vector<std::string> to_aura;

 private:
  net::ControlConnection& connection_of(const net::PeerKey& peer) {
    auto& connection = connections_[peer];
    if (!connection) {
      connection = net::ControlConnection::connect(context_, back_).value();
      loop_.watch(*connection, [this, peer] {
        while (auto bytes = connections_.at(peer)->receive()) {
          to_aura.push_back(*bytes);
          CHECK(listener_->send(peer, *bytes) != net::ControlListener::SendOutcome::queue_full);
        }
      });
    }
    return *connection;
  }

  net::Context& context_;
  net::Loop& loop_;
  std::string back_;
  std::unique_ptr<net::ControlListener> listener_;
  std::map<net::PeerKey, std::unique_ptr<net::ControlConnection>> connections_;
};

// A valid payload of today's protocol: the example beside the schema.
inline Json example(const std::string& message) {
  const std::string domain = message.substr(0, message.find('.'));
  std::ifstream in(std::filesystem::path(LOOPHOLE_SCHEMAS) / "control" / (domain + ".schema.json"));
  return Json::parse(in).at("x-messages").at(message).at("examples").at("valid").at(0);
}
inline Json example_with(const std::string& message, const Json& more) {
  Json payload = example(message);
  payload.update(more);
  return payload;
}

inline std::vector<std::string> newer_names_in(const std::vector<std::string>& messages) {
  std::vector<std::string> found;
  for (const char* name : kNewerNames)
    if (std::ranges::any_of(messages, [&](const std::string& text) { return text.find(name) != std::string::npos; }))
      found.emplace_back(name);
  return found;
}

// Bytes that today's decoder has no reservation about: no member and no label that it does not know.
inline void check_all_known(const std::vector<std::string>& messages) {
  for (const std::string& text : messages) {
    wire::Ignored ignored;
    const auto message = wire::decode_message(text, {}, nullptr, &ignored);
    REQUIRE_MESSAGE(message, text << ": " << to_string(message.error()));
    CHECK_MESSAGE(ignored.pointers == std::vector<std::string>{}, text);
  }
}

inline std::string line(const std::string& verb, const std::string& name, const Json& payload) {
  return verb + " " + name + " " + payload.dump();
}
// The JSON of a line "word NAME JSON".
inline Json json_of(const std::string& text) {
  const std::size_t brace = text.find('{');
  REQUIRE_MESSAGE(brace != std::string::npos, text);
  return Json::parse(text.substr(brace));
}
inline void check_begins(const std::string& text, const std::string& begin) {
  CHECK_MESSAGE(text.starts_with(begin), text);
}
// The JSON of a line has these members, and besides them at most such as have a default.
inline void check_payload(const std::string& text, const Json& wanted) {
  const Json found = json_of(text);
  for (const auto& [key, value] : wanted.items()) CHECK_MESSAGE((found.contains(key) && found.at(key) == value), text);
}

// A folder for sockets, a loop for pipes and the tap.
struct Stage {
  TempRuntime runtime;
  net::Context context;
  net::Loop loop;
  [[nodiscard]] std::string endpoint(const std::string& name) const { return runtime.ipc(name); }
};

// A Pulse and an Aura, tapped, after their hello.
struct Pair {
  Pair(Age aura_age, Age pulse_age, const std::vector<std::string>& aura_more = {}, const std::vector<std::string>& pulse_more = {}) {
    std::vector<std::string> words{"pulse", stage.endpoint("pulse")};
    words.insert(words.end(), pulse_more.begin(), pulse_more.end());
    pulse = std::make_unique<Peer>(stage.loop, pulse_age, words);
    CHECK(pulse->next() == "serving");
    tap = std::make_unique<Tap>(stage.context, stage.loop, stage.endpoint("tap"), stage.endpoint("pulse"));
    words = {"aura", stage.endpoint("tap")};
    words.insert(words.end(), aura_more.begin(), aura_more.end());
    aura = std::make_unique<Peer>(stage.loop, aura_age, words);
    agreed = aura->next();
    greeted = pulse->next();
  }
  Stage stage;
  std::unique_ptr<Peer> pulse;
  std::unique_ptr<Tap> tap;
  std::unique_ptr<Peer> aura;
  std::string agreed;   // what Aura says after the hello
  std::string greeted;  // what Pulse says
};

}  // namespace loophole::test
