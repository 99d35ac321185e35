// Loophole's own schemas.
#include <doctest/doctest.h>

#include "emit_cpp.hpp"
#include "support.hpp"

using namespace loophole::schema;

TEST_CASE("schemas/ has no faults") {
  std::string all;
  for (const std::string& line : test::faults_of(read_folder(LOOPHOLE_SCHEMAS))) all += line + "\n";
  CHECK(all == "");
}

TEST_CASE("schemas/ gives a header and a source for every domain and every frame") {
  const Model model = test::model_of(read_folder(LOOPHOLE_SCHEMAS));
  CHECK(model.domains.size() >= 13);
  CHECK(model.frames.size() == 5);
  CHECK(emit_cpp(model).size() == 2 * model.domains.size() + 8 + 2 * model.frames.size() + 3);
}
