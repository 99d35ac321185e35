// A badge: what was judged, by how much, and the verdict. Green is for `conformant` alone.
#include <nlohmann/json.hpp>

#include "report/report.hpp"
#include "report/text.hpp"

namespace loophole::conformance::report {
namespace {

struct Words {
  std::string label;
  std::string message;
  const char* name;    // of the colour, for shields.io
  const char* colour;  // dark enough for white text
};

Words words_of(const RunResult& run) {
  const Judgement judged = judge(run);
  Words words{.label = "Loophole " + run.protocol + " " + run.role, .message = {}, .name = "lightgrey", .colour = "#6b6b6b"};
  const std::string level(to_string(run.level));
  switch (judged.verdict) {
    case Verdict::conformant:
      words = {words.label, "conformant (" + level + ")", "brightgreen", "#2d7a33"};
      break;
    case Verdict::not_conformant:
      words = {words.label, "not conformant (" + level + ")", "red", "#b3261e"};
      break;
    case Verdict::not_started:
      words = {words.label, "did not start", "red", "#b3261e"};
      break;
    case Verdict::suite_fault:
      words.message = "fault of the suite";
      break;
    case Verdict::incomplete:
      words = {words.label, "incomplete (" + level + ")", "yellow", "#8a6100"};
      break;
  }
  return words;
}

// Of a proportional font that is not known: wide enough for most, and the text is fitted into it.
std::size_t width_of(const std::string& text) {
  return text.size() * 7 + 12;
}

}  // namespace

std::string badge_json(const RunResult& run) {
  const Words words = words_of(run);
  // isError: who shows the badge cannot give it another colour.
  return nlohmann::ordered_json{{"schemaVersion", 1},
                                {"label", words.label},
                                {"message", words.message},
                                {"color", words.name},
                                {"isError", judge(run).verdict != Verdict::conformant}}
             .dump() +
         "\n";
}

std::string badge_svg(const RunResult& run) {
  const Words words = words_of(run);
  const std::size_t left = width_of(words.label);
  const std::size_t right = width_of(words.message);
  const auto number = [](std::size_t value) { return std::to_string(value); };
  const auto half = [&](const std::string& text, std::size_t from, std::size_t width) {
    return "<text x=\"" + number(from + width / 2) + "\" y=\"14\" textLength=\"" + number(width - 12) + "\">" + escaped(text) + "</text>";
  };
  const std::string name = escaped(words.label + ": " + words.message);
  const std::string reason = judge(run).reason;
  return "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" + number(left + right) + "\" height=\"20\" role=\"img\" aria-label=\"" +
         name + "\">\n<title>" + name + "; " + escaped(reason.substr(0, reason.find('\n'))) +
         "</title>\n<clipPath id=\"r\"><rect width=\"" + number(left + right) +
         "\" height=\"20\" rx=\"3\"/></clipPath>\n<g clip-path=\"url(#r)\"><rect width=\"" + number(left) +
         "\" height=\"20\" fill=\"#444\"/><rect x=\"" + number(left) + "\" width=\"" + number(right) + "\" height=\"20\" fill=\"" +
         words.colour +
         "\"/></g>\n<g fill=\"#fff\" text-anchor=\"middle\" font-family=\"Verdana,DejaVu Sans,sans-serif\" font-size=\"11\">" +
         half(words.label, 0, left) + half(words.message, left, right) + "</g>\n</svg>\n";
}

}  // namespace loophole::conformance::report
