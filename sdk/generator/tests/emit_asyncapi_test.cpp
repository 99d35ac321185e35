// AsyncAPI documents; golden_test.cpp compares them with the golden files, checks/asyncapi.mjs asks AsyncAPI's own parser.
#include "emit_asyncapi.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "support.hpp"

using namespace loophole::schema;

namespace {

Json document(const Model& model, const std::string& role) {
  for (const OutputFile& file : emit_asyncapi(model))
    if (file.path == role + ".json") return Json::parse(file.text);
  return {};
}

void each_reference(const Json& value, const std::function<void(const std::string&)>& visit) {
  if (value.is_object() && value.contains("$ref")) visit(value["$ref"].get<std::string>());
  if (!value.is_structured()) return;
  for (const Json& part : value) each_reference(part, visit);
}

}  // namespace

TEST_CASE("documents are complete in themselves") {
  const Model model = test::model_of(read_folder(LOOPHOLE_SCHEMAS));
  for (const Label& role : model.topology.roles) {
    const Json whole = document(model, role.name);
    std::size_t count = 0;
    each_reference(whole, [&](const std::string& reference) {
      ++count;
      REQUIRE_MESSAGE(reference.starts_with("#/"), reference);
      CHECK_MESSAGE(whole.contains(Json::json_pointer(reference.substr(1))), reference);
    });
    CHECK(count > 100);
  }
}

TEST_CASE("a role sends and receives each message on its routes, and nothing else") {
  const Model model = test::model_of(read_folder(LOOPHOLE_SCHEMAS));
  for (const Label& role : model.topology.roles) {
    Json operations = document(model, role.name)["operations"];
    for (const Domain& domain : model.domains) {
      for (const Message& message : domain.messages) {
        for (const Route& route : message.routes) {
          if (route.from != role.name && route.to != role.name) continue;
          const bool sends = route.from == role.name;
          const std::string name = (sends ? "send." + route.to : "receive." + route.from) + "." + message.name;
          REQUIRE_MESSAGE(operations.contains(name), name);
          CHECK(operations[name]["action"] == (sends ? "send" : "receive"));
          CHECK(operations[name].contains("reply") == (message.kind == MessageKind::command));
          operations.erase(name);
        }
      }
    }
    const bool frames_only = std::ranges::all_of(operations.items(), [&](const auto& left) {
      return std::ranges::any_of(model.frames, [&](const Frame& frame) { return left.key().ends_with("." + frame.root); });
    });
    CHECK_MESSAGE(frames_only, operations.dump());
  }
}

TEST_CASE("what stands beside a reference is not lost") {
  const Json whole = document(test::model_of(test::good()), "aura");
  const Json& colour = whole["components"]["schemas"]["thing.Add"]["properties"]["colour"];
  CHECK(colour["allOf"][0]["$ref"] == "#/components/schemas/thing.Colour");
  CHECK(colour["default"] == "default");
  CHECK_FALSE(colour.contains("$ref"));
}
