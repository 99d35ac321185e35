#include "run.hpp"

#include <stdlib.h>
#include <sys/utsname.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

namespace loophole::bench {
namespace {

double load() {
  double average = 0;
  return ::getloadavg(&average, 1) == 1 ? average : 0;
}

std::string utc_now() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  ::gmtime_r(&now, &parts);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text.data();
}

std::string system_name() {
  utsname name{};
  if (::uname(&name) != 0) return {};
  return std::string(name.sysname) + " " + name.release + ", " + name.machine;
}

}  // namespace

Arguments::Arguments(int argc, char** argv, const std::string& program, const std::vector<std::pair<std::string, std::string>>& options)
    : usage_("usage: " + program) {
  values_["json"];
  for (const auto& [name, value] : options) {
    usage_ += " [--" + name + " " + value + "]";
    values_[name];
  }
  usage_ += " [--json FILE]\n";
  for (int i = 1; i < argc; i += 2) {
    const std::string_view option = argv[i];
    const auto known = option.starts_with("--") ? values_.find(std::string(option.substr(2))) : values_.end();
    if (known == values_.end() || i + 1 == argc) refuse();
    known->second = argv[i + 1];
  }
}

std::string Arguments::text(const std::string& option) const {
  return values_.at(option);
}

int Arguments::count(const std::string& option, int otherwise) const {
  const std::string& value = values_.at(option);
  if (value.empty()) return otherwise;
  const int number = std::atoi(value.c_str());
  if (number <= 0) refuse();
  return number;
}

void Arguments::refuse() const {
  std::fputs(usage_.c_str(), stderr);
  std::exit(2);
}

Run::Run(std::string benchmark, const Arguments& arguments) : file_(arguments.text("json")) {
  report_ = {.benchmark = std::move(benchmark),
             .at = utc_now(),
             .machine = {.cores = static_cast<int>(std::thread::hardware_concurrency()), .system = system_name(), .load_begin = load()}};
}

void Run::add(Measurement measurement) {
  std::printf("%s\n", text_of(measurement).c_str());
  std::fflush(stdout);
  report_.measurements.push_back(std::move(measurement));
}

int Run::finish() {
  report_.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
  report_.machine.load_end = load();
  if (file_.empty()) return 0;
  std::ofstream file(file_);
  file << to_json(report_).dump(1) << '\n';
  file.flush();
  if (file) return 0;
  std::fprintf(stderr, "cannot write %s: %s\n", file_.c_str(), std::strerror(errno));
  return 1;
}

TemporaryFolder::TemporaryFolder(const std::filesystem::path& parent)
    : path_((std::filesystem::absolute(parent) / "loophole-bench-XXXXXX").string()) {
  if (::mkdtemp(path_.data()) != nullptr) return;
  std::fprintf(stderr, "cannot make a folder in %s: %s\n", parent.c_str(), std::strerror(errno));
  std::exit(1);
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace loophole::bench
