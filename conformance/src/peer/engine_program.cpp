#include "peer/engine_program.hpp"

#include <poll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <stdexcept>

#include "peer/command_line.hpp"

namespace loophole::conformance {
namespace {

// From the program: its process id, the number of its arguments and these, each ended by a zero byte. Then kTermination for each SIGTERM.
// To the program: kCrash, or kExit and a code.
constexpr char kTermination = 'T';
constexpr char kCrash = 'C';
constexpr char kExit = 'E';

sockaddr_un address_of(const std::string& path) {
  check_length(path, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  return address;
}

// The words of a start. It is said in one go, so a start that is half there is waited for.
std::vector<std::string> read_words(int fd) {
  std::vector<std::string> words;
  std::string word;
  for (char c = 0; ::read(fd, &c, 1) == 1;) {
    if (c != '\0') {
      word += c;
      continue;
    }
    words.push_back(std::move(word));
    word.clear();
    if (words.size() >= 2 && words.size() == 2 + std::stoul(words[1])) return words;
  }
  return {};
}

}  // namespace

EngineStart::EngineStart(int fd, pid_t id, std::vector<std::string> arguments) : fd_(fd), id_(id), arguments_(std::move(arguments)) {}

EngineStart::~EngineStart() {
  ::close(fd_);
}

std::string EngineStart::option(std::string_view name) const {
  const auto found = std::ranges::find(arguments_, name);
  return found == arguments_.end() || found + 1 == arguments_.end() ? std::string() : *(found + 1);
}

void EngineStart::look() {
  std::array<char, 16> piece{};
  while (!gone_) {
    const ssize_t size = ::recv(fd_, piece.data(), piece.size(), MSG_DONTWAIT);
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (size <= 0) gone_ = true;
    for (ssize_t i = 0; i < size; ++i) asked_to_end_ = asked_to_end_ || piece[static_cast<std::size_t>(i)] == kTermination;
  }
}

void EngineStart::exit(int code) {
  const std::array<char, 2> said{kExit, static_cast<char>(code)};
  (void)!::send(fd_, said.data(), said.size(), MSG_NOSIGNAL);
}

void EngineStart::crash() {
  (void)!::send(fd_, &kCrash, 1, MSG_NOSIGNAL);
}

EngineDesk::EngineDesk(const std::filesystem::path& folder) {
  const std::string desk = (folder / "desk").string();
  const sockaddr_un address = address_of(desk);
  fd_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (::bind(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 || ::listen(fd_, 16) != 0)
    throw std::runtime_error("'" + desk + "' cannot be listened at: " + std::strerror(errno));
  program_ = (folder / "engine").string();
  const std::string self = std::filesystem::read_symlink("/proc/self/exe").string();
  write_file(program_, "#!/bin/sh\nexec " + quoted({self, "play-engine", desk}) + " \"$@\"\n");
  ::chmod(program_.c_str(), 0700);
}

EngineDesk::~EngineDesk() {
  ::close(fd_);
}

std::unique_ptr<EngineStart> EngineDesk::next() {
  const int fd = ::accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC);
  if (fd < 0) return nullptr;
  std::vector<std::string> words = read_words(fd);
  if (words.empty()) {
    ::close(fd);
    return nullptr;
  }
  const pid_t id = std::stoi(words.front());
  words.erase(words.begin(), words.begin() + 2);
  return std::make_unique<EngineStart>(fd, id, std::move(words));
}

int play_engine(const std::string& desk, const std::vector<std::string>& arguments) {
  sigset_t termination;
  ::sigemptyset(&termination);
  ::sigaddset(&termination, SIGTERM);
  ::sigprocmask(SIG_BLOCK, &termination, nullptr);
  const int signals = ::signalfd(-1, &termination, SFD_CLOEXEC);
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_un address = address_of(desk);
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return 1;
  std::string said = std::to_string(::getpid()) + '\0' + std::to_string(arguments.size()) + '\0';
  for (const std::string& word : arguments) said += word + '\0';
  if (::send(fd, said.data(), said.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(said.size())) return 1;
  for (;;) {
    std::array<pollfd, 2> wanted{{{fd, POLLIN, 0}, {signals, POLLIN, 0}}};
    if (::poll(wanted.data(), wanted.size(), -1) < 0) continue;
    if (wanted[1].revents != 0) {
      signalfd_siginfo ignored{};
      (void)!::read(signals, &ignored, sizeof ignored);
      (void)!::send(fd, &kTermination, 1, MSG_NOSIGNAL);
    }
    if (wanted[0].revents == 0) continue;
    std::array<char, 2> order{};
    const ssize_t size = ::read(fd, order.data(), order.size());
    if (size <= 0) return 1;  // the suite is gone
    if (order[0] == kCrash) ::raise(SIGKILL);
    return static_cast<unsigned char>(order[1]);
  }
}

}  // namespace loophole::conformance
