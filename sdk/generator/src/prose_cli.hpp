#pragma once
// The verbs `prose` and `requirements` of the command line: folders of Markdown in, faults or requirements.json out.

#include <optional>
#include <ostream>
#include <span>
#include <string>

#include "prose.hpp"

namespace loophole::schema {

// The pages of the specification (its .md files, not those below it) and of documentation (files, and all .md files below folders).
[[nodiscard]] Prose read_prose(const std::string& protocol, std::span<const std::string> docs);

// From the disk: the text of a file, an empty one of a folder.
[[nodiscard]] std::optional<std::string> read_path(const std::string& path);

// `folders`: the specification, with requirements.json in it, then documentation. False: there are faults, which are printed.
[[nodiscard]] bool check_prose_folders(const Model& model, std::span<const std::string> folders, std::ostream& err);

// Prints requirements.json, or writes it to a file; never drops an id that the file has. False: faults, which are printed.
[[nodiscard]] bool write_requirements(const std::string& protocol, const std::optional<std::string>& file, std::ostream& out,
                                      std::ostream& err);

}  // namespace loophole::schema
