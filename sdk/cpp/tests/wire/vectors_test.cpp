// conformance/vectors: the decoders say of each golden vector what its manifest says.
#include <doctest/doctest.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>

#include "frame_samples.hpp"
#include "loophole/messages/all.hpp"
#include "loophole/wire/codec.hpp"

using namespace loophole;
using nlohmann::json;

namespace {

struct Verdict {
  std::string code;
  std::string rule;
  std::string pointer;
  friend bool operator==(const Verdict&, const Verdict&) = default;
  friend std::ostream& operator<<(std::ostream& out, const Verdict& verdict) {
    return out << "'" << verdict.code << "' '" << verdict.rule << "' '" << verdict.pointer << "'";
  }
};

std::string bytes_of(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  REQUIRE_MESSAGE(in, path.string());
  return {std::istreambuf_iterator<char>{in}, {}};
}

// What the manifest calls the rules of frames.
std::string group_of(const std::string& rule) {
  if (rule == "identifier") return rule;
  return rule == "structure" || rule == "alignment" || rule == "required" ? "structure" : "bounds";
}

Verdict judged_message(const std::string& bytes) {
  const auto message = wire::decode_message(bytes);
  if (message) return {};
  const Error& error = message.error();
  return {error.code, error.rule.value_or(""), error.pointer.value_or("")};
}

Verdict judged_frame(const std::string& bytes, const std::string& name) {
  Buffer aligned(bytes.size());
  if (!bytes.empty()) std::memcpy(aligned.data(), bytes.data(), bytes.size());
  static const std::map<std::string, frames::FrameKind> kKinds{{"ParameterStream", frames::FrameKind::parameter_stream},
                                                               {"Meters", frames::FrameKind::meters},
                                                               {"Spectrum", frames::FrameKind::spectrum},
                                                               {"TransportPosition", frames::FrameKind::transport_position},
                                                               {"EngineStats", frames::FrameKind::engine_stats}};
  const auto read = test::read(kKinds.at(name), aligned);
  if (read) return {};
  return {read.error().code, group_of(read.error().rule.value_or("")), ""};
}

}  // namespace

TEST_CASE("golden vectors get the verdict of their manifest") {
  const std::filesystem::path folder = LOOPHOLE_VECTORS;
  const json manifest = json::parse(bytes_of(folder / "manifest.json"));
  std::size_t count = 0;
  for (const json& vector : manifest.at("vectors")) {
    const std::string file = vector.at("file");
    CAPTURE(file);
    const std::string bytes = bytes_of(folder / file);
    const bool control = vector.at("plane") == "control";
    const Verdict wanted{vector.value("code", ""), vector.value("rule", ""), vector.value("pointer", "")};
    CHECK((control ? judged_message(bytes) : judged_frame(bytes, vector.at("frame"))) == wanted);
    CHECK(vector.at("valid").get<bool>() == wanted.code.empty());
    ++count;
  }
  CHECK(count >= 300);
}
