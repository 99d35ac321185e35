#pragma once
// Script: commands of aura-cli, one a line, with what a test needs besides.
//
//   # a comment
//   track add Synth                     any command; it prints what it prints
//   synth = track add Synth             keeps the reply instead; $synth.trackId is a member of it, $p.project.tracks.0.name one further in
//   print Made $synth.trackId           $$ is a dollar sign
//   wait CONDITION [within SECONDS]     condition.hpp has the list; without `within` as long as --timeout
//   expect CONDITION                    now
//   expect error CODE COMMAND…          the command fails with this code or category
//
// The first line that fails ends the script.

#include <istream>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "app/command.hpp"

namespace loophole::cli {

class Script {
 public:
  Script(const Options& options, std::string name) : options_(options), name_(std::move(name)) {}

  // [owner-thread] The exit code: of the command that failed, 1 for an expectation or a wait that did, 2 for a line that cannot be read.
  // What failed is printed with its line.
  [[nodiscard]] int run(std::istream& lines);

 private:
  using Words = std::vector<std::string>;
  // Why a line failed.
  struct Failure {
    int code = 0;
    std::string reason;  // empty: it was said already
  };
  using Outcome = std::optional<Failure>;

  [[nodiscard]] Outcome line(const std::string& text);
  [[nodiscard]] Outcome words(Words all);
  [[nodiscard]] Outcome substitute(Words& all) const;
  [[nodiscard]] Outcome command(const Words& all) const;
  [[nodiscard]] Outcome keep(const std::string& variable, const Words& all);
  [[nodiscard]] Outcome wait(const Words& all);
  [[nodiscard]] Outcome expect(const Words& all);
  [[nodiscard]] Outcome expect_error(const std::string& code, const Words& all) const;
  [[nodiscard]] Result<aura::Client*> client();
  [[nodiscard]] Outcome failed(const Error& error) const;

  Options options_;
  std::string name_;
  std::map<std::string, nlohmann::json> variables_;
  std::optional<aura::Client> client_;  // of the conditions; each command has its own
};

}  // namespace loophole::cli
