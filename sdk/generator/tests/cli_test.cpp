#include "cli.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <vector>

#include "canonical.hpp"
#include "support.hpp"

using namespace loophole::schema;
namespace fs = std::filesystem;

namespace {

struct Outcome {
  int code;
  std::string out;
  std::string err;
};

Outcome call(const std::vector<std::string>& words) {
  std::ostringstream out;
  std::ostringstream err;
  const int code = run(words, out, err);
  return {code, out.str(), err.str()};
}

// A folder of the test's own, removed at its end.
struct Scratch {
  fs::path path = fs::temp_directory_path() / ("loophole-schema-test-" + std::to_string(::getpid()));
  Scratch() { fs::remove_all(path); }
  ~Scratch() { fs::remove_all(path); }
};

const std::string kGood = (test::folder() / "good").string();

}  // namespace

TEST_CASE("wrong usage gives 2 and says so") {
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{{},
                                                                                     {"lint"},
                                                                                     {"lint", kGood, "more"},
                                                                                     {"frobnicate", kGood},
                                                                                     {"lint", "--fast", kGood},
                                                                                     {"generate", "cpp", kGood},
                                                                                     {"generate", "cobol", kGood, "--list"},
                                                                                     {"generate", "cpp", kGood, "--out"},
                                                                                     {"model", kGood, "--list"},
                                                                                     {"publish", kGood},
                                                                                     {"publish", kGood, "--out", "x", "--list"},
                                                                                     {"publish", "--out", "x"},
                                                                                     {"lint", kGood, "--check"},
                                                                                     {"model", kGood, "--against", "x.json"},
                                                                                     {"breaking", kGood},
                                                                                     {"breaking", kGood, "--against"},
                                                                                     {"breaking", "--against", "x.json"}}) {
    const Outcome outcome = call(words);
    CHECK(outcome.code == 2);
    CHECK(outcome.out.empty());
    CHECK(outcome.err.find("--help") != std::string::npos);
  }
}

TEST_CASE("--help gives 0 and names every command") {
  const Outcome outcome = call({"--help"});
  CHECK(outcome.code == 0);
  for (const char* word : {"lint", "model", "generate", "publish", "breaking", "rules", "--against", "--out", "--list", "--check", "cpp",
                           "markdown", "asyncapi"})
    CHECK(outcome.out.find(word) != std::string::npos);
}

TEST_CASE("lint gives 0 for good schemas, and 1 with every fault for others") {
  CHECK(call({"lint", kGood}).code == 0);
  const Outcome outcome = call({"lint", (test::folder() / "bad").string()});
  CHECK(outcome.code == 1);
  CHECK(outcome.err.find("bad/topology.json: /: file-missing: ") != std::string::npos);
  CHECK(outcome.err.find("bad/errors.json: /: file-missing: ") != std::string::npos);
}

TEST_CASE("a folder that is not there is said in one line, with 2") {
  const std::string nowhere = (test::folder() / "nowhere").string();
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{{"lint", nowhere},
                                                                                     {"model", nowhere},
                                                                                     {"generate", "cpp", nowhere, "--list"},
                                                                                     {"publish", nowhere, "--out", "x"},
                                                                                     {"breaking", nowhere, "--against", "x"},
                                                                                     {"prose", nowhere, kGood},
                                                                                     {"prose", kGood, nowhere},
                                                                                     {"--version", nowhere}}) {
    const Outcome outcome = call(words);
    CHECK(outcome.code == 2);
    CHECK(outcome.err.find(nowhere) != std::string::npos);
    CHECK(std::ranges::count(outcome.err, '\n') == 1);
  }
}

TEST_CASE("whoever says too little learns what can be said") {
  CHECK(call({}).err.find("lint, model, generate") != std::string::npos);
  CHECK(call({"frobnicate"}).err.find("lint, model, generate") != std::string::npos);
  CHECK(call({"generate", "cobol", kGood, "--list"}).err.find("cpp, model, markdown") != std::string::npos);
}

TEST_CASE("--version says the version of the tool, and of the protocol where the schemas are given") {
  const Outcome tool = call({"--version"});
  CHECK(tool.code == 0);
  CHECK(tool.out.starts_with("loophole-schema "));
  CHECK(tool.out.find("protocol") == std::string::npos);
  CHECK(call({"--version", kGood}).out.ends_with(", protocol 1.1\n"));
}

TEST_CASE("examples do not keep breaking from comparing") {
  const Scratch scratch;
  fs::create_directories(scratch.path);
  const std::string file = (scratch.path / "1.1.json").string();
  std::ofstream{file} << call({"model", kGood}).out;
  const fs::path edited = scratch.path / "schemas";
  fs::copy(kGood, edited, fs::copy_options::recursive);
  std::string text = test::good().at("control/thing.schema.json");
  text.replace(text.find("\"name\": \"Lamp\""), 14, "\"name\": 7");
  std::ofstream{edited / "control/thing.schema.json"} << text;
  CHECK(call({"lint", edited.string()}).err.find("example-valid") != std::string::npos);
  CHECK(call({"breaking", edited.string(), "--against", file}).code == 0);
}

