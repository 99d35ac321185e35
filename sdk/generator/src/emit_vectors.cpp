#include "emit_vectors.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "frame_vectors.hpp"
#include "instances.hpp"

namespace loophole::schema {
namespace {

constexpr std::size_t kMostBytes = 4'000;  // of one vector; longer ones say little more

// Bytes that are no envelope, or that say what no instance can: {about, bytes, code, requirement, valid}
struct Raw {
  const char* about;
  std::string bytes;
  const char* code;
  const char* rule;
  const char* pointer;
  const char* requirement;
};

std::string query(const std::string& payload, const std::string& name = "graph.query", const std::string& kind = "command") {
  return R"({"v":1,"id":"m-1","ts":"2026-01-31T12:00:00.000Z","origin":"pulse","target":"signal","kind":")" + kind + R"(","name":")" +
         name + R"(","payload":)" + payload + "}";
}

std::vector<Raw> raw_vectors() {
  const std::string good = query("{}");
  const char* none = "";
  return {
      {"spaces around it", " \r\n\t" + good + "\n ", none, none, none, "ENV-1"},
      {"a member twice", query(R"({"x":1,"x":2})"), none, none, none, "ENV-9"},
      {"a zero byte in a text, escaped", query(R"({"x":"\u0000"})"), none, none, none, "ENV-5"},
      {"a pair of surrogates", query(R"({"x":"\ud83c\udf9a"})"), none, none, none, "ENV-5"},
      {"nesting as deep as allowed", query(R"({"x":)" + std::string(30, '[') + std::string(30, ']') + "}"), none, none, none, "ENV-38"},
      {"brackets in a text are no nesting", query(R"({"x":")" + std::string(100, '[') + R"("})"), none, none, none, "ENV-38"},
      {"no bytes", "", "envelope.malformed", "syntax", "", "ENV-1"},
      {"no JSON", "hello", "envelope.malformed", "syntax", "", "ENV-1"},
      {"cut off", good.substr(0, good.size() - 1), "envelope.malformed", "syntax", "", "ENV-1"},
      {"text after the object", good + "{}", "envelope.malformed", "syntax", "", "ENV-1"},
      {"a byte order mark", "\xef\xbb\xbf" + good, "envelope.malformed", "syntax", "", "ENV-1"},
      {"a list", "[" + good + "]", "envelope.malformed", "type", "", "ENV-1"},
      {"bytes that are not UTF-8", query("{\"x\":\"\xc3\x28\"}"), "envelope.malformed", "syntax", "", "ENV-1"},
      {"a lone surrogate", query(R"({"x":"\ud800"})"), "envelope.malformed", "syntax", "", "ENV-1"},
      {"a number that no binary64 holds", query(R"({"x":1e999})"), "envelope.malformed", "syntax", "", "ENV-1"},
      {"a number that is none", query(R"({"x":NaN})"), "envelope.malformed", "syntax", "", "ENV-1"},
      {"a zero byte in a text", query(std::string("{\"x\":\"\0\"}", 9)), "envelope.malformed", "syntax", "", "ENV-1"},
      {"a comma before the end", query(R"({"x":1,})"), "envelope.malformed", "syntax", "", "ENV-1"},
      {"one level too deep", query(R"({"x":)" + std::string(31, '[') + std::string(31, ']') + "}"), "envelope.tooLarge", "depth", "",
       "SEC-16"},
      {"thousands of levels", std::string(3'000, '['), "envelope.tooLarge", "depth", "", "SEC-16"},
  };
}

std::string slug(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.') {
      out += c;
    } else if (c >= 'A' && c <= 'Z') {
      out += static_cast<char>(c - 'A' + 'a');
    } else if (c != ',' && !out.empty() && out.back() != '-') {
      out += '-';
    }
  }
  return out;
}

class Vectors {
 public:
  std::vector<OutputFile> take(const Model& model) {
    for (const Seed& seed : seeds(model)) control(seed.schema, "every member", "", "", "ENV-38", seed.value.dump());
    // Two of each kind, spread over the messages; then one of each kind that found no room.
    const std::vector<DomainInstances> all = instances(model);
    for (const auto& [alike, of_a_message] : {std::pair{2, 3}, std::pair{1, 1'000}})
      for (const DomainInstances& domain : all)
        for (const Instance& one : domain.instances) chosen(one, alike, of_a_message);
    for (const Raw& raw : raw_vectors()) {
      Json line = {{"plane", "control"}, {"about", raw.about}, {"from", "pulse"}, {"to", "signal"}, {"requirement", raw.requirement}};
      if (*raw.code != '\0') line.update({{"code", raw.code}, {"pointer", raw.pointer}, {"rule", raw.rule}});
      add("bytes", ".json", std::move(line), raw.bytes);
    }
    for (const Frame& frame : model.frames) {
      for (FrameVector& one : frame_vectors(frame)) {
        const bool stream = frame.plane == "stream";
        Json line = {{"plane", frame.plane},
                     {"about", one.about},
                     {"frame", frame.root},
                     {"from", stream ? "aura" : "signal"},
                     {"to", stream ? "signal" : "aura"},
                     {"requirement", one.requirement}};
        if (!one.rule.empty()) line.update({{"code", "frame.malformed"}, {"rule", one.rule}});
        add(frame.name, ".bin", std::move(line), std::move(one.bytes));
      }
    }
    files_.push_back({"manifest.json", manifest()});
    return std::move(files_);
  }

 private:
  // Adds an instance while there are fewer than `alike` of its kind, and fewer than `of_a_message` of its message.
  void chosen(const Instance& one, int alike, int of_a_message) {
    const ValueCase& content = one.content;
    std::string text = content.value.dump();
    if (text.size() > kMostBytes || content.about == "example" || content.about == "every member") return;
    const bool header = content.pointer.find('/', 1) == std::string::npos && !content.pointer.starts_with("/payload");
    const std::string kind = content.about.starts_with("without ") && !header ? "without a member" : content.about;
    const std::string alike_key = kind + " " + content.rule + (header ? " of the header" : "");
    int& taken = alike_[alike_key];
    int& here = of_message_[one.schema];
    if (taken >= alike || here >= of_a_message || !chosen_.insert(alike_key + " " + one.schema).second) return;
    ++taken;
    ++here;
    if (content.rule.empty()) return control(one.schema, content.about, "", "", requirement_of(content), std::move(text));
    control(one.schema, content.about, content.pointer, content.rule, requirement_of(content), std::move(text));
  }

  static const char* requirement_of(const ValueCase& content) {
    if (content.about.starts_with("unknown member") || content.about.find("beside") != std::string::npos) return "ENV-5";
    if (content.about == "members in another order") return "ENV-4";
    if (content.about.find("fraction") != std::string::npos && content.rule.empty()) return "ENV-13";
    if (content.rule.empty()) return content.about.find("label") != std::string::npos ? "ENV-11" : "ENV-38";
    if (content.rule == "route") return "ENV-29";
    if (content.about == "unknown name") return "ENV-28";
    if (content.about == "wrong kind" || content.about == "reply to an event") return "ENV-31";
    if (content.about == "null") return "ENV-7";
    if (content.rule == "enum") return "VER-7";
    return content.pointer.starts_with("/payload") || content.pointer.starts_with("/error") ? "ENV-35" : "ENV-33";
  }

  static const char* code_of(const std::string& about, const std::string& pointer, const std::string& rule) {
    if (rule == "route") return "envelope.wrongRoute";
    if (rule == "depth" || rule == "size") return "envelope.tooLarge";
    if (about == "unknown name") return "envelope.unknownName";
    return pointer.starts_with("/payload") || pointer.starts_with("/error") ? "payload.invalid" : "envelope.malformed";
  }

  void control(const std::string& schema, const std::string& about, const std::string& pointer, const std::string& rule,
               const std::string& requirement, std::string text) {
    const Json envelope = Json::parse(text);
    Json line = {{"plane", "control"}, {"about", about}, {"message", schema}, {"requirement", requirement}};
    for (const auto& [member, role] : {std::pair{"from", "origin"}, std::pair{"to", "target"}})
      if (envelope.is_object() && envelope.contains(role) && envelope[role].is_string()) line[member] = envelope[role];
    if (!rule.empty()) line.update({{"code", code_of(about, pointer, rule)}, {"pointer", pointer}, {"rule", rule}});
    add(schema, ".json", std::move(line), std::move(text));
  }

  void add(const std::string& what, const std::string& end, Json line, std::string bytes) {
    const bool valid = !line.contains("code");
    const std::string stem = line["plane"].get<std::string>() + (valid ? "/valid/" : "/invalid/") + what + "." + slug(line["about"]);
    std::string path = stem + end;
    for (int n = 2; !paths_.insert(path).second; ++n) path = stem + "-" + std::to_string(n) + end;
    Json whole = {{"file", path}, {"valid", valid}};
    whole.update(line);
    lines_.push_back(std::move(whole));
    files_.push_back({std::move(path), std::move(bytes)});
  }

  [[nodiscard]] std::string manifest() const {
    Lines out;
    out("{");
    out("  \"comment\": [");
    out("    \"Generated from schemas/ by loophole-schema; do not edit. README.md says what the members mean.\"");
    out("  ],");
    out("  \"vectors\": [");
    for (std::size_t i = 0; i < lines_.size(); ++i) out("    ", lines_[i].dump(), i + 1 < lines_.size() ? "," : "");
    out("  ]");
    out("}");
    return out.take();
  }

  std::map<std::string, int> alike_;
  std::map<std::string, int> of_message_;
  std::set<std::string> chosen_;
  std::set<std::string> paths_;
  std::vector<Json> lines_;
  std::vector<OutputFile> files_;
};

}  // namespace

std::vector<OutputFile> emit_vectors(const Model& model) {
  return Vectors{}.take(model);
}

}  // namespace loophole::schema
