#include "publish.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <fstream>
#include <set>
#include <sstream>

#include "cli.hpp"
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

// A folder with everything published, removed at the end.
struct Scratch {
  fs::path path = fs::temp_directory_path() / ("loophole-publish-test-" + std::to_string(::getpid()));
  const std::string good = (test::folder() / "good").string();
  Scratch() {
    fs::remove_all(path);
    REQUIRE(publish().code == 0);
  }
  ~Scratch() { fs::remove_all(path); }
  [[nodiscard]] Outcome publish() const { return call({"publish", good, "--out", path.string()}); }
  [[nodiscard]] Outcome check() const { return call({"publish", good, "--out", path.string(), "--check"}); }
};

void write(const fs::path& path, const std::string& text) {
  fs::create_directories(path.parent_path());
  std::ofstream{path} << text;
}

}  // namespace

TEST_CASE("publish writes the files of every emitter that is published, and its check is content") {
  const Scratch scratch;
  CHECK(fs::is_regular_file(scratch.path / "protocol.json"));
  for (const EmitterEntry& entry : emitters()) {
    if (entry.published.empty() || entry.published == ".") continue;
    CAPTURE(entry.name);
    REQUIRE(fs::is_directory(scratch.path / entry.published));
    CHECK_FALSE(fs::is_empty(scratch.path / entry.published));
  }
  const Outcome check = scratch.check();
  CHECK(check.code == 0);
  CHECK(check.err == "");
  CHECK(scratch.publish().out == "");  // nothing to do any more
}

TEST_CASE("the check names each file that differs, is missing or is stale, says what to run, and writes nothing") {
  const Scratch scratch;
  write(scratch.path / "protocol.json", "{}");
  write(scratch.path / "reference/gone.md", "Of a domain that is no more.");
  fs::remove(scratch.path / "reference/errors.md");
  const Outcome check = scratch.check();
  CHECK(check.code == 1);
  const std::string at = scratch.path.string() + "/";
  CHECK(check.err == at + "protocol.json: differs from what the schemas say\n" + at + "reference/errors.md: is missing\n" + at +
                         "reference/gone.md: is stale: nothing in the schemas makes it any more\n" +
                         "3 files are not what the schemas say. Run 'loophole-schema publish " + scratch.good + " --out " +
                         scratch.path.string() + "' and commit what it changes.\n");
  CHECK(fs::file_size(scratch.path / "protocol.json") == 2);
  CHECK(fs::exists(scratch.path / "reference/gone.md"));
  CHECK_FALSE(fs::exists(scratch.path / "reference/errors.md"));
}

TEST_CASE("publish mends it, tells what it did, and touches nothing else") {
  const Scratch scratch;
  const auto old = fs::file_time_type{};
  fs::last_write_time(scratch.path / "reference/README.md", old);
  write(scratch.path / "protocol.json", "{}");
  write(scratch.path / "reference/deep/down/gone.md", "Stale.");
  write(scratch.path / "gestures.md", "Written by hand: beside what is generated, not in it.");
  write(scratch.path / "released/1.0.json", "{}");
  const Outcome outcome = scratch.publish();
  CHECK(outcome.code == 0);
  const std::string at = scratch.path.string() + "/";
  CHECK(outcome.out == "wrote " + at + "protocol.json\nremoved " + at + "reference/deep/down/gone.md\n");
  CHECK(scratch.check().code == 0);
  CHECK_FALSE(fs::exists(scratch.path / "reference/deep"));
  CHECK(fs::exists(scratch.path / "gestures.md"));
  CHECK(fs::exists(scratch.path / "released/1.0.json"));
  CHECK(fs::last_write_time(scratch.path / "reference/README.md") == old);
}

TEST_CASE("published files have one path each, below the folder of their emitter") {
  std::set<std::string> paths;
  for (const OutputFile& file : published_files(test::model_of(test::good()))) {
    CHECK_MESSAGE(paths.insert(file.path).second, file.path);
    CHECK(fs::path{file.path}.lexically_normal().generic_string() == file.path);
    CHECK_FALSE(file.path.starts_with('.'));
  }
}

TEST_CASE("publish says what it cannot write") {
  const Scratch scratch;
  fs::remove_all(scratch.path / "reference");
  write(scratch.path / "reference", "a file where a folder must be");
  const Outcome outcome = scratch.publish();
  CHECK(outcome.code == 1);
  CHECK(outcome.err.find("cannot write") != std::string::npos);
}
