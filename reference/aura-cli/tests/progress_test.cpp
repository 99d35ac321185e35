// How far a slow command is, in one line of a terminal.
#include "app/progress.hpp"

#include <doctest/doctest.h>

using loophole::cli::ProgressLine;

TEST_CASE("step, bar and percent fit into the width") {
  CHECK(ProgressLine::text({.step = "Scanning", .done_ratio = 0.5}, 60) == "Scanning  [##########----------]  50 %");
  CHECK(ProgressLine::text({.step = "Starting the engine", .done_ratio = {}}, 60) == "Starting the engine");
  CHECK(ProgressLine::text({.step = std::string(100, 'x'), .done_ratio = 1.0}, 60).size() <= 60);
  CHECK(ProgressLine::text({.step = std::string(100, 'x'), .done_ratio = {}}, 20).size() <= 20);
}
