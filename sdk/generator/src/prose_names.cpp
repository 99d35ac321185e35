// Names in code and relative links lead to something that is there.
#include <algorithm>
#include <array>
#include <filesystem>
#include <set>

#include "naming.hpp"
#include "prose.hpp"

namespace loophole::schema {
namespace {

// Everything that a dotted name may be: messages, error codes, types, and the tags of unions.
struct Names {
  std::set<std::string> known;
  std::set<std::string> domains;

  explicit Names(const Model& model) {
    for (const ErrorCode& error : model.errors) add(error.code);
    for (const Domain& domain : model.domains) {
      domains.insert(domain.name);
      for (const Message& message : domain.messages) add(message.name);
      for (const NamedType& named : domain.types) {
        add(domain.name + "." + named.name);
        for (const Field& field : named.type.fields) {
          if (field.type.shape == Shape::constant && field.type.constant.find('.') != std::string::npos) add(field.type.constant);
          known.insert(domain.name + "." + named.name + "." + field.name);
        }
      }
    }
  }

  void add(const std::string& name) {
    known.insert(name);
    domains.insert(domain_of(name));
  }
};

bool is_file_ending(std::string_view word) {
  static constexpr std::array kEndings{"json", "schema", "fbs", "md", "hpp", "cpp", "cmake", "txt", "sock"};
  return std::ranges::find(kEndings, word) != kEndings.end();
}

bool in_word(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

void check_span(const Names& names, const Page& page, const CodeSpan& span, ProseFaults& faults) {
  const std::string& text = span.text;
  if (text.find('/') != std::string::npos) return;  // a path, a link, a version of a text
  if (text.starts_with('{')) return;                // JSON, such as an example of what is refused
  for (std::size_t i = 0; i < text.size();) {
    if (!in_word(text[i])) {
      ++i;
      continue;
    }
    std::size_t end = i;
    while (end < text.size() && (in_word(text[end]) || (text[end] == '.' && end + 1 < text.size() && in_word(text[end + 1])))) ++end;
    const std::string name = text.substr(i, end - i);
    const bool begins = i == 0 || (text[i - 1] != '-' && text[i - 1] != '.' && text[i - 1] != ':' && text[i - 1] != '$');
    const bool called = end < text.size() && text[end] == '(';  // a function of some language
    i = end;
    if (!begins || called || name.find('.') == std::string::npos || names.known.contains(name)) continue;
    if (!names.domains.contains(domain_of(name)) || is_file_ending(name.substr(name.rfind('.') + 1))) continue;
    faults.push_back({page.path, span.line, "name-unknown", "There is no message, type, error or change " + name + "."});
  }
}

// A span that is a dotted name of no domain: a misspelt one, unless it is a name that others make up.
void check_domain(const Names& names, const Page& page, const CodeSpan& span, ProseFaults& faults) {
  static constexpr std::array kOfOthers{"com", "org", "domain"};
  if (!is_dotted(span.text) || is_file_ending(span.text.substr(span.text.rfind('.') + 1))) return;
  const std::string domain = domain_of(span.text);
  if (names.domains.contains(domain) || std::ranges::find(kOfOthers, domain) != kOfOthers.end()) return;
  faults.push_back({page.path, span.line, "name-unknown", "There is no domain " + domain + "."});
}

bool is_remote(std::string_view target) {
  return target.find("://") != std::string_view::npos || target.starts_with("mailto:");
}

}  // namespace

void check_names(const Model& model, const Page& page, bool specification, ProseFaults& faults) {
  const Names names{model};
  for (const CodeSpan& span : page.spans) {
    check_span(names, page, span, faults);
    if (specification) check_domain(names, page, span, faults);
  }
}

void check_links(const Page& page, const ReadFile& read, ProseFaults& faults) {
  for (const Link& link : page.links) {
    if (is_remote(link.target)) continue;
    const std::size_t hash = link.target.find('#');
    const std::string file = link.target.substr(0, hash);
    const std::string anchor = hash == std::string::npos ? "" : link.target.substr(hash + 1);
    std::vector<std::string> anchors = page.anchors;
    if (!file.empty()) {
      const std::string path = (std::filesystem::path{page.path}.parent_path() / file).lexically_normal().generic_string();
      const auto text = read(path);
      if (!text) {
        faults.push_back({page.path, link.line, "link-target", "There is no " + path + "."});
        continue;
      }
      if (!anchor.empty()) anchors = read_page(path, *text).anchors;
    }
    if (!anchor.empty() && std::ranges::find(anchors, anchor) == anchors.end())
      faults.push_back({page.path, link.line, "link-anchor",
                        "There is no heading #" + anchor + (file.empty() ? " on this page." : " in " + file + ".")});
  }
}

}  // namespace loophole::schema
