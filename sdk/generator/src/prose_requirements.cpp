// Requirements: reading them out of the prose, the register that repeats them, and the rules over both.
#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <set>

#include "prose.hpp"

namespace loophole::schema {
namespace {

constexpr std::string_view kSeparator = " · ";
// In the place of a version: said what will be, in force in none so far.
constexpr std::string_view kAnnounced = "announced";

std::string prefix_of(std::string_view id) {
  return std::string{id.substr(0, id.find('-'))};
}

unsigned number_of(std::string_view id) {
  unsigned number = 0;
  const std::string_view digits = id.substr(id.find('-') + 1);
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return number;
}

std::optional<Version> version_of(std::string_view text) {
  const std::size_t dot = text.find('.');
  if (dot == std::string_view::npos) return std::nullopt;
  Version version{.major = 0, .minor = 0};
  const auto* const end = text.data() + text.size();
  const auto major = std::from_chars(text.data(), text.data() + dot, version.major);
  const auto minor = std::from_chars(text.data() + dot + 1, end, version.minor);
  if (major.ec != std::errc{} || major.ptr != text.data() + dot || minor.ec != std::errc{} || minor.ptr != end) return std::nullopt;
  return version;
}

std::vector<std::string> split(std::string_view text, std::string_view separator) {
  std::vector<std::string> parts;
  for (;;) {
    const std::size_t end = text.find(separator);
    parts.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + separator.size());
  }
}

// Words of RFC 2119, two where NOT follows.
std::vector<std::string> keywords_in(std::string_view masked) {
  static constexpr std::array kWords{"MUST", "SHOULD", "MAY", "SHALL", "REQUIRED", "RECOMMENDED", "OPTIONAL"};
  std::vector<std::string> found;
  const auto in_word = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
  for (std::size_t i = 0; i < masked.size();) {
    if (!in_word(masked[i])) {
      ++i;
      continue;
    }
    std::size_t end = i;
    while (end < masked.size() && in_word(masked[end])) ++end;
    const std::string_view word = masked.substr(i, end - i);
    if (std::ranges::find(kWords, word) != kWords.end()) {
      const std::string_view rest = masked.substr(end);
      const bool negative = rest.starts_with(" NOT") && (rest.size() == 4 || !in_word(rest[4]));
      found.push_back(std::string{word} + (negative ? " NOT" : ""));
    }
    i = end;
  }
  return found;
}

bool is_keyword(std::string_view word) {
  return word == "MUST" || word == "MUST NOT" || word == "SHOULD" || word == "SHOULD NOT" || word == "MAY";
}

// "[words](target)" becomes "words".
std::string without_links(std::string text) {
  for (std::size_t end = text.find("]("); end != std::string::npos; end = text.find("](")) {
    const std::size_t begin = text.rfind('[', end);
    const std::size_t close = text.find(')', end);
    if (begin == std::string::npos || close == std::string::npos) break;
    text = text.substr(0, begin) + text.substr(begin + 1, end - begin - 1) + text.substr(close + 1);
  }
  return text;
}

class Reader {
 public:
  Reader(const Page& page, const RequirementItem& item, ProseFaults& faults) : page_(page), item_(item), faults_(faults) {}

  std::optional<Requirement> read() {
    const std::size_t begin = item_.masked.rfind("*(");
    if (begin == std::string::npos || !item_.masked.ends_with(")*")) return form("It has no tail.");
    Requirement made{.id = item_.id,
                     .keyword = {},
                     .roles = {},
                     .plane = {},
                     .since = {},
                     .observable = false,
                     .retired = {},
                     .text = item_.text.substr(0, begin),
                     .file = page_.path,
                     .anchor = item_.anchor,
                     .line = item_.line};
    while (made.text.ends_with(' ')) made.text.pop_back();
    made.text = without_links(std::move(made.text));
    const std::string tail = item_.text.substr(begin + 2, item_.text.size() - begin - 4);
    const std::vector<std::string> keywords = keywords_in(std::string_view{item_.masked}.substr(0, begin));

    static constexpr std::string_view kRetired = "retired ";
    if (tail.starts_with(kRetired)) {
      made.retired = tail.substr(kRetired.size());
      if (!version_of(made.retired)) return form("'" + made.retired + "' is no version.");
      if (!keywords.empty())
        return fault("requirement-keyword", "A retired requirement requires nothing; say why it is gone, without " + keywords[0] + ".");
      return made;
    }
    const std::vector<std::string> parts = split(tail, kSeparator);
    if (parts.size() != 4) return form("Its tail has " + std::to_string(parts.size()) + " parts instead of four.");
    made.roles = split(parts[0], " ");
    made.plane = parts[1];
    made.since = parts[2];
    if (made.since != kAnnounced && !version_of(made.since)) return form("'" + made.since + "' is neither a version nor announced.");
    if (parts[3] != "observable" && parts[3] != "unobservable") return form("'" + parts[3] + "' is neither observable nor unobservable.");
    made.observable = parts[3] == "observable";
    if (keywords.size() != 1 || !is_keyword(keywords[0])) {
      std::string list;
      for (const std::string& keyword : keywords) list += (list.empty() ? "" : ", ") + keyword;
      return fault("requirement-keyword", item_.id + " must have exactly one of MUST, MUST NOT, SHOULD, SHOULD NOT and MAY; it has " +
                                              (list.empty() ? "none" : list) + ". Split it, or say the rest in other words.");
    }
    made.keyword = keywords[0];
    return made;
  }

