#include "app/line_words.hpp"

namespace loophole::cli {

LineWords split_line(std::string_view line) {
  LineWords out;
  const auto word = [&out]() -> std::string& {
    if (!out.inside) out.words.emplace_back();
    out.inside = true;
    return out.words.back();
  };
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    const bool escapes = c == '\\' && i + 1 < line.size();
    if (out.quote != 0) {
      if (c == out.quote)
        out.quote = 0;
      else if (out.quote == '"' && escapes && (line[i + 1] == '"' || line[i + 1] == '\\'))
        word() += line[++i];
      else
        word() += c;
    } else if (c == ' ' || c == '\t' || c == '\r') {
      out.inside = false;
    } else if (c == '#' && !out.inside) {
      break;
    } else if (c == '\'' || c == '"') {
      word();
      out.quote = c;
    } else {
      word() += escapes ? line[++i] : c;
    }
  }
  return out;
}

std::string as_word(std::string_view word) {
  if (!word.empty() && word.find_first_of(" \t\"'\\#$") == std::string_view::npos) return std::string(word);
  std::string out = "\"";
  for (const char c : word) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

}  // namespace loophole::cli
