// Topics: one way to write each, and nothing else is one.
#include "loophole/wire/topic.hpp"

#include <doctest/doctest.h>

#include <string>

using loophole::frames::FrameKind;
using loophole::wire::Topic;

TEST_CASE("topics are read and written") {
  const std::pair<const char*, Topic> topics[] = {{"meters", {.kind = FrameKind::meters}},
                                                  {"transport", {.kind = FrameKind::transport_position}},
                                                  {"stats", {.kind = FrameKind::engine_stats}},
                                                  {"spectrum/7", {.kind = FrameKind::spectrum, .handle = 7}},
                                                  {"spectrum/4294967295", {.kind = FrameKind::spectrum, .handle = 4294967295}},
                                                  {"meters@030", {.kind = FrameKind::meters, .rate_hz = 30}},
                                                  {"transport@001", {.kind = FrameKind::transport_position, .rate_hz = 1}},
                                                  {"spectrum/12@240", {.kind = FrameKind::spectrum, .handle = 12, .rate_hz = 240}}};
  for (const auto& one : topics) {
    const std::string text = one.first;
    const Topic& topic = one.second;
    CAPTURE(text);
    CHECK(Topic::parse(text) == topic);
    CHECK(topic.text() == text);
  }
}

TEST_CASE("what is written in another way is no topic") {
  for (const char* text : {"",
                           "@030",
                           "meter",
                           "meters ",
                           "Meters",
                           "meters@",
                           "meters@30",
                           "meters@0030",
                           "meters@000",
                           "meters@-30",
                           "meters@+30",
                           "meters@3e1",
                           "meters@241",
                           "meters@030@030",
                           "meters/1",
                           "spectrum",
                           "spectrum/",
                           "spectrum/0",
                           "spectrum/07",
                           "spectrum/-7",
                           "spectrum/4294967296",
                           "spectrum/7/",
                           "spectrum/@030",
                           "stats/1"}) {
    CAPTURE(text);
    CHECK_FALSE(Topic::parse(text).has_value());
  }
}

TEST_CASE("what cannot be asked for has no text") {
  CHECK(Topic{}.text().empty());
  CHECK(Topic{.kind = FrameKind::parameter_stream}.text().empty());
  CHECK(Topic{.kind = FrameKind::spectrum}.text().empty());
  CHECK(Topic{.kind = FrameKind::meters, .handle = 3}.text().empty());
  CHECK(Topic{.kind = FrameKind::meters, .rate_hz = 241}.text().empty());
}
