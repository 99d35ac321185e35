#pragma once
// Rules over the prose: examples that validate, names and links that lead somewhere, and requirements as data.
//
// A requirement is a list item with an id in bold type, exactly one of MUST, MUST NOT, SHOULD, SHOULD NOT and MAY, and a tail that says
// who obeys, on which plane, since when (`announced`: in no version so far), and whether it can be seen at the sockets:
//
//   - **ENV-4** A receiver MUST ignore members that it does not know. *(aura pulse signal · control · 1.0 · observable)*
//   - **ENV-9** Members had to be sorted; see ENV-4. *(retired 1.2)*

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "load.hpp"
#include "prose_page.hpp"
#include "rules.hpp"

namespace loophole::schema {

struct ProseFault {
  std::string file;
  std::size_t line = 0;
  std::string rule;
  std::string message;
};

using ProseFaults = std::vector<ProseFault>;

// "FILE:LINE: rule: message".
[[nodiscard]] std::string to_line(const ProseFault& fault);

struct Requirement {
  std::string id;
  std::string keyword;  // empty: retired
  std::vector<std::string> roles;
  std::string plane;  // of the topology, or "all"
  std::string since;  // version, or "announced"
  bool observable = false;
  std::string retired;  // version; empty: in force
  std::string text;     // Markdown, links without their targets
  std::string file;     // as given
  std::string anchor;
  std::size_t line = 0;
};

struct Prose {
  std::vector<Page> protocol;  // may hold requirements
  std::vector<Page> docs;
};

// The text of a file; an empty one for a folder; nothing when there is neither. Paths are like those of the pages.
using ReadFile = std::function<std::optional<std::string>(const std::string& path)>;

// What the prose requires, by prefix and number, whatever else is wrong with it; reports items that cannot be read.
[[nodiscard]] std::vector<Requirement> read_requirements(const std::vector<Page>& pages, ProseFaults& faults);
// requirements.json.
[[nodiscard]] std::string requirements_text(const std::vector<Requirement>& requirements);
// Ids that a requirements.json lists and `requirements` does not have.
[[nodiscard]] std::vector<std::string> lost_requirements(const std::string& written, const std::vector<Requirement>& requirements);

// All rules, by file and line. `registered` is the path of requirements.json.
[[nodiscard]] ProseFaults check_prose(const Model& model, const Prose& prose, const std::string& registered, const ReadFile& read);

// Parts of check_prose(), one a file.
void check_requirements(const Model& model, const Prose& prose, const std::string& registered, const ReadFile& read, ProseFaults& faults);
void check_examples(const Model& model, const Page& page, ProseFaults& faults);
// Documentation also names functions and files of its own; in the `specification` every dotted name is of a domain.
void check_names(const Model& model, const Page& page, bool specification, ProseFaults& faults);
void check_links(const Page& page, const ReadFile& read, ProseFaults& faults);

// What is wrong with an envelope as something to be sent; nothing when it is right.
[[nodiscard]] std::optional<std::string> envelope_breach(const Model& model, const Json& envelope);

[[nodiscard]] std::span<const Rule> prose_rules();

}  // namespace loophole::schema
