// Ages: a type is as old as its oldest use, and what the schema does not date is as old as its type.
#include "since.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "load.hpp"
#include "support.hpp"

using namespace loophole::schema;

static Version field_of(const Model& model, const TypeRef& type, const std::string& name) {
  for (const Field& field : model.find(type)->fields)
    if (field.name == name) return field.since;
  FAIL("no such field");
  return {};
}

// The good schemas with a shelf in a thing, which came with 1.1, and on the shelf a side.
static Model with_shelf(const char* part_since) {
  Files files = test::good();
  Json json = Json::parse(files.at("control/thing.schema.json"));
  Json& defs = json["$defs"];
  defs["Side"] = Json::parse(R"({"type": "string", "enum": ["left"], "x-values": {"left": "There."}, "description": "A side."})");
  defs["Shelf"] = Json::parse(R"({"type": "object", "description": "A shelf.", "required": ["side"], "properties": {
    "side": {"$ref": "#/$defs/Side", "description": "Its side."},
    "name": {"type": "string", "maxLength": 8, "x-since": "1.2", "description": "Its name."}}})");
  const Json shelf{{"$ref", "#/$defs/Shelf"}, {"description", "Where it stands."}, {"x-since", "1.1"}};
  defs["Add"]["properties"]["shelf"] = shelf;
  defs["Part"]["properties"]["shelf"] = shelf;
  defs["Part"]["properties"]["shelf"]["x-since"] = part_since;
  files["control/thing.schema.json"] = json.dump();
  return test::model_of(files);
}

TEST_CASE("types of the first messages are of the first version") {
  const Model model = test::model_of(test::good());
  const auto known = ages(model);
  for (const TypeRef& ref :
       {TypeRef{"thing", "Add"}, {"thing", "Mode"}, {"thing", "Removed"}, {"scalars", "ThingId"}, {"envelope", "Category"}})
    CHECK(known.at(ref) == Version{1, 0});
  CHECK(field_of(model, {"thing", "Add"}, "name") == Version{1, 0});
  CHECK(field_of(model, {"thing", "Add"}, "note") == Version{1, 1});
}

TEST_CASE("a type that came later takes its members and labels with it") {
  const Model model = with_shelf("1.2");
  CHECK(ages(model).at({"thing", "Shelf"}) == Version{1, 1});
  CHECK(field_of(model, {"thing", "Shelf"}, "side") == Version{1, 1});
  CHECK(field_of(model, {"thing", "Shelf"}, "name") == Version{1, 2});
  CHECK(model.find({"thing", "Side"})->labels[0].since == Version{1, 1});
  CHECK(model.protocol == Version{1, 2});
}

TEST_CASE("the oldest use counts") {
  const Model model = with_shelf("1.0");
  CHECK(ages(model).at({"thing", "Shelf"}) == Version{1, 0});
  CHECK(model.find({"thing", "Side"})->labels[0].since == Version{1, 0});
}

TEST_CASE("a label raises the version of the protocol") {
  Files files = test::good();
  std::string& text = files.at("control/thing.schema.json");
  const std::string from = "\"echo\": \"1.1\"";
  text.replace(text.find(from), from.size(), "\"echo\": \"1.4\"");
  CHECK(test::model_of(files).protocol == Version{1, 4});
}
