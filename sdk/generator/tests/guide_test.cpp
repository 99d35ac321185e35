// docs/guides/add-a-message.md, done by the letter on a copy of the schemas: blocks `diff` are applied, commands in blocks `console` are
// run and what they print is compared, blocks `cpp` are compiled against what is generated. After a wanted change of the output:
//   LOOPHOLE_WRITE_GUIDE=1 build/release/tests/loophole-schema-guide-test
// writes it into the guide; read the difference.
#include <doctest/doctest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include "cli.hpp"
#include "emit.hpp"
#include "prose_page.hpp"
#include "publish.hpp"
#include "support.hpp"

using namespace loophole::schema;
namespace fs = std::filesystem;

namespace {

const fs::path kRoot = LOOPHOLE_ROOT;
const fs::path kGuide = kRoot / "docs/guides/add-a-message.md";

std::string read(const fs::path& path) {
  std::ifstream in{path, std::ios::binary};
  REQUIRE_MESSAGE(in.is_open(), path.string());
  return {std::istreambuf_iterator<char>{in}, {}};
}

void write(const fs::path& path, const std::string& text) {
  fs::create_directories(path.parent_path());
  std::ofstream{path, std::ios::binary} << text;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in{text};
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

// A copy of schemas/ and protocol/ to work in; the working folder is there while it lives.
class Copy {
 public:
  Copy() {
    fs::remove_all(path_);
    fs::create_directories(path_ / "protocol");
    fs::copy(kRoot / "schemas", path_ / "schemas", fs::copy_options::recursive);
    fs::copy(kRoot / "protocol/released", path_ / "protocol/released", fs::copy_options::recursive);
    // What is committed, as it should be; whether it is, is asked by another test.
    for (const OutputFile& file : published_files(test::model_of(read_folder(path_ / "schemas"))))
      write(path_ / "protocol" / file.path, file.text);
    fs::current_path(path_);
  }
  ~Copy() {
    fs::current_path(before_);
    fs::remove_all(path_);
  }

 private:
  fs::path before_ = fs::current_path();
  fs::path path_ = fs::temp_directory_path() / ("loophole-guide-test-" + std::to_string(::getpid()));
};

// One hunk: lines that are there before and after. Lines that begin with @@ say where, for people; the place is where the lines are.
void apply_hunk(const fs::path& file, const std::string& from, const std::string& to) {
  std::string text = read(file);
  CAPTURE(file.string());
  CAPTURE(from);
  const std::size_t at = text.find(from);
  REQUIRE_MESSAGE(at != std::string::npos, "the file does not have these lines");
  text.replace(at, from.size(), to);
  write(file, text);
}

void apply_diff(const std::string& diff) {
  fs::path file;
  std::string from;
  std::string to;
  const auto flush = [&] {
    if (!from.empty()) apply_hunk(file, from, to);
    from.clear();
    to.clear();
  };
  for (const std::string& line : lines_of(diff)) {
    if (line.starts_with("--- ") || line.starts_with("@@")) {
      flush();
    } else if (line.starts_with("+++ b/")) {
      file = line.substr(6);
    } else {
      REQUIRE_FALSE(line.empty());
      if (line[0] != '+') from += line.substr(1) + "\n";
      if (line[0] != '-') to += line.substr(1) + "\n";
    }
  }
  flush();
}

// What a block of commands prints, each command before its output.
std::string run_commands(const std::string& block) {
  std::string shown;
  for (const std::string& line : lines_of(block)) {
    if (!line.starts_with("$ ")) continue;
    std::istringstream in{line.substr(2)};
    std::vector<std::string> words{std::istream_iterator<std::string>{in}, {}};
    REQUIRE_MESSAGE(words.at(0) == "build/bin/loophole-schema", line);
    words.erase(words.begin());
    std::ostringstream out;
    (void)run(words, out, out);
    shown += line + "\n" + out.str();
  }
  return shown;
}

// The guide with the text of one block replaced.
std::string with_block(const std::string& page, const Fence& fence, const std::string& text) {
  const std::vector<std::string> lines = lines_of(page);
  const std::size_t after = fence.line + lines_of(fence.text).size();  // line numbers count from 1
  std::string out;
  for (std::size_t i = 0; i < fence.line; ++i) out += lines[i] + "\n";
  out += text;
  for (std::size_t i = after; i < lines.size(); ++i) out += lines[i] + "\n";
  return out;
}

// By every emitter, into one folder each.
void generate_all() {
  for (const EmitterEntry& entry : emitters()) {
    std::ostringstream out;
    CHECK_MESSAGE(
        run(std::vector<std::string>{"generate", std::string{entry.name}, "schemas", "--out", "generated/" + std::string{entry.name}}, out,
            out) == 0,
        out.str());
  }
}

// What the guide says of the edits is in the files of each emitter.
void check_generated() {
  struct Wanted {
    const char* file;
    const char* text;
  };
  for (const Wanted& wanted : {Wanted{"cpp/include/loophole/messages/track.hpp", "struct LengthReply {"},
                               {"cpp/include/loophole/messages/track.hpp", "std::optional<std::string> colour"},
                               {"cpp/include/loophole/messages/errors.hpp", "kTrackEmpty"},
                               {"markdown/track.md", "### track.length\n"},
                               {"markdown/errors.md", "### track.empty\n"},
                               {"markdown/topology.md", "[length](track.md#tracklength)"},
                               {"jsonschema/receiver/track.length.json", "trackId"},
                               {"jsonschema/sender/track.length.reply.json", "lengthFrames"},
                               {"jsonschema/receiver/track.add.json", "colour"},
                               {"asyncapi/aura.json", "\"send.pulse.track.length\""},
                               {"asyncapi/pulse.json", "\"receive.aura.track.length\""},
                               {"testdata/track.json", "track.length.reply"},
                               {"fuzz/control.dict", "track.length"}}) {
    CAPTURE(wanted.file);
    CAPTURE(wanted.text);
    CHECK(read(fs::path{"generated"} / wanted.file).find(wanted.text) != std::string::npos);
  }
}

// Against the headers of the schemas as they are now; whatever is not generated is that of the repository.
void compile(const std::string& source) {
  const std::string command = std::string{LOOPHOLE_COMPILE} + " -Igenerated/cpp/include " + LOOPHOLE_INCLUDES + " " + source;
  CHECK_MESSAGE(std::system(command.c_str()) == 0, command);
}

}  // namespace

TEST_CASE("the guide does what it says") {
  const bool writing = std::getenv("LOOPHOLE_WRITE_GUIDE") != nullptr;
  std::string page = read(kGuide);
  const Copy copy;
  std::size_t diffs = 0;
  std::size_t commands = 0;
  std::size_t sources = 0;
  for (std::size_t i = 0; i < read_page("guide", page).fences.size(); ++i) {
    const Fence fence = read_page("guide", page).fences[i];
    CAPTURE(fence.line);
    if (fence.info == "diff") {
      ++diffs;
      apply_diff(fence.text);
    } else if (fence.info == "console") {
      ++commands;
      const std::string shown = run_commands(fence.text);
      if (writing) page = with_block(page, fence, shown);
      if (!writing) CHECK(fence.text == shown);
    } else if (fence.info.starts_with("cpp file=")) {
      if (sources++ == 0) {
        generate_all();
        check_generated();
      }
      const std::string file = fence.info.substr(9);
      write(file, fence.text);
      compile(file);
    }
  }
  CHECK(diffs >= 5);
  CHECK(commands >= 5);
  CHECK(sources == 2);
  if (writing) write(kGuide, page);
}
