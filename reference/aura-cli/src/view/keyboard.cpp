#include "view/keyboard.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

namespace loophole::cli {
namespace {

constexpr std::array<std::pair<std::string_view, Key>, 28> kKeys{{
    {"\x1b[A", Key::up},    {"\x1bOA", Key::up},       {"k", Key::up},        {"\x1b[B", Key::down},  {"\x1bOB", Key::down},
    {"j", Key::down},       {"\x1b[5~", Key::page_up}, {"b", Key::page_up},   {"\x02", Key::page_up}, {"\x1b[6~", Key::page_down},
    {" ", Key::page_down},  {"\x06", Key::page_down},  {"\x1b[H", Key::home}, {"\x1bOH", Key::home},  {"\x1b[1~", Key::home},
    {"\x1b[7~", Key::home}, {"g", Key::home},          {"<", Key::home},      {"\x1b[F", Key::end},   {"\x1bOF", Key::end},
    {"\x1b[4~", Key::end},  {"\x1b[8~", Key::end},     {"G", Key::end},       {">", Key::end},        {"c", Key::clear},
    {"C", Key::clear},      {"q", Key::quit},          {"Q", Key::quit},
}};

// How long the sequence is that these bytes begin with; nothing: it is not all here.
std::optional<std::size_t> sequence_length(std::string_view bytes) {
  if (bytes.front() != '\x1b') return 1;
  if (bytes.size() < 2) return {};
  if (bytes[1] != '[' && bytes[1] != 'O') return 1;
  for (std::size_t i = 2; i < bytes.size(); ++i)
    if (bytes[i] >= '@' && bytes[i] <= '~') return i + 1;
  return {};
}

}  // namespace

std::vector<Key> keys_in(std::string& bytes) {
  std::vector<Key> keys;
  while (!bytes.empty()) {
    const auto length = sequence_length(bytes);
    if (!length) break;
    const std::string_view sequence = std::string_view(bytes).substr(0, *length);
    const auto* found = std::find_if(kKeys.begin(), kKeys.end(), [sequence](const auto& one) { return one.first == sequence; });
    if (found != kKeys.end()) keys.push_back(found->second);
    bytes.erase(0, *length);
  }
  return keys;
}

Keyboard::Keyboard() {
  // A program in the background would be stopped for touching the terminal.
  if (isatty(STDIN_FILENO) != 1 || tcgetpgrp(STDIN_FILENO) != getpgrp() || tcgetattr(STDIN_FILENO, &before_) != 0) return;
  there_ = true;
  take();
}

Keyboard::~Keyboard() {
  give_back();
}

void Keyboard::take() {
  if (!there_) return;
  termios keys = before_;
  keys.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
  keys.c_cc[VMIN] = 0;
  keys.c_cc[VTIME] = 0;
  tcsetattr(STDIN_FILENO, TCSANOW, &keys);
}

void Keyboard::give_back() {
  if (there_) tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);  // keys that nobody took are not typed into the shell
}

std::vector<Key> Keyboard::pressed() {
  if (!there_) return {};
  std::array<char, 256> buffer{};
  pollfd ready{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
  while (::poll(&ready, 1, 0) == 1 && (ready.revents & POLLIN) != 0) {
    const ssize_t got = ::read(STDIN_FILENO, buffer.data(), buffer.size());
    if (got <= 0) break;
    bytes_.append(buffer.data(), static_cast<std::size_t>(got));
  }
  return keys_in(bytes_);
}

}  // namespace loophole::cli
