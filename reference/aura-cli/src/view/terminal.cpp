#include "view/terminal.hpp"

#include <fmt/format.h>
#include <langinfo.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <clocale>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "view/text.hpp"

namespace loophole::cli {
TerminalTraits terminal_traits() {
  TerminalTraits traits;
  std::setlocale(LC_CTYPE, "");
  traits.unicode = std::strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
  const char* kind = std::getenv("TERM");
  traits.live = isatty(STDOUT_FILENO) == 1 && kind != nullptr && std::strcmp(kind, "dumb") != 0;
  traits.colour = traits.live && std::getenv("NO_COLOR") == nullptr;
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && size.ws_row > 0) {
    traits.width = size.ws_col;
    traits.height = size.ws_row;
  }
  return traits;
}

std::string styled(const TerminalTraits& traits, Style style, const std::string& text) {
  if (!traits.colour || style == Style::plain) return text;
  const char* code = "0";
  switch (style) {
    case Style::plain:
      break;
    case Style::bold:
      code = "1";
      break;
    case Style::dim:
      code = "2";
      break;
    case Style::good:
      code = "32";
      break;
    case Style::bad:
      code = "1;31";
      break;
    case Style::accent:
      code = "1;36";
      break;
  }
  return fmt::format("\x1b[{}m{}\x1b[0m", code, text);
}

LiveBlock::~LiveBlock() {
  clear();
}

void LiveBlock::print(const std::string& line) {
  std::string out;
  erase(out);
  out += line + "\n";
  write_block(out);
  flush(out);
}

void LiveBlock::draw(std::vector<std::string> lines) {
  if (!traits_.live) return;
  lines_ = std::move(lines);
  std::string out;
  if (!cursor_hidden_) out += "\x1b[?25l";
  cursor_hidden_ = true;
  erase(out);
  write_block(out);
  flush(out);
}

void LiveBlock::clear() {
  std::string out;
  erase(out);
  if (cursor_hidden_) out += "\x1b[?25h";
  cursor_hidden_ = false;
  lines_.clear();
  drawn_ = 0;
  flush(out);
}

void LiveBlock::erase(std::string& out) const {
  if (drawn_ > 0) out += fmt::format("\x1b[{}A\r\x1b[J", drawn_);
}

void LiveBlock::write_block(std::string& out) {
  for (const std::string& line : lines_) out += fitted(traits_, line, static_cast<std::size_t>(traits_.width)) + "\n";
  drawn_ = lines_.size();
}

void LiveBlock::flush(const std::string& out) {
  if (out.empty()) return;
  std::fwrite(out.data(), 1, out.size(), stdout);
  std::fflush(stdout);
}

}  // namespace loophole::cli
