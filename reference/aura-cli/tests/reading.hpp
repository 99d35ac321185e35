#pragma once
// aura-cli with something on its standard input.

#include <fstream>
#include <string>

#include "rig.hpp"

namespace loophole::test {

inline Ran aura_cli_reading(const Rig& rig, const std::string& words, const std::string& input) {
  const fs::path file = rig.folder() / "input.txt";
  std::ofstream(file, std::ios::trunc) << input;
  return aura_cli(words + " < '" + file.string() + "'");
}

}  // namespace loophole::test
