// The verdicts of validate(), which the SDK's decoder must share: first fault in the order of the text, pointer and keyword.
#include "validate.hpp"

#include <doctest/doctest.h>

#include "support.hpp"

using namespace loophole::schema;

// "pointer rule", or "valid".
static std::string verdict(const TypeRef& ref, const char* text, Side side = Side::receiver) {
  static const Model model = test::model_of(test::good());
  const Type* type = model.find(ref);
  REQUIRE(type != nullptr);
  const auto breach = validate(model, *type, Json::parse(text), side);
  return breach ? breach->pointer + " " + breach->rule : "valid";
}

static const TypeRef kAdd{"thing", "Add"};
static const TypeRef kChanged{"thing", "Changed"};

TEST_CASE("a valid object, with and without what is optional") {
  CHECK(verdict(kAdd, R"({"name": "x", "parts": [], "levels": {}})") == "valid");
  CHECK(verdict(kAdd, R"({"levels": {}, "parts": [], "name": "x", "colour": "red", "startFrames": 5, "note": "", "parent": "t-1"})") ==
        "valid");
}

TEST_CASE("members that are unknown are ignored by receivers and refused by senders") {
  const char* text = R"({"name": "x", "parts": [], "levels": {}, "extra": {"deep": [1]}})";
  CHECK(verdict(kAdd, text) == "valid");
  CHECK(verdict(kAdd, text, Side::sender) == "/extra additionalProperties");
}

TEST_CASE("type, by shape") {
  CHECK(verdict(kAdd, "[]") == " type");
  CHECK(verdict(kAdd, R"({"name": 3})") == "/name type");
  CHECK(verdict(kAdd, R"({"startFrames": 1.5})") == "/startFrames type");
  CHECK(verdict(kAdd, R"({"startFrames": "1"})") == "/startFrames type");
  CHECK(verdict(kAdd, R"({"tempoBpm": null})") == "/tempoBpm type");
  CHECK(verdict(kAdd, R"({"takeOver": 1})") == "/takeOver type");
  CHECK(verdict(kAdd, R"({"colour": 1})") == "/colour type");
  CHECK(verdict(kAdd, R"({"parts": {}})") == "/parts type");
  CHECK(verdict(kAdd, R"({"levels": []})") == "/levels type");
}

TEST_CASE("an integer may be written as 1.0") {
  CHECK(verdict(kAdd, R"({"name": "x", "parts": [], "levels": {}, "startFrames": 1.0})") == "valid");
}

TEST_CASE("bounds") {
  CHECK(verdict(kAdd, R"({"startFrames": -1001})") == "/startFrames minimum");
  CHECK(verdict(kAdd, R"({"startFrames": 1001})") == "/startFrames maximum");
  CHECK(verdict(kAdd, R"({"tempoBpm": 19.9})") == "/tempoBpm minimum");
  CHECK(verdict(kAdd, R"({"tempoBpm": 1e9})") == "/tempoBpm maximum");
  CHECK(verdict(kAdd, R"({"name": ""})") == "/name minLength");
  CHECK(verdict(kAdd, R"({"note": "12345678901234567"})") == "/note maxLength");
  CHECK(verdict(kAdd, R"({"parts": [1,2]})") == "/parts/0 type");
  CHECK(verdict(kChanged, R"({"changes": []})") == "/changes minItems");
  CHECK(verdict(kAdd, R"({"levels": {"a":1,"b":1,"c":1,"d":1,"e":1}})") == "/levels maxProperties");
  CHECK(verdict(kAdd, R"({"levels": {"123456789012345678901234567890123":1}})") == "/levels propertyNames");
}

TEST_CASE("lengths count code points, not bytes") {
  CHECK(verdict(kAdd, R"({"name": "x", "parts": [], "levels": {}, "note": "ääääääääääääääää"})") == "valid");
  CHECK(verdict(kAdd, R"({"note": "äääääääääääääääää"})") == "/note maxLength");
}

TEST_CASE("pattern comes after length") {
  CHECK(verdict(kAdd, R"({"parent": "a b"})") == "/parent pattern");
  CHECK(verdict(kAdd, R"({"parent": ""})") == "/parent minLength");
}

TEST_CASE("required is told at the object, after its members") {
  CHECK(verdict(kAdd, "{}") == " required");
  CHECK(verdict(kAdd, R"({"parts": [{"id": "p"}]})") == "/parts/0 required");
  CHECK(verdict(kAdd, R"({"parts": [{"id": "!"}]})") == "/parts/0/id pattern");
}

TEST_CASE("open enumerations take unknown labels from others and send none but `unknown`") {
  const char* text = R"({"name": "x", "parts": [{"id": "p", "gainDb": 0, "mode": "later"}], "levels": {}})";
  CHECK(verdict(kAdd, text) == "valid");
  CHECK(verdict(kAdd, text, Side::sender) == "/parts/0/mode enum");
  const char* reserved = R"({"name": "x", "parts": [{"id": "p", "gainDb": 0, "mode": "unknown"}], "levels": {}})";
  CHECK(verdict(kAdd, reserved) == "valid");
  CHECK(verdict(kAdd, reserved, Side::sender) == "valid");
  CHECK(verdict(kAdd, R"({"colour": "unknown"})", Side::sender) == "/colour enum");
  CHECK(verdict(kAdd, R"({"colour": "later"})") == "/colour enum");
}

TEST_CASE("tagged unions") {
  CHECK(verdict(kChanged, R"({"changes": [{"thingId": "t", "type": "thing.removed"}]})") == "valid");
  CHECK(verdict(kChanged, R"({"changes": [{"thingId": "t"}]})") == "/changes/0 required");
  CHECK(verdict(kChanged, R"({"changes": [{"type": 3}]})") == "/changes/0/type type");
  CHECK(verdict(kChanged, R"({"changes": [{"type": "thing.moved"}]})") == "/changes/0/type enum");
  CHECK(verdict(kChanged, R"({"changes": [{"type": "thing.renamed", "thingId": "t"}]})") == "/changes/0 required");
  CHECK(verdict({"thing", "Removed"}, R"({"type": "thing.renamed", "thingId": "t"})") == "/type const");
}
