#pragma once
// A report with everything that one can have.

#include "report.hpp"

namespace loophole::bench {

inline Report sample_report() {
  Measurement met{.name = "command",
                  .goal = "P10",
                  .what = "a command & its <reply>",
                  .unit = "us",
                  .ours = distribution_of("ours", {110, 120, 130}),
                  .floor = distribution_of("bare", {100, 100, 110}),
                  .limits = {{"p50", 1.2, Bound::at_most, 1.3, "x floor"}},
                  .notes = {"A note."}};
  Measurement missed{
      .name = "callback",
      .goal = "P5",
      .what = "a block",
      .unit = "ms",
      .ours = distribution_of("port", {0.5, 0.6, 4}),
      .beside = {distribution_of("idle", {0.1, 0.1, 0.2})},
      .limits = {
          {"p50", 0.6, Bound::at_most, 1, "ms"}, {"p99", 4, Bound::at_most, 1, "ms"}, {"in a second", 9'000, Bound::at_least, 5'000}}};
  Measurement none{.name = "plain", .what = "no goal", .unit = "ns", .ours = distribution_of("ours", {3})};
  return {.benchmark = "sample",
          .at = "2026-01-31T12:03:00Z",
          .seconds = 12.5,
          .machine = {.cores = 2, .system = "Linux 6, x86_64", .load_begin = 0.25, .load_end = 1.5},
          .measurements = {met, missed, none}};
}

}  // namespace loophole::bench
