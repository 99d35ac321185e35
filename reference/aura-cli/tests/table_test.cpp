// Tables fit the terminal: paths give way, numbers and ids do not.
#include "view/table.hpp"

#include <doctest/doctest.h>

#include "view/text.hpp"

using namespace loophole::cli;

TEST_CASE("columns are as wide as what is in them, and no row ends with spaces") {
  Table table({{.path = true}, {.right = true}, {}});
  table.add({"声", "7 Hz", "id-1"});
  table.add({"Voice", "440 Hz", ""});
  CHECK(table.text({.unicode = true}, 0) == "声       7 Hz  id-1\nVoice  440 Hz");
}

TEST_CASE("a table is no wider than the terminal, and an id is always whole") {
  Table table({{.path = true}, {.right = true}, {}});
  table.add({"A track with a very long name/Filter/Cutoff", "440 Hz", "prm-0123456789abcdef"});
  table.add({"Master/Gain", "0 dB", "prm-fedcba9876543210"});
  for (const std::size_t width : {44U, 60U, 80U}) {
    const std::string text = table.text({.unicode = true}, width);
    const std::string first = text.substr(0, text.find('\n'));
    CHECK(columns(first) <= width);
    CHECK(first.ends_with("440 Hz  prm-0123456789abcdef"));
  }
  CHECK(table.text({.unicode = true}, 20).find("prm-0123456789abcdef") != std::string::npos);
}
