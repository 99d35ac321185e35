#include "support.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "lint.hpp"

namespace loophole::schema::test {
namespace fs = std::filesystem;
fs::path folder() {
  return LOOPHOLE_SCHEMA_TESTS;
}

const Files& good() {
  static const Files files = read_folder(folder() / "good");
  return files;
}

void apply(const Json& edit, Files& files) {
  const std::string file = edit.at("file");
  if (edit.contains("delete")) {
    files.erase(file);
  } else if (edit.contains("text")) {
    files[file] = edit.at("text").get<std::string>();
  } else if (edit.contains("replace")) {
    std::string& text = files.at(file);
    const std::string from = edit.at("replace");
    const std::size_t at = text.find(from);
    if (at == std::string::npos) throw std::runtime_error{file + " does not have: " + from};
    text.replace(at, from.size(), edit.at("with").get<std::string>());
  } else {
    files.at(file) = Json::parse(files.at(file)).patch(Json::array({edit})).dump(2);
  }
}

std::vector<Fixture> bad() {
  std::vector<Fixture> fixtures;
  for (const auto& entry : fs::recursive_directory_iterator{folder() / "bad"}) {
    if (entry.path().extension() != ".json") continue;
    Fixture fixture{
        .name = entry.path().parent_path().filename().string() + "/" + entry.path().stem().string(), .files = good(), .expect = {}};
    std::ifstream in{entry.path()};
    const Json written = Json::parse(in);
    for (const Json& edit : written.at("edits")) apply(edit, fixture.files);
    for (const Json& line : written.at("expect")) fixture.expect.push_back(line.get<std::string>());
    std::ranges::sort(fixture.expect);
    fixtures.push_back(std::move(fixture));
  }
  std::ranges::sort(fixtures, {}, &Fixture::name);
  return fixtures;
}

std::vector<std::string> faults_of(const Files& files) {
  Loaded loaded = load(files);
  for (Fault& fault : lint(loaded.model)) loaded.faults.push_back(std::move(fault));
  std::vector<std::string> lines;
  for (Fault& fault : loaded.faults) {
    CHECK_FALSE(fault.message.empty());
    fault.message.clear();
    const std::string line = to_line(fault);
    lines.push_back(line.substr(0, line.size() - 2));  // without the ": " of the message
  }
  std::ranges::sort(lines);
  return lines;
}

Model model_of(const Files& files) {
  std::string faults;
  for (const std::string& line : faults_of(files)) faults += line + "\n";
  REQUIRE(faults == "");
  return load(files).model;
}

}  // namespace loophole::schema::test
