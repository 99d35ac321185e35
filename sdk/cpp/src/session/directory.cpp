#include "loophole/session/directory.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <system_error>

#include "loophole/transport/endpoint.hpp"
#include "loophole/wire/codec.hpp"

namespace loophole::session {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kFileName = "session.json";

Error cannot_write(const fs::path& path) {
  return make_error(errors::kSessionRuntimeDir, "cannot write " + path.string() + ": " + std::strerror(errno));
}

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

bool lives(std::int64_t process) {
  return ::kill(static_cast<pid_t>(process), 0) == 0 || errno == EPERM;
}

// What the folder says, when it can be read at all.
std::optional<SessionFile> read(const fs::path& folder) {
  std::ifstream file(folder / kFileName, std::ios::binary);
  if (!file) return std::nullopt;
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  auto session = wire::from_json<SessionFile>(text);
  if (!session) return std::nullopt;
  return *std::move(session);
}

Error not_found(std::string_view session, const std::vector<SessionFile>& running) {
  std::string message = "there is no session '" + std::string(session) + "'";
  if (running.empty()) {
    message += "; no session runs: start one with loophole-pulse --session " + std::string(session);
  } else {
    message += "; running sessions:";
    for (const SessionFile& file : running) message += " " + file.name;
  }
  return make_error(errors::kSessionNotFound, std::move(message));
}

}  // namespace

Result<void> publish(const SessionFile& file) {
  auto text = wire::to_json(file);
  if (!text) return text.error();
  *text += '\n';
  auto folder = net::session_dir(file.name);
  if (!folder) return folder.error();
  const fs::path path = *folder / kFileName;
  const fs::path fresh = *folder / (std::string(kFileName) + "." + std::to_string(::getpid()));
  ::unlink(fresh.c_str());
  const int fd = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd < 0) return cannot_write(fresh);
  const bool written = write_all(fd, *text);
  const bool closed = ::close(fd) == 0;
  if (!written || !closed || ::rename(fresh.c_str(), path.c_str()) != 0) {
    Error error = cannot_write(path);
    ::unlink(fresh.c_str());
    return error;
  }
  return {};
}

Result<SessionFile> find(std::string_view session) {
  auto root = net::runtime_dir();
  if (!root) return root.error();
  auto running = list();
  if (!running) return running.error();
  for (SessionFile& file : *running)
    if (file.name == session) return std::move(file);
  // The name is looked up in a list, and never becomes part of a path: nothing has to be checked or made for it.
  return not_found(session, *running);
}

Result<std::vector<SessionFile>> list() {
  auto root = net::runtime_dir();
  if (!root) return root.error();
  std::vector<SessionFile> sessions;
  std::error_code error;
  for (fs::directory_iterator entry(*root, error), end; !error && entry != end; entry.increment(error)) {
    auto file = read(entry->path());
    if (file && file->name == entry->path().filename().string() && lives(file->process_id)) sessions.push_back(*std::move(file));
  }
  std::sort(sessions.begin(), sessions.end(), [](const SessionFile& a, const SessionFile& b) { return a.name < b.name; });
  return sessions;
}

void withdraw(std::string_view session) {
  auto root = net::runtime_dir();
  if (!root || session.empty() || session.find('/') != std::string_view::npos) return;
  const fs::path folder = *root / session;
  const auto file = read(folder);
  if (file && file->process_id != ::getpid() && lives(file->process_id)) return;  // another process serves it by now
  ::unlink((folder / kFileName).c_str());
}

}  // namespace loophole::session
