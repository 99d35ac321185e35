#pragma once
// --embed-pulse: a whole Pulse inside this program, on a thread of its own.

#include "app/command.hpp"

namespace loophole::cli {

class Embedding {
 public:
  // Adds the options.
  Embedding(CLI::App& app, CLI::Option* session, CLI::Option* endpoint);

  [[nodiscard]] bool wanted() const { return wanted_->count() > 0; }
  // Starts the Pulse when the command line asks for it. Errors: those of the project's file, session.inUse, session.runtimeDir.
  [[nodiscard]] Result<void> begin(Options& options) const;

 private:
  CLI::Option* session_;
  CLI::Option* wanted_;
  std::string project_;
  std::string driver_;
  bool no_engine_ = false;
};

}  // namespace loophole::cli
