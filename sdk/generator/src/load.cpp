#include "load.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>

#include "since.hpp"

namespace loophole::schema {
namespace fs = std::filesystem;
namespace {

class Loader {
 public:
  explicit Loader(const Files& files) : files_(files) {}

  Loaded run() {
    if (const auto json = file("topology.json")) model_.topology = load_topology(cursor(*json, "topology.json"));
    if (const auto json = file("errors.json")) model_.errors = load_errors(cursor(*json, "errors.json"));
    each("control", ".schema.json", [&](const std::string& name, const std::string& path, const std::string&) { domain(name, path); });
    if (model_.domains.empty()) faults_.push_back({{"control", ""}, "file-missing", "There is no control/<domain>.schema.json here."});
    for (const std::string plane : {"stream", "telemetry"}) {
      each(plane, ".fbs", [&](const std::string& name, const std::string& path, const std::string& text) {
        model_.frames.push_back(load_frame(text, name, plane, path, faults_));
      });
    }
    date(model_);
    find_version();
    return {std::move(model_), std::move(faults_)};
  }

 private:
  Cursor cursor(const Json& json, const std::string& name) { return {json, {name, ""}, faults_}; }

  std::optional<Json> file(const std::string& name) {
    const auto found = files_.find(name);
    if (found == files_.end()) {
      faults_.push_back({{name, ""}, "file-missing", "The file cannot be read; is this the folder of the schemas?"});
      model_.unread.insert(name);
      return std::nullopt;
    }
    auto json = read_json(found->second, name, faults_);
    if (!json) model_.unread.insert(name);
    return json;
  }

  // Files of a folder by name: their name without the suffix, their path, their text.
  template <class Visit>
  void each(const std::string& folder, const std::string& suffix, const Visit& visit) {
    const std::string prefix = folder + "/";
    for (const auto& [path, text] : files_)
      if (path.starts_with(prefix) && path.ends_with(suffix))
        visit(path.substr(prefix.size(), path.size() - prefix.size() - suffix.size()), path, text);
  }

  void domain(const std::string& name, const std::string& path) {
    const auto json = file(path);
    if (!json) return;
    const Cursor at = cursor(*json, path);
    at.allow({"$schema", "$id", "title", "description", "x-messages", "$defs"});
    if (at.text("$schema") != "https://json-schema.org/draft/2020-12/schema")
      at.fault("schema-header", "$schema must be \"https://json-schema.org/draft/2020-12/schema\".");
    if (at.text("$id") != "urn:loophole:control:" + name) at.fault("schema-header", "$id must be \"urn:loophole:control:" + name + "\".");
    if (at.text("title") != name) at.fault("schema-header", "title must be \"" + name + "\", as the file is named.");

    Domain domain{.name = name, .file = path, .description = at.text("description"), .types = {}, .messages = {}};
    if (const auto types = at.need("$defs"))
      types->each_member([&](const std::string& type, const Cursor& def) { domain.types.push_back({type, load_type(def, name)}); });
    if (const auto messages = at.get("x-messages"))
      messages->each_member(
          [&](const std::string& message, const Cursor& def) { domain.messages.push_back(load_message(def, message, name)); });
    model_.domains.push_back(std::move(domain));
  }

  // The protocol version of these schemas is the newest that anything in them asks for.
  void find_version() {
    Version& newest = model_.protocol;
    for (const ErrorCode& error : model_.errors) newest = std::max(newest, error.since);
    for (const Domain& domain : model_.domains) {
      for (const Message& message : domain.messages) newest = std::max(newest, message.since);
      for (const NamedType& named : domain.types) {
        for (const Field& field : named.type.fields) newest = std::max(newest, field.since);
        for (const Label& label : named.type.labels) newest = std::max(newest, label.since);
      }
    }
    for (const Frame& frame : model_.frames) {
      for (const FrameType& type : frame.types) {
        newest = std::max(newest, type.since);
        for (const FrameField& field : type.fields) newest = std::max(newest, field.since);
      }
    }
  }

  const Files& files_;
  Model model_;
  Faults faults_;
};

}  // namespace

Files read_folder(const fs::path& folder) {
  Files files;
  const auto add = [&](const fs::path& path) {
    std::ifstream in{folder / path, std::ios::binary};
    if (in) files[path.generic_string()] = std::string{std::istreambuf_iterator<char>{in}, {}};
  };
  add("topology.json");
  add("errors.json");
  for (const auto& [below, suffix] : {std::pair{"control", ".schema.json"}, {"stream", ".fbs"}, {"telemetry", ".fbs"}}) {
    std::error_code error;
    for (const auto& entry : fs::directory_iterator{folder / below, error})
      if (entry.is_regular_file() && entry.path().filename().string().ends_with(suffix)) add(fs::path{below} / entry.path().filename());
  }
  return files;
}

Loaded load(const Files& files) {
  return Loader{files}.run();
}

}  // namespace loophole::schema
