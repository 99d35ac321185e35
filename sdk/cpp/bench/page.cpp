#include "page.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <string_view>

#include "plot.hpp"

namespace loophole::bench {
namespace {

constexpr std::string_view kStyle = R"(
:root { color-scheme: light dark; --paper: #fbfbfa; --card: #fff; --ink: #1c1e21; --faint: #666b73; --line: #e2e4e8; --ours: #1764c0;
        --floor: #7a808a; --beside: #b0661a; --good: #1a7f37; --good-paper: #e3f5e8; --bad: #b42318; --bad-paper: #fdeae7; }
@media (prefers-color-scheme: dark) {
  :root { --paper: #14161a; --card: #1c1f24; --ink: #e6e8eb; --faint: #9aa1ab; --line: #31353c; --ours: #6cb0ff; --floor: #949ba6;
          --beside: #e3a15c; --good: #5cd07f; --good-paper: #17331f; --bad: #ff8a7a; --bad-paper: #3d1d1a; }
}
@media print {
  :root { color-scheme: light; --paper: #fff; --card: #fff; --ink: #000; --faint: #444; --line: #ccc; --ours: #1764c0; --floor: #666;
          --beside: #b0661a; --good: #14652b; --good-paper: #fff; --bad: #9c1c13; --bad-paper: #fff; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1320px; padding: 32px 24px 64px; background: var(--paper); color: var(--ink);
       font: 15px/1.5 system-ui, -apple-system, "Segoe UI", "Noto Sans", sans-serif; }
h1 { margin: 0 0 4px; font-size: 28px; line-height: 1.2; }
h2 { margin: 40px 0 12px; font-size: 20px; }
h3 { margin: 0; font-size: 16px; line-height: 1.35; }
p { margin: 0 0 8px; }
.faint { color: var(--faint); }
.tag { display: inline-block; min-width: 38px; padding: 0 7px; border: 1px solid var(--line); border-radius: 5px; font-size: 13px;
       font-weight: 600; text-align: center; white-space: nowrap; }
.tag:empty { visibility: hidden; }
.met, .missed { display: inline-block; padding: 0 8px; border-radius: 5px; font-weight: 600; white-space: nowrap; }
.met { color: var(--good); background: var(--good-paper); }
.missed { color: var(--bad); background: var(--bad-paper); }
.scroll { overflow-x: auto; border: 1px solid var(--line); border-radius: 10px; background: var(--card); }
table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
th { color: var(--faint); font-size: 13px; font-weight: 500; text-align: left; white-space: nowrap; }
th, td { padding: 7px 12px; border-bottom: 1px solid var(--line); vertical-align: top; }
tr:last-child td { border-bottom: 0; }
.n { text-align: right; white-space: nowrap; }
.overview a { color: inherit; text-decoration: none; }
.overview a:hover { text-decoration: underline; }
.overview .part { white-space: nowrap; }
.overview td:nth-child(2) { min-width: 230px; }
.overview td:nth-child(7) { white-space: nowrap; }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 560px), 1fr)); gap: 20px; }
.card { min-width: 0; padding: 16px 18px 12px; border: 1px solid var(--line); border-radius: 10px; background: var(--card); break-inside: avoid; }
.card header { display: flex; align-items: flex-start; gap: 10px; margin-bottom: 8px; }
.card h3 { flex: 1; }
.card table { margin-top: 4px; font-size: 13.5px; }
.card th, .card td { padding: 4px 6px; }
.card td:first-child, .card th:first-child { padding-left: 0; }
.card .parts { margin: 10px 0 0; padding: 0; list-style: none; font-size: 14px; }
.card .parts li { margin-bottom: 4px; }
.card .note { margin: 8px 0 0; color: var(--faint); font-size: 13.5px; }
.key { display: inline-block; width: 26px; height: 10px; margin-right: 8px; }
svg { display: block; width: 100%; height: auto; }
svg text { fill: var(--faint); font-size: 13px; }
svg .axis { font-size: 13px; }
svg .grid { stroke: var(--line); stroke-width: 1; }
svg polyline, .key line { fill: none; stroke-width: 2.4; stroke-linejoin: round; }
svg .ours { stroke: var(--ours); }
svg .floor { stroke: var(--floor); stroke-dasharray: 6 4; }
svg .beside { stroke: var(--beside); stroke-dasharray: 2 3; }
svg .dot { stroke: var(--card); stroke-width: 1.2; stroke-dasharray: none; }
svg .dot.ours { fill: var(--ours); }
svg .dot.floor { fill: var(--floor); }
svg .dot.beside { fill: var(--beside); }
svg line.goal { stroke: var(--good); stroke-width: 1.4; stroke-dasharray: 10 3 2 3; }
svg text.goal { fill: var(--good); font-weight: 600; }
)";