TEST_CASE("model prints the canonical model") {
  CHECK(call({"model", kGood}).out == canonical_text(test::model_of(test::good())));
}

TEST_CASE("generate writes what --list lists, and leaves files alone that are as they should be") {
  const Scratch scratch;
  const std::string out = scratch.path.string();
  const Outcome list = call({"generate", "cpp", kGood, "--list"});
  CHECK(list.code == 0);
  CHECK(call({"generate", "cpp", kGood, "--out", out}).code == 0);
  std::istringstream lines{list.out};
  std::size_t count = 0;
  for (std::string path; std::getline(lines, path); ++count) CHECK_MESSAGE(fs::is_regular_file(scratch.path / path), path);
  CHECK(count > 10);

  const fs::path kept = scratch.path / "src/thing.cpp";
  const fs::path stale = scratch.path / "src/errors.cpp";
  const auto old = fs::file_time_type{};
  fs::last_write_time(kept, old);
  std::ofstream{stale} << "stale";
  CHECK(call({"generate", "cpp", kGood, "--out", out}).code == 0);
  CHECK(fs::last_write_time(kept) == old);
  CHECK(fs::file_size(stale) > 100);
}

TEST_CASE("generate says what it cannot write") {
  const Scratch scratch;
  std::ofstream{scratch.path} << "a file where a folder must be";
  const Outcome outcome = call({"generate", "cpp", kGood, "--out", scratch.path.string()});
  CHECK(outcome.code == 1);
  CHECK(outcome.err.find("cannot write") != std::string::npos);
}

TEST_CASE("breaking gives 0 for what works with a released version, 1 with every finding for what does not, 2 for what is no model") {
  const Scratch scratch;
  fs::create_directories(scratch.path);
  const std::string file = (scratch.path / "1.1.json").string();
  std::ofstream{file} << call({"model", kGood}).out;
  const Outcome works = call({"breaking", kGood, "--against", file});
  CHECK(works.code == 0);
  CHECK(works.err.empty());
  CHECK(works.out == kGood + ": version 1.1 works with peers of 1.1\n");

  const fs::path edited = scratch.path / "schemas";
  fs::copy(kGood, edited, fs::copy_options::recursive);
  std::string text = test::good().at("control/thing.schema.json");
  text.replace(text.find("\"maxLength\": 16"), 15, "\"maxLength\": 17");
  std::ofstream{edited / "control/thing.schema.json"} << text;
  const Outcome breaks = call({"breaking", edited.string(), "--against", file});
  CHECK(breaks.code == 1);
  CHECK(breaks.out.empty());
  CHECK(breaks.err.find("/control/thing.schema.json: /$defs/Add/properties/note: breaking-string-bound: maxLength of thing.Add.note "
                        "changed from 16 to 17, so an old receiver") != std::string::npos);
  CHECK(breaks.err.find("1 change breaks peers of version 1.1") != std::string::npos);

  // The worst of several released versions counts.
  const std::string other = (scratch.path / "1.0.json").string();
  std::ofstream{other} << call({"model", edited.string()}).out;
  CHECK(call({"breaking", edited.string(), "--against", other, "--against", file}).code == 1);

  std::ofstream{other} << "{}";
  const Outcome none = call({"breaking", kGood, "--against", other});
  CHECK(none.code == 2);
  CHECK(none.err.find(other + " is no released model: it has no 'protocol'") != std::string::npos);
  CHECK(call({"breaking", kGood, "--against", (scratch.path / "nowhere.json").string()}).code == 2);
}

TEST_CASE("a released model of another shape is refused, not followed") {
  const Scratch scratch;
  fs::create_directories(scratch.path);
  const std::string file = (scratch.path / "strange.json").string();
  nlohmann::json strange{{"protocol", 1}, {"domains", 1}, {"topology", 1}, {"errors", 1}, {"frames", 1}};
  strange["fingerprint"] = fingerprint(strange);
  std::ofstream{file} << strange;
  const Outcome outcome = call({"breaking", kGood, "--against", file});
  CHECK(outcome.code == 2);
  CHECK(outcome.err.find("as this loophole-schema knows them") != std::string::npos);
}

TEST_CASE("a change within a new major version is not compared, and breaking says so") {
  const Scratch scratch;
  const fs::path edited = scratch.path / "schemas";
  fs::create_directories(scratch.path);
  fs::copy(kGood, edited, fs::copy_options::recursive);
  const std::string file = (scratch.path / "1.1.json").string();
  std::ofstream{file} << call({"model", kGood}).out;
  std::string text = test::good().at("control/thing.schema.json");
  text.replace(text.find("\"since\": \"1.1\""), 14, "\"since\": \"2.0\"");  // of thing.list.flush
  std::ofstream{edited / "control/thing.schema.json"} << text;
  const Outcome outcome = call({"breaking", edited.string(), "--against", file});
  CHECK(outcome.code == 0);
  CHECK(outcome.out.find("the major version rises from 1.1 to 2.0") != std::string::npos);
}
