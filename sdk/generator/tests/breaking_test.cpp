// Every fixture of tests/breaking/RULE/breaks gives exactly its findings, every one of tests/breaking/RULE/holds none; and every rule has
// both. "edits" lead from tests/good (with the edits of "before") to the schemas of now. Edits of the file "model" are of the canonical
// model, for changes that the lint refuses on its own.
#include "breaking.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <set>

#include "canonical.hpp"
#include "support.hpp"

using namespace loophole::schema;
namespace fs = std::filesystem;

namespace {

struct Change {
  std::string name;  // "breaking-unit/breaks/another_one"
  std::string rule;
  bool breaks = false;
  nlohmann::json then;
  nlohmann::json now;
  std::vector<std::string> expect;  // sorted "FILE: POINTER: rule"
};

bool is_of_model(const Json& edit) {
  return edit.at("file") == "model";
}

nlohmann::json model_after(Files& files, const std::vector<Json>& edits) {
  for (const Json& edit : edits)
    if (!is_of_model(edit)) test::apply(edit, files);
  nlohmann::json model = canonical(test::model_of(files));
  for (const Json& edit : edits)
    if (is_of_model(edit)) model = model.patch(nlohmann::json::array({nlohmann::json(edit)}));
  return model;
}

Change read_change(const fs::path& path) {
  const fs::path kind = path.parent_path();
  Change change;
  change.rule = kind.parent_path().filename().string();
  change.breaks = kind.filename() == "breaks";
  change.name = change.rule + "/" + kind.filename().string() + "/" + path.stem().string();
  CAPTURE(change.name);
  std::ifstream in{path};
  const Json written = Json::parse(in);
  std::vector<Json> edits;
  for (const Json& edit : written.value("before", Json::array())) edits.push_back(edit);
  Files files = test::good();
  change.then = model_after(files, edits);
  REQUIRE_FALSE(written.at("edits").empty());
  for (const Json& edit : written.at("edits")) edits.push_back(edit);
  files = test::good();
  change.now = model_after(files, edits);
  for (const Json& line : written.at("expect")) change.expect.push_back(line.get<std::string>());
  std::ranges::sort(change.expect);
  return change;
}

const std::vector<Change>& changes() {
  static const std::vector<Change> all = [] {
    std::vector<Change> found;
    for (const auto& entry : fs::recursive_directory_iterator{test::folder() / "breaking"})
      if (entry.path().extension() == ".json") found.push_back(read_change(entry.path()));
    std::ranges::sort(found, {}, &Change::name);
    return found;
  }();
  return all;
}

// Sorted "FILE: POINTER: rule" of each finding.
std::vector<std::string> lines_of(const Faults& faults) {
  std::vector<std::string> lines;
  for (const Fault& fault : faults) {
    std::string line = to_line({fault.where, fault.rule, ""});
    lines.push_back(line.substr(0, line.size() - 2));
  }
  std::ranges::sort(lines);
  return lines;
}

std::string joined(const std::vector<std::string>& lines) {
  std::string out;
  for (const std::string& line : lines) out += "\n  " + line;
  return out;
}

}  // namespace

TEST_CASE("a change breaks exactly what it is said to break") {
  for (const Change& change : changes()) {
    CAPTURE(change.name);
    CHECK(joined(lines_of(find_breaks(change.then, change.now))) == joined(change.expect));
  }
}

TEST_CASE("every rule has a change that breaks it and one that holds it") {
  std::map<std::string, std::set<bool>> tested;
  for (const Change& change : changes()) {
    tested[change.rule].insert(change.breaks);
    const bool named = std::ranges::any_of(change.expect, [&](const std::string& line) { return line.ends_with(": " + change.rule); });
    CHECK_MESSAGE(named == change.breaks, change.name);
    CHECK_MESSAGE(change.expect.empty() != change.breaks, change.name);
  }
  std::set<std::string> listed;
  for (const BreakingRule& rule : breaking_rules()) {
    CAPTURE(rule.id);
    CHECK(listed.insert(std::string{rule.id}).second);
    CHECK(tested[std::string{rule.id}] == std::set<bool>{false, true});
  }
  CHECK(tested.size() == listed.size());
}

TEST_CASE("a finding says what changed, who suffers and what to do") {
  for (const Change& change : changes()) {
    for (const Fault& fault : find_breaks(change.then, change.now)) {
      CAPTURE(fault.message);
      CHECK(fault.message.find(", so ") != std::string::npos);
      const auto rule = std::ranges::find(breaking_rules(), fault.rule, &BreakingRule::id);
      REQUIRE(rule != breaking_rules().end());
      CHECK(fault.message.ends_with(rule->instead));
    }
  }
}

TEST_CASE("a finding names the old value and the new one") {
  Files files = test::good();
  test::apply(
      {{"file", "control/thing.schema.json"}, {"op", "add"}, {"path", "/$defs/Add/properties/startFrames/maximum"}, {"value", 2000}},
      files);
  const Faults found = find_breaks(canonical(test::model_of(test::good())), canonical(test::model_of(files)));
  REQUIRE(found.size() == 1);
  CHECK(
      to_line(found[0]) ==
      "control/thing.schema.json: /$defs/Add/properties/startFrames: breaking-number-bound: maximum of thing.Add.startFrames changed from "
      "1000 to 2000, so an old receiver refuses what a new sender may send. Keep them; add a new optional member with the other bounds.");
}

TEST_CASE("schemas do not break themselves, and one type is told once however many messages use it") {
  const nlohmann::json model = canonical(test::model_of(test::good()));
  CHECK(find_breaks(model, model).empty());
  const nlohmann::json real = canonical(test::model_of(read_folder(LOOPHOLE_SCHEMAS)));
  CHECK(find_breaks(real, real).empty());
  nlohmann::json narrower = real;
  narrower["domains"]["scalars"]["types"]["Revision"]["maximum"] = 1000;
  CHECK(joined(lines_of(find_breaks(real, narrower))) == "\n  control/scalars.schema.json: /$defs/Revision: breaking-number-bound");
}

TEST_CASE("what is no released model is told apart") {
  const Model model = test::model_of(test::good());
  const std::string text = canonical_text(model);
  const Released good = read_released(text);
  CHECK(good.error.empty());
  CHECK(good.model == canonical(model));
  const auto edited = [&text](const std::string& from, const std::string& to) {
    std::string copy = text;
    copy.replace(copy.find(from), from.size(), to);
    return read_released(copy).error;
  };
  CHECK(edited("\"maxDepth\": 8", "\"maxDepth\": 9").find("fingerprint") != std::string::npos);
  CHECK(edited("\"frames\"", "\"frame\"").find("'frames'") != std::string::npos);
  CHECK(edited("{", "").find("not JSON") != std::string::npos);
  CHECK(read_released("[]").error.find("loophole-schema model") != std::string::npos);
  CHECK(read_released(test::good().at("topology.json")).error.find("loophole-schema model") != std::string::npos);
}
