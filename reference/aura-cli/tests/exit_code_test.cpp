#include "app/exit_code.hpp"

#include <doctest/doctest.h>

#include <set>

using namespace loophole;
using envelope::Category;

TEST_CASE("each category has an exit code of its own, apart from usage and success") {
  std::set<int> codes{cli::kSuccess, cli::kFailed, cli::kUsage, cli::kInterrupted};
  for (const Category category : {Category::invalid, Category::denied, Category::conflict, Category::unavailable, Category::overloaded,
                                  Category::unsupported, Category::internal})
    codes.insert(cli::exit_code(category));
  CHECK(codes.size() == 11);
  CHECK(cli::exit_code(Category::invalid) == 10);
  CHECK(cli::exit_code(Category::internal) == 16);
}
