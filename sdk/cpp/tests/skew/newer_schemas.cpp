// Makes schemas of the next minor version: copies a folder of schemas and applies to each file the RFC 6902 patch of the same name.
//
//   newer_schemas SCHEMAS PATCHES OUT
//
// The text "NEWER" in a patch becomes the version after the highest one in SCHEMAS.

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;  // members in order: so are the fields of the structs

Json read(const fs::path& path) {
  std::ifstream in{path};
  return Json::parse(in);
}

int minor_of(const std::string& version) {
  return std::atoi(version.substr(version.find('.') + 1).c_str());
}

// The highest minor version that anything in a schema asks for.
int highest(const Json& json) {
  int found = 0;
  if (json.is_structured())
    for (const Json& value : json) found = std::max(found, highest(value));
  if (!json.is_object()) return found;
  for (const char* key : {"since", "x-since"})
    if (json.contains(key) && json[key].is_string()) found = std::max(found, minor_of(json[key]));
  if (json.contains("x-label-since"))
    for (const Json& version : json["x-label-since"]) found = std::max(found, minor_of(version));
  return found;
}

void date(Json& json, const std::string& version) {
  if (json == "NEWER") json = version;
  if (json.is_structured())
    for (Json& value : json) date(value, version);
}

// A patch that replaces something would test nothing of what it says.
void need_new(const Json& schema, const Json& patch, const fs::path& file) {
  for (const Json& operation : patch) {
    const Json::json_pointer place{operation.at("path").get<std::string>()};
    if (operation.at("op") != "add" || (place.back() != "-" && schema.contains(place)))
      throw std::runtime_error{file.string() + ": " + place.to_string() + " is there already; give the patch another name"};
  }
}

void run(const fs::path& schemas, const fs::path& patches, const fs::path& out) {
  int minor = 0;
  for (const auto& entry : fs::directory_iterator{schemas / "control"}) minor = std::max(minor, highest(read(entry.path())));
  minor = std::max(minor, highest(read(schemas / "errors.json")));

  fs::remove_all(out);
  fs::create_directories(out);
  fs::copy(schemas, out, fs::copy_options::recursive);
  for (const auto& entry : fs::directory_iterator{patches}) {
    const fs::path target = out / "control" / entry.path().filename();
    Json patch = read(entry.path());
    const Json schema = read(target);
    need_new(schema, patch, entry.path().filename());
    date(patch, "1." + std::to_string(minor + 1));
    std::ofstream{target} << schema.patch(patch).dump(2) << '\n';
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::cerr << "usage: newer_schemas SCHEMAS PATCHES OUT\n";
    return 2;
  }
  try {
    run(argv[1], argv[2], argv[3]);
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "newer_schemas: " << error.what() << '\n';
    return 1;
  }
}
