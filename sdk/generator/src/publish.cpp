#include "publish.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <optional>
#include <set>

#include "canonical.hpp"

namespace loophole::schema {
namespace fs = std::filesystem;
namespace {

std::optional<std::string> text_of(const fs::path& path) {
  std::ifstream in{path, std::ios::binary};
  if (!in) return std::nullopt;
  return std::string{std::istreambuf_iterator<char>{in}, {}};
}

// The files below the folders that emitters own. The root is nobody's own: hand-written pages are there too.
std::set<std::string> owned_files(const fs::path& out) {
  std::set<std::string> found;
  for (const EmitterEntry& entry : emitters()) {
    if (entry.published.empty() || entry.published == ".") continue;
    std::error_code error;
    for (const auto& file : fs::recursive_directory_iterator{out / entry.published, error})
      if (file.is_regular_file()) found.insert(file.path().lexically_relative(out).generic_string());
  }
  return found;
}

std::string_view words(Deviation::Kind kind) {
  switch (kind) {
    case Deviation::Kind::missing:
      return "is missing";
    case Deviation::Kind::differs:
      return "differs from what the schemas say";
    case Deviation::Kind::stale:
      return "is stale: nothing in the schemas makes it any more";
  }
  return {};
}

}  // namespace

std::vector<OutputFile> published_files(const Model& model) {
  std::vector<OutputFile> files;
  for (const EmitterEntry& entry : emitters()) {
    if (entry.published.empty()) continue;
    for (OutputFile& file : entry.emit(model)) {
      if (entry.published != ".") file.path.insert(0, std::string{entry.published} + "/");
      files.push_back(std::move(file));
    }
  }
  std::ranges::sort(files, {}, &OutputFile::path);
  return files;
}

std::vector<Deviation> compare_published(const std::vector<OutputFile>& files, const fs::path& out) {
  std::vector<Deviation> deviations;
  std::set<std::string> left = owned_files(out);
  for (const OutputFile& file : files) {
    left.erase(file.path);
    const auto present = text_of(out / file.path);
    if (!present) {
      deviations.push_back({file.path, Deviation::Kind::missing});
    } else if (*present != file.text) {
      deviations.push_back({file.path, Deviation::Kind::differs});
    }
  }
  for (const std::string& path : left) deviations.push_back({path, Deviation::Kind::stale});
  std::ranges::sort(deviations, {}, &Deviation::path);
  return deviations;
}

bool write_if_different(const fs::path& path, const std::string& text) {
  if (text_of(path) == text) return true;
  std::error_code error;
  fs::create_directories(path.parent_path(), error);
  std::ofstream file{path, std::ios::binary | std::ios::trunc};
  file << text;
  return static_cast<bool>(file.flush());
}

bool publish(const Model& model, const fs::path& out, std::ostream& to, std::ostream& err) {
  const std::vector<OutputFile> files = published_files(model);
  const std::vector<Deviation> deviations = compare_published(files, out);
  bool done = true;
  for (const OutputFile& file : files) {
    if (write_if_different(out / file.path, file.text)) continue;
    err << "loophole-schema: cannot write " << (out / file.path).string() << "\n";
    done = false;
  }
  for (const Deviation& deviation : deviations) {
    const fs::path path = out / deviation.path;
    std::error_code error;
    if (deviation.kind != Deviation::Kind::stale) {
      to << "wrote " << path.string() << "\n";
    } else if (fs::remove(path, error)) {
      to << "removed " << path.string() << "\n";
      // Folders that are empty now go too; remove() refuses the others.
      for (fs::path folder = path.parent_path(); folder != out && fs::is_empty(folder, error) && fs::remove(folder, error);)
        folder = folder.parent_path();
    } else {
      err << "loophole-schema: cannot remove " << path.string() << "\n";
      done = false;
    }
  }
  return done;
}

bool check_published(const Model& model, const fs::path& out, std::string_view command, std::ostream& err) {
  const std::vector<Deviation> deviations = compare_published(published_files(model), out);
  for (const Deviation& deviation : deviations) err << (out / deviation.path).string() << ": " << words(deviation.kind) << "\n";
  if (deviations.empty()) return true;
  err << deviations.size() << (deviations.size() == 1 ? " file is" : " files are") << " not what the schemas say. Run '" << command
      << "' and commit what it changes.\n";
  return false;
}

}  // namespace loophole::schema
