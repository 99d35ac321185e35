#include "transcript.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <regex>
#include <string_view>

namespace loophole::scenarios {
namespace {

// Ids as random_id() makes them, numbers of streams, digests, endpoints.
const std::regex& made_up() {
  static const std::regex pattern("[a-z]{1,5}-[a-km-z2-9]{16}|\\b[0-9a-f]{64}\\b|\\b[0-9a-f]{16}\\b|(ipc|tcp)://[^\\s\"',;]+");
  return pattern;
}

std::string replaced(std::string text, const std::string& from, std::string_view to) {
  if (from.empty()) return text;
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) text.replace(at, from.size(), to);
  return text;
}

class Normaliser {
 public:
  explicit Normaliser(const Surroundings& surroundings) : surroundings_(surroundings) {}

  Json message(const Json& message, bool received) {
    Json result = value(message, "");
    // A peer numbers its messages; heartbeats, that come when they like, are among them.
    if (received && result.contains("id") && result["id"].is_string()) result["id"] = seen("message", message["id"].dump());
    return result;
  }

 private:
  Json value(const Json& from, const std::string& key) {
    static constexpr std::array kNumbers{"processId", "engineProcessId", "recoveryMs", "controlReceived", "controlSent"};
    static constexpr std::array kPositions{"positionFrames", "positionBeats"};
    if (key == "ts") return "<time>";
    if (key == "epoch") return seen("epoch", from.dump());
    if (std::ranges::find(kNumbers, key) != kNumbers.end() && from.is_number()) return "<number>";
    if (surroundings_.transport_runs && std::ranges::find(kPositions, key) != kPositions.end() && from.is_number()) return "<position>";
    if (from.is_object()) {
      Json result = Json::object();
      for (const auto& [name, member] : from.items()) result[name] = value(member, name);
      return result;
    }
    if (from.is_array()) {
      Json result = Json::array();
      for (const Json& element : from) result.push_back(value(element, key == "epochs" ? "epoch" : ""));
      return result;
    }
    return from.is_string() ? Json(text(from.get<std::string>())) : from;
  }

  std::string text(std::string from) {
    from = replaced(std::move(from), surroundings_.endpoint, "<endpoint>");
    from = replaced(std::move(from), surroundings_.folder, "<folder>");
    std::string result;
    auto rest = from.cbegin();
    std::smatch match;
    while (std::regex_search(rest, from.cend(), match, made_up())) {
      result.append(rest, match[0].first);
      result += seen(match[0].str().find("://") != std::string::npos ? "endpoint" : "id", match[0].str());
      rest = match[0].second;
    }
    return result.append(rest, from.cend());
  }

  std::string seen(const std::string& kind, const std::string& what) {
    auto& known = seen_[kind];
    return "<" + kind + " " + std::to_string(known.try_emplace(what, known.size() + 1).first->second) + ">";
  }

  const Surroundings& surroundings_;
  std::map<std::string, std::map<std::string, std::size_t>> seen_;
};

bool heartbeat(const Json& message) {
  return message.is_object() && message.value("name", "") == "session.heartbeat";
}

std::string both(const std::string& place, const std::string& one, const std::string& other) {
  return place + "\n  one:   " + one + "\n  other: " + other;
}

std::optional<std::string> difference_of(const std::string& place, const Json& one, const Json& other) {
  if (one == other) return std::nullopt;
  if (one.is_object() && other.is_object()) {
    for (const auto& [name, member] : one.items()) {
      if (!other.contains(name)) return both(place + "/" + name, member.dump(), "(missing)");
      if (auto found = difference_of(place + "/" + name, member, other[name])) return found;
    }
    for (const auto& [name, member] : other.items())
      if (!one.contains(name)) return both(place + "/" + name, "(missing)", member.dump());
  }
  if (one.is_array() && other.is_array()) {
    for (std::size_t i = 0; i < std::min(one.size(), other.size()); ++i)
      if (auto found = difference_of(place + "/" + std::to_string(i), one[i], other[i])) return found;
    const bool longer = one.size() > other.size();
    const std::size_t at = std::min(one.size(), other.size());
    return both(place + "/" + std::to_string(at), longer ? one[at].dump() : "(missing)", longer ? "(missing)" : other[at].dump());
  }
  return both(place, one.dump(), other.dump());
}

}  // namespace

Json normalised(const Transcript& transcript, const Surroundings& surroundings) {
  Normaliser normaliser(surroundings);
  Json result = Json::object();
  for (const Conversation& conversation : transcript) {
    Json sent = Json::array();
    Json received = Json::array();
    for (const Json& message : conversation.sent)
      if (!heartbeat(message)) sent.push_back(normaliser.message(message, false));
    for (const Json& message : conversation.received)
      if (!heartbeat(message)) received.push_back(normaliser.message(message, true));
    result[conversation.client] = {{"sent", std::move(sent)}, {"received", std::move(received)}};
  }
  return result;
}

std::optional<std::string> difference(const Json& one, const Json& other) {
  return difference_of("", one, other);
}

}  // namespace loophole::scenarios
