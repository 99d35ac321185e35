#include "emit_fuzz.hpp"

#include <functional>
#include <set>

#include "instances.hpp"

namespace loophole::schema {
namespace {

// An entry: bytes in quotes, with quotes and backslashes escaped and everything beyond printable ASCII as \xNN.
std::string entry(std::string_view bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string out = "\"";
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte >= ' ' && byte < 0x7f) {
      out += c;
    } else {
      out += "\\x";
      out += kDigits[byte >> 4];
      out += kDigits[byte & 15];
    }
  }
  return out + "\"";
}

void section(Lines& out, const std::string& title, const std::set<std::string>& texts) {
  out("");
  out("# ", title);
  for (const std::string& text : texts) out(entry(text));
}

class Words {
 public:
  explicit Words(const Model& model) {
    for (const char* member : {"payload", "error"}) members_.insert(quoted(member) + ":");
    for (const Domain& domain : model.domains) {
      for (const NamedType& named : domain.types) type(named.type);
      for (const Message& message : domain.messages) names_.insert(quoted(message.name));
    }
    for (const ErrorCode& error : model.errors) codes_.insert(quoted(error.code));
  }

  [[nodiscard]] std::string text() const {
    Lines out;
    out("# Generated from schemas/ by loophole-schema; do not edit.");
    section(out, "JSON", {"{", "}", "[", "]", ",", ":", "\"", "\\", "\\u0000", "\\ud800", "true", "false", "null", "{}", "[]", "\"\""});
    section(out, "numbers",
            {"-1", "0", "1", "1.0", "0.5", "-0.0", "1e9", "1e-9", "1e300", "1e999", "9007199254740991", "9007199254740993",
             "18446744073709551616"});
    section(out, "bytes that are not UTF-8, a byte order mark, a wide character", {"\xc3", "\xff", "\xef\xbb\xbf", "\xf0\x9f\x8e\x9a"});
    section(out, "members", members_);
    section(out, "labels and tags", labels_);
    section(out, "messages", names_);
    section(out, "errors", codes_);
    return out.take();
  }

 private:
  static std::string quoted(const std::string& text) { return Json(text).dump(); }

  void type(const Type& type) {
    for (const Field& field : type.fields) {
      members_.insert(quoted(field.name) + ":");
      this->type(field.type);
    }
    for (const Label& label : type.labels) labels_.insert(quoted(label.name));
    if (type.shape == Shape::constant) labels_.insert(quoted(type.constant));
    if (type.element) this->type(*type.element);
  }

  std::set<std::string> members_;
  std::set<std::string> labels_;
  std::set<std::string> names_;
  std::set<std::string> codes_;
};

}  // namespace

std::vector<OutputFile> emit_fuzz(const Model& model) {
  std::vector<OutputFile> files{{"control.dict", Words{model}.text()}};
  for (const Seed& seed : seeds(model)) files.push_back({"seeds/" + seed.schema + ".json", seed.value.dump() + "\n"});
  return files;
}

}  // namespace loophole::schema
