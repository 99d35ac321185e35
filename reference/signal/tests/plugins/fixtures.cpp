// LV2 plugins for tests, each with the fault or the talent that its name says. All but one have two audio inputs and outputs.
//
// Ports: 0 left in, 1 right in, 2 left out, 3 right out, 4 a control, 5 another control, 6 a report; 7 events in, 8 events out.

#include <lv2/atom/atom.h>
#include <lv2/atom/util.h>
#include <lv2/core/lv2.h>
#include <lv2/state/state.h>
#include <lv2/time/time.h>
#include <lv2/urid/urid.h>
#include <lv2/worker/worker.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

extern "C" void fixture_blocks_known();
extern "C" void fixture_blocks_unknown();

namespace {

void* volatile kept = nullptr;

constexpr const char* kGainKey = "urn:loophole:fixture:gain";

struct Plugin {
  std::string name;
  std::array<float*, 7> ports{};
  LV2_URID_Map* map = nullptr;
  LV2_Worker_Schedule* schedule = nullptr;
  bool is_live = false;
  int asked = 0;
  std::vector<float> past[2];  // of the delay
  std::size_t at = 0;
  float gain = 1;  // of the one with a memory
  const LV2_Atom_Sequence* events = nullptr;
  LV2_Atom_Sequence* answers = nullptr;
  std::int64_t frame = 0;  // of the one that is told the time
  float speed = 0;
  float tempo = 0;
  int told = 0;

