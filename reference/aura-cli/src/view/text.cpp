#include "view/text.hpp"

#include <clocale>
#include <cwchar>

namespace loophole::cli {
namespace {

// Length of the escape sequence at a place; 0: there is none.
std::size_t escape_length(std::string_view text, std::size_t at) {
  if (text[at] != '\x1b' || at + 1 >= text.size() || text[at + 1] != '[') return 0;
  std::size_t end = at + 2;
  while (end < text.size() && (text[end] < '@' || text[end] > '~')) ++end;
  return end < text.size() ? end + 1 - at : text.size() - at;
}

// One character of UTF-8; a byte that begins none is one of its own.
struct Character {
  char32_t code = 0;
  std::size_t bytes = 1;
  bool valid = false;
};

Character character_at(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) -> unsigned { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const unsigned first = byte(at);
  if (first < 0x80U) return {.code = first, .bytes = 1, .valid = true};
  const std::size_t length = first >= 0xF0U ? 4 : (first >= 0xE0U ? 3 : 2);
  if (first < 0xC2U || first > 0xF4U) return {.code = first};
  char32_t code = first & (0x7FU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(at + i) & 0xC0U) != 0x80U) return {.code = first};
    code = (code << 6U) | (byte(at + i) & 0x3FU);
  }
  const bool too_long = (length == 3 && code < 0x800U) || (length == 4 && code < 0x10000U);
  if (too_long || code > 0x10FFFFU || (code >= 0xD800U && code < 0xE000U)) return {.code = first};
  return {.code = code, .bytes = length, .valid = true};
}

// By the tables of the C library for UTF-8, whatever the locale of the environment is: what is not printed as UTF-8 is no worse for it.
std::size_t width_of(const Character& one) {
  if (!one.valid) return 1;
  if (one.code < 0x80U) return one.code >= 0x20U && one.code != 0x7FU ? 1 : 0;
  static const locale_t tables = ::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
  if (tables == nullptr) return 1;
  const locale_t before = ::uselocale(tables);
  const int width = ::wcwidth(static_cast<wchar_t>(one.code));
  ::uselocale(before);
  return width < 0 ? 1 : static_cast<std::size_t>(width);
}

// Line and paragraph separators, and marks that turn the direction of all that follows.
bool is_control(char32_t code) {
  return code < 0x20U || (code >= 0x7FU && code < 0xA0U) || (code >= 0x2028U && code <= 0x202EU) || (code >= 0x2066U && code <= 0x2069U);
}

std::string printable(std::string_view text, bool lines) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const Character one = character_at(text, at);
    const bool safe = one.valid && (!is_control(one.code) || (lines && one.code == U'\n'));
    if (safe)
      out += text.substr(at, one.bytes);
    else
      out += '?';
    at += one.bytes;
  }
  return out;
}

std::string ellipsis_of(const TerminalTraits& traits) {
  return traits.unicode ? "…" : "~";
}

}  // namespace

std::string terminal_text(std::string_view text) {
  return printable(text, false);
}

std::string terminal_lines(std::string_view text) {
  return printable(text, true);
}

std::size_t columns(std::string_view text) {
  std::size_t count = 0;
  for (std::size_t at = 0; at < text.size();) {
    if (const std::size_t escape = escape_length(text, at); escape != 0) {
      at += escape;
      continue;
    }
    const Character one = character_at(text, at);
    count += width_of(one);
    at += one.bytes;
  }
  return count;
}

std::string fitted(const TerminalTraits& traits, const std::string& text, std::size_t width) {
  if (columns(text) <= width || width == 0) return text;
  std::string out;
  std::size_t count = 0;
  for (std::size_t at = 0; at < text.size();) {
    if (const std::size_t escape = escape_length(text, at); escape != 0) {
      out.append(text, at, escape);
      at += escape;
      continue;
    }
    const Character one = character_at(text, at);
    count += width_of(one);
    if (count + 1 > width) {  // a column for the ellipsis
      out += ellipsis_of(traits);
      break;
    }
    out.append(text, at, one.bytes);
    at += one.bytes;
  }
  return traits.colour ? out + "\x1b[0m" : out;
}

std::string fitted_inside(const TerminalTraits& traits, const std::string& text, std::size_t width) {
  if (columns(text) <= width || width < 4) return fitted({.unicode = traits.unicode}, text, width);
  const std::string front = fitted({.unicode = traits.unicode}, text, (width + 2) / 2);  // ends with the ellipsis
  const std::size_t room = width - columns(front);
  std::size_t begin = 0;
  while (columns(std::string_view(text).substr(begin)) > room) begin += character_at(text, begin).bytes;
  return front + text.substr(begin);
}

std::string padded(const TerminalTraits& traits, const std::string& text, std::size_t width) {
  std::string out = fitted(traits, text, width);
  const std::size_t taken = columns(out);
  return taken < width ? out.append(width - taken, ' ') : out;
}

}  // namespace loophole::cli
