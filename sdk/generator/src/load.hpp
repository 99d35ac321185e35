#pragma once
// Reads schemas/** into a Model. Reports what breaks the profile; what can be read is in the model all the same, so that
// lint() finds the rest in the same run.

#include <filesystem>
#include <map>

#include "cursor.hpp"
#include "model.hpp"

namespace loophole::schema {

struct Loaded {
  Model model;
  Faults faults;
};

// Text of files by their path relative to the folder of the schemas, with slashes.
using Files = std::map<std::string, std::string>;

// topology.json, errors.json, control/*.schema.json, stream/*.fbs and telemetry/*.fbs of a folder; what is missing is left out.
[[nodiscard]] Files read_folder(const std::filesystem::path& folder);

[[nodiscard]] Loaded load(const Files& files);

// Parts of load(), one a file.
[[nodiscard]] Type load_type(const Cursor& at, const std::string& domain);  // load_type.cpp: a type in $defs
[[nodiscard]] TypeRef load_reference(const Cursor& at, const std::string& domain);
[[nodiscard]] Message load_message(const Cursor& at, const std::string& name, const std::string& domain);  // load_message.cpp
[[nodiscard]] Topology load_topology(const Cursor& at);
[[nodiscard]] std::vector<ErrorCode> load_errors(const Cursor& at);
[[nodiscard]] Frame load_frame(const std::string& text, const std::string& name, const std::string& plane, const std::string& file,
                               Faults& faults);  // load_frame.cpp

}  // namespace loophole::schema
