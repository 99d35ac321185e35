// Tagged unions: the tag may come at any place.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "test_types.hpp"

using test::Fault;
using test::fault_in;
using test::Item;

namespace {

Item item_of(std::string_view text) {
  Item item;
  const auto done = loophole::wire::decode_value(test::kItem, text, &item);
  CHECK_MESSAGE(done.has_value(), text);
  return item;
}
Fault fault(std::string_view text) {
  return fault_in<Item>(text, test::kItem);
}

}  // namespace

TEST_CASE("tag first or last: the same value") {
  CHECK(item_of(R"({"type":"leaf","size":3})") == Item(test::Leaf{3}));
  CHECK(item_of(R"({"size":3,"type":"leaf"})") == Item(test::Leaf{3}));
}

TEST_CASE("every order of members, unions in unions, unknown members between") {
  const Item wanted = test::Group{"g", {test::Leaf{1}, test::Group{"h", {test::Leaf{2}}}}};
  std::vector<std::string> inner{R"("type":"group")", R"("label":"h")", R"("items":[{"size":2,"new":{"type":"x"},"type":"leaf"}])",
                                 R"("x":[{"y":[]}])"};
  std::ranges::sort(inner);
  do {
    std::string nested;
    for (const auto& member : inner) nested += (nested.empty() ? "" : ",") + member;
    std::vector<std::string> outer{R"("type":"group")", R"("label":"g")", R"("items":[{"size":1,"type":"leaf"},{)" + nested + "}]",
                                   R"("z":null)"};
    std::ranges::sort(outer);
    do {
      std::string text;
      for (const auto& member : outer) text += (text.empty() ? "{" : ",") + member;
      CHECK(item_of(text + "}") == wanted);
    } while (std::ranges::next_permutation(outer).found);
  } while (std::ranges::next_permutation(inner).found);
}

TEST_CASE("faults of the tag") {
  CHECK(fault(R"({"type":"tree","size":3})") == Fault{"/type", "enum"});
  CHECK(fault(R"({"size":3,"type":"tree"})") == Fault{"/type", "enum"});
  CHECK(fault(R"({"size":3})") == Fault{"", "required"});
  CHECK(fault(R"({})") == Fault{"", "required"});
  for (const char* tag : {"1", "null", "{}", "[\"leaf\"]"}) {
    CHECK(fault("{\"type\":" + std::string(tag) + "}") == Fault{"/type", "type"});
    CHECK(fault("{\"size\":3,\"type\":" + std::string(tag) + "}") == Fault{"/type", "type"});
  }
  for (const char* text : {"1", "null", "[]", "\"leaf\""}) CHECK(fault(text) == Fault{"", "type"});
}

TEST_CASE("faults of members have the same pointer wherever the tag is") {
  CHECK(fault(R"({"type":"leaf","size":0})") == Fault{"/size", "minimum"});
  CHECK(fault(R"({"size":0,"type":"leaf"})") == Fault{"/size", "minimum"});
  CHECK(fault(R"({"items":[{"size":1,"type":"leaf"},{"size":"x","type":"leaf"}],"label":"","type":"group"})") ==
        Fault{"/items/1/size", "type"});
  CHECK(fault(R"({"items":[{"items":[{"type":"leaf"}],"label":"","type":"group"}],"label":"","type":"group"})") ==
        Fault{"/items/0/items/0", "required"});
}