std::string sign_of(bool met) {
  return met ? R"(<span class="met">✓ met</span>)" : R"(<span class="missed">✗ missed</span>)";
}

// "P10" is 10.
long rank_of(const Measurement& m) {
  return m.goal.size() > 1 ? std::strtol(m.goal.c_str() + 1, nullptr, 10) : std::numeric_limits<long>::max();
}

std::string with_unit(double value, const std::string& unit) {
  return number(value) + " " + unit;
}

std::string part_of(const Limit& limit) {
  return escaped(text_of(limit)) + ": <b>" + number(limit.value) + "</b>";
}

std::string overview_row(const Measurement& m) {
  std::string parts;
  std::string signs;
  for (const Limit& limit : m.limits) {
    parts += R"(<div class="part">)" + part_of(limit) + "</div>";
    signs += "<div>" + sign_of(limit.is_met()) + "</div>";
  }
  const auto pair = [&](const Distribution& d) {
    return R"(<td class="n">)" + number(d.at.p50) + R"(</td><td class="n">)" + number(d.at.p99) + "</td>";
  };
  return R"(<tr><td><span class="tag">)" + escaped(m.goal) + R"(</span></td><td><a href="#)" + escaped(m.name) + R"(">)" + escaped(m.what) +
         "</a></td>" + (m.floor ? pair(*m.floor) : R"(<td class="n">–</td><td class="n">–</td>)") + pair(m.ours) + "<td>" +
         escaped(m.unit) + R"(</td><td class="n">)" + (m.ratio() ? number(*m.ratio()) : "–") + "</td><td>" + parts + "</td><td>" + signs +
         "</td></tr>\n";
}

std::string count_text(std::size_t count) {
  return count < 1'000 ? std::to_string(count) : number(static_cast<double>(count));
}

std::string percentile_row(const Distribution& d, std::string_view kind) {
  std::string row = R"(<tr><td><svg class="key" viewBox="0 0 26 10" aria-hidden="true"><line class=")" + std::string(kind) +
                    R"(" x1="0" y1="5" x2="26" y2="5"/></svg>)" + escaped(d.what) + "</td>";
  for (const double value : {d.at.p50, d.at.p90, d.at.p99, d.at.p999, d.at.max}) row += R"(<td class="n">)" + number(value) + "</td>";
  return row + R"(<td class="n faint">)" + count_text(d.samples) + "</td></tr>\n";
}

std::string card_of(const Measurement& m) {
  std::string html = R"(<section class="card" id=")" + escaped(m.name) + "\">\n<header>";
  if (!m.goal.empty()) html += R"(<span class="tag">)" + escaped(m.goal) + "</span>";
  html += "<h3>" + escaped(m.what) + "</h3>";
  if (m.is_met()) html += sign_of(*m.is_met());
  html += "</header>\n" + plot_of(m);
  html += R"(<div style="overflow-x:auto"><table><tr><th>)" + escaped(m.unit) +
          R"(</th><th class="n">p50</th><th class="n">p90</th><th class="n">p99</th><th class="n">p99.9</th><th class="n">max</th>)"
          R"(<th class="n">samples</th></tr>)"
          "\n";
  html += percentile_row(m.ours, "ours");
  if (m.floor) html += percentile_row(*m.floor, "floor");
  for (const Distribution& d : m.beside) html += percentile_row(d, "beside");
  html += "</table></div>\n";
  if (!m.limits.empty()) {
    html += R"(<ul class="parts">)";
    for (const Limit& limit : m.limits) html += "<li>" + sign_of(limit.is_met()) + " " + part_of(limit) + "</li>";
    html += "</ul>\n";
  } else if (m.ratio()) {
    html += R"(<ul class="parts"><li><b>)" + number(*m.ratio()) + "</b> x floor (p50)</li></ul>\n";
  }
  for (const std::string& note : m.notes) html += R"(<p class="note">)" + escaped(note) + "</p>\n";
  return html + "</section>\n";
}

