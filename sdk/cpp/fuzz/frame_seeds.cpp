// Writes a frame of each kind to a file of its own: what the fuzzer of frames begins with.
//
// usage: loophole-frame-seeds FOLDER
#include <filesystem>
#include <fstream>
#include <iostream>

#include "tests/wire/frame_samples.hpp"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: loophole-frame-seeds FOLDER\n";
    return 2;
  }
  const std::filesystem::path folder = argv[1];
  std::filesystem::create_directories(folder);
  for (const loophole::test::NamedFrame& frame : loophole::test::all_frames()) {
    std::ofstream file{folder / (std::to_string(static_cast<int>(frame.kind)) + ".frame"), std::ios::binary};
    file << loophole::text_of(frame.bytes);
    if (!file.flush()) {
      std::cerr << "loophole-frame-seeds: cannot write to " << folder.string() << "\n";
      return 1;
    }
  }
}
