#include "report.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

namespace loophole::bench {
namespace {

using nlohmann::json;

std::string_view word_of(Bound bound) {
  return bound == Bound::at_most ? "at most" : "at least";
}

json to_json(const Distribution& d) {
  json curve = json::array();
  for (const CurvePoint& point : d.curve) curve.push_back({point.share, point.value});
  return {{"what", d.what},  {"samples", d.samples}, {"p50", d.at.p50}, {"p90", d.at.p90},
          {"p99", d.at.p99}, {"p99.9", d.at.p999},   {"max", d.at.max}, {"curve", std::move(curve)}};
}

Distribution distribution_of(const json& j) {
  Distribution d{.what = j.at("what"),
                 .samples = j.at("samples"),
                 .at = {.p50 = j.at("p50"), .p90 = j.at("p90"), .p99 = j.at("p99"), .p999 = j.at("p99.9"), .max = j.at("max")},
                 .curve = {}};
  for (const json& point : j.at("curve")) d.curve.push_back({point.at(0), point.at(1)});
  return d;
}

json to_json(const Limit& limit) {
  return {{"what", limit.what}, {"value", limit.value}, {"bound", word_of(limit.bound)},
          {"goal", limit.goal}, {"unit", limit.unit},   {"met", limit.is_met()}};
}

Limit limit_of(const json& j) {
  return {.what = j.at("what"),
          .value = j.at("value"),
          .bound = j.at("bound") == word_of(Bound::at_least) ? Bound::at_least : Bound::at_most,
          .goal = j.at("goal"),
          .unit = j.at("unit")};
}

json to_json(const Measurement& m) {
  json j = {{"name", m.name},          {"goal", m.goal},   {"what", m.what},          {"unit", m.unit},
            {"ours", to_json(m.ours)}, {"notes", m.notes}, {"beside", json::array()}, {"limits", json::array()}};
  if (m.floor) j["floor"] = to_json(*m.floor);
  if (m.ratio()) j["ratio"] = *m.ratio();
  if (m.is_met()) j["met"] = *m.is_met();
  for (const Distribution& d : m.beside) j["beside"].push_back(to_json(d));
  for (const Limit& limit : m.limits) j["limits"].push_back(to_json(limit));
  return j;
}

Measurement measurement_of(const json& j) {
  Measurement m{
      .name = j.at("name"), .goal = j.at("goal"), .what = j.at("what"), .unit = j.at("unit"), .ours = distribution_of(j.at("ours"))};
  if (j.contains("floor")) m.floor = distribution_of(j.at("floor"));
  for (const json& d : j.at("beside")) m.beside.push_back(distribution_of(d));
  for (const json& limit : j.at("limits")) m.limits.push_back(limit_of(limit));
  j.at("notes").get_to(m.notes);
  return m;
}

std::string line_of(const Distribution& d, std::string_view unit) {
  std::array<char, 256> line{};
  std::snprintf(line.data(), line.size(), "      %-62s %9s %9s %9s %9s %9s %.*s\n", d.what.c_str(), number(d.at.p50).c_str(),
                number(d.at.p90).c_str(), number(d.at.p99).c_str(), number(d.at.p999).c_str(), number(d.at.max).c_str(),
                static_cast<int>(unit.size()), unit.data());
  return line.data();
}

}  // namespace

std::optional<double> Measurement::ratio() const {
  if (!floor || floor->at.p50 <= 0) return std::nullopt;
  return ours.at.p50 / floor->at.p50;
}

std::optional<bool> Measurement::is_met() const {
  if (limits.empty()) return std::nullopt;
  return std::ranges::all_of(limits, &Limit::is_met);
}

nlohmann::json to_json(const Report& report) {
  json measurements = json::array();
  for (const Measurement& m : report.measurements) measurements.push_back(to_json(m));
  return {{"benchmark", report.benchmark},
          {"at", report.at},
          {"seconds", report.seconds},
          {"machine",
           {{"cores", report.machine.cores},
            {"system", report.machine.system},
            {"loadBegin", report.machine.load_begin},
            {"loadEnd", report.machine.load_end}}},
          {"measurements", std::move(measurements)}};
}

std::optional<Report> report_of(std::string_view text, std::string& fault) try {
  const json j = json::parse(text);
  const json& machine = j.at("machine");
  Report report{.benchmark = j.at("benchmark"),
                .at = j.at("at"),
                .seconds = j.at("seconds"),
                .machine = {.cores = machine.at("cores"),
                            .system = machine.at("system"),
                            .load_begin = machine.at("loadBegin"),
                            .load_end = machine.at("loadEnd")}};
  for (const json& m : j.at("measurements")) report.measurements.push_back(measurement_of(m));
  return report;
} catch (const json::exception& e) {
  fault = e.what();
  return std::nullopt;
}

std::string number(double value) {
  std::array<char, 64> text{};
  const double size = std::abs(value);
  if (size >= 1'000) {
    std::snprintf(text.data(), text.size(), "%.0f", value);
    std::string grouped = text.data();
    for (auto at = static_cast<std::ptrdiff_t>(grouped.size()) - 3; at > (value < 0 ? 1 : 0); at -= 3)
      grouped.insert(static_cast<std::size_t>(at), ",");
    return grouped;
  }
  const int digits = size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3;
  std::snprintf(text.data(), text.size(), "%.*f", digits, value);
  return text.data();
}

std::string text_of(const Limit& limit) {
  return limit.what + " " + std::string(word_of(limit.bound)) + " " + number(limit.goal) + (limit.unit.empty() ? "" : " " + limit.unit);
}

std::string text_of(const Measurement& m) {
  std::array<char, 256> head{};
  std::snprintf(head.data(), head.size(), "%-4s  %-62s %9s %9s %9s %9s %9s\n", m.goal.c_str(), m.what.c_str(), "p50", "p90", "p99", "p99.9",
                "max");
  std::string text = head.data();
  if (m.floor) text += line_of(*m.floor, m.unit);
  text += line_of(m.ours, m.unit);
  for (const Distribution& d : m.beside) text += line_of(d, m.unit);
  if (m.ratio()) text += "      " + number(*m.ratio()) + " x floor (p50)\n";
  for (const Limit& limit : m.limits)
    text += "      " + text_of(limit) + ": " + number(limit.value) + (limit.is_met() ? ", met\n" : ", MISSED\n");
  for (const std::string& note : m.notes) text += "      " + note + "\n";
  return text;
}

}  // namespace loophole::bench
