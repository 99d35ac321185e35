// docs/guides/add-a-message.md does what it says: its schemas are applied to a copy of schemas/, its quotations are what the tool says.
#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <sstream>

#include "breaking.hpp"
#include "canonical.hpp"
#include "emit.hpp"
#include "support.hpp"

using namespace loophole::schema;

namespace {

constexpr const char* kFile = "control/track.schema.json";

std::string read(const std::string& path) {
  std::ifstream in{path};
  REQUIRE(in);
  return {std::istreambuf_iterator<char>{in}, {}};
}

std::string guide() {
  return read(std::string(LOOPHOLE_DOCS) + "/guides/add-a-message.md");
}

// "<!-- POINTER -->" before a block of JSON says where the block belongs.
std::vector<std::pair<std::string, Json>> steps() {
  std::vector<std::pair<std::string, Json>> found;
  std::istringstream lines{guide()};
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("<!-- /")) continue;
    const std::string pointer = line.substr(5, line.size() - 5 - 4);
    REQUIRE(std::getline(lines, line));
    REQUIRE(line == "```json free");
    std::string text;
    while (std::getline(lines, line) && line != "```") text += line + "\n";
    found.emplace_back(pointer, Json::parse(text));
  }
  return found;
}

void put(Files& files, const std::string& pointer, const Json& value) {
  Json document = Json::parse(files.at(kFile));
  document[Json::json_pointer(pointer)] = value;
  files[kFile] = document.dump();
}

// One line, one space between words: quotations in the guide are wrapped.
std::string words(const std::string& text) {
  std::istringstream in{text};
  std::string out;
  for (std::string word; in >> word;) out += (out.empty() ? "" : " ") + word;
  return out;
}

void check_quoted(const Fault& fault) {
  const std::string said = "schemas/" + to_line(fault);
  CAPTURE(said);
  CHECK(words(guide()).find(words(said)) != std::string::npos);
}

nlohmann::json released() {
  return read_released(read(std::string(LOOPHOLE_PROTOCOL) + "/released/1.0.json")).model;
}

const OutputFile* find(const std::vector<OutputFile>& files, const std::string& path) {
  const auto found = std::ranges::find(files, path, &OutputFile::path);
  return found == files.end() ? nullptr : &*found;
}

}  // namespace

TEST_CASE("the guide's schemas have no faults, break nobody, and appear everywhere without another edit") {
  Files files = read_folder(LOOPHOLE_SCHEMAS);
  const auto all = steps();
  REQUIRE(all.size() == 4);
  for (const auto& [pointer, value] : all) put(files, pointer, value);
  const Model model = test::model_of(files);
  CHECK(model.protocol == Version{1, 1});
  CHECK(find_breaks(released(), canonical(model)).empty());

  const std::vector<std::tuple<std::string, std::string, std::string>> wanted = {
      {"cpp", "include/loophole/messages/track.hpp", "struct FindReply {"},
      {"cpp", "include/loophole/messages/track.hpp", "std::optional<std::string> icon"},
      {"markdown", "track.md", "track.find"},
      {"markdown", "track.md", "Name of an icon for people"},
      {"jsonschema", "receiver/track.find.json", "track.find"},
      {"jsonschema", "sender/track.find.reply.json", "trackIds"},
      {"asyncapi", "aura.json", "track.find"},
      {"asyncapi", "pulse.json", "track.find"},
      {"testdata", "track.json", "track.find"},
  };
  for (const auto& [emitter, path, text] : wanted) {
    CAPTURE(emitter);
    CAPTURE(path);
    const auto entry = std::ranges::find(emitters(), emitter, &EmitterEntry::name);
    REQUIRE(entry != emitters().end());
    const auto made = entry->emit(model);
    const OutputFile* file = find(made, path);
    REQUIRE(file != nullptr);
    CHECK(file->text.find(text) != std::string::npos);
  }
}

TEST_CASE("what the guide says of mistakes is what the tool says") {
  Json icon = steps().at(0).second;
  const std::string place = steps().at(0).first;

  Files files = read_folder(LOOPHOLE_SCHEMAS);
  put(files, place, Json{{"type", "string"}, {"x-since", "1.1"}});
  Loaded loaded = load(files);
  for (const Fault& fault : loaded.faults) check_quoted(fault);
  CHECK(loaded.faults.size() == 1);
  CHECK(test::faults_of(files).size() == 2);

  files = read_folder(LOOPHOLE_SCHEMAS);
  icon.erase("x-since");
  put(files, place, icon);
  const Faults undated = find_breaks(released(), canonical(test::model_of(files)));
  REQUIRE(undated.size() == 1);
  check_quoted(undated[0]);

  files = read_folder(LOOPHOLE_SCHEMAS);
  put(files, "/$defs/Rename/properties/name/maxLength", 64);
  const Faults shorter = find_breaks(released(), canonical(test::model_of(files)));
  REQUIRE(shorter.size() == 1);
  check_quoted(shorter[0]);
}
