#pragma once
// A page of Markdown, taken apart as far as the rules over the prose need it: fenced blocks, headings, links, code spans, requirement
// items.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace loophole::schema {

// Lines count from 1.
struct Fence {
  std::size_t line = 0;  // of the opening
  std::string info;      // "json payload=track.add"
  std::string text;
  bool closed = false;
};

struct Heading {
  std::size_t line = 0;
  std::string anchor;  // as GitHub makes it
};

struct Link {
  std::size_t line = 0;
  std::string target;
};

struct CodeSpan {
  std::size_t line = 0;  // on which it begins
  std::string text;
};

// A list item that begins with an id in bold type: `- **ENV-4** A receiver …`.
struct RequirementItem {
  std::size_t line = 0;
  std::size_t last_line = 0;
  std::string id;
  std::string text;    // after the id, lines joined by a blank
  std::string masked;  // the same, with blanks for what stands in code spans
  std::string anchor;  // of the heading above; empty: none
};

struct Page {
  std::string path;
  std::vector<std::string> masked;  // line by line: text with blanks for what stands in code spans; empty within fenced blocks
  std::vector<Fence> fences;
  std::vector<Heading> headings;
  std::vector<std::string> anchors;  // of headings, and of <a id="…">
  std::vector<Link> links;
  std::vector<CodeSpan> spans;
  std::vector<RequirementItem> items;
};

[[nodiscard]] Page read_page(const std::string& path, std::string_view text);

}  // namespace loophole::schema
