#include "cli/expected.hpp"

#include <algorithm>
#include <sstream>

#include "cli/show.hpp"

namespace loophole::conformance {

ExpectedFailures parse_expected(std::string_view text, std::string_view role) {
  ExpectedFailures found;
  std::istringstream lines{std::string(text)};
  const auto wrong = [&found](std::string what) {
    found.error = std::move(what);
    return found;
  };
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string id;
    std::string reason;
    if (!(words >> id) || id.front() == '#') continue;
    std::getline(words >> std::ws, reason);
    while (!reason.empty() && (reason.back() == '\r' || reason.back() == ' ' || reason.back() == '\t')) reason.pop_back();
    if (!has_check(id, role)) return wrong("there is no check '" + id + "' of " + std::string(role));
    if (reason.empty()) return wrong("'" + id + "' has no reason; write one after it");
    if (std::ranges::find(found.list, id, &Expected::check) != found.list.end()) return wrong("'" + id + "' is there twice");
    found.list.push_back({.check = id, .reason = reason});
  }
  return found;
}

}  // namespace loophole::conformance
