// The pages of the Markdown emitter; golden_test.cpp compares them with the golden files.
#include "emit_markdown.hpp"

#include <doctest/doctest.h>

#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "naming.hpp"
#include "publish.hpp"
#include "support.hpp"

using namespace loophole::schema;
namespace fs = std::filesystem;

namespace {

struct Page {
  std::set<std::string> anchors;
  std::vector<std::string> links;
};

// Anchors as GitHub makes them from headings, and the targets of links; neither in blocks of code.
Page read_page(const std::string& text) {
  Page page;
  std::map<std::string, int> seen;
  std::istringstream lines{text};
  bool code = false;
  const std::regex link{R"(\[[^\]]*\]\(([^)]*)\))"};
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("```")) code = !code;
    if (code) continue;
    if (line.starts_with('#')) {
      const std::string slug = markdown::slug(line.substr(line.find(' ') + 1));
      const int count = seen[slug]++;
      page.anchors.insert(count == 0 ? slug : slug + "-" + std::to_string(count));
    }
    for (std::sregex_iterator it{line.begin(), line.end(), link}; it != std::sregex_iterator{}; ++it) page.links.push_back((*it)[1]);
  }
  return page;
}

// Every link that leads nowhere, as "PAGE: LINK". `exists` is asked about paths beyond the pages, relative to their folder.
std::vector<std::string> dead_links(const std::vector<OutputFile>& files, const std::function<bool(const std::string&)>& exists) {
  std::map<std::string, Page> pages;
  for (const OutputFile& file : files) pages[file.path] = read_page(file.text);
  std::vector<std::string> dead;
  std::size_t followed = 0;
  for (const auto& [name, page] : pages) {
    for (const std::string& link : page.links) {
      if (link.starts_with("https://")) continue;
      ++followed;
      const std::size_t hash = link.find('#');
      const std::string path = link.substr(0, hash);
      const auto target = path.empty() ? pages.find(name) : pages.find(path);
      const bool alive =
          target == pages.end() ? exists(path) : hash == std::string::npos || target->second.anchors.contains(link.substr(hash + 1));
      if (!alive) dead.push_back(name + ": " + link);
    }
  }
  CHECK(followed > 50);
  return dead;
}

std::string page(const std::vector<OutputFile>& files, const std::string& path) {
  for (const OutputFile& file : files)
    if (file.path == path) return file.text;
  return {};
}

}  // namespace

TEST_CASE("every link within the pages leads to a page and a heading") {
  const auto beyond = [](const std::string& path) { return path.starts_with("../"); };
  CHECK(dead_links(emit_markdown(test::model_of(test::good())), beyond) == std::vector<std::string>{});
}

TEST_CASE("every link of the reference leads somewhere in what is published or written by hand") {
  const Model model = test::model_of(read_folder(LOOPHOLE_SCHEMAS));
  std::set<std::string> published;
  for (const OutputFile& file : published_files(model)) {
    published.insert(file.path);
    for (fs::path path = fs::path{file.path}.parent_path(); !path.empty(); path = path.parent_path())
      published.insert(path.generic_string());
  }
  const auto exists = [&](const std::string& path) {
    if (!path.starts_with("../")) return false;
    const std::string below = path.substr(3);
    return published.contains(below) || fs::exists(fs::path{LOOPHOLE_SCHEMAS}.parent_path() / "protocol" / below);
  };
  CHECK(dead_links(emit_markdown(model), exists) == std::vector<std::string>{});
}

TEST_CASE("a heading that occurs twice on a page has another anchor, and links know it") {
  Files files = test::good();
  std::string& text = files.at("control/thing.schema.json");
  // The type ThingChanged and the message thing.changed have one anchor in common.
  for (std::size_t at = 0; (at = text.find("#/$defs/Change\"", at)) != std::string::npos;) text.replace(at, 15, "#/$defs/ThingChanged\"");
  const std::size_t at = text.find("\"Change\":");
  REQUIRE(at != std::string::npos);
  text.replace(at, 9, "\"ThingChanged\":");
  const auto pages = emit_markdown(test::model_of(files));
  CHECK(page(pages, "thing.md").find("[ThingChanged](#thingchanged-1)") != std::string::npos);
  CHECK(dead_links(pages, [](const std::string& path) { return path.starts_with("../"); }) == std::vector<std::string>{});
}

TEST_CASE("every message, type, error and frame of the schemas is on a page") {
  const Model model = test::model_of(read_folder(LOOPHOLE_SCHEMAS));
  const auto pages = emit_markdown(model);
  for (const Domain& domain : model.domains) {
    const std::string text = page(pages, domain.name + ".md");
    for (const Message& message : domain.messages) {
      CHECK_MESSAGE(text.find("### " + message.name + "\n") != std::string::npos, message.name);
      CHECK_MESSAGE(page(pages, "README.md").find("`" + message.name + "`") != std::string::npos, message.name);
    }
    for (const NamedType& named : domain.types) {
      const bool there =
          text.find("### " + named.name + "\n") != std::string::npos || text.find("`" + named.name + "`: ") != std::string::npos;
      CHECK_MESSAGE(there, named.name);
      for (const Field& field : named.type.fields) CHECK_MESSAGE(text.find("| `" + field.name + "` | ") != std::string::npos, field.name);
      for (const Label& label : named.type.labels) CHECK_MESSAGE(text.find("| `" + label.name + "` | ") != std::string::npos, label.name);
    }
  }
  for (const ErrorCode& error : model.errors) CHECK(page(pages, "errors.md").find("### " + error.code + "\n") != std::string::npos);
  for (const Frame& frame : model.frames) CHECK(page(pages, "frames.md").find("## " + frame.root + "\n") != std::string::npos);
}

TEST_CASE("every unit has words") {
  for (const char* unit : {"Frames", "Ns", "Ms", "Hz", "Db", "Ratio", "Bpm", "Beats", "Parameter"}) {
    CHECK(is_unit(unit));
    const std::string words = markdown::unit_words(unit);
    CHECK_MESSAGE((words.starts_with("in ") || words.starts_with("as ")), words);
  }
}

TEST_CASE("text of the schemas cannot break a table") {
  CHECK(markdown::cell("a | b\nc") == "a \\| b c");
}
