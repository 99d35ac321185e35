#include "peer/command_line.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <utility>

namespace loophole::conformance {
namespace {

constexpr std::string_view kPlain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-./:=,@%+";

// A port that was free a moment ago: the kernel hands out others before it comes to the same one again.
std::string free_port() {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  const bool bound =
      ::bind(fd, reinterpret_cast<sockaddr*>(&address), size) == 0 && ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  ::close(fd);
  return "tcp://127.0.0.1:" + std::to_string(bound ? ntohs(address.sin_port) : 0);
}

}  // namespace

Folder::Folder() {
  const char* base = std::getenv("TMPDIR");
  std::string name = std::string(base != nullptr && *base != '\0' ? base : "/tmp") + "/lpc-XXXXXX";
  if (::mkdtemp(name.data()) != nullptr) path_ = name;
}

Folder::~Folder() {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

Endpoints new_endpoints(Topology topology, const std::filesystem::path& folder) {
  if (topology == Topology::tcp) return {.control = free_port(), .stream = free_port(), .telemetry = free_port()};
  const std::string base = "ipc://" + folder.string() + "/";
  return {.control = base + "control", .stream = base + "stream", .telemetry = base + "telemetry"};
}

std::vector<std::string> substitute(const std::vector<std::string>& command, const Endpoints& endpoints) {
  std::vector<std::string> words = command;
  for (std::string& word : words)
    for (const auto& [name, value] : {std::pair{"{control}", &endpoints.control}, std::pair{"{stream}", &endpoints.stream},
                                      std::pair{"{telemetry}", &endpoints.telemetry}})
      for (auto at = word.find(name); at != std::string::npos; at = word.find(name, at + value->size()))
        word.replace(at, std::string_view(name).size(), *value);
  return words;
}

std::optional<std::string> fault_of(const std::vector<std::string>& command, std::string_view role) {
  if (command.empty()) return "give the command of the peer after --, or its endpoints with --attach";
  bool control = false;
  for (const std::string& word : command)
    for (auto open = word.find('{'); open != std::string::npos; open = word.find('{', open + 1)) {
      const auto close = word.find('}', open);
      if (close == std::string::npos) break;
      const std::string name = word.substr(open, close - open + 1);
      if (name.find_first_not_of("{}abcdefghijklmnopqrstuvwxyz") != std::string::npos) continue;  // of another language
      if (name == "{control}")
        control = true;
      else if (name != "{stream}" && name != "{telemetry}")
        return name + " is no placeholder for the role " + std::string(role) + ": there are {control}, {stream} and {telemetry}";
    }
  if (!control) return "the command has no {control}, so that the peer would not know where to be reached";
  return std::nullopt;
}

std::optional<Endpoints> attached_endpoints(std::string_view text) {
  Endpoints endpoints;
  while (!text.empty()) {
    const auto comma = text.find(',');
    const std::string_view part = text.substr(0, comma);
    text = comma == std::string_view::npos ? std::string_view{} : text.substr(comma + 1);
    const auto equals = part.find('=');
    if (equals == std::string_view::npos) return std::nullopt;
    const std::string value(part.substr(equals + 1));
    const std::string_view name = part.substr(0, equals);
    if (name == "control")
      endpoints.control = value;
    else if (name == "stream")
      endpoints.stream = value;
    else if (name == "telemetry")
      endpoints.telemetry = value;
    else
      return std::nullopt;
  }
  if (endpoints.control.empty() || endpoints.stream.empty() || endpoints.telemetry.empty()) return std::nullopt;
  return endpoints;
}

std::string quoted(const std::vector<std::string>& words) {
  std::string line;
  for (const std::string& word : words) {
    if (!line.empty()) line += ' ';
    if (!word.empty() && word.find_first_not_of(kPlain) == std::string::npos) {
      line += word;
      continue;
    }
    line += '\'';
    for (const char c : word) line += c == '\'' ? std::string("'\\''") : std::string(1, c);
    line += '\'';
  }
  return line;
}

}  // namespace loophole::conformance
