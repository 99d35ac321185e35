// The C++ emitter against tests/golden/cpp. To write the golden files again, from the root of the repository:
//   build/bin/loophole-schema generate cpp sdk/generator/tests/good --out sdk/generator/tests/golden/cpp
#include "emit_cpp.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <set>

#include "support.hpp"

using namespace loophole::schema;
namespace fs = std::filesystem;

TEST_CASE("generated C++ equals the golden files, and there are no others") {
  const fs::path golden = test::folder() / "golden" / "cpp";
  std::set<std::string> left;
  for (const auto& entry : fs::recursive_directory_iterator{golden})
    if (entry.is_regular_file()) left.insert(entry.path().lexically_relative(golden).generic_string());

  for (const OutputFile& file : emit_cpp(test::model_of(test::good()))) {
    CAPTURE(file.path);
    CHECK(left.erase(file.path) == 1);
    std::ifstream in{golden / file.path};
    const std::string text{std::istreambuf_iterator<char>{in}, {}};
    CHECK((text == file.text));  // in parentheses: doctest would print both files
  }
  CHECK(left == std::set<std::string>{});
}

TEST_CASE("equal schemas give equal files in equal order") {
  const auto first = emit_cpp(test::model_of(test::good()));
  const auto second = emit_cpp(test::model_of(test::good()));
  REQUIRE(first.size() == second.size());
  for (std::size_t i = 0; i < first.size(); ++i) {
    CHECK(first[i].path == second[i].path);
    CHECK((first[i].text == second[i].text));
  }
}

TEST_CASE("public headers know no JSON and no FlatBuffers") {
  for (const OutputFile& file : emit_cpp(test::model_of(test::good()))) {
    CAPTURE(file.path);
    CHECK(file.text.find("nlohmann") == std::string::npos);
    CHECK(file.text.find("flatbuffers") == std::string::npos);
  }
}