 private:
  std::optional<Requirement> fault(std::string rule, std::string message) {
    faults_.push_back({page_.path, item_.line, std::move(rule), std::move(message)});
    return std::nullopt;
  }
  std::optional<Requirement> form(const std::string& what) {
    return fault("requirement-form", what + " " + item_.id +
                                         " must end with *(ROLES · PLANE · SINCE · observable)*, or unobservable, where SINCE is a version "
                                         "or announced; or with *(retired VERSION)*.");
  }

  const Page& page_;
  const RequirementItem& item_;
  ProseFaults& faults_;
};

class Checker {
 public:
  Checker(const Model& model, const Prose& prose, ProseFaults& faults) : model_(model), prose_(prose), faults_(faults) {}

  void run(const std::string& registered, const ReadFile& read) {
    const std::size_t before = faults_.size();
    const std::vector<Requirement> requirements = read_requirements(prose_.protocol, faults_);
    for (const Requirement& requirement : requirements) words(requirement);
    ids();
    keywords_outside();
    for (const std::vector<Page>* pages : {&prose_.protocol, &prose_.docs})
      for (const Page& page : *pages) mentions(page);
    if (faults_.size() != before) return;  // what cannot be read cannot be compared
    const auto written = read(registered);
    if (written && *written == requirements_text(requirements)) return;
    std::string lost;
    for (const std::string& id : lost_requirements(written.value_or(""), requirements)) lost += " " + id;
    faults_.push_back({registered, 1, "requirement-register",
                       lost.empty()
                           ? "This is not what the prose says; write it again with loophole-schema requirements PROTOCOL --out FILE."
                           : "The prose no longer has" + lost + "; an id is never given up: mark it as *(retired VERSION)*."});
  }

 private:
  void fault(const std::string& file, std::size_t line, std::string rule, std::string message) {
    faults_.push_back({file, line, std::move(rule), std::move(message)});
  }

  void words(const Requirement& requirement) {
    const auto wrong = [&](const std::string& message) { fault(requirement.file, requirement.line, "requirement-words", message); };
    std::set<std::string> seen;
    for (const std::string& role : requirement.roles) {
      if (std::ranges::find(model_.topology.roles, role, &Label::name) == model_.topology.roles.end())
        wrong("'" + role + "' is no role of the topology.");
      else if (!seen.insert(role).second)
        wrong("'" + role + "' stands there twice.");
    }
    if (!requirement.plane.empty() && requirement.plane != "all" &&
        std::ranges::find(model_.topology.planes, requirement.plane, &Label::name) == model_.topology.planes.end())
      wrong("'" + requirement.plane + "' is no plane of the topology; write one of them, or all.");
    for (const std::string& text : {requirement.since, requirement.retired}) {
      const auto version = version_of(text);
      if (version && (version->major != model_.protocol.major || version->minor > model_.protocol.minor + 1))
        wrong("Version " + text + " is more than one minor ahead of the schemas, which are at " + std::to_string(model_.protocol.major) +
              "." + std::to_string(model_.protocol.minor) + ".");
    }
  }

  void ids() {
    std::map<std::string, std::map<unsigned, std::pair<const Page*, std::size_t>>> known;
    std::map<std::string, std::string> home;
    for (const Page& page : prose_.protocol) {
      for (const RequirementItem& item : page.items) {
        const std::string prefix = prefix_of(item.id);
        const auto place = home.try_emplace(prefix, page.path).first;
        if (place->second != page.path)
          fault(page.path, item.line, "requirement-id",
                "Ids with " + prefix + " belong to " + place->second + "; use another prefix here.");
        if (!known[prefix].try_emplace(number_of(item.id), &page, item.line).second)
          fault(page.path, item.line, "requirement-id", item.id + " is given already; take the next number that is free.");
        if (item.id != prefix + "-" + std::to_string(number_of(item.id)))
          fault(page.path, item.line, "requirement-id",
                item.id + " must be written " + prefix + "-" + std::to_string(number_of(item.id)) + ".");
        ids_.insert(item.id);
      }
    }
    for (const auto& [prefix, numbers] : known) {
      unsigned next = 1;
      for (const auto& [number, place] : numbers) {
        if (number != next)
          fault(place.first->path, place.second, "requirement-id",
                prefix + "-" + std::to_string(next) + " is missing: numbers have no gap, and an id that is retired stays listed.");
        next = number + 1;
      }
      prefixes_.insert(prefix);
    }
  }

