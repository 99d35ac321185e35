#include "program/log.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace loophole::pulse {

void prepare_log(const std::string& level) {
  auto log = spdlog::stderr_logger_mt("pulse");
  log->set_pattern("%H:%M:%S.%e %n %l: %v");
  spdlog::set_default_logger(std::move(log));
  spdlog::set_level(spdlog::level::from_str(level));
}

}  // namespace loophole::pulse
