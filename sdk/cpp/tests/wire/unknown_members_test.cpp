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

TEST_CASE("ignored members and labels are counted, and listed on request") {
  const auto listed = [](const std::string& text, const test::TypeDesc& type = test::kSample) {
    test::Sample sample;
    test::Item item;
    loophole::wire::Ignored ignored;
    ignored.pointers = {"stale"};
    void* const value = &type == &test::kItem ? static_cast<void*>(&item) : &sample;
    CHECK(loophole::wire::decode_value(type, text, value, {}, &ignored));
    CHECK(ignored.count == ignored.pointers.size());
    return ignored.pointers;
  };
  using Places = std::vector<std::string>;
  CHECK(listed("{}") == Places{});
  CHECK(listed(R"({"a/b~":{"deeper":1},"count":1,"":2})") == Places{"/a~1b~0", "/"});
  CHECK(listed(R"({"mood":"wild"})") == Places{"/mood"});
  CHECK(listed(R"({"mood":"unknown"})") == Places{});  // reserved for what the sender has no word for
  CHECK(listed(R"({"mood":"loud","map":{"k":1},"item":{"type":"leaf","size":1,"x":0}})") == Places{"/item/x"});
  // Members that came before the tag of their union.
  CHECK(listed(R"({"new":1,"items":[{"size":1,"x":2,"type":"leaf"}],"label":"","type":"group"})", test::kItem) ==
        Places{"/new", "/items/0/x"});
  // A member comes twice: what is decoded again is not listed again.
  CHECK(listed(R"({"new":1,"count":1,"count":2})") == Places{"/new"});
}

TEST_CASE("the list of ignored members is bounded, in number and in length") {
  std::string text = "{\"" + std::string(5000, 'x') + "\":0";
  for (int i = 0; i < 1000; ++i) text += ",\"n" + std::to_string(i) + "\":0";
  test::Sample sample;
  loophole::wire::Ignored ignored;
  REQUIRE(loophole::wire::decode_value(test::kSample, text + "}", &sample, {}, &ignored));
  CHECK(ignored.count == 1001);
  CHECK(ignored.pointers.size() == loophole::wire::Ignored::kMaxListed);
  CHECK(ignored.pointers[0].size() <= 1024);
}
