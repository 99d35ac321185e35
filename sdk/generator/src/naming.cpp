#include "naming.hpp"

#include <algorithm>
#include <array>
#include <numeric>
#include <set>
#include <utility>

namespace loophole::schema {
namespace {

bool lower(char c) {
  return c >= 'a' && c <= 'z';
}
bool upper(char c) {
  return c >= 'A' && c <= 'Z';
}
bool digit(char c) {
  return c >= '0' && c <= '9';
}
char to_lower(char c) {
  return upper(c) ? static_cast<char>(c - 'A' + 'a') : c;
}
char to_upper(char c) {
  return lower(c) ? static_cast<char>(c - 'a' + 'A') : c;
}

// Letters and digits, capitals only at the beginning of a word that goes on.
bool camel_tail(std::string_view name) {
  for (std::size_t i = 1; i < name.size(); ++i) {
    if (!lower(name[i]) && !upper(name[i]) && !digit(name[i])) return false;
    if (upper(name[i]) && (i + 1 == name.size() || upper(name[i + 1]))) return false;
  }
  return true;
}

// Also the words that <ciso646> and common platform macros take.
constexpr auto kKeywords =
    std::to_array<std::string_view>({"alignas",       "alignof",     "and",       "and_eq",    "asm",          "assert",
                                     "auto",          "bitand",      "bitor",     "bool",      "break",        "case",
                                     "catch",         "char",        "char16_t",  "char32_t",  "char8_t",      "class",
                                     "co_await",      "co_return",   "co_yield",  "compl",     "concept",      "const",
                                     "const_cast",    "consteval",   "constexpr", "constinit", "continue",     "decltype",
                                     "default",       "delete",      "do",        "double",    "dynamic_cast", "else",
                                     "enum",          "errno",       "explicit",  "export",    "extern",       "false",
                                     "float",         "for",         "friend",    "goto",      "if",           "inline",
                                     "int",           "linux",       "long",      "mutable",   "namespace",    "new",
                                     "noexcept",      "not",         "not_eq",    "nullptr",   "operator",     "or",
                                     "or_eq",         "private",     "protected", "public",    "register",     "reinterpret_cast",
                                     "requires",      "return",      "short",     "signed",    "sizeof",       "static",
                                     "static_assert", "static_cast", "struct",    "switch",    "template",     "this",
                                     "thread_local",  "throw",       "true",      "try",       "typedef",      "typeid",
                                     "typename",      "union",       "unix",      "unsigned",  "using",        "virtual",
                                     "void",          "volatile",    "wchar_t",   "while",     "xor",          "xor_eq"});

constexpr auto kSuffixes = std::to_array<std::string_view>({"Frames", "Ns", "Ms", "Hz", "Db", "Ratio", "Bpm", "Beats"});

}  // namespace

bool is_lower_camel(std::string_view name) {
  return !name.empty() && lower(name[0]) && camel_tail(name);
}

bool is_pascal(std::string_view name) {
  return name.size() > 1 && upper(name[0]) && !upper(name[1]) && camel_tail(name);
}

bool is_snake(std::string_view name) {
  if (name.empty() || !lower(name[0]) || name.back() == '_') return false;
  for (std::size_t i = 1; i < name.size(); ++i) {
    if (!lower(name[i]) && !digit(name[i]) && name[i] != '_') return false;
    if (name[i] == '_' && !lower(name[i + 1])) return false;
  }
  return true;
}

bool is_dotted(std::string_view name) {
  std::size_t segments = 0;
  for (std::size_t begin = 0; begin <= name.size();) {
    const std::size_t end = std::min(name.find('.', begin), name.size());
    if (!is_lower_camel(name.substr(begin, end - begin))) return false;
    ++segments;
    begin = end + 1;
  }
  return segments >= 2;
}

std::string snake(std::string_view lower_camel) {
  std::string out;
  for (const char c : lower_camel) {
    if (upper(c) && !out.empty()) out += '_';
    out += to_lower(c);
  }
  return out;
}

std::string pascal(std::string_view dotted) {
  std::string out;
  bool begin = true;
  for (const char c : dotted) {
    if (c == '.') {
      begin = true;
      continue;
    }
    out += begin ? to_upper(c) : c;
    begin = false;
  }
  return out;
}

std::string lower_camel(std::string_view snake) {
  std::string out;
  bool begin = false;
  for (const char c : snake) {
    if (c == '_') {
      begin = true;
      continue;
    }
    out += begin ? to_upper(c) : c;
    begin = false;
  }
  return out;
}

std::string message_type(std::string_view message) {
  const std::size_t dot = message.find('.');
  return pascal(dot == std::string_view::npos ? message : message.substr(dot + 1));
}

std::string domain_of(std::string_view dotted) {
  return std::string{dotted.substr(0, dotted.find('.'))};
}

std::string constant(std::string_view dotted) {
  return "k" + pascal(dotted);
}

bool is_cpp_keyword(std::string_view name) {
  return std::ranges::find(kKeywords, name) != kKeywords.end();
}

std::string enumerator(std::string_view label) {
  std::string out = snake(label);
  if (is_cpp_keyword(out)) out += '_';
  return out;
}

std::string_view unit_suffix(std::string_view lower_camel) {
  for (const std::string_view suffix : kSuffixes)
    if (lower_camel.ends_with(suffix)) return suffix;
  return {};
}

bool is_unit(std::string_view unit) {
  return unit == "Parameter" || std::ranges::find(kSuffixes, unit) != kSuffixes.end();
}

std::optional<std::string> alphabet(std::string_view pattern) {
  if (!pattern.starts_with("^[") || !pattern.ends_with("]+$") || pattern.size() < 6) return std::nullopt;
  std::string_view body = pattern.substr(2, pattern.size() - 5);
  if (body.starts_with('^')) return std::nullopt;

  const auto take = [&body]() -> std::optional<char> {
    const bool escaped = body.size() > 1 && body[0] == '\\';
    const char c = body[escaped ? 1 : 0];
    // Escapes of letters are classes such as \d, which the decoder does not know.
    if (escaped && (lower(to_lower(c)) || digit(c))) return std::nullopt;
    if (!escaped && (c == '[' || c == ']' || c == '\\')) return std::nullopt;
    if (c < ' ' || c > '~') return std::nullopt;
    body.remove_prefix(escaped ? 2 : 1);
    return c;
  };

  std::set<char> members;
  while (!body.empty()) {
    const auto first = take();
    if (!first) return std::nullopt;
    if (body.size() < 2 || body[0] != '-') {
      members.insert(*first);
      continue;
    }
    body.remove_prefix(1);
    const auto last = take();
    if (!last || *last < *first) return std::nullopt;
    for (char c = *first; c <= *last; ++c) members.insert(c);  // printable ASCII: does not overflow
  }
  return std::string{members.begin(), members.end()};
}

std::string did_you_mean(std::string_view name, const std::vector<std::string>& known) {
  const auto distance = [](std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < a.size(); ++i) {
      std::size_t diagonal = std::exchange(row[0], i + 1);
      for (std::size_t j = 0; j < b.size(); ++j) {
        const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
        diagonal = row[j + 1];
        row[j + 1] = std::min({replaced, row[j] + 1, diagonal + 1});
      }
    }
    return row.back();
  };
  std::size_t nearest = std::max<std::size_t>(1, name.size() / 3) + 1;
  const std::string* found = nullptr;
  for (const std::string& each : known)
    if (const std::size_t far = distance(name, each); far < nearest) nearest = far, found = &each;
  return found == nullptr ? std::string{} : " Did you mean '" + *found + "'?";
}

}  // namespace loophole::schema
