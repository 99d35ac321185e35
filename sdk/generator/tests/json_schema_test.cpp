// JSON Schemas: the forms, and what validators read differently.
#include "json_schema.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "emit_json_schema.hpp"
#include "support.hpp"

using namespace loophole::schema;

static const Model& good() {
  static const Model model = test::model_of(test::good());
  return model;
}

static const Message& message(std::string_view name) {
  for (const Domain& domain : good().domains)
    for (const Message& one : domain.messages)
      if (one.name == name) return one;
  FAIL("no such message");
  throw std::logic_error{"unreachable"};
}

static Json type(const TypeRef& ref, Side form) {
  const Type* found = good().find(ref);
  REQUIRE(found != nullptr);
  return type_schema(good(), *found, {.form = form});
}

static Json pattern(const std::string& written) {
  Type text;
  text.shape = Shape::string;
  text.pattern = written;
  return type_schema(good(), text, {})["pattern"];
}

TEST_CASE("a pattern ends at the end of the text, in Python too, and needs few escapes") {
  CHECK(pattern("^[A-Za-z0-9_-]+$") == R"(^[0-9A-Z_a-z-]+(?![\s\S]))");
  CHECK(pattern("^[0-9a-f]+$") == R"(^[0-9a-f]+(?![\s\S]))");
  CHECK(pattern(R"(^[\]\\\^a]+$)") == R"(^[\\-\^a]+(?![\s\S]))");  // ] lies between the others
  CHECK(pattern("^[+-/]+$") == "^[+,./-]+(?![\\s\\S])");           // a dash inside a range
  CHECK(pattern("^[ab]+$") == R"(^[ab]+(?![\s\S]))");
}

TEST_CASE("only the sender's form refuses what it does not know") {
  CHECK(type({"thing", "Part"}, Side::sender)["additionalProperties"] == false);
  CHECK_FALSE(type({"thing", "Part"}, Side::receiver).contains("additionalProperties"));
  CHECK(type({"thing", "Mode"}, Side::sender)["enum"] == Json::array({"testTone", "filter", "echo"}));
  CHECK_FALSE(type({"thing", "Mode"}, Side::receiver).contains("enum"));
  const Type* mode = good().find({"thing", "Mode"});
  const Json told = type_schema(good(), *mode, {.form = Side::sender, .unknown_labels = true});
  CHECK(told["enum"] == Json::array({"testTone", "filter", "echo", "unknown"}));
  CHECK(told["x-label-since"] == Json{{"echo", "1.1"}});
  CHECK(type({"thing", "Colour"}, Side::receiver)["enum"] == Json::array({"red", "default"}));
}

TEST_CASE("a union names its tags beside its alternatives") {
  const Json schema = type({"thing", "Change"}, Side::receiver);
  CHECK(schema["properties"]["type"]["enum"] == Json::array({"thing.renamed", "thing.removed"}));
  CHECK(schema["oneOf"] == Json::parse(R"([{"$ref": "#/$defs/thing.Renamed"}, {"$ref": "#/$defs/thing.Removed"}])"));
}

TEST_CASE("a reply goes the other way and says what it answers") {
  const Json command = envelope_schema(good(), message("thing.add"), Envelope::message, {.form = Side::sender});
  CHECK(command["properties"]["origin"]["const"] == "aura");
  CHECK_FALSE(command["properties"].contains("cid"));
  const Json reply = envelope_schema(good(), message("thing.add"), Envelope::reply, {.form = Side::sender});
  CHECK(reply["properties"]["origin"]["const"] == "pulse");
  CHECK(reply["properties"]["kind"]["const"] == "reply");
  CHECK(std::ranges::find(reply["required"], "cid") != reply["required"].end());
  const Json event = envelope_schema(good(), message("thing.changed"), Envelope::message, {.form = Side::sender});
  CHECK(event["properties"].contains("cid"));
  CHECK(std::ranges::find(event["required"], "cid") == event["required"].end());
}

TEST_CASE("several routes are pairs") {
  Message both = message("thing.add");
  both.routes.push_back({"pulse", "aura"});
  const Json schema = envelope_schema(good(), both, Envelope::message, {});
  REQUIRE(schema["anyOf"].size() == 2);
  CHECK(schema["anyOf"][1]["properties"] == Json::parse(R"({"origin": {"const": "pulse"}, "target": {"const": "aura"}})"));
}

TEST_CASE("definitions are those that are reached, wherever references lead") {
  const Json schema = envelope_schema(good(), message("thing.changed"), Envelope::message, {});
  std::vector<std::string> names;
  const Json found = definitions(good(), schema, {});
  for (const auto& [name, definition] : found.items()) names.push_back(name);
  CHECK(names == std::vector<std::string>{"scalars.MessageId", "scalars.ThingId", "thing.Change", "thing.Changed", "thing.Removed",
                                          "thing.Renamed"});

  const SchemaOptions elsewhere{.form = Side::receiver, .references = "#/components/schemas/"};
  const Json other = envelope_schema(good(), message("thing.changed"), Envelope::message, elsewhere);
  CHECK(other["properties"]["payload"]["$ref"] == "#/components/schemas/thing.Changed");
  CHECK(definitions(good(), other, elsewhere).size() == names.size());
}

TEST_CASE("every reference of every file leads somewhere in it") {
  for (const OutputFile& file : emit_json_schema(good())) {
    CAPTURE(file.path);
    const Json schema = Json::parse(file.text);
    const Json flat = schema.flatten();
    for (const auto& [pointer, value] : flat.items()) {
      if (!pointer.ends_with("/$ref")) continue;
      const std::string name = value.get<std::string>().substr(std::string("#/$defs/").size());
      CHECK_MESSAGE(schema["$defs"].contains(name), name);
    }
  }
}

TEST_CASE("neat text is the same value, in lines of 140 columns") {
  for (const OutputFile& file : emit_json_schema(good())) {
    CAPTURE(file.path);
    CHECK(neat_text(Json::parse(file.text)) == file.text);
  }
  CHECK(neat_text(Json::parse(R"({"a": [1, 2], "b": {}, "c": {"d": "x"}})")) ==
        "{\n  \"a\": [1, 2],\n  \"b\": {},\n  \"c\": { \"d\": \"x\" }\n}\n");
  const std::string text(100, 'x');
  CHECK(neat_text(Json{{"a", {text, text}}}) == "{\n  \"a\": [\n    \"" + text + "\",\n    \"" + text + "\"\n  ]\n}\n");
}
