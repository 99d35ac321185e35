// Test data: what instances there are, and that validate() gives the verdict that they name.
#include "instances.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "support.hpp"
#include "validate.hpp"

using namespace loophole::schema;

static const Model& good() {
  static const Model model = test::model_of(test::good());
  return model;
}

static std::vector<Instance> all() {
  std::vector<Instance> out;
  for (const DomainInstances& domain : instances(good())) out.insert(out.end(), domain.instances.begin(), domain.instances.end());
  return out;
}

static const Type* body_type(const std::string& schema) {
  if (schema == "error") return good().find({"envelope", "Error"});
  for (const Domain& domain : good().domains) {
    for (const Message& message : domain.messages) {
      if (schema == message.name) return good().find(message.payload);
      if (schema == message.name + ".reply") return good().find(*message.reply);
    }
  }
  return nullptr;
}

TEST_CASE("validate() agrees with every instance whose header is good") {
  std::size_t valid = 0;
  std::size_t invalid = 0;
  for (const Instance& one : all()) {
    const std::string body = one.schema == "error" ? "/error" : "/payload";
    const bool about_body = one.content.pointer.starts_with(body) && one.content.value.contains(body.substr(1));
    if (!about_body) continue;
    CAPTURE(one.schema);
    CAPTURE(one.content.value.dump());
    const Type* type = body_type(one.schema);
    REQUIRE(type != nullptr);
    const Json& value = one.content.value[body.substr(1)];
    const auto breach = validate(good(), *type, value, Side::receiver);
    REQUIRE(breach.has_value() == !one.content.rule.empty());
    if (breach) {
      ++invalid;
      CHECK(body + breach->pointer == one.content.pointer);
      CHECK(breach->rule == one.content.rule);
    } else {
      ++valid;
      // validate() does not know in which kind of message a label stands.
      const bool reserved = one.content.about == "reserved label";
      CHECK(validate(good(), *type, value, Side::sender).has_value() == (!one.content.sendable && !reserved));
    }
  }
  CHECK(valid > 50);
  CHECK(invalid > 80);
}

TEST_CASE("every rule of the profile is broken by some instance") {
  std::set<std::string> rules;
  for (const Instance& one : all()) rules.insert(one.content.rule);
  for (const std::string rule : {"type", "required", "enum", "minimum", "maximum", "minLength", "maxLength", "pattern", "minItems",
                                 "maxItems", "maxProperties", "propertyNames", "route", "size", "depth", ""})
    CHECK_MESSAGE(rules.contains(rule), rule);
}

TEST_CASE("a bound has an instance at it and one beyond it") {
  std::set<std::string> starts;
  for (const Instance& one : all()) {
    if (one.schema != "thing.add" || !one.content.pointer.ends_with("/startFrames")) continue;
    starts.insert(one.content.value["payload"]["startFrames"].dump() + (one.content.rule.empty() ? " valid" : " " + one.content.rule));
  }
  for (const std::string wanted : {"-1000 valid", "1000 valid", "1000.0 valid", "-1001 minimum", "1001 maximum", "0.5 type", "null type"})
    CHECK_MESSAGE(starts.contains(wanted), wanted);
}

TEST_CASE("no two instances of a message are equal, and none is longer than its message may be") {
  std::set<std::string> seen;
  for (const Instance& one : all()) {
    const std::string text = one.content.value.dump();
    CHECK_MESSAGE(seen.insert(one.schema + text).second, text);
    CHECK(text.size() <= kMostInstanceBytes + 1'000);
  }
}

TEST_CASE("what is too long is named, not forgotten") {
  Files files = test::good();
  std::string& thing = files.at("control/thing.schema.json");
  const std::string from = R"("maxItems": 8)";
  thing.replace(thing.find(from), from.size(), R"("maxItems": 8000)");
  for (std::string* text : {&thing, &files.at("topology.json")}) text->replace(text->find("65536"), 5, "1048576");  // room for so many
  std::vector<std::string> named;
  for (const DomainInstances& domain : instances(test::model_of(files)))
    for (const LeftOutInstance& one : domain.left_out) named.push_back(one.schema + " " + one.content.pointer + " " + one.content.rule);
  CHECK(named == std::vector<std::string>{"thing.add /payload/parts ", "thing.add /payload/parts maxItems"});
}

TEST_CASE("a seed is a valid envelope with every member") {
  std::set<std::string> schemas;
  for (const Seed& seed : seeds(good())) {
    CAPTURE(seed.schema);
    schemas.insert(seed.schema);
    const Type* type = body_type(seed.schema);
    REQUIRE(type != nullptr);
    CHECK_FALSE(validate(good(), *type, seed.value[seed.schema == "error" ? "error" : "payload"], Side::sender).has_value());
  }
  CHECK(schemas ==
        std::set<std::string>{"error", "thing.add", "thing.add.reply", "thing.changed", "thing.list.flush", "thing.list.flush.reply"});
}
