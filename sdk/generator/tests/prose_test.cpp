// The rules over the prose: every fixture of tests/prose/bad gives exactly its faults, and protocol/ itself has none.
#include "prose.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>

#include "cli.hpp"
#include "prose_cli.hpp"
#include "support.hpp"

using namespace loophole::schema;
namespace fs = std::filesystem;

namespace {

using Lines = std::vector<std::string>;

std::string joined(const Lines& lines) {
  std::string out;
  for (const std::string& line : lines) out += "\n  " + line;
  return out;
}

std::string text_of(const fs::path& path) {
  return read_path(path.string()).value();
}

const Model& model() {
  static const Model made = test::model_of(test::good());
  return made;
}

// Pages in protocol/ and docs/, and requirements.json.
const Files& good() {
  static const Files files = [] {
    Files read;
    for (const auto& entry : fs::directory_iterator{test::folder() / "prose/good"})
      read["protocol/" + entry.path().filename().string()] = text_of(entry.path());
    read["docs/guide.md"] = "# Guide\n\nSend `thing.add` with `client.call`; OTH-1 says why. It MUST be read aloud.\n";
    return read;
  }();
  return files;
}

// "FILE:LINE: rule", sorted.
Lines faults_of(const Files& files) {
  Prose prose;
  for (const auto& [path, text] : files) {
    if (path.ends_with(".md")) (path.starts_with("protocol/") ? prose.protocol : prose.docs).push_back(read_page(path, text));
  }
  const ReadFile read = [&files](const std::string& path) -> std::optional<std::string> {
    if (path == "schemas") return std::string{};
    const auto found = files.find(path);
    return found == files.end() ? std::nullopt : std::optional{found->second};
  };
  Lines lines;
  for (ProseFault& fault : check_prose(model(), prose, "protocol/requirements.json", read)) {
    CHECK_FALSE(fault.message.empty());
    fault.message.clear();
    const std::string line = to_line(fault);
    lines.push_back(line.substr(0, line.size() - 2));
  }
  std::ranges::sort(lines);
  return lines;
}

struct Outcome {
  int code;
  std::string out;
  std::string err;
};

Outcome call(const Lines& words) {
  std::ostringstream out;
  std::ostringstream err;
  const int code = run(words, out, err);
  return {code, out.str(), err.str()};
}

}  // namespace

TEST_CASE("good prose has no faults") {
  CHECK(joined(faults_of(good())) == "");
}

TEST_CASE("bad prose gives exactly its faults, and every rule has a fixture") {
  std::set<std::string> tested;
  for (const auto& entry : fs::recursive_directory_iterator{test::folder() / "prose/bad"}) {
    if (entry.path().extension() != ".json") continue;
    const std::string rule = entry.path().parent_path().filename().string();
    const std::string name = rule + "/" + entry.path().stem().string();
    CAPTURE(name);
    tested.insert(rule);
    const Json fixture = Json::parse(text_of(entry.path()));
    Files files = good();
    for (const Json& edit : fixture.at("edits")) test::apply(edit, files);
    Lines expected;
    bool given = false;
    for (const Json& line : fixture.at("expect")) {
      expected.push_back(line.get<std::string>());
      given = given || expected.back().ends_with(": " + rule);
    }
    std::ranges::sort(expected);
    CHECK(given);
    CHECK(joined(faults_of(files)) == joined(expected));
  }
  std::set<std::string> listed;
  for (const Rule& rule : prose_rules()) CHECK_MESSAGE(listed.insert(std::string{rule.id}).second, rule.id);
  for (const Rule& rule : rules()) CHECK_MESSAGE(!listed.contains(std::string{rule.id}), rule.id);
  CHECK(tested == listed);
}

