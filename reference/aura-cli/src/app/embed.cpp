#include "app/embed.hpp"

#include <csignal>
#include <utility>

#include "program/embedded_pulse.hpp"
#include "program_log.hpp"

namespace loophole::cli {

Embedding::Embedding(CLI::App& app, CLI::Option* session, CLI::Option* endpoint) : session_(session) {
  wanted_ =
      app.add_option("--embed-pulse", project_,
                     "Run a whole Pulse inside this program for the time of the command, with this project if one is named; it is made "
                     "when there is no such file. Others can connect to it only when --session names it")
          ->expected(0, 1)
          ->excludes(endpoint)
          ->type_name("=FILE");
  auto* no_engine = app.add_flag("--no-engine", no_engine_, "With --embed-pulse: without an engine, nothing sounds")->needs(wanted_);
  app.add_option("--driver", driver_, "With --embed-pulse: audio driver of the engine")
      ->check(CLI::IsMember({"auto", "portaudio", "paced"}))
      ->needs(wanted_)
      ->excludes(no_engine);
}

Result<void> Embedding::begin(Options& options) const {
  if (!wanted()) return {};
  ::signal(SIGXFSZ, SIG_IGN);  // a write that cannot be made is an error of that write, no reason to die
  program_log::start({.process = "pulse", .level = "warn"});
  pulse::Options pulse;
  pulse.session = session_->count() > 0 ? options.session : std::string();
  pulse.project = project_;
  pulse.no_engine = no_engine_;
  pulse.driver = driver_;
  pulse.log_level = "warn";  // standard output and error are the command's
  auto started = pulse::EmbeddedPulse::start(pulse);
  if (!started) return std::move(started).error();
  options.embedded = *std::move(started);
  return {};
}

}  // namespace loophole::cli