std::string machine_of(const std::vector<Report>& reports) {
  if (reports.empty()) return "<p>No reports.</p>\n";
  const auto [first, last] = std::ranges::minmax(reports, {}, &Report::at);
  double least = std::numeric_limits<double>::max();
  double most = 0;
  double seconds = 0;
  for (const Report& report : reports) {
    for (const double load : {report.machine.load_begin, report.machine.load_end}) {
      least = std::min(least, load);
      most = std::max(most, load);
    }
    seconds += report.seconds;
  }
  std::array<char, 64> load{};
  std::snprintf(load.data(), load.size(), "%.1f to %.1f", least, most);
  return R"(<p class="faint">)" + escaped(first.at) + ", " + escaped(first.machine.system) + ", " + std::to_string(first.machine.cores) +
         " cores; load while it ran " + load.data() + "; " + number(seconds) + " s in all.</p>\n";
}

}  // namespace

std::vector<const Measurement*> by_goal(const std::vector<Report>& reports) {
  std::vector<const Measurement*> sorted;
  for (const Report& report : reports)
    for (const Measurement& m : report.measurements) sorted.push_back(&m);
  std::ranges::stable_sort(sorted, {}, [](const Measurement* m) { return rank_of(*m); });
  return sorted;
}

std::string page_of(const std::vector<Report>& reports) {
  const auto sorted = by_goal(reports);
  const auto met = std::ranges::count_if(sorted, [](const Measurement* m) { return m->is_met().value_or(false); });
  const auto missed = std::ranges::count_if(sorted, [](const Measurement* m) { return !m->is_met().value_or(true); });
  std::string html =
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>Loophole: benchmarks</title>\n<style>" +
      std::string(kStyle) + "</style>\n</head>\n<body>\n<h1>Loophole: benchmarks</h1>\n" + machine_of(reports);
  html +=
      "<p>Each beside the floor of the same run: what the machine takes for the same bytes, rows or text without Loophole. Less is better "
      "in all of them.</p>\n<p><span class=\"met\">✓ " +
      std::to_string(met) + " met</span> <span class=\"missed\">✗ " + std::to_string(missed) + " missed</span></p>\n";
  html +=
      "<h2>Overview</h2>\n<div class=\"scroll\"><table class=\"overview\">\n<tr><th>goal</th><th>what</th><th class=\"n\">floor p50</th>"
      "<th class=\"n\">p99</th><th class=\"n\">ours p50</th><th class=\"n\">p99</th><th>unit</th><th class=\"n\">x floor</th>"
      "<th>goal, and measured</th><th></th></tr>\n";
  for (const Measurement* m : sorted) html += overview_row(*m);
  html +=
      "</table></div>\n<h2>Distributions</h2>\n"
      "<p class=\"faint\">Value over percentile. The axis of percentiles is logarithmic, so that the slowest thousandth is seen as well "
      "as the median. Solid: ours; dashed: the floor; dotted: other ways.</p>\n<div class=\"cards\">\n";
  for (const Measurement* m : sorted) html += card_of(*m);
  return html + "</div>\n</body>\n</html>\n";
}

std::string table_of(const std::vector<Report>& reports) {
  std::string text;
  std::array<char, 512> line{};
  const auto add = [&](const char* goal, const char* what, const char* floor, const char* ours, const char* ratio, const char* limit,
                       const char* value, const char* verdict) {
    std::snprintf(line.data(), line.size(), "%-4s %-62s %17s %17s %8s  %-37s %9s  %s", goal, what, floor, ours, ratio, limit, value,
                  verdict);
    std::string out = line.data();
    out.erase(out.find_last_not_of(' ') + 1);
    text += out + "\n";
  };
  add("", "", "floor p50", "ours p50", "x floor", "goal", "measured", "");
  for (const Measurement* m : by_goal(reports)) {
    const std::string floor = m->floor ? with_unit(m->floor->at.p50, m->unit) : "-";
    const std::string ours = with_unit(m->ours.at.p50, m->unit);
    const std::string ratio = m->ratio() ? number(*m->ratio()) : "-";
    const auto add_first = [&](const std::string& limit, const std::string& value, const char* verdict) {
      add(m->goal.c_str(), m->what.c_str(), floor.c_str(), ours.c_str(), ratio.c_str(), limit.c_str(), value.c_str(), verdict);
    };
    if (m->limits.empty()) add_first("", "", "");
    for (const Limit& limit : m->limits) {
      const std::string value = number(limit.value);
      const char* verdict = limit.is_met() ? "met" : "MISSED";
      if (&limit == &m->limits.front())
        add_first(text_of(limit), value, verdict);
      else
        add("", "", "", "", "", text_of(limit).c_str(), value.c_str(), verdict);
    }
  }
  return text;
}

}  // namespace loophole::bench
