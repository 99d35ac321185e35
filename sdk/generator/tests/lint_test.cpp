// Every fixture of tests/bad gives exactly its faults: file, pointer and rule; and every rule has a fixture.
#include "lint.hpp"

#include <doctest/doctest.h>

#include <set>

#include "load.hpp"
#include "rules.hpp"
#include "support.hpp"

using namespace loophole::schema;
using Lines = std::vector<std::string>;

// Named, so that a failure prints what was found beside what was expected.
static std::string joined(const Lines& lines) {
  std::string out;
  for (const std::string& line : lines) out += "\n  " + line;
  return out;
}

TEST_CASE("good schemas have no faults") {
  CHECK(joined(test::faults_of(test::good())) == "");
}

TEST_CASE("a bad schema gives exactly its faults") {
  for (const test::Fixture& fixture : test::bad()) {
    CAPTURE(fixture.name);
    CHECK(joined(test::faults_of(fixture.files)) == joined(fixture.expect));
  }
}

TEST_CASE("every rule has a fixture, and every fixture names a rule") {
  std::set<std::string> tested;
  for (const test::Fixture& fixture : test::bad()) {
    const std::string rule = fixture.name.substr(0, fixture.name.find('/'));
    tested.insert(rule);
    bool given = false;
    for (const std::string& line : fixture.expect) given = given || line.ends_with(": " + rule);
    CHECK_MESSAGE(given, fixture.name);
  }
  std::set<std::string> listed;
  for (const Rule& rule : rules()) CHECK_MESSAGE(listed.insert(std::string{rule.id}).second, rule.id);
  CHECK(tested == listed);
}

TEST_CASE("faults of several files come in one run, by file") {
  Files files = test::good();
  files["errors.json"] = "{";
  files["stream/thing_values.fbs"] = "table {";
  const auto found = test::faults_of(files);
  CHECK(joined(found) == joined({"errors.json: /: json-syntax", "stream/thing_values.fbs: /: fbs-syntax"}));
}

static std::string message_of(const char* rule, const Files& files) {
  for (const Fault& fault : lint(load(files).model))
    if (fault.rule == rule) return fault.message;
  for (const Fault& fault : load(files).faults)
    if (fault.rule == rule) return fault.message;
  return {};
}

TEST_CASE("a fault of spelling says what was meant, one of a route what there is") {
  const auto edited = [](const std::string& from, const std::string& to) {
    Files files = test::good();
    std::string& text = files["control/thing.schema.json"];
    text.replace(text.find(from), from.size(), to);
    return files;
  };
  CHECK(message_of("ref-unresolved", edited("\"#/$defs/AddReply\"", "\"#/$defs/AddReplay\"")).ends_with(" Did you mean 'thing.AddReply'?"));
  CHECK(message_of("error-unknown", edited("\"thing.busy\"", "\"thing.bussy\"")).ends_with(" Did you mean 'thing.busy'?"));
  CHECK(message_of("unknown-keyword", edited("\"undoable\"", "\"undoeable\"")).ends_with(" Did you mean 'undoable'?"));
  CHECK(message_of("error-unknown", edited("\"thing.busy\"", "\"moon.fullAgain\"")).find("Did you mean") == std::string::npos);
  const std::string route = "{ \"from\": \"aura\", \"to\": \"pulse\" }";
  CHECK(message_of("route-topology", edited(route, "{ \"from\": \"aura\", \"to\": \"drummer\" }"))
            .starts_with("'drummer' is no role; topology.json has aura, "));
  CHECK(message_of("route-topology", edited(route, "{ \"from\": \"aura\", \"to\": \"aura\" }")).find("topology.json has aura to pulse") !=
        std::string::npos);
}

TEST_CASE("a file of any JSON type is reported, not followed") {
  for (const std::string text : {"[]", "3", "null", "\"x\"", "{\"$defs\": 3, \"x-messages\": [1]}", "{\"$defs\": {\"A\": 3}}",
                                 "{\"$defs\": {\"A\": {\"oneOf\": {}}}}", "{\"x-messages\": {\"thing.add\": []}}"}) {
    for (const char* file : {"control/thing.schema.json", "control/scalars.schema.json", "errors.json", "topology.json"}) {
      Files files = test::good();
      files[file] = text;
      CAPTURE(file);
      CAPTURE(text);
      CHECK_FALSE(test::faults_of(files).empty());
    }
  }
}

// Every value of a document, as pointers.
static void pointers_of(const Json& value, const Json::json_pointer& at, std::vector<Json::json_pointer>& out) {
  out.push_back(at);
  if (value.is_object())
    for (const auto& [key, member] : value.items()) pointers_of(member, at / key, out);
  if (value.is_array())
    for (std::size_t i = 0; i < value.size(); ++i) pointers_of(value[i], at / i, out);
}

TEST_CASE("no value of any type at any place stops the linter") {
  const std::vector<Json> values{nullptr, 1.5, "x", Json::array({1}), Json::object({{"$ref", "#/$defs/Add"}})};
  std::size_t tried = 0;
  for (const auto& good : test::good()) {
    const std::string& file = good.first;
    if (!file.ends_with(".json")) continue;
    const Json json = Json::parse(good.second);
    std::vector<Json::json_pointer> pointers;
    pointers_of(json, Json::json_pointer{}, pointers);
    for (const Json::json_pointer& pointer : pointers) {
      // One value a place, in turn: all of them at all places take too long under a sanitizer.
      const Json& value = values[tried++ % values.size()];
      Files files = test::good();
      Json edited = json;
      edited[pointer] = value;
      files[file] = edited.dump();
      CAPTURE(file);
      CAPTURE(pointer.to_string());
      CAPTURE(value.dump());
      CHECK_NOTHROW((void)test::faults_of(files));
    }
  }
  CHECK(tried > 300);
}
