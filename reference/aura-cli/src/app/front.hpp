#pragma once
// Front: the command line of aura-cli, for one line. A shell and a script make one for each of theirs, so that nothing is left of the
// line before.

#include <optional>
#include <string>
#include <vector>

#include "app/command.hpp"
#include "app/embed.hpp"

namespace loophole::cli {

class Front {
 public:
  // `line` is one of a shell or of a script, which have chosen the session and are not within themselves.
  enum class Place { program, line };
  explicit Front(Place place, Options options = {});
  Front(const Front&) = delete;
  Front& operator=(const Front&) = delete;

  // [owner-thread] The exit code where there is nothing to do: help, version or a mistake, which was printed.
  [[nodiscard]] std::optional<int> read(const std::vector<std::string>& words);
  // [owner-thread] Does what was read. The number is the exit code.
  [[nodiscard]] Result<int> act();

  [[nodiscard]] const CLI::App& app() const noexcept { return app_; }
  [[nodiscard]] Options& options() noexcept { return options_; }

 private:
  void add_session_options();
  void add_commands();

  Place place_;
  CLI::App app_;
  Options options_;
  Actions actions_;
  std::optional<Embedding> embedding_;
  CLI::Option* endpoint_ = nullptr;
};

}  // namespace loophole::cli
