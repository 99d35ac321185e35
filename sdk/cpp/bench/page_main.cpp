// Draws the reports of the benchmarks, and prints their goals.
//
//   loophole-bench-page FOLDER
//
// Reads FOLDER/*.json and writes FOLDER/index.html.

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <system_error>
#include <vector>

#include "page.hpp"

namespace bench = loophole::bench;

int main(int argc, char** argv) {
  if (argc != 2 || std::string(argv[1]).starts_with("-")) {
    std::fprintf(stderr, "usage: loophole-bench-page FOLDER\n");
    return 2;
  }
  const std::filesystem::path folder = argv[1];
  std::error_code error;
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error))
    if (entry.path().extension() == ".json") files.push_back(entry.path());
  if (error) {
    std::fprintf(stderr, "cannot read %s: %s\n", folder.c_str(), error.message().c_str());
    return 1;
  }
  std::ranges::sort(files);
  std::vector<bench::Report> reports;
  for (const auto& path : files) {
    std::ifstream file(path);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    std::string fault;
    auto report = bench::report_of(text, fault);
    if (!report) {
      std::fprintf(stderr, "%s is no report of a benchmark of this version: %s\n", path.c_str(), fault.c_str());
      return 1;
    }
    reports.push_back(*std::move(report));
  }
  if (reports.empty()) {
    std::fprintf(stderr, "there are no reports in %s: run the benchmarks with --json, or ./dev bench\n", folder.c_str());
    return 1;
  }
  const auto page = folder / "index.html";
  std::ofstream file(page);
  file << bench::page_of(reports);
  file.flush();
  if (!file) {
    std::fprintf(stderr, "cannot write %s\n", page.c_str());
    return 1;
  }
  std::printf("%s\n%s\n", bench::table_of(reports).c_str(), std::filesystem::absolute(page).c_str());
  return 0;
}
