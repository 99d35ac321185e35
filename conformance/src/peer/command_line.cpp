#include "peer/command_line.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <optional>
#include <set>
#include <stdexcept>
#include <utility>

namespace loophole::conformance {
namespace {

constexpr std::string_view kPlain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-./:=,@%+";

// Whether nobody has this port of the loopback; 0: any. The one that it is.
std::optional<int> try_port(int port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  socklen_t size = sizeof address;
  const bool bound =
      ::bind(fd, reinterpret_cast<sockaddr*>(&address), size) == 0 && ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  ::close(fd);
  if (!bound) return std::nullopt;
  return ntohs(address.sin_port);
}

// A port that is free until somebody binds it. Not one of those that the kernel gives to connections (from 32768 on): that may be gone a
// moment later. Each process has some of its own, so that cases beside each other do not find the same one.
std::string free_port() {
  constexpr int kFirst = 16'384;
  constexpr int kProcesses = 250;
  constexpr int kEach = 64;
  static int next = 0;
  std::optional<int> port;
  for (int n = 0; n < kEach && !port; ++n) port = try_port(kFirst + ::getpid() % kProcesses * kEach + next++ % kEach);
  if (!port) port = try_port(0);
  return "tcp://127.0.0.1:" + std::to_string(port.value_or(0));
}

}  // namespace

Folder::Folder(const std::filesystem::path& path) {
  const char* set = std::getenv("TMPDIR");
  const std::string base = set != nullptr && *set != '\0' ? set : "/tmp";
  std::string name = path.empty() ? base + "/lpc-XXXXXX" : path.string();
  std::error_code ignored;
  if (!path.empty()) std::filesystem::remove_all(path, ignored);
  const bool made = path.empty() ? ::mkdtemp(name.data()) != nullptr : ::mkdir(name.c_str(), 0700) == 0;
  if (!made)
    throw std::runtime_error("no folder can be made as '" + name + "': " + std::strerror(errno) +
                             "; set TMPDIR to a folder that you can write to, with some space left");
  path_ = name;
}

Folder::~Folder() {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

void check_length(const std::filesystem::path& folder, std::size_t room) {
  constexpr std::size_t kMost = sizeof(sockaddr_un::sun_path) - 1;
  const std::size_t needed = folder.string().size() + room;
  if (needed > kMost)
    throw std::runtime_error("'" + folder.string() + "' is too long a path: sockets in it need up to " + std::to_string(needed) +
                             " bytes, and an address holds " + std::to_string(kMost) + "; set TMPDIR to a shorter one, such as /tmp");
}

void write_file(const std::filesystem::path& path, std::string_view bytes) {
  errno = 0;
  std::ofstream out(path, std::ios::binary);
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  out.close();
  if (!out)
    throw std::runtime_error("'" + path.string() + "' cannot be written: " + std::strerror(errno) +
                             "; set TMPDIR to a folder with some space left");
}

Endpoints new_endpoints(Topology topology, const std::filesystem::path& folder) {
  if (topology == Topology::tcp) return {.control = free_port(), .stream = free_port(), .telemetry = free_port(), .project = free_port()};
  const std::string base = "ipc://" + folder.string() + "/";
  return {.control = base + "control", .stream = base + "stream", .telemetry = base + "telemetry", .project = base + "project"};
}

std::vector<std::string> substitute(const std::vector<std::string>& command, const Endpoints& endpoints) {
  const std::array<std::pair<std::string_view, const std::string*>, 7> values{{{"{control}", &endpoints.control},
                                                                               {"{stream}", &endpoints.stream},
                                                                               {"{telemetry}", &endpoints.telemetry},
                                                                               {"{project}", &endpoints.project},
                                                                               {"{engine}", &endpoints.engine},
                                                                               {"{session}", &endpoints.session},
                                                                               {"{driver}", &endpoints.driver}}};
  std::vector<std::string> words = command;
  for (std::string& word : words)
    for (const auto& [name, value] : values)
      for (auto at = word.find(name); at != std::string::npos; at = word.find(name, at + value->size()))
        word.replace(at, name.size(), *value);
  return words;
}

namespace {

struct Placeholder {
  std::string_view name;
  std::string_view without;  // why a command cannot do without it; empty: it can
};

std::vector<Placeholder> placeholders_of(std::string_view role) {
  if (role == "pulse")
    return {{"{project}", "so that user interfaces would not know where to reach it"},
            {"{engine}", "so that the peer would not know which program to start as its engine"}};
  if (role == "aura") return {{"{session}", ""}, {"{project}", ""}, {"{driver}", ""}};
  return {{"{control}", "so that the peer would not know where to be reached"}, {"{stream}", ""}, {"{telemetry}", ""}};
}

}  // namespace

std::optional<std::string> fault_of(const std::vector<std::string>& command, std::string_view role) {
  if (command.empty())
    return "give the command of the peer after --" + std::string(role == "signal" ? ", or its endpoints with --attach" : "");
  const std::vector<Placeholder> placeholders = placeholders_of(role);
  std::string names;
  for (const Placeholder& one : placeholders) names += (names.empty() ? "" : ", ") + std::string(one.name);
  std::set<std::string> found;
  for (const std::string& word : command)
    for (auto open = word.find('{'); open != std::string::npos; open = word.find('{', open + 1)) {
      const auto close = word.find('}', open);
      if (close == std::string::npos) break;
      const std::string name = word.substr(open, close - open + 1);
      if (name.find_first_not_of("{}abcdefghijklmnopqrstuvwxyz") != std::string::npos) continue;  // of another language
      if (std::ranges::find(placeholders, name, &Placeholder::name) == placeholders.end())
        return name + " is no placeholder for the role " + std::string(role) + ": there are " + names;
      found.insert(name);
    }
  for (const Placeholder& one : placeholders)
    if (!one.without.empty() && !found.contains(std::string(one.name)))
      return "the command has no " + std::string(one.name) + ", " + std::string(one.without);
  if (role == "aura" && !found.contains("{session}") && !found.contains("{project}"))
    return "the command has neither {session} nor {project}, so that the peer would not know where Pulse is";
  return std::nullopt;
}

bool has(const std::vector<std::string>& command, std::string_view placeholder) {
  return std::ranges::any_of(command, [&](const std::string& word) { return word.find(placeholder) != std::string::npos; });
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
    if (!value.starts_with("ipc://") && !value.starts_with("tcp://")) return std::nullopt;
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
