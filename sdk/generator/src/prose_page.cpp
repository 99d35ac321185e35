#include "prose_page.hpp"

#include <algorithm>
#include <cctype>
#include <map>

namespace loophole::schema {
namespace {

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines.emplace_back(line);
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return lines;
}

std::string_view trimmed(std::string_view text) {
  const auto blank = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

// Length of the run of `c` that `text` begins with.
std::size_t run_of(std::string_view text, char c) {
  const std::size_t end = text.find_first_not_of(c);
  return end == std::string_view::npos ? text.size() : end;
}

// A fence of at least three ` or ~; 0: none.
std::size_t fence_length(std::string_view line, char c) {
  const std::size_t length = run_of(line, c);
  return length >= 3 ? length : 0;
}

bool is_heading(std::string_view line) {
  const std::size_t level = run_of(line, '#');
  return level >= 1 && level <= 6 && line.size() > level && line[level] == ' ';
}

// Whether a code span may not reach into this line from the one before.
bool begins_block(std::string_view line) {
  const std::string_view text = trimmed(line);
  return text.empty() || is_heading(text) || text.starts_with("- ") || text.starts_with("* ") || text.starts_with('|') ||
         text.starts_with('>');
}

// As GitHub does it: small letters, without punctuation, blanks become dashes.
std::string anchor_of(std::string_view heading) {
  std::string text;
  for (std::size_t i = 0; i < heading.size(); ++i) {
    const char c = heading[i];
    if (c == ']' && i + 1 < heading.size() && heading[i + 1] == '(') {  // of a link only its words count
      const std::size_t end = heading.find(')', i);
      if (end == std::string_view::npos) break;
      i = end;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    if (c == ' ') {
      text += '-';
    } else if (std::isalnum(byte) != 0 || c == '-' || c == '_' || byte >= 0x80) {
      text += static_cast<char>(byte < 0x80 ? std::tolower(byte) : byte);
    }
  }
  return text;
}

class PageReader {
 public:
  explicit PageReader(const std::string& path, std::string_view text) : lines_(lines_of(text)) { page_.path = path; }

  Page run() && {
    page_.masked.resize(lines_.size());
    std::size_t at = 0;
    while (at < lines_.size()) at = take_block(at);
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      if (page_.masked[i].empty()) continue;
      take_heading(i);
      take_links(i);
      take_anchors(i);
    }
    for (std::size_t i = 0; i < lines_.size(); ++i) take_item(i);
    return std::move(page_);
  }

 private:
  // A fenced block, or the lines that a code span may reach over. Returns the line after it.
  std::size_t take_block(std::size_t at) {
    const std::string_view first = trimmed(lines_[at]);
    for (const char c : {'`', '~'})
      if (const std::size_t length = fence_length(first, c); length > 0 && first.find(c, length) == std::string_view::npos)
        return take_fence(at, c, length);
    std::size_t end = at + 1;
    while (end < lines_.size() && !begins_block(lines_[end]) && fence_length(trimmed(lines_[end]), '`') == 0 &&
           fence_length(trimmed(lines_[end]), '~') == 0)
      ++end;
    mask(at, end);
    return end;
  }

  std::size_t take_fence(std::size_t at, char c, std::size_t length) {
    const std::size_t indent = lines_[at].find(c);
    Fence fence{.line = at + 1, .info = std::string{trimmed(trimmed(lines_[at]).substr(length))}, .text = {}, .closed = false};
    std::size_t line = at + 1;
    for (; line < lines_.size(); ++line) {
      const std::string_view text = trimmed(lines_[line]);
      if (fence_length(text, c) >= length && run_of(text, c) == text.size()) {
        fence.closed = true;
        ++line;
        break;
      }
      const std::size_t inner = std::min(indent, run_of(lines_[line], ' '));
      fence.text += lines_[line].substr(inner) + "\n";
    }
    page_.fences.push_back(std::move(fence));
    return line;
  }

  void mask(std::size_t from, std::size_t to) {
    std::string text;
    for (std::size_t i = from; i < to; ++i) text += lines_[i] + "\n";
    std::size_t at = 0;
    while ((at = text.find('`', at)) != std::string::npos) {
      const std::size_t length = run_of(std::string_view{text}.substr(at), '`');
      const std::size_t begin = at + length;
      std::size_t end = begin;
      while ((end = text.find('`', end)) != std::string::npos) {
        const std::size_t closing = run_of(std::string_view{text}.substr(end), '`');
        if (closing == length) break;
        end += closing;
      }
      if (end == std::string::npos) {
        at = begin;
        continue;
      }
      std::string inside = text.substr(begin, end - begin);
      std::ranges::replace(inside, '\n', ' ');
      const auto line = from + static_cast<std::size_t>(std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(begin), '\n'));
      page_.spans.push_back({.line = line + 1, .text = std::string{trimmed(inside)}});
      for (std::size_t i = begin; i < end; ++i)
        if (text[i] != '\n') text[i] = ' ';
      at = end + length;
    }
    std::vector<std::string> masked = lines_of(text);
    for (std::size_t i = from; i < to; ++i) page_.masked[i] = std::move(masked[i - from]);
  }

  void take_heading(std::size_t at) {
    if (!is_heading(lines_[at])) return;
    const std::string_view line{lines_[at]};
    std::string anchor = anchor_of(trimmed(line.substr(run_of(line, '#'))));
    const std::size_t before = seen_[anchor]++;
    if (before > 0) anchor += "-" + std::to_string(before);
    page_.anchors.push_back(anchor);
    page_.headings.push_back({.line = at + 1, .anchor = std::move(anchor)});
  }

  // [text](target), [text](target "title") and [label]: target
  void take_links(std::size_t at) {
    const std::string_view masked{page_.masked[at]};
    const std::string_view line{lines_[at]};
    for (std::size_t i = masked.find("]("); i != std::string_view::npos; i = masked.find("](", i + 2)) {
      const std::size_t end = masked.find_first_of(" )", i + 2);
      if (end != std::string_view::npos && end > i + 2) page_.links.push_back({at + 1, std::string{line.substr(i + 2, end - i - 2)}});
    }
    if (const std::size_t colon = masked.find("]: "); masked.starts_with('[') && colon != std::string_view::npos)
      page_.links.push_back({at + 1, std::string{trimmed(line.substr(colon + 3))}});
  }

  void take_anchors(std::size_t at) {
    const std::string_view line{page_.masked[at]};
    static constexpr std::string_view kBegin = "<a id=\"";
    for (std::size_t i = line.find(kBegin); i != std::string_view::npos; i = line.find(kBegin, i + 1)) {
      const std::size_t begin = i + kBegin.size();
      const std::size_t end = line.find('"', begin);
      if (end != std::string_view::npos) page_.anchors.emplace_back(line.substr(begin, end - begin));
    }
  }

  void take_item(std::size_t at) {
    static constexpr std::string_view kBegin = "- **";
    const std::string_view line{page_.masked[at]};
    if (!line.starts_with(kBegin)) return;
    const std::size_t end = line.find("**", kBegin.size());
    if (end == std::string_view::npos) return;
    const std::string_view id = line.substr(kBegin.size(), end - kBegin.size());
    const auto is_capital = [](char c) { return c >= 'A' && c <= 'Z'; };
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    const std::size_t dash = id.find('-');
    if (dash == 0 || dash == std::string_view::npos || dash + 1 == id.size() || !std::ranges::all_of(id.substr(0, dash), is_capital) ||
        !std::ranges::all_of(id.substr(dash + 1), is_digit))
      return;
    RequirementItem item{.line = at + 1, .last_line = at + 1, .id = std::string{id}, .text = {}, .masked = {}, .anchor = {}};
    item.text = trimmed(std::string_view{lines_[at]}.substr(end + 2));
    item.masked = trimmed(line.substr(end + 2));
    for (std::size_t next = at + 1; next < lines_.size(); ++next) {
      if (begins_block(lines_[next]) || page_.masked[next].empty() || !lines_[next].starts_with("  ")) break;
      item.text += " " + std::string{trimmed(lines_[next])};
      item.masked += " " + std::string{trimmed(page_.masked[next])};
      item.last_line = next + 1;
    }
    for (const Heading& heading : page_.headings)
      if (heading.line < item.line) item.anchor = heading.anchor;
    page_.items.push_back(std::move(item));
  }

  std::vector<std::string> lines_;
  Page page_;
  std::map<std::string, std::size_t> seen_;
};

}  // namespace

Page read_page(const std::string& path, std::string_view text) {
  return PageReader{path, text}.run();
}

}  // namespace loophole::schema
