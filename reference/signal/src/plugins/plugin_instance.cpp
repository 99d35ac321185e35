#include "plugins/plugin_instance.hpp"

#include <dlfcn.h>
#include <lv2/atom/atom.h>
#include <lv2/buf-size/buf-size.h>
#include <lv2/core/lv2.h>
#include <lv2/parameters/parameters.h>
#include <lv2/state/state.h>
#include <lv2/urid/urid.h>
#include <lv2/worker/worker.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "audio/foreign_code.hpp"
#include "loophole/core/error.hpp"
#include "loophole/messages/errors.hpp"
#include "plugins/uri_map.hpp"

namespace loophole::reference_signal {
namespace {

constexpr const char* kStateUri = "urn:loophole:state";
constexpr std::uint32_t kStateFlags = LV2_STATE_IS_POD | LV2_STATE_IS_PORTABLE;
constexpr std::int32_t kSequenceBytes = 8'192;

struct Urids {
  LV2_URID number = UriMap::shared().number(LV2_ATOM__Float);
  LV2_URID real = UriMap::shared().number(LV2_ATOM__Double);
  LV2_URID whole = UriMap::shared().number(LV2_ATOM__Int);
  LV2_URID large = UriMap::shared().number(LV2_ATOM__Long);
  LV2_URID truth = UriMap::shared().number(LV2_ATOM__Bool);
  LV2_URID sequence = UriMap::shared().number(LV2_ATOM__Sequence);
  LV2_URID chunk = UriMap::shared().number(LV2_ATOM__Chunk);
};
const Urids& urids() {
  static const Urids* const all = new Urids;
  return *all;
}

template <class T>
float as_float(const void* value) noexcept {
  T typed{};
  std::memcpy(&typed, value, sizeof typed);
  return static_cast<float>(typed);
}

void keep_value(const char* symbol, void* values, const void* value, std::uint32_t size, std::uint32_t type) {
  auto& kept = *static_cast<PortValues*>(values);
  if (type == urids().number && size == sizeof(float)) kept[symbol] = as_float<float>(value);
  if (type == urids().real && size == sizeof(double)) kept[symbol] = as_float<double>(value);
  if ((type == urids().whole || type == urids().truth) && size == sizeof(std::int32_t)) kept[symbol] = as_float<std::int32_t>(value);
  if (type == urids().large && size == sizeof(std::int64_t)) kept[symbol] = as_float<std::int64_t>(value);
}

const void* kept_value(const char* symbol, void* values, std::uint32_t* size, std::uint32_t* type) {
  const auto& kept = *static_cast<const PortValues*>(values);
  const auto found = kept.find(symbol);
  *size = found == kept.end() ? 0 : sizeof(float);
  *type = found == kept.end() ? 0 : urids().number;
  return found == kept.end() ? nullptr : &found->second;
}

}  // namespace

PluginInstance::PluginInstance(const PluginSetup& setup)
    : setup_(setup),
      world_(lilv_world_new()),
      most_block_(static_cast<std::int32_t>(setup.block_frames)),
      events_bytes_(kSequenceBytes),
      sample_rate_(static_cast<float>(setup.sample_rate)),
      sequence_type_(urids().sequence),
      chunk_type_(urids().chunk),
      time_position_(setup.sample_rate),
      side_work_(setup.node) {
  UriMap& uris = UriMap::shared();
  const auto option = [&](const char* key, LV2_URID type, const void* value) {
    return LV2_Options_Option{LV2_OPTIONS_INSTANCE, 0, uris.number(key), 4, type, value};
  };
  options_ = {option(LV2_BUF_SIZE__minBlockLength, urids().whole, &least_block_),
              option(LV2_BUF_SIZE__maxBlockLength, urids().whole, &most_block_),
              option(LV2_BUF_SIZE__nominalBlockLength, urids().whole, &most_block_),
              option(LV2_BUF_SIZE__sequenceSize, urids().whole, &events_bytes_),
              option(LV2_PARAMETERS__sampleRate, urids().number, &sample_rate_),
              {LV2_OPTIONS_INSTANCE, 0, 0, 0, 0, nullptr}};
  features_ = {{LV2_URID__map, uris.map()},
               {LV2_URID__unmap, uris.unmap()},
               {LV2_OPTIONS__options, options_.data()},
               {LV2_WORKER__schedule, setup.offline ? side_work_.at_once() : side_work_.schedule()},
               {LV2_BUF_SIZE__boundedBlockLength, nullptr},
               {LV2_STATE__loadDefaultState, nullptr}};
  if (!setup.offline) features_.push_back({LV2_CORE__isLive, nullptr});
  for (const LV2_Feature& feature : features_) feature_list_.push_back(&feature);
  feature_list_.push_back(nullptr);
}

PluginInstance::~PluginInstance() {
  side_work_.end();
  if (active_) lilv_instance_deactivate(instance_.get());
}

Error PluginInstance::faulty(const std::string& what) const {
  return make_error(errors::kPluginFaulty, setup_.description->brief.name + " (" + setup_.description->brief.plugin.str() + ") " + what);
}

Result<std::unique_ptr<PluginInstance>> PluginInstance::make(const PluginSetup& setup) {
  std::unique_ptr<PluginInstance> made(new PluginInstance(setup));
  if (auto started = made->start(); !started) return std::move(started).error();
  return made;
}

Result<void> PluginInstance::start() {
  const PluginDescription& description = *setup_.description;
  if (setup_.offline && description.live_only) return faulty("has to be played in real time, and offline it is not");
  lilv_world_load_bundle(world_.get(), lilv_uri(world_.get(), description.bundle.c_str()).get());
  const LilvNodePtr uri = lilv_uri(world_.get(), description.brief.plugin.str().c_str());
  plugin_ = lilv_plugins_get_by_uri(lilv_world_get_all_plugins(world_.get()), uri.get());
  if (plugin_ == nullptr || lilv_plugin_get_num_ports(plugin_) != description.ports.size())
    return faulty("is no longer what it was when its files were read; scan again");

  // lilv says why a library cannot be loaded on standard error only.
  const std::unique_ptr<char, LilvFree<lilv_free>> file(
      lilv_file_uri_parse(text_of(lilv_plugin_get_library_uri(plugin_)).c_str(), nullptr));
  void* const library = file ? dlopen(file.get(), RTLD_NOW | RTLD_LOCAL) : nullptr;
  if (library == nullptr) {
    const char* const reason = file ? dlerror() : nullptr;
    return faulty(std::string("has a library that cannot be loaded: ") + (reason != nullptr ? reason : "it is in no file"));
  }
  instance_.reset(lilv_plugin_instantiate(plugin_, setup_.sample_rate, feature_list_.data()));
  dlclose(library);
  if (!instance_) return faulty("refused to start");
  connect();
  const auto* worker =
      static_cast<const LV2_Worker_Interface*>(lilv_plugin_has_extension_data(plugin_, lilv_uri(world_.get(), LV2_WORKER__interface).get())
                                                   ? lilv_instance_get_extension_data(instance_.get(), LV2_WORKER__interface)
                                                   : nullptr);
  side_work_.begin(lilv_instance_get_handle(instance_.get()), worker, setup_.offline ? SideWork::Where::in_run : SideWork::Where::beside);
  return {};
}

void PluginInstance::connect() {
  const std::vector<PluginPort>& ports = setup_.description->ports;
  const auto uses_samples = [](const PluginPort& port) {
    return port.use == PortUse::audio_in || port.use == PortUse::audio_out || port.use == PortUse::silence || port.use == PortUse::ignored;
  };
  values_.resize(ports.size());
  samples_.resize(static_cast<std::size_t>(std::ranges::count_if(ports, uses_samples)) * setup_.block_frames);
  events_.reserve(ports.size());
  float* free_samples = samples_.data();
  for (std::uint32_t index = 0; index < ports.size(); ++index) {
    const PluginPort& port = ports[index];
    void* memory = nullptr;
    switch (port.use) {
      case PortUse::control:
      case PortUse::fixed:
      case PortUse::offline:
      case PortUse::report:
        values_[index] = port.use == PortUse::offline && setup_.offline ? 1.0F : port.value;
        memory = &values_[index];
        break;
      case PortUse::audio_in:
      case PortUse::audio_out:
      case PortUse::silence:
      case PortUse::ignored:
        memory = free_samples;
        if (port.use == PortUse::audio_in) audio_in_[port.channel] = free_samples;
        if (port.use == PortUse::audio_out) audio_out_[port.channel] = free_samples;
        free_samples += setup_.block_frames;
        break;
      case PortUse::events_in:
      case PortUse::events_out:
        events_.push_back({.memory = std::vector<std::uint64_t>((port.room + sizeof(LV2_Atom)) / 8 + 1),
                           .input = port.use == PortUse::events_in,
                           .takes_time = port.takes_time});
        memory = events_.back().memory.data();
        break;
      case PortUse::unconnected:
        break;
    }
    lilv_instance_connect_port(instance_.get(), index, memory);
  }
  reset_events();
}

Result<std::string> PluginInstance::save(const PortValues& values) {
  UriMap& uris = UriMap::shared();
  const LilvStatePtr state(lilv_state_new_from_instance(plugin_, instance_.get(), uris.map(), nullptr, nullptr, nullptr, nullptr,
                                                        kept_value, const_cast<PortValues*>(&values), kStateFlags, feature_list_.data()));
  if (!state) return faulty("did not give its state");
  const std::unique_ptr<char, LilvFree<lilv_free>> text(
      lilv_state_to_string(world_.get(), uris.map(), uris.unmap(), state.get(), kStateUri, nullptr));
  if (!text) return faulty("gave a state that cannot be written down");
  return std::string(text.get());
}

Result<PortValues> PluginInstance::restore(const std::string& text) {
  // Null characters would end it early; Turtle has none.
  if (text.find('\0') != std::string::npos) return faulty("was given what is no state");
  const LilvStatePtr state(lilv_state_new_from_string(world_.get(), UriMap::shared().map(), text.c_str()));
  const LilvNode* const whose = state ? lilv_state_get_plugin_uri(state.get()) : nullptr;
  if (whose == nullptr) return faulty("was given what is no state");
  if (text_of(whose) != setup_.description->brief.plugin.str()) return faulty("was given a state of another plugin, " + text_of(whose));
  return restore(state.get());
}

PortValues PluginInstance::restore_default() {
  if (!setup_.description->loads_default_state) return {};
  const LilvStatePtr state(lilv_state_new_from_world(world_.get(), UriMap::shared().map(), lilv_plugin_get_uri(plugin_)));
  return state ? restore(state.get()) : PortValues{};
}

PortValues PluginInstance::restore(const LilvState* state) {
  // Nobody runs the plugin now: work that it wants done beside is done at once.
  const LV2_Feature at_once{LV2_WORKER__schedule, side_work_.at_once()};
  std::vector<const LV2_Feature*> features = feature_list_;
  for (const LV2_Feature*& feature : features)
    if (feature != nullptr && std::strcmp(feature->URI, LV2_WORKER__schedule) == 0) feature = &at_once;
  PortValues values;
  lilv_state_restore(state, instance_.get(), keep_value, &values, kStateFlags, features.data());
  return values;
}

void PluginInstance::activate() {
  lilv_instance_activate(instance_.get());
  active_ = true;
  reset_events();
  run(0);  // LV2 says: without frames, a plugin tells its latency
}

std::uint32_t PluginInstance::latency_frames() const noexcept LOOPHOLE_NONBLOCKING {
  constexpr float kMost = 1U << 24U;
  if (!setup_.description->latency_port) return 0;
  const float said = values_[*setup_.description->latency_port];
  return said > 0 && said <= kMost ? static_cast<std::uint32_t>(said) : 0;  // NaN is neither
}

void PluginInstance::run(std::uint32_t frames, const PluginTime& time) noexcept LOOPHOLE_NONBLOCKING {
  reset_events();
  if (expected_ != time)
    for (Events& events : events_)
      if (events.takes_time) time_position_.write(time, *reinterpret_cast<LV2_Atom_Sequence*>(events.memory.data()));
  expected_ = time.later(frames);
  run(frames);
}

void PluginInstance::run(std::uint32_t frames) noexcept LOOPHOLE_NONBLOCKING {
  LOOPHOLE_FOREIGN_CODE(lilv_instance_run(instance_.get(), frames);)
  side_work_.answer();
}

void PluginInstance::reset_events() noexcept LOOPHOLE_NONBLOCKING {
  for (Events& events : events_) {
    auto* sequence = reinterpret_cast<LV2_Atom_Sequence*>(events.memory.data());
    if (events.input) {
      sequence->atom = {.size = sizeof(LV2_Atom_Sequence_Body), .type = sequence_type_};
      sequence->body = {.unit = 0, .pad = 0};
    } else {
      sequence->atom = {.size = static_cast<std::uint32_t>(events.memory.size() * 8 - sizeof(LV2_Atom)), .type = chunk_type_};
    }
  }
}

}  // namespace loophole::reference_signal
