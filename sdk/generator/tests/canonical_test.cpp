#include "canonical.hpp"

#include <doctest/doctest.h>

#include "support.hpp"

using namespace loophole::schema;

static std::string print_of(const Files& files) {
  return fingerprint(load(files).model);
}

TEST_CASE("the fingerprint is that of the schemas' meaning, not of their layout") {
  Files files = test::good();
  const std::string print = print_of(files);
  CHECK(print.size() == 64);
  for (auto& [path, text] : files)
    if (path.ends_with(".json")) text = Json::parse(text).dump();
  CHECK(print_of(files) == print);
  files["stream/thing_values.fbs"].insert(0, "// Another remark.\n\n");
  CHECK(print_of(files) == print);
}

TEST_CASE("the fingerprint changes with the wire") {
  const std::string print = print_of(test::good());
  struct Edit {
    const char* file;
    std::string from;
    const char* to;
  };
  for (const Edit& edit : {Edit{"control/thing.schema.json", "\"maxLength\": 16", "\"maxLength\": 17"},
                           {"control/scalars.schema.json", "\"maxLength\": 64", "\"maxLength\": 65"},
                           {"control/thing.schema.json", "\"x-open\": true", "\"x-open\": false"},
                           {"control/thing.schema.json", "\"undoable\": true", "\"undoable\": false"},
                           {"control/thing.schema.json", "\"echo\": \"1.1\"", "\"echo\": \"1.2\""},
                           {"errors.json", "\"conflict\"", "\"invalid\""},
                           {"topology.json", "\"maxDepth\": 8", "\"maxDepth\": 9"},
                           {"stream/thing_values.fbs", "[double]", "[float]"},
                           {"telemetry/thing_levels.fbs", "LPTL", "LPTX"}}) {
    Files files = test::good();
    std::string& text = files.at(edit.file);
    const std::size_t at = text.find(edit.from);
    REQUIRE_MESSAGE(at != std::string::npos, edit.from);
    text.replace(at, edit.from.size(), edit.to);
    CHECK_MESSAGE(print_of(files) != print, edit.from);
  }
}

TEST_CASE("the order of fields is part of the model, the order of types is not") {
  const std::string print = print_of(test::good());
  Files files = test::good();
  std::string& text = files.at("control/thing.schema.json");
  Json json = Json::parse(text);

  Json defs = Json::object();
  std::vector<std::string> names;
  for (const auto& [name, value] : json["$defs"].items()) names.insert(names.begin(), name);
  for (const std::string& name : names) defs[name] = json["$defs"][name];
  json["$defs"] = defs;
  text = json.dump();
  CHECK(print_of(files) == print);

  Json& properties = json["$defs"]["AddReply"]["properties"];
  properties = Json{{"count", properties["count"]}, {"thingId", properties["thingId"]}};
  text = json.dump();
  CHECK(print_of(files) != print);
}

TEST_CASE("the printed model carries its own fingerprint") {
  const Model model = test::model_of(test::good());
  auto printed = nlohmann::json::parse(canonical_text(model));
  CHECK(printed["fingerprint"] == fingerprint(model));
  printed.erase("fingerprint");
  CHECK(printed == canonical(model));
  CHECK(printed["protocol"] == nlohmann::json{{"major", 1}, {"minMinor", 0}, {"maxMinor", 1}});
  CHECK(printed["frames"]["thing_values"]["plane"] == "stream");
}
