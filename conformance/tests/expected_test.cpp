// A vendor's file of known failures.
#include "cli/expected.hpp"

#include <doctest/doctest.h>

using namespace loophole::conformance;

TEST_CASE("a check and its reason a line; comments, empty lines and ends of lines of other systems are skipped") {
  const ExpectedFailures found = parse_expected(
      "# known\r\n\n  \nsignal.hello.held/refused we are  working on it  \r\n\tsignal.hello.held/speech\tticket 12\n  # more\n", "signal");
  CHECK(found.error.empty());
  REQUIRE(found.list.size() == 2);
  CHECK(found.list[0].check == "signal.hello.held/refused");
  CHECK(found.list[0].reason == "we are  working on it");
  CHECK(found.list[1].reason == "ticket 12");
  CHECK(parse_expected("", "signal").list.empty());
}

TEST_CASE("what is no known failure is an error, and named") {
  CHECK(parse_expected("signal.hello.held/refused", "signal").error == "'signal.hello.held/refused' has no reason; write one after it");
  CHECK(parse_expected("signal.hello.held/refused   \n", "signal").error.find("has no reason") != std::string::npos);
  CHECK(parse_expected("signal.hello.held/nonsense because", "signal").error == "there is no check 'signal.hello.held/nonsense' of signal");
  CHECK(parse_expected("signal.hello.held because", "signal").error.find("there is no check") != std::string::npos);
  CHECK(parse_expected("signal.hello.held/refused because", "pulse").error.find("there is no check") != std::string::npos);
  CHECK(parse_expected("signal.hello.held/refused a\nsignal.hello.held/refused b\n", "signal").error ==
        "'signal.hello.held/refused' is there twice");
}
