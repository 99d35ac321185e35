#pragma once
// What a benchmark program is made of:
//
//   const Arguments arguments(argc, argv, "loophole-bench-control", {{"rounds", "N"}});
//   Run run("control", arguments);
//   run.add({.name = "control", .goal = "P1", .what = "a command and its reply", .unit = "us",
//            .ours = distribution_of("Client and Server", ours), .floor = distribution_of("bare ROUTER/DEALER", bare),
//            .limits = {{"p50", …}}});
//   return run.finish();

#include <chrono>
#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "report.hpp"

namespace loophole::bench {

// The options of a benchmark, each with a value, and --json FILE. The program ends with its usage for what is none of them.
class Arguments {
 public:
  // Of options: name and name of the value.
  Arguments(int argc, char** argv, const std::string& program, const std::vector<std::pair<std::string, std::string>>& options = {});
  // Empty: it was not given.
  [[nodiscard]] std::string text(const std::string& option) const;
  // More than 0; the program ends with its usage for others.
  [[nodiscard]] int count(const std::string& option, int otherwise) const;

 private:
  [[noreturn]] void refuse() const;
  std::string usage_;
  std::map<std::string, std::string> values_;
};

class Run {
 public:
  Run(std::string benchmark, const Arguments& arguments);
  // Prints it too.
  void add(Measurement measurement);
  // Writes the report, where one was asked for. The exit code: 0 also where a goal is missed.
  [[nodiscard]] int finish();

 private:
  std::string file_;
  Report report_;
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

// A folder that goes with its owner. A program that cannot make it ends.
class TemporaryFolder {
 public:
  explicit TemporaryFolder(const std::filesystem::path& parent = std::filesystem::temp_directory_path());
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  [[nodiscard]] const std::string& path() const noexcept { return path_; }

 private:
  std::string path_;
};

// Keeps the optimiser from taking away what is measured.
template <class T>
void keep(const T& value) {
  asm volatile("" : : "r"(&value) : "memory");
}

}  // namespace loophole::bench
