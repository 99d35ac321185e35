#include "cli.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

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
                                                                                     {"lint", kGood, "--check"}}) {
    const Outcome outcome = call(words);
    CHECK(outcome.code == 2);
    CHECK(outcome.out.empty());
    CHECK(outcome.err.find("--help") != std::string::npos);
  }
}

TEST_CASE("--help gives 0 and names every command") {
  const Outcome outcome = call({"--help"});
  CHECK(outcome.code == 0);
  for (const char* word : {"lint", "model", "generate", "publish", "rules", "--out", "--list", "--check", "cpp", "markdown", "asyncapi"})
    CHECK(outcome.out.find(word) != std::string::npos);
}

TEST_CASE("lint gives 0 for good schemas, and 1 with every fault for others") {
  CHECK(call({"lint", kGood}).code == 0);
  const Outcome outcome = call({"lint", (test::folder() / "nowhere").string()});
  CHECK(outcome.code == 1);
  CHECK(outcome.err.find("nowhere/topology.json: /: file-missing: ") != std::string::npos);
  CHECK(outcome.err.find("nowhere/errors.json: /: file-missing: ") != std::string::npos);
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
