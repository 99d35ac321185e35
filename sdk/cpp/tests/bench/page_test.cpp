// The page of all reports: complete, in the order of the goals, and in need of nothing else.

#include "page.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "plot.hpp"
#include "sample_report.hpp"

using namespace loophole::bench;

namespace {

int count(const std::string& text, std::string_view part) {
  int found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size())) ++found;
  return found;
}

// Every element is closed, and nothing else is; enough for what the page is made of.
std::string first_unbalanced(const std::string& html) {
  const std::vector<std::string> empty{"meta", "line", "circle", "!doctype"};
  std::vector<std::string> open;
  for (std::size_t at = html.find('<'); at != std::string::npos; at = html.find('<', at + 1)) {
    const std::size_t end = html.find('>', at);
    const bool closes = html[at + 1] == '/';
    const std::size_t begin = at + (closes ? 2 : 1);
    const std::string name = html.substr(begin, html.find_first_of(" >/", begin) - begin);
    if (std::ranges::find(empty, name) != empty.end() || html[end - 1] == '/') continue;
    if (!closes) {
      open.push_back(name);
    } else if (open.empty() || open.back() != name) {
      return html.substr(at, 80);
    } else {
      open.pop_back();
    }
  }
  return open.empty() ? std::string() : open.back();
}

}  // namespace

TEST_CASE("measurements are in the order of the numbers of their goals, those without one last") {
  const std::vector<Report> reports{sample_report()};
  std::vector<std::string> names;
  for (const Measurement* m : by_goal(reports)) names.push_back(m->name);
  CHECK(names == std::vector<std::string>{"callback", "command", "plain"});
}

TEST_CASE("each measurement has a row, a picture and its verdict in words and signs") {
  const std::string page = page_of({sample_report()});
  for (const char* name : {"command", "callback", "plain"}) {
    CHECK(count(page, R"(<section class="card" id=")" + std::string(name) + "\"") == 1);
    CHECK(count(page, R"(<a href="#)" + std::string(name) + "\"") == 1);
  }
  CHECK(count(page, "<svg viewBox=\"0 0 640") == 3);
  CHECK(count(page, "✓ 1 met") == 1);
  CHECK(count(page, "✗ 1 missed") == 1);
  CHECK(count(page, "✗ missed") == 3);  // the part in the overview, the card, the part in the card
  CHECK(page.find("2026-01-31T12:03:00Z, Linux 6, x86_64, 2 cores; load while it ran 0.2 to 1.5") != std::string::npos);
}

TEST_CASE("the page is well-formed, escapes text, and asks for nothing from elsewhere") {
  const std::string page = page_of({sample_report()});
  CHECK(first_unbalanced(page) == "");
  CHECK(page.find("a command &amp; its &lt;reply&gt;") != std::string::npos);
  CHECK(page.find("<reply>") == std::string::npos);
  for (const char* outside : {"http:", "https:", "<script", "<link", "src=", "@import", "url("}) {
    CAPTURE(outside);
    CHECK(page.find(outside) == std::string::npos);
  }
}

TEST_CASE("a picture has a line for each distribution, dots where samples are few, and the goal in its unit") {
  const auto measurements = sample_report().measurements;
  const std::string with_floor = plot_of(measurements[0]);
  CHECK(count(with_floor, "<polyline") == 2);
  CHECK(count(with_floor, "<polyline class=\"floor\"") == 1);
  CHECK(count(with_floor, "<circle") == 6);
  CHECK(count(with_floor, "<line class=\"goal\"") == 0);  // a ratio is no line
  const std::string with_goal = plot_of(measurements[1]);
  CHECK(count(with_goal, "<polyline class=\"beside\"") == 1);
  CHECK(count(with_goal, "<line class=\"goal\"") == 1);  // once for p50 and p99
  CHECK(with_goal.find(">goal 1<") != std::string::npos);
}

TEST_CASE("everything in a picture is inside of it, and later percentiles are further right") {
  std::vector<double> samples;
  for (int i = 0; i < 5'000; ++i) samples.push_back(i == 4'999 ? 90'000.0 : 1 + i * 0.01);
  const std::string plot =
      plot_of({.name = "tail", .what = "a long tail", .unit = "us", .ours = distribution_of("ours", samples), .floor = {}});
  const std::string head = "<polyline class=\"ours\" points=\"";
  std::size_t at = plot.find(head);
  REQUIRE(at != std::string::npos);
  at += head.size();
  double last_x = -1;
  double last_y = 1'000;
  int points = 0;
  while (plot[at] != '"') {
    std::size_t used = 0;
    const double x = std::stod(plot.substr(at, 16), &used);
    at += used + 1;
    const double y = std::stod(plot.substr(at, 16), &used);
    at += used + 1;
    CHECK(x >= last_x);
    CHECK(x <= 640);
    CHECK(y <= last_y);  // slower is higher
    CHECK(y >= 0);
    last_x = x;
    last_y = y;
    ++points;
  }
  CHECK(points > 100);
  for (const char* name : {">0 %<", ">50 %<", ">90 %<", ">99 %<", ">99.9 %<"}) {
    CAPTURE(name);
    CHECK(plot.find(name) != std::string::npos);
  }
  CHECK(plot.find(">99.99 %<") == std::string::npos);  // 5,000 samples do not tell
}

TEST_CASE("samples that are all zero can be drawn") {
  const std::string plot = plot_of({.name = "zero", .what = "nothing", .unit = "us", .ours = distribution_of("ours", {0, 0, 0})});
  CHECK(plot.find("nan") == std::string::npos);
  CHECK(plot.find("inf") == std::string::npos);
}

TEST_CASE("the table for a terminal has a line for each part of each goal") {
  const std::string table = table_of({sample_report()});
  CHECK(count(table, "\n") == 6);  // head, three parts of P5, P10, no goal
  CHECK(count(table, "MISSED") == 1);
  CHECK(table.find("p99 at most 1.00 ms") != std::string::npos);
}
