#include "draft.hpp"

#include <stdexcept>

#include "instances.hpp"
#include "lint.hpp"

namespace evolution {

Draft::Base Draft::base(schema::Files files) {
  Base out;
  for (auto& [path, text] : files) {
    if (!path.starts_with("control/")) continue;
    Json json = Json::parse(text);
    if (json.contains("x-messages"))
      for (auto& message : json["x-messages"]) message["examples"]["invalid"] = Json::array();
    text = json.dump();
    out.control.emplace(path, std::move(json));
  }
  // A message may go without the errors that it alone lists.
  Json errors = Json::parse(files.at("errors.json"));
  for (auto& code : errors["codes"])
    if (!code.contains("scope")) code["scope"] = "any";
  files.at("errors.json") = errors.dump();
  out.files = std::move(files);
  schema::Loaded loaded = schema::load(out.files);
  if (!loaded.faults.empty() || !schema::lint(loaded.model).empty()) throw std::runtime_error{"the schemas to begin with have faults"};
  out.model = std::move(loaded.model);
  return out;
}

const Json& Draft::see(const std::string& file) const {
  const auto found = changed_.find(file);
  return found == changed_.end() ? base_.control.at(file) : found->second;
}

Json& Draft::edit(const std::string& file) {
  return changed_.try_emplace(file, base_.control.at(file)).first->second;
}

std::vector<Place> Draft::places(const std::function<bool(const Json&)>& wanted) const {
  std::vector<Place> out;
  for (const auto& [file, ignored] : base_.control) {
    const std::function<void(const Json&, const Json::json_pointer&)> visit = [&, &path = file](const Json& schema,
                                                                                                const Json::json_pointer& at) {
      if (wanted(schema)) out.push_back({path, at});
      if (schema.contains("properties"))
        for (const auto& [name, property] : schema["properties"].items()) visit(property, at / "properties" / name);
      for (const char* below : {"items", "additionalProperties"})
        if (schema.contains(below)) visit(schema[below], at / below);
    };
    for (const auto& [name, type] : see(file).at("$defs").items()) visit(type, Json::json_pointer{} / "$defs" / name);
  }
  return out;
}

std::vector<Place> Draft::members(const char* part, const std::function<bool(const Json&)>& wanted) const {
  std::vector<Place> out;
  for (const auto& [file, ignored] : base_.control) {
    const Json& json = see(file);
    if (!json.contains(part)) continue;
    for (const auto& [name, member] : json[part].items())
      if (wanted(member)) out.push_back({file, Json::json_pointer{} / part / name});
  }
  return out;
}

std::string Draft::next_version() const {
  return std::to_string(base_.model.protocol.major) + "." + std::to_string(base_.model.protocol.minor + 1);
}

// What a change drags along and nobody would leave as it is.
bool Draft::mend(const schema::Fault& fault, const schema::Model& model) {
  if (fault.rule == "unused-type") {
    const Json::json_pointer at{fault.where.pointer};
    edit(fault.where.file).at(at.parent_pointer()).erase(at.back());
    return true;
  }
  if (fault.rule != "example-valid") return false;
  const Json::json_pointer whole{fault.where.pointer};
  const std::string prefix = "/x-messages/";
  const std::string name = fault.where.pointer.substr(prefix.size(), fault.where.pointer.find('/', prefix.size()) - prefix.size());
  for (const schema::Domain& domain : model.domains)
    for (const schema::Message& message : domain.messages)
      if (message.name == name && model.find(message.payload) != nullptr)
        edit(fault.where.file)["x-messages"][name]["examples"]["valid"] = Json::array({Instances{model, {}}.smallest(message.payload)});
  return true;
}

std::optional<schema::Model> Draft::finish() {
  for (int round = 0; round < 5; ++round) {
    schema::Files files = base_.files;
    for (const auto& [file, json] : changed_) files[file] = json.dump();
    schema::Loaded loaded = schema::load(files);
    if (!loaded.faults.empty()) return std::nullopt;
    const schema::Faults faults = schema::lint(loaded.model);
    if (faults.empty()) return std::move(loaded.model);
    for (const schema::Fault& fault : faults)
      if (!mend(fault, loaded.model)) return std::nullopt;
  }
  return std::nullopt;
}

Place target_of(const std::string& file, const std::string& ref) {
  const std::size_t hash = ref.find('#');
  return {hash == 0 ? file : "control/" + ref.substr(0, hash), Json::json_pointer{ref.substr(hash + 1)}};
}

std::string ref_to(const Place& type, const std::string& from_file) {
  const std::string fragment = "#" + type.at.to_string();
  return type.file == from_file ? fragment : type.file.substr(std::string{"control/"}.size()) + fragment;
}

}  // namespace evolution