  [[nodiscard]] float control(int index) const { return *ports[static_cast<std::size_t>(4 + index)]; }
};

void copy(Plugin& self, std::uint32_t frames, float gain) {
  for (std::size_t side = 0; side < 2; ++side)
    for (std::uint32_t i = 0; i < frames; ++i) self.ports[2 + side][i] = gain * self.ports[side][i];
}

void fill(Plugin& self, std::uint32_t frames, float value) {
  for (std::size_t side = 0; side < 2; ++side) std::fill_n(self.ports[2 + side], frames, value);
}

// Delays by so many frames as its control says, and tells.
void delay(Plugin& self, std::uint32_t frames) {
  const auto length = static_cast<std::size_t>(self.control(0));
  *self.ports[6] = static_cast<float>(length);
  for (std::size_t side = 0; side < 2; ++side) {
    std::vector<float>& past = self.past[side];
    for (std::uint32_t i = 0; i < frames; ++i) {
      past.push_back(self.ports[side][i]);
      self.ports[2 + side][i] = past.size() > length ? past[past.size() - 1 - length] : 0;
    }
    if (past.size() > 100'000) past.erase(past.begin(), past.end() - 50'000);
  }
}

[[nodiscard]] LV2_URID number(const Plugin& self, const char* uri) {
  return self.map->map(self.map->handle, uri);
}

// What it is told of the time has to agree with itself.
void hear_time(Plugin& self, const LV2_Atom_Object* object, std::uint32_t rate) {
  const LV2_Atom* frame = nullptr;
  const LV2_Atom* speed = nullptr;
  const LV2_Atom* bar = nullptr;
  const LV2_Atom* bar_beat = nullptr;
  const LV2_Atom* beat = nullptr;
  const LV2_Atom* tempo = nullptr;
  const LV2_Atom* per_second = nullptr;
  lv2_atom_object_get(object, number(self, LV2_TIME__frame), &frame, number(self, LV2_TIME__speed), &speed, number(self, LV2_TIME__bar),
                      &bar, number(self, LV2_TIME__barBeat), &bar_beat, number(self, LV2_TIME__beat), &beat,
                      number(self, LV2_TIME__beatsPerMinute), &tempo, number(self, LV2_TIME__framesPerSecond), &per_second, 0);
  for (const LV2_Atom* atom : {frame, speed, bar, bar_beat, beat, tempo, per_second})
    if (atom == nullptr) return;
  if (frame->type != number(self, LV2_ATOM__Long) || beat->type != number(self, LV2_ATOM__Double)) return;
  self.frame = reinterpret_cast<const LV2_Atom_Long*>(frame)->body;
  self.speed = reinterpret_cast<const LV2_Atom_Float*>(speed)->body;
  self.tempo = reinterpret_cast<const LV2_Atom_Float*>(tempo)->body;
  const double beats = reinterpret_cast<const LV2_Atom_Double*>(beat)->body;
  const double in_bars = static_cast<double>(reinterpret_cast<const LV2_Atom_Long*>(bar)->body) * 4 +
                         static_cast<double>(reinterpret_cast<const LV2_Atom_Float*>(bar_beat)->body);
  const double expected = static_cast<double>(self.frame) / rate * static_cast<double>(self.tempo) / 60;
  const bool agrees = std::fabs(beats - expected) < 1e-9 && std::fabs(in_bars - beats) < 1e-5 &&
                      reinterpret_cast<const LV2_Atom_Float*>(per_second)->body == static_cast<float>(rate);
  self.told = agrees ? self.told + 1 : -1'000;
}

// Left: the frame on the timeline, or -1 where it stands still. Right: the tempo, and a thousand for each time that it was told.
void tell_time(Plugin& self, std::uint32_t frames) {
  if (self.answers->atom.type != number(self, LV2_ATOM__Chunk) || self.answers->atom.size < 1'024) self.told = -1'000;
  if (self.events->atom.type != number(self, LV2_ATOM__Sequence)) self.told = -1'000;
  std::uint32_t at = 0;
  const auto play = [&](std::uint32_t until) {
    for (; at < until; ++at) {
      self.ports[2][at] = self.speed == 0 ? -1.0F : static_cast<float>(self.frame++);
      self.ports[3][at] = self.tempo + 1'000.0F * static_cast<float>(self.told);
    }
  };
  LV2_ATOM_SEQUENCE_FOREACH(self.events, event) {
    play(static_cast<std::uint32_t>(event->time.frames));
    const auto* object = reinterpret_cast<const LV2_Atom_Object*>(&event->body);
    if (event->body.type == number(self, LV2_ATOM__Object) && object->body.otype == number(self, LV2_TIME__Position))
      hear_time(self, object, 48'000);
  }
  play(frames);
}

// Full where it is played live, a quarter where it runs freely, nothing where it is told both or neither.
[[nodiscard]] float pace(const Plugin& self) {
  const bool runs_freely = self.control(1) == 1;
  if (runs_freely == self.is_live) return 0;
  return runs_freely ? 0.25F : 1.0F;
}

void run(LV2_Handle handle, std::uint32_t frames) {
  auto& self = *static_cast<Plugin*>(handle);
  if (self.name == "stuck" && self.control(0) > 0.5F && ++self.asked > 10)  // not at its start yet
    for (;;) pause();
  if (self.name == "crash" && self.control(0) > 0.5F) std::abort();
  if (self.name == "nan" && self.control(0) > 0.5F) return fill(self, frames, std::numeric_limits<float>::quiet_NaN());
  if (self.name == "infinite" && self.control(0) > 0.5F) return fill(self, frames, std::numeric_limits<float>::infinity());
  if (self.name == "blocks") self.control(0) > 0.5F ? fixture_blocks_unknown() : fixture_blocks_known();
  if (self.name == "denormal") return fill(self, frames, std::numeric_limits<float>::denorm_min());
  if (self.name == "latency") return delay(self, frames);
  if (self.name == "time") return tell_time(self, frames);
  if (self.name == "pace") return copy(self, frames, pace(self));
  if (self.name == "memory" && self.control(0) > 0.5F) self.gain = self.control(1);  // learns, and keeps it
  if (self.name == "worker" && self.control(0) > 0.5F && self.asked++ == 0)          // its gain comes from elsewhere
    self.schedule->schedule_work(self.schedule->handle, sizeof(float), self.ports[5]);
  copy(self, frames, self.name == "memory" || self.name == "worker" ? self.gain : self.name == "choice" ? self.control(0) / 40 : 0.5F);
}

LV2_Handle instantiate(const LV2_Descriptor* descriptor, double, const char*, const LV2_Feature* const* features) {
  auto* self = new Plugin;
  self->name = std::strrchr(descriptor->URI, ':') + 1;
  for (; *features != nullptr; ++features) {
    if (std::strcmp((*features)->URI, LV2_CORE__isLive) == 0) self->is_live = true;
    if (std::strcmp((*features)->URI, LV2_URID__map) == 0) self->map = static_cast<LV2_URID_Map*>((*features)->data);
    if (std::strcmp((*features)->URI, LV2_WORKER__schedule) == 0) self->schedule = static_cast<LV2_Worker_Schedule*>((*features)->data);
  }
  if (self->name == "hang")
    for (;;) pause();
  if (self->name == "dead") std::abort();
  if (self->name == "killed") kill(getpid(), SIGKILL);
  if (self->name == "refuse") {
    delete self;
    return nullptr;
  }
  return self;
}

LV2_State_Status save(LV2_Handle handle, LV2_State_Store_Function store, LV2_State_Handle state, std::uint32_t, const LV2_Feature* const*) {
  const auto& self = *static_cast<Plugin*>(handle);
  const std::string text = std::to_string(self.gain);
  return store(state, self.map->map(self.map->handle, kGainKey), text.c_str(), text.size() + 1,
               self.map->map(self.map->handle, LV2_ATOM__String), LV2_STATE_IS_POD | LV2_STATE_IS_PORTABLE);
}

LV2_State_Status restore(LV2_Handle handle, LV2_State_Retrieve_Function retrieve, LV2_State_Handle state, std::uint32_t,
                         const LV2_Feature* const*) {
  auto& self = *static_cast<Plugin*>(handle);
  std::size_t size = 0;
  std::uint32_t type = 0;
  std::uint32_t flags = 0;
  const void* text = retrieve(state, self.map->map(self.map->handle, kGainKey), &size, &type, &flags);
  if (text == nullptr) return LV2_STATE_ERR_NO_PROPERTY;
  self.gain = std::strtof(static_cast<const char*>(text), nullptr);
  if (self.gain == 13)
    for (;;) pause();
  return LV2_STATE_SUCCESS;
}

LV2_Worker_Status work(LV2_Handle, LV2_Worker_Respond_Function respond, LV2_Worker_Respond_Handle handle, std::uint32_t size,
                       const void* gain) {
  return respond(handle, size, gain);
}
LV2_Worker_Status answered(LV2_Handle handle, std::uint32_t size, const void* gain) {
  std::memcpy(&static_cast<Plugin*>(handle)->gain, gain, size);
  return LV2_WORKER_SUCCESS;
}

const void* extension_data(const char* uri) {
  static const LV2_State_Interface state{save, restore};
  static const LV2_Worker_Interface worker{work, answered, nullptr};
  if (std::strcmp(uri, LV2_WORKER__interface) == 0) return &worker;
  return std::strcmp(uri, LV2_STATE__interface) == 0 ? &state : nullptr;
}

LV2_Descriptor described(const char* uri) {
  return {.URI = uri,
          .instantiate = instantiate,
          .connect_port =
              [](LV2_Handle handle, std::uint32_t port, void* memory) {
                if (port == 7) static_cast<Plugin*>(handle)->events = static_cast<const LV2_Atom_Sequence*>(memory);
                if (port == 8) static_cast<Plugin*>(handle)->answers = static_cast<LV2_Atom_Sequence*>(memory);
                if (port < 7) static_cast<Plugin*>(handle)->ports[port] = static_cast<float*>(memory);
              },
          .activate = nullptr,
          .run = run,
          .deactivate = nullptr,
          .cleanup = [](LV2_Handle handle) { delete static_cast<Plugin*>(handle); },
          .extension_data = extension_data};
}

}  // namespace

// What blocks, under names that a checker sees: one that it is told to pass, and one that it is not.
extern "C" __attribute__((noinline)) void fixture_blocks_known() {
  kept = std::malloc(64);
  std::free(kept);
}
extern "C" __attribute__((noinline)) void fixture_blocks_unknown() {
  kept = std::malloc(64);
  std::free(kept);
}

LV2_SYMBOL_EXPORT const LV2_Descriptor* lv2_descriptor(std::uint32_t index) {
  static const std::array all{
      described("urn:loophole:fixture:crash"),    described("urn:loophole:fixture:dead"),    described("urn:loophole:fixture:hang"),
      described("urn:loophole:fixture:refuse"),   described("urn:loophole:fixture:nan"),     described("urn:loophole:fixture:infinite"),
      described("urn:loophole:fixture:denormal"), described("urn:loophole:fixture:latency"), described("urn:loophole:fixture:memory"),
      described("urn:loophole:fixture:choice"),   described("urn:loophole:fixture:worker"),  described("urn:loophole:fixture:time"),
      described("urn:loophole:fixture:killed"),   described("urn:loophole:fixture:pace"),    described("urn:loophole:fixture:live"),
      described("urn:loophole:fixture:blocks"),   described("urn:loophole:fixture:stuck"),
  };
  return index < all.size() ? &all[index] : nullptr;
}
