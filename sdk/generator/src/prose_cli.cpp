#include "prose_cli.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace loophole::schema {
namespace fs = std::filesystem;
namespace {

bool print(const ProseFaults& faults, std::ostream& err) {
  for (const ProseFault& fault : faults) err << to_line(fault) << "\n";
  if (!faults.empty()) err << faults.size() << (faults.size() == 1 ? " fault\n" : " faults\n");
  return faults.empty();
}

void add_page(const fs::path& path, std::vector<Page>& pages) {
  if (path.extension() != ".md") return;
  if (const auto text = read_path(path.string())) pages.push_back(read_page(path.lexically_normal().generic_string(), *text));
}

}  // namespace

std::optional<std::string> read_path(const std::string& path) {
  std::error_code error;
  if (fs::is_directory(path, error)) return std::string{};
  std::ifstream in{path, std::ios::binary};
  if (!in) return std::nullopt;
  return std::string{std::istreambuf_iterator<char>{in}, {}};
}

Prose read_prose(const std::string& protocol, std::span<const std::string> docs) {
  Prose prose;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator{protocol, error})
    if (entry.is_regular_file()) add_page(entry.path(), prose.protocol);
  for (const std::string& folder : docs) {
    if (fs::is_regular_file(folder, error)) add_page(folder, prose.docs);
    for (const auto& entry : fs::recursive_directory_iterator{folder, error})
      if (entry.is_regular_file()) add_page(entry.path(), prose.docs);
  }
  std::ranges::sort(prose.protocol, {}, &Page::path);
  std::ranges::sort(prose.docs, {}, &Page::path);
  return prose;
}

bool check_prose_folders(const Model& model, std::span<const std::string> folders, std::ostream& err) {
  for (const std::string& folder : folders) {
    if (fs::exists(folder)) continue;
    err << "loophole-schema: there is no " << folder << "\n";
    return false;
  }
  const Prose prose = read_prose(folders[0], folders.subspan(1));
  if (prose.protocol.empty()) {
    err << "loophole-schema: " << folders[0] << " has no pages\n";
    return false;
  }
  const std::string registered = (fs::path{folders[0]} / "requirements.json").lexically_normal().generic_string();
  return print(check_prose(model, prose, registered, read_path), err);
}

bool write_requirements(const std::string& protocol, const std::optional<std::string>& file, std::ostream& out, std::ostream& err) {
  ProseFaults faults;
  const std::vector<Requirement> requirements = read_requirements(read_prose(protocol, {}).protocol, faults);
  if (!print(faults, err)) return false;
  const std::string text = requirements_text(requirements);
  if (!file) {
    out << text;
    return true;
  }
  if (const auto written = read_path(*file)) {
    const std::vector<std::string> lost = lost_requirements(*written, requirements);
    for (const std::string& id : lost)
      err << *file << ": " << id << " is no longer in the prose; an id is never given up: mark it there as *(retired VERSION)*.\n";
    if (!lost.empty()) return false;
  }
  std::ofstream to{*file, std::ios::binary | std::ios::trunc};
  to << text;
  if (to.flush()) return true;
  err << "loophole-schema: cannot write " << *file << "\n";
  return false;
}

}  // namespace loophole::schema
