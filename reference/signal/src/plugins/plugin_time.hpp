#pragma once
// PluginTime: where on the timeline a plugin is, as LV2 tells it: an event of the type time:Position, in a sequence of atoms. It is made
// once; the audio thread only changes the numbers in it.

#include <lv2/atom/atom.h>

#include <array>
#include <cstdint>

#include "loophole/signal/rt/nonblocking.hpp"

namespace loophole::reference_signal {

// At the first frame that a plugin is given.
struct PluginTime {
  std::uint64_t frame = 0;
  bool rolling = false;
  double tempo_bpm = 120;
  friend bool operator==(const PluginTime&, const PluginTime&) = default;

  // So many frames later.
  [[nodiscard]] PluginTime later(std::uint32_t frames) const noexcept LOOPHOLE_NONBLOCKING {
    return {.frame = frame + (rolling ? frames : 0), .rolling = rolling, .tempo_bpm = tempo_bpm};
  }
};

class TimePosition {
 public:
  // [any-thread] but the audio thread.
  explicit TimePosition(double sample_rate);

  // [audio-thread] Becomes the only event of a sequence, at its frame 0. The sequence has room for it.
  void write(const PluginTime& time, LV2_Atom_Sequence& sequence) noexcept LOOPHOLE_NONBLOCKING;

 private:
  enum Key : std::size_t { frame, speed, bar, bar_beat, beat, beat_unit, beats_per_bar, tempo, rate, keys };
  // A property of an atom: its key, and a value of up to eight bytes.
  struct Property {
    std::uint32_t key;
    std::uint32_t context;
    std::uint32_t size;
    std::uint32_t type;
    std::uint64_t value;
  };
  struct Event {
    std::int64_t at;
    LV2_Atom atom;
    LV2_Atom_Object_Body object;
    std::array<Property, keys> properties;
  };
  static_assert(sizeof(Property) == sizeof(LV2_Atom_Property_Body) + 8 &&
                sizeof(Event) == sizeof(LV2_Atom_Event) + sizeof(LV2_Atom_Object_Body) + keys * sizeof(Property));

  double sample_rate_;
  Event event_{};
};

}  // namespace loophole::reference_signal
