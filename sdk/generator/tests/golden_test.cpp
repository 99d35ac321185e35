// Emitters against tests/golden/<name>. To write the golden files of one again, from the root of the repository:
//   build/bin/loophole-schema generate NAME sdk/generator/tests/good --out sdk/generator/tests/golden/NAME
#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>

#include "emit.hpp"
#include "support.hpp"

using namespace loophole::schema;
namespace fs = std::filesystem;

static Emitter emitter(std::string_view name) {
  const auto found = std::ranges::find(emitters(), name, &EmitterEntry::name);
  REQUIRE(found != emitters().end());
  return found->emit;
}

TEST_CASE("what is generated equals the golden files, and there are no others") {
  for (const std::string name : {"jsonschema", "testdata", "fuzz", "markdown", "asyncapi"}) {
    CAPTURE(name);
    const fs::path golden = test::folder() / "golden" / name;
    std::set<std::string> left;
    for (const auto& entry : fs::recursive_directory_iterator{golden})
      if (entry.is_regular_file()) left.insert(entry.path().lexically_relative(golden).generic_string());
    CHECK_FALSE(left.empty());
    for (const OutputFile& file : emitter(name)(test::model_of(test::good()))) {
      CAPTURE(file.path);
      CHECK(left.erase(file.path) == 1);
      std::ifstream in{golden / file.path};
      const std::string text{std::istreambuf_iterator<char>{in}, {}};
      CHECK((text == file.text));  // in parentheses: doctest would print both files
    }
    CHECK(left == std::set<std::string>{});
  }
}
