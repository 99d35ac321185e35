// Clients that do one thing and end are heard saying goodbye, however busy Pulse is with others.
#include <doctest/doctest.h>

#include <deque>

#include "background.hpp"

using namespace loophole;
using test::Background;
using test::Rig;

namespace {

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t number = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size())) ++number;
  return number;
}

}  // namespace

TEST_CASE("no client that ends in order is taken for one that fell silent") {
  constexpr int kLines = 150;
  Rig rig("goodbye");
  rig.start_pulse({"--no-engine", "--project", (rig.folder() / "song.loophole").string()});
  const std::string id = rig.connect().call(track::Add{.name = "Voice"}).value().track_id.str();
  // Each line is a client of its own, and each edit a transaction on the disk that all others are told of.
  const test::fs::path script = rig.folder() / "many.aura";
  {
    std::ofstream file(script);
    for (int i = 0; i < kLines; ++i) file << "track rename " << id << " Voice" << i << '\n';
  }
  std::deque<Background> many;
  for (int i = 0; i < 3; ++i) many.emplace_back(std::vector<std::string>{"--timeout", "30", "run", script.string()});
  for (Background& one : many) CHECK(one.end() == 0);
  rig.stop_pulse();
  std::ifstream log(rig.folder() / "pulse.log");
  const std::string text{std::istreambuf_iterator<char>(log), {}};
  CHECK(count(text, "aura-cli left: closing") > 2 * kLines);
  CHECK(count(text, "aura-cli left: leaseExpired") == 0);
}
