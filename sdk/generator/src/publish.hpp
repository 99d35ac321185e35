#pragma once
// The outputs that are committed beside the specification: one command writes them all, the same command compares them.

#include <filesystem>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "emit.hpp"

namespace loophole::schema {

// A file that is not as the schemas say.
struct Deviation {
  enum class Kind { missing, differs, stale };  // stale: generated before, and nothing makes it any more
  std::string path;                             // relative to `out`, with slashes
  Kind kind;
};

// Every published file of the model, by path: those of all emitters with a `published` folder.
[[nodiscard]] std::vector<OutputFile> published_files(const Model& model);

// What of `files` is not in `out` as it should be, by path. What is stale bears the mark of this tool: files that others
// put into the folders of emitters are theirs.
[[nodiscard]] std::vector<Deviation> compare_published(const std::vector<OutputFile>& files, const std::filesystem::path& out);

// Leaves a file alone that is as it should be: its time stamp would make the build compile again what depends on it.
[[nodiscard]] bool write_if_different(const std::filesystem::path& path, const std::string& text);

// `loophole-schema publish`: writes what differs and removes what is stale, or only says so. `command` is what mends it.
// Returns whether all is as it should be, which after writing means that all could be written.
[[nodiscard]] bool publish(const Model& model, const std::filesystem::path& out, std::ostream& to, std::ostream& err);
[[nodiscard]] bool check_published(const Model& model, const std::filesystem::path& out, std::string_view command, std::ostream& err);

}  // namespace loophole::schema
