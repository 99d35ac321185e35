// Receivers ignore members that they do not know, whatever these hold.
#include <doctest/doctest.h>

#include <string>

#include "test_types.hpp"

namespace {
constexpr const char* kAnything[] = {"null",
                                     "true",
                                     "-0.5e3",
                                     R"("\u0000\ud83c\udf9b")",
                                     "[]",
                                     "{}",
                                     R"([[],[1,{"count":0}],null])",
                                     R"({"count":"x","type":null,"deep":{"deep":{"count":[]}}})"};
}

TEST_CASE("an unknown member anywhere changes nothing") {
  const std::string known = R"({"type":"group","label":"g","items":[{"type":"leaf","size":1}]})";
  test::Item wanted;
  REQUIRE(loophole::wire::decode_value(test::kItem, known, &wanted));
  for (const char* value : kAnything) {
    // After every '{' and before every '}'.
    for (std::size_t i = 0; i < known.size(); ++i) {
      std::string text = known;
      if (known[i] == '{') {
        text.insert(i + 1, "\"new\":" + std::string(value) + ",");
      } else if (known[i] == '}') {
        text.insert(i, ",\"new\":" + std::string(value));
      } else {
        continue;
      }
      test::Item item;
      const auto done = loophole::wire::decode_value(test::kItem, text, &item);
      CHECK_MESSAGE(done.has_value(), text);
      CHECK(item == wanted);
    }
  }
}

TEST_CASE("the limit on depth holds inside unknown members too") {
  const std::string deep = "{\"new\":" + std::string(31, '[') + std::string(31, ']') + "}";
  CHECK(test::fault_in(deep) == test::Fault{});
  const std::string deeper = "{\"new\":" + std::string(32, '[') + std::string(32, ']') + "}";
  CHECK(test::fault_in(deeper) == test::Fault{"", "depth"});
}
