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

TEST_CASE("the fingerprint changes with what readers of frames check") {
  const std::string print = print_of(test::good());
  struct Edit {
    std::string from;
    const char* to;
  };
  for (const Edit& edit : {Edit{"(min: \"1\")", "(min: \"2\")"},
                           {"max: \"5000\"", "max: \"5001\""},
                           {"(min: \"0\", finite)", "(min: \"0\", max: \"4\")"},
                           {"max_items: \"256\"", "max_items: \"255\""},
                           {"coldest: short = -10", "coldest: short = -11"},
                           {"things: ushort (id: 3, deprecated)", "things: ushort (id: 3)"},
                           {"= ear", "= flat"},
                           {"since: \"1.1\"", "since: \"1.0\""},
                           {"  flat = 0", "  plain = 0"},
                           {"ThingWeighting : ubyte", "ThingWeighting : ushort"}}) {
    Files files = test::good();
    std::string& text = files.at("telemetry/thing_levels.fbs");
    const std::size_t at = text.find(edit.from);
    REQUIRE_MESSAGE(at != std::string::npos, edit.from);
    text.replace(at, edit.from.size(), edit.to);
    CHECK_MESSAGE(print_of(files) != print, edit.from);
  }
}

TEST_CASE("the printed model has the bytes of structs and the values of enumerations") {
  const auto frame = canonical(test::model_of(test::good()))["frames"]["thing_levels"];
  const auto& level = frame["types"]["ThingLevel"];
  CHECK(level["size"] == 8);
  CHECK(level["alignment"] == 4);
  CHECK(level["fields"][1]["offset"] == 4);
  CHECK(level["fields"][1]["minimum"] == 0.0);
  const auto& root = frame["types"]["ThingLevels"];
  CHECK(root["fields"][2]["default"] == "ear");
  CHECK(root["fields"][3]["deprecated"] == true);
  CHECK(root["fields"][4]["default"] == -10);
  CHECK(root["fields"][1]["maxItems"] == 256);
  CHECK(frame["enums"]["ThingWeighting"]["values"][1] == nlohmann::json{{"name", "ear"}, {"value", 1}, {"description", "As people hear."}});
}
