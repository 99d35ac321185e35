#pragma once
// The Markdown emitter: reference pages for whoever implements the protocol, in any language. README.md is the index; each domain has
// a page; errors.md, topology.md and frames.md are the rest. The pages read well as plain text and in a viewer like GitHub's, whose
// anchors of headings the links use.

#include <map>
#include <set>

#include "emit.hpp"

namespace loophole::schema {

[[nodiscard]] std::vector<OutputFile> emit_markdown(const Model& model);

namespace markdown {

// ---- where things are (emit_markdown_sites.cpp) ----

// The anchor that GitHub gives a heading: "track.add" -> "trackadd", "Aura to Pulse" -> "aura-to-pulse".
[[nodiscard]] std::string slug(std::string_view heading);

// Who refers to a type: a message by payload or reply, or another type.
struct User {
  const Message* message = nullptr;  // of a message, else `type`
  TypeRef type;
  friend auto operator<=>(const User&, const User&) = default;
};

// Page and anchor of everything that is linked to. Headings are announced in the order in which the pages write them, because a second
// heading of the same name on a page gets another anchor.
class Sites {
 public:
  explicit Sites(const Model& model);

  // Links, as Markdown, for the page `from` (a file name).
  [[nodiscard]] std::string message(std::string_view name, std::string_view from) const;
  [[nodiscard]] std::string message(std::string_view name, std::string_view words, std::string_view from) const;
  [[nodiscard]] std::string domain(const Domain& domain) const;  // its list in README.md, for README.md
  [[nodiscard]] std::string type(const TypeRef& ref, std::string_view from) const;
  [[nodiscard]] std::string error(std::string_view code, std::string_view from) const;
  [[nodiscard]] std::string edge(const Edge& edge, std::string_view from) const;
  [[nodiscard]] std::string frame(const Frame& frame, std::string_view from) const;

  [[nodiscard]] const std::vector<User>& users(const TypeRef& ref) const;
  // Links to all of them; a type that is shown with its message is named by that.
  [[nodiscard]] std::vector<std::string> user_links(const TypeRef& ref, std::string_view from) const;
  // The version that brought a type.
  [[nodiscard]] Version age(const TypeRef& ref) const;
  // Whether a type has a heading of its own. One that a single message of its domain uses is shown there only.
  [[nodiscard]] bool has_section(const TypeRef& ref) const;

 private:
  void note_users(const Model& model);
  [[nodiscard]] std::string link(const std::string& key, std::string_view words, std::string_view from) const;

  std::map<std::string, std::string> places_;  // "message track.add" -> "track.md#trackadd"
  std::map<TypeRef, std::vector<User>> users_;
  std::set<TypeRef> documents_;
  std::map<TypeRef, Version> ages_;
};

[[nodiscard]] std::string page_of(const Domain& domain);  // "track.md"
[[nodiscard]] std::string title(const Domain& domain);    // of that page: "Domain track"
[[nodiscard]] std::string heading(const Edge& edge);      // "aura to pulse: control"

// ---- words (emit_markdown_words.cpp) ----

[[nodiscard]] std::string cell(std::string_view text);        // as the text of a cell of a table
[[nodiscard]] std::string code(std::string_view text);        // `text`
[[nodiscard]] std::string bytes(std::uint64_t count);         // "64 KiB"
[[nodiscard]] std::string unit_words(std::string_view unit);  // "Db" -> "in dB"
[[nodiscard]] std::string arrow(std::string_view from, std::string_view to);
[[nodiscard]] std::string routes(const std::vector<Route>& routes);                        // "aura → pulse"
[[nodiscard]] std::string number_words(const Json& value);                                 // 9007199254740991 -> "2^53-1"
[[nodiscard]] std::string range_words(const std::string& least, const std::string& most);  // "0 … 8", "at least 0", "at most 8", ""
// What a value may be, in a few words with links: "integer in frames, 0 … 1000".
[[nodiscard]] std::string type_words(const Model& model, const Sites& sites, const Type& type, std::string_view from);

// ---- examples (emit_markdown_examples.cpp) ----

inline constexpr std::size_t kColumns = 100;  // what a viewer shows without a bar to scroll

// A whole message as it goes over the wire, by one of its valid payloads; and a reply to it, made up.
[[nodiscard]] std::string message_example(const Message& message, const Json& payload);
[[nodiscard]] std::string reply_example(const Model& model, const Message& message);

// ---- parts of pages (emit_markdown_types.cpp) ----

// Members, labels or alternatives of a type as a table; a sentence for anything else.
void write_type(Lines& out, const Model& model, const Sites& sites, const TypeRef& ref, std::string_view from);
// First lines of every page: where it comes from, its title, and the way to the other pages.
void write_head(Lines& out, std::string_view source, std::string_view title, std::string_view from);
// "**Label:** a, b and c." Nothing without words.
void write_list(Lines& out, std::string_view label, const std::vector<std::string>& words);

// ---- pages ----

[[nodiscard]] OutputFile index_page(const Model& model, const Sites& sites);
[[nodiscard]] OutputFile domain_page(const Model& model, const Sites& sites, const Domain& domain);
[[nodiscard]] OutputFile errors_page(const Model& model, const Sites& sites);
[[nodiscard]] OutputFile topology_page(const Model& model, const Sites& sites);
[[nodiscard]] OutputFile frames_page(const Model& model, const Sites& sites);

}  // namespace markdown
}  // namespace loophole::schema
