#include "program_log.hpp"

#include <fmt/format.h>
#include <spdlog/formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <chrono>
#include <ctime>
#include <memory>
#include <nlohmann/json.hpp>

namespace loophole::program_log {
namespace {

const char* name_of(spdlog::level::level_enum level) {
  switch (level) {
    case spdlog::level::trace:
      return "trace";
    case spdlog::level::debug:
      return "debug";
    case spdlog::level::info:
      return "info";
    case spdlog::level::warn:
      return "warn";
    case spdlog::level::err:
    case spdlog::level::critical:
      return "error";
    default:
      return "off";
  }
}

std::string utc(spdlog::log_clock::time_point time) {
  const auto milliseconds = std::chrono::floor<std::chrono::milliseconds>(time.time_since_epoch());
  const auto seconds = std::chrono::floor<std::chrono::seconds>(milliseconds);
  const std::time_t whole = seconds.count();
  std::tm parts{};
  ::gmtime_r(&whole, &parts);
  char text[40];
  const std::size_t length = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
  return std::string(text, length) + fmt::format(".{:03}Z", (milliseconds - seconds).count());
}

class JsonLines final : public spdlog::formatter {
 public:
  JsonLines(std::string process, nlohmann::ordered_json fields) : process_(std::move(process)), fields_(std::move(fields)) {}

  void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& line) override {
    const nlohmann::ordered_json object{{"ts", utc(message.time)},
                                        {"level", name_of(message.level)},
                                        {"process", process_},
                                        {"event", std::string(message.payload.data(), message.payload.size())},
                                        {"fields", fields_}};
    // Bytes that are no UTF-8, such as those of a path, do not stop the log.
    const std::string text = object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + '\n';
    line.append(text.data(), text.data() + text.size());
  }
  [[nodiscard]] std::unique_ptr<spdlog::formatter> clone() const override { return std::make_unique<JsonLines>(process_, fields_); }

 private:
  std::string process_;
  nlohmann::ordered_json fields_;
};

}  // namespace

const std::vector<std::string>& levels() {
  static const std::vector<std::string> names{"trace", "debug", "info", "warn", "error", "off"};
  return names;
}

const std::vector<std::string>& formats() {
  static const std::vector<std::string> names{"text", "json"};
  return names;
}

void start(const Options& options) {
  auto log = spdlog::stderr_logger_mt(options.process);
  if (options.format == "json") {
    nlohmann::ordered_json fields{{"pid", ::getpid()}};
    for (const auto& [name, value] : options.fields) fields[name] = value;
    log->set_formatter(std::make_unique<JsonLines>(options.process, std::move(fields)));
  } else {
    log->set_pattern("%H:%M:%S.%e %n %l: %v");
  }
  spdlog::set_default_logger(std::move(log));
  spdlog::set_level(spdlog::level::from_str(options.level));
}

}  // namespace loophole::program_log