TEST_CASE("requirements are read with everything that their tail says") {
  ProseFaults faults;
  const auto found = read_requirements({read_page("protocol/things.md", good().at("protocol/things.md"))}, faults);
  CHECK(faults.empty());
  REQUIRE(found.size() == 3);
  CHECK(found[0].id == "THG-1");
  CHECK(found[0].keyword == "MUST");
  CHECK(found[0].text == "A sender MUST write the name of a `thing.add` on one line.");
  CHECK(found[0].anchor == "what-goes-over-the-wire");
  CHECK(found[0].observable);
  CHECK(found[1].roles == Lines{"aura", "pulse"});
  CHECK(found[1].plane == "all");
  CHECK(found[1].since == "1.2");
  CHECK(found[1].text == "A receiver MAY paint it; why.");
  CHECK_FALSE(found[1].observable);
  CHECK(found[2].retired == "1.1");
  CHECK(found[2].keyword.empty());
  CHECK(requirements_text(found).find("\"place\": \"things.md#what-goes-over-the-wire\"") != std::string::npos);
}

TEST_CASE("a requirement may be announced, without a version in which it comes into force") {
  ProseFaults faults;
  const auto found =
      read_requirements({read_page("p.md", "# P\n\n- **P-1** A sender MUST hum. *(aura · all · announced · unobservable)*\n")}, faults);
  CHECK(faults.empty());
  REQUIRE(found.size() == 1);
  CHECK(found[0].since == "announced");
  CHECK(requirements_text(found).find("\"since\": \"announced\"") != std::string::npos);
}

TEST_CASE("headings become the anchors that GitHub makes") {
  const Page page = read_page("p.md", "# A `b.c`: d's, [e](f.md)\n\n## Twice\n## Twice\n\n```\n# none\n```\n### 4. Größe_x\n");
  CHECK(page.anchors == Lines{"a-bc-ds-e", "twice", "twice-1", "4-größe_x"});
}

TEST_CASE("requirements --out never drops an id") {
  const fs::path folder = fs::temp_directory_path() / ("loophole-prose-test-" + std::to_string(::getpid()));
  fs::remove_all(folder);
  fs::create_directories(folder);
  const std::string file = (folder / "requirements.json").string();
  std::ofstream{folder / "page.md"} << good().at("protocol/things.md");
  CHECK(call({"requirements", folder.string(), "--out", file}).code == 0);
  const std::string written = text_of(file);
  CHECK(call({"requirements", folder.string()}).out == written);

  std::string text = good().at("protocol/things.md");
  text.erase(text.find("- **THG-3**"), text.find("*(retired 1.1)*") + 15 - text.find("- **THG-3**"));
  std::ofstream{folder / "page.md"} << text;
  const Outcome outcome = call({"requirements", folder.string(), "--out", file});
  CHECK(outcome.code == 1);
  CHECK(outcome.err.find("THG-3") != std::string::npos);
  CHECK(text_of(file) == written);
  fs::remove_all(folder);
}

TEST_CASE("wrong usage of prose and requirements gives 2") {
  for (const Lines& words : {Lines{"prose"},
                             {"prose", "schemas"},
                             {"prose", "schemas", "protocol", "--list"},
                             {"requirements"},
                             {"requirements", "a", "b"},
                             {"requirements", "a", "--list"}})
    CHECK(call(words).code == 2);
  const std::string good_schemas = (test::folder() / "good").string();
  CHECK(call({"prose", good_schemas, good_schemas}).code == 1);  // no pages there
  CHECK(call({"prose", good_schemas, (test::folder() / "prose/good").string(), "nowhere"}).err.find("there is no nowhere") !=
        std::string::npos);
}

// Loophole's own.
TEST_CASE("requirements.json is what protocol/ says, and ids are unique") {
  ProseFaults faults;
  const auto requirements = read_requirements(read_prose(LOOPHOLE_PROTOCOL, {}).protocol, faults);
  CHECK(faults.empty());
  CHECK(requirements.size() > 100);
  std::set<std::string> ids;
  for (const Requirement& requirement : requirements) CHECK_MESSAGE(ids.insert(requirement.id).second, requirement.id);
  CHECK(text_of(fs::path{LOOPHOLE_PROTOCOL} / "requirements.json") == requirements_text(requirements));
}
