#pragma once
// For tests on the sound card of this folder: an ALSA configuration with two cards, and their front panels. PortAudio and ALSA keep their
// configuration for the life of a process, so there is one for all tests of a program.

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "../transport/support.hpp"

namespace loophole::test {

class SoundCard {
 public:
  explicit SoundCard(std::filesystem::path folder) : folder_(std::move(folder)) { std::filesystem::create_directories(folder_); }

  void pull() const { touch("pulled"); }
  void plug_in() const { std::filesystem::remove(folder_ / "pulled"); }
  void inject_xrun() const { touch("xrun"); }
  void set_rate(int hz) const { std::ofstream(folder_ / "rate") << hz; }
  // As it came out of the box.
  void reset() const {
    for (const char* name : {"pulled", "xrun", "rate", "played.f32"}) std::filesystem::remove(folder_ / name);
  }

  // Left channel of what it was given, from the first sample that is not silence.
  [[nodiscard]] std::vector<float> played() const {
    std::ifstream in(folder_ / "played.f32", std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(in), {}};
    std::vector<float> left;
    for (std::size_t at = 0; at + 2 * sizeof(float) <= bytes.size(); at += 2 * sizeof(float)) {
      float sample = 0;
      bytes.copy(reinterpret_cast<char*>(&sample), sizeof sample, at);
      if (!left.empty() || sample != 0) left.push_back(sample);
    }
    return left;
  }

 private:
  void touch(const char* name) const { std::ofstream file(folder_ / name); }
  std::filesystem::path folder_;
};

class Studio {
 public:
  static Studio& get() {
    static Studio studio;
    return studio;
  }
  const SoundCard& card() const { return card_; }
  const SoundCard& other() const { return other_; }

 private:
  Studio() {
    std::ofstream conf(folder_.path() / "asound.conf");
    conf << "pcm_type.soundcard { lib \"" LOOPHOLE_TEST_SOUNDCARD "\" }\n";
    // PortAudio 19.6 asserts that at least one of the configured devices cannot be used.
    conf << "pcm.broken { type hw card 31 }\n";
    for (const char* name : {"card", "other"})
      conf << "pcm." << name << " { type soundcard folder \"" << (folder_.path() / name).string() << "\" }\n";
  }

  TempFolder folder_;
  SoundCard card_{folder_.path() / "card"};
  SoundCard other_{folder_.path() / "other"};
  Environment configuration_{"ALSA_CONFIG_PATH", (folder_.path() / "asound.conf").string()};
  Environment no_pulse_{"PULSE_SERVER", "none"};
  Environment no_jack_{"JACK_NO_START_SERVER", "1"};
};

}  // namespace loophole::test
