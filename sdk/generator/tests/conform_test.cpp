// Changes of frames side by side: what `flatc --conform` says of them, and what we say. It misses what the first list has; that is why
// there are rules of our own. Should a later flatc see more, the test says so and the row moves to the second list.
#include <doctest/doctest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "breaking.hpp"
#include "canonical.hpp"
#include "support.hpp"

using namespace loophole::schema;
namespace fs = std::filesystem;

namespace {

struct Row {
  const char* change;
  const char* from;
  const char* to;
  const char* rule;  // nullptr: legal
};

// With everything that a frame may be made of, beyond what our lint lets through.
constexpr const char* kThen = R"(namespace loophole.fb;
attribute "unit";
attribute "min";
attribute "max";
attribute "max_items";
enum Window : ubyte { hann = 0, flat = 1 }
union Body { Extra }
struct Reading { handle: uint; peak: float; }
table Extra { note: uint (id: 0); }
table Spare { note: uint (id: 0); }
table ThingLevels {
  first: uint (id: 0);
  time_ns: ulong (id: 1, unit: "Ns", max: "9");
  tempo: double = 120 (id: 2);
  readings: [Reading] (id: 3, max_items: "4");
  window: Window (id: 4);
  last: uint (id: 5);
}
root_type ThingLevels;
file_identifier "LPTL";
)";

constexpr Row kMissed[] = {
    {"last field removed", "  last: uint (id: 5);\n", "", "breaking-frame-field-removed"},
    {"field of a struct added", "peak: float;", "peak: float; rms: float;", "breaking-frame-struct"},
    {"field of a struct removed", "peak: float; ", "", "breaking-frame-struct"},
    {"value of an enumeration removed", ", flat = 1", "", "breaking-frame-enum"},
    {"table removed", "table Spare { note: uint (id: 0); }\n", "", "breaking-frame-type-removed"},
    {"union removed", "union Body { Extra }\n", "", "breaking-frame-type-removed"},
    {"alternative of a union removed", "union Body { Extra }", "union Body { Spare }", "breaking-frame-enum"},
    {"field renamed, with a new default", "tempo: double = 120", "speed: double = 60", "breaking-frame-field-removed"},
    {"field made required", "(id: 3, max_items", "(id: 3, required, max_items", "breaking-frame-field-required"},
    {"file_identifier changed", "LPTL", "LPTX", "breaking-frame-identifier"},
    {"root changed", "root_type ThingLevels", "root_type Extra", "breaking-frame-root"},
    {"namespace changed", "namespace loophole.fb", "namespace loophole.other", "breaking-frame-namespace"},
    {"unit changed", "unit: \"Ns\"", "unit: \"Frames\"", "breaking-frame-field-unit"},
    {"range changed", "max: \"9\"", "max: \"10\"", "breaking-frame-field-range"},
    {"limit of items changed", "max_items: \"4\"", "max_items: \"5\"", "breaking-frame-field-range"},
    {"field deprecated", "first: uint (id: 0)", "first: uint (id: 0, deprecated)", "breaking-frame-field-removed"},
    {"field added that every released reader takes for its own", "last: uint (id: 5);", "last: uint (id: 5);\n  more: uint (id: 6);",
     "breaking-since-low"},
};

constexpr Row kSeen[] = {
    {"type of a field changed", "last: uint", "last: float", "breaking-frame-field-type"},
    {"ids exchanged", "first: uint (id: 0);\n  time_ns: ulong (id: 1", "first: uint (id: 1);\n  time_ns: ulong (id: 0",
     "breaking-frame-field-id"},
    {"default changed", "double = 120", "double = 60", "breaking-frame-field-default"},
    {"number of an enumeration's value changed", "flat = 1", "flat = 2", "breaking-frame-enum"},
};

constexpr Row kLegal[] = {
    {"field added", "last: uint (id: 5);", "last: uint (id: 5);\n  more: uint (id: 6, since: \"1.1\");", nullptr},
    {"value of an enumeration added", "flat = 1", "flat = 1, blackman = 2", nullptr},
    {"table added", "table Spare", "table More (since: \"1.1\") { note: uint (id: 0); }\ntable Spare", nullptr},
};

std::string edited(const Row& row) {
  std::string text = kThen;
  text.insert(text.find("enum Window"), "attribute \"since\";\n");
  const std::size_t at = text.find(row.from);
  REQUIRE_MESSAGE(at != std::string::npos, row.from);
  return text.replace(at, std::string_view{row.from}.size(), row.to);
}

// What the real flatc says: whether `now` conforms to `then`.
bool conforms(const std::string& then, const std::string& now) {
  const fs::path folder = fs::temp_directory_path() / ("loophole-conform-test-" + std::to_string(::getpid()));
  fs::create_directories(folder);
  std::ofstream{folder / "then.fbs"} << then;
  std::ofstream{folder / "now.fbs"} << now;
  const std::string quiet = " >/dev/null 2>&1";
  const std::string flatc = LOOPHOLE_FLATC;
  const std::string in = "cd '" + folder.string() + "' && '" + flatc + "' ";
  REQUIRE(std::system((in + "--binary --schema then.fbs" + quiet).c_str()) == 0);
  REQUIRE(std::system((in + "--binary --schema now.fbs" + quiet).c_str()) == 0);
  const int status = std::system((in + "--conform then.fbs now.fbs" + quiet).c_str());
  fs::remove_all(folder);
  return status == 0;
}

nlohmann::json model_with(const std::string& frame) {
  Files files = test::good();
  files["telemetry/thing_levels.fbs"] = frame;
  Loaded loaded = load(files);
  loaded.model.protocol = {1, 0};  // of the released version, as far as frames go
  return canonical(loaded.model);
}

bool finds(const Faults& found, std::string_view rule) {
  return std::ranges::any_of(found, [rule](const Fault& fault) { return fault.rule == rule; });
}

}  // namespace

TEST_CASE("what flatc --conform misses is found") {
  for (const Row& row : kMissed) {
    CAPTURE(row.change);
    CHECK(conforms(kThen, edited(row)));
    CHECK(finds(find_breaks(model_with(kThen), model_with(edited(row))), row.rule));
  }
}

TEST_CASE("what flatc --conform sees is found, too") {
  for (const Row& row : kSeen) {
    CAPTURE(row.change);
    CHECK_FALSE(conforms(kThen, edited(row)));
    CHECK(finds(find_breaks(model_with(kThen), model_with(edited(row))), row.rule));
  }
}

TEST_CASE("what is legal is so to both") {
  for (const Row& row : kLegal) {
    CAPTURE(row.change);
    CHECK(conforms(kThen, edited(row)));
    CHECK(find_breaks(model_with(kThen), model_with(edited(row))).empty());
  }
}
