#include "prose.hpp"

#include <algorithm>
#include <tuple>

namespace loophole::schema {

std::span<const Rule> prose_rules() {
  static constexpr Rule kRules[] = {
      {"example-info", "A JSON block that is no envelope says what it is: payload=NAME, reply=NAME, type=domain.Type, lines or free."},
      {"example-json", "An example is JSON, closed, and has no member twice."},
      {"example-message", "An envelope is valid to send: header, kind, route, and payload, reply or error."},
      {"example-value", "A payload, a reply or a value is valid to send."},
      {"example-order", "In a block of lines, ids are unique for their sender, and what has a cid comes after its command."},
      {"requirement-form", "A requirement ends with *(ROLES · PLANE · SINCE · observable)*, or unobservable, or with *(retired VERSION)*."},
      {"requirement-words", "Roles and plane are of the topology (or all), and since is at most one minor ahead of the schemas."},
      {"requirement-id", "Ids of one prefix are on one page, each once, and number from 1 without a gap."},
      {"requirement-keyword", "A requirement has exactly one of MUST, MUST NOT, SHOULD, SHOULD NOT and MAY; nothing else has one."},
      {"requirement-mention", "An id that the prose mentions is that of a requirement."},
      {"requirement-register", "requirements.json says what the prose says."},
      {"name-unknown",
       "A dotted name in code is that of a message, a type, an error or a change; in docs/, one that begins with a domain."},
      {"link-target", "A relative link leads to a file."},
      {"link-anchor", "An anchor is that of a heading of the page it leads to."},
  };
  return kRules;
}

std::string to_line(const ProseFault& fault) {
  return fault.file + ":" + std::to_string(fault.line) + ": " + fault.rule + ": " + fault.message;
}

ProseFaults check_prose(const Model& model, const Prose& prose, const std::string& registered, const ReadFile& read) {
  ProseFaults faults;
  check_requirements(model, prose, registered, read, faults);
  for (const std::vector<Page>* pages : {&prose.protocol, &prose.docs}) {
    for (const Page& page : *pages) {
      check_examples(model, page, faults);
      check_names(model, page, pages == &prose.protocol, faults);
      check_links(page, read, faults);
    }
  }
  std::ranges::stable_sort(faults, {}, [](const ProseFault& fault) { return std::tie(fault.file, fault.line); });
  return faults;
}

}  // namespace loophole::schema