  void keywords_outside() {
    for (const Page& page : prose_.protocol) {
      for (std::size_t i = 0; i < page.masked.size(); ++i) {
        const bool inside =
            std::ranges::any_of(page.items, [&](const RequirementItem& item) { return item.line <= i + 1 && i + 1 <= item.last_line; });
        if (inside) continue;
        for (const std::string& keyword : keywords_in(page.masked[i]))
          fault(page.path, i + 1, "requirement-keyword",
                keyword + " stands outside of a requirement; give the sentence an id, or say it in small letters.");
      }
    }
  }

  void mentions(const Page& page) {
    for (std::size_t i = 0; i < page.masked.size(); ++i) {
      const std::string& line = page.masked[i];
      for (const std::string& prefix : prefixes_) {
        const std::string begin = prefix + "-";
        for (std::size_t at = line.find(begin); at != std::string::npos; at = line.find(begin, at + 1)) {
          if (at > 0 && (std::isalnum(static_cast<unsigned char>(line[at - 1])) != 0 || line[at - 1] == '-')) continue;
          const std::size_t end = std::min(line.find_first_not_of("0123456789", at + begin.size()), line.size());
          if (end == at + begin.size()) continue;
          const std::string id = line.substr(at, end - at);
          if (!ids_.contains(id)) fault(page.path, i + 1, "requirement-mention", "There is no requirement " + id + ".");
        }
      }
    }
  }

  const Model& model_;
  const Prose& prose_;
  ProseFaults& faults_;
  std::set<std::string> ids_;
  std::set<std::string> prefixes_;
};

std::string quoted(const std::string& text) {
  return Json(text).dump();
}

}  // namespace

std::vector<Requirement> read_requirements(const std::vector<Page>& pages, ProseFaults& faults) {
  std::vector<Requirement> requirements;
  for (const Page& page : pages)
    for (const RequirementItem& item : page.items)
      if (auto requirement = Reader{page, item, faults}.read()) requirements.push_back(*std::move(requirement));
  std::ranges::stable_sort(requirements, {}, [](const Requirement& r) { return std::pair{prefix_of(r.id), number_of(r.id)}; });
  return requirements;
}

// One a line, so that a difference reads well.
std::string requirements_text(const std::vector<Requirement>& requirements) {
  std::string text =
      "{\n"
      "  \"title\": \"requirements\",\n"
      "  \"description\": \"What protocol/*.md requires, as data. Written by loophole-schema requirements; edit the prose.\",\n"
      "  \"requirements\": [\n";
  for (const Requirement& requirement : requirements) {
    const std::string file = requirement.file.substr(requirement.file.rfind('/') + 1);
    text += "    {\"id\": " + quoted(requirement.id);
    if (requirement.retired.empty()) {
      std::string roles;
      for (const std::string& role : requirement.roles) roles += (roles.empty() ? "" : ", ") + quoted(role);
      text += ", \"keyword\": " + quoted(requirement.keyword) + ", \"roles\": [" + roles + "], \"plane\": " + quoted(requirement.plane) +
              ", \"since\": " + quoted(requirement.since) + ", \"observable\": " + (requirement.observable ? "true" : "false");
    } else {
      text += ", \"retired\": " + quoted(requirement.retired);
    }
    text += ", \"place\": " + quoted(file + "#" + requirement.anchor) + ", \"text\": " + quoted(requirement.text) + "}";
    text += &requirement == &requirements.back() ? "\n" : ",\n";
  }
  return text + "  ]\n}\n";
}

std::vector<std::string> lost_requirements(const std::string& written, const std::vector<Requirement>& requirements) {
  std::vector<std::string> lost;
  const Json json = Json::parse(written, nullptr, false);
  if (!json.is_object() || !json.contains("requirements") || !json["requirements"].is_array()) return lost;
  for (const Json& entry : json["requirements"]) {
    if (!entry.is_object() || !entry.contains("id") || !entry["id"].is_string()) continue;
    const auto id = entry["id"].get<std::string>();
    if (std::ranges::find(requirements, id, &Requirement::id) == requirements.end()) lost.push_back(id);
  }
  return lost;
}

void check_requirements(const Model& model, const Prose& prose, const std::string& registered, const ReadFile& read, ProseFaults& faults) {
  Checker{model, prose, faults}.run(registered, read);
}

}  // namespace loophole::schema
