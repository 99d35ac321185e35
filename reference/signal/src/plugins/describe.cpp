#include "plugins/describe.hpp"

#include <lv2/atom/atom.h>
#include <lv2/buf-size/buf-size.h>
#include <lv2/core/lv2.h>
#include <lv2/options/options.h>
#include <lv2/port-groups/port-groups.h>
#include <lv2/port-props/port-props.h>
#include <lv2/resize-port/resize-port.h>
#include <lv2/state/state.h>
#include <lv2/time/time.h>
#include <lv2/units/units.h>
#include <lv2/urid/urid.h>
#include <lv2/worker/worker.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

#include "plugins/lilv_handles.hpp"

namespace loophole::reference_signal {
namespace {

using parameter::Curve;
using parameter::ParameterKind;

constexpr std::uint32_t kEventBytes = 8'192;
constexpr std::uint32_t kMostEventBytes = 1U << 24U;
constexpr std::size_t kMostLabels = 256;
constexpr std::size_t kMostParameters = 4'096;
constexpr std::size_t kKeyLength = 64;

constexpr std::array<std::string_view, 10> kFeatures{LV2_URID__map,
                                                     LV2_URID__unmap,
                                                     LV2_OPTIONS__options,
                                                     LV2_BUF_SIZE__boundedBlockLength,
                                                     LV2_WORKER__schedule,
                                                     LV2_STATE__loadDefaultState,
                                                     LV2_STATE__threadSafeRestore,
                                                     LV2_CORE__isLive,
                                                     LV2_CORE__inPlaceBroken,
                                                     LV2_CORE__hardRTCapable};

// At most so many characters of UTF-8, and no half ones.
std::string cut(std::string text, std::size_t most) {
  std::size_t characters = 0;
  for (std::size_t i = 0; i < text.size(); ++i)
    if ((static_cast<unsigned char>(text[i]) & 0xC0U) != 0x80U && ++characters > most) return text.substr(0, i);
  return text;
}

class Describer {
 public:
  Describer(LilvWorld* world, const LilvPlugin* plugin) : world_(world), plugin_(plugin) {}

  PluginDescription made() && {
    about();
    if (!lilv_plugin_verify(plugin_)) return fault("its description lacks what LV2 asks for");
    if (lilv_plugin_get_library_uri(plugin_) == nullptr) return fault("its description names no library");
    if (const std::string feature = unknown_feature(); !feature.empty())
      return fault("it needs the feature " + feature + ", which this engine does not have");
    const std::uint32_t count = lilv_plugin_get_num_ports(plugin_);
    for (std::uint32_t index = 0; index < count; ++index) {
      made_.ports.push_back(port(lilv_plugin_get_port_by_index(plugin_, index), index));
      if (!fault_.empty()) return fault(fault_);
    }
    if (made_.controls.size() > kMostParameters) return fault("it has more than " + std::to_string(kMostParameters) + " parameters");
    if (made_.audio_inputs > 2 || made_.audio_outputs > 2)
      return fault("it has " + std::to_string(made_.audio_inputs) + " audio inputs and " + std::to_string(made_.audio_outputs) +
                   " outputs; this engine hosts at most two of each");
    if (made_.audio_inputs + made_.audio_outputs == 0) return fault("it has neither audio inputs nor outputs");
    if (lilv_plugin_has_latency(plugin_)) made_.latency_port = lilv_plugin_get_latency_port_index(plugin_);
    const LilvNodesPtr required(lilv_plugin_get_required_features(plugin_));
    made_.live_only = lilv_nodes_contains(required.get(), uri(LV2_CORE__isLive).get());
    made_.loads_default_state = lilv_plugin_has_feature(plugin_, uri(LV2_STATE__loadDefaultState).get());
    return std::move(made_);
  }

 private:
  [[nodiscard]] LilvNodePtr uri(const char* text) const { return lilv_uri(world_, text); }
  [[nodiscard]] bool is_a(const LilvPort* port, const char* type) const { return lilv_port_is_a(plugin_, port, uri(type).get()); }
  [[nodiscard]] bool has(const LilvPort* port, const char* property) const {
    return lilv_port_has_property(plugin_, port, uri(property).get());
  }
  [[nodiscard]] std::string value(const LilvPort* port, const char* predicate) const {
    return text_of(LilvNodePtr(lilv_port_get(plugin_, port, uri(predicate).get())).get());
  }

  PluginDescription fault(std::string reason) {
    made_.fault = std::move(reason);
    return std::move(made_);
  }

  void about() {
    const std::string id = text_of(lilv_plugin_get_uri(plugin_));
    const std::string name = cut(text_of(LilvNodePtr(lilv_plugin_get_name(plugin_)).get()), 128);
    made_.brief = {.plugin = PluginId(id),
                   .format = plugin::Format::lv2,
                   .name = name.empty() ? cut(id, 128) : name,
                   .vendor = cut(text_of(LilvNodePtr(lilv_plugin_get_author_name(plugin_)).get()), 128),
                   .category = cut(text_of(lilv_plugin_class_get_label(lilv_plugin_get_class(plugin_))), 64)};
    made_.bundle = text_of(lilv_plugin_get_bundle_uri(plugin_));
  }

  [[nodiscard]] std::string unknown_feature() const {
    const LilvNodesPtr required(lilv_plugin_get_required_features(plugin_));
    LILV_FOREACH(nodes, i, required.get()) {
      std::string feature = text_of(lilv_nodes_get(required.get(), i));
      if (!offers_feature(feature)) return feature;
    }
    return {};
  }

  PluginPort port(const LilvPort* port, std::uint32_t index) {
    const bool input = is_a(port, LV2_CORE__InputPort);
    const bool optional = has(port, LV2_CORE__connectionOptional);
    if (is_a(port, LV2_CORE__ControlPort)) return input ? control(port, index) : report(port);
    if (is_a(port, LV2_CORE__AudioPort)) return audio(port, input, optional);
    if (is_a(port, LV2_CORE__CVPort)) return {.use = input ? PortUse::silence : PortUse::ignored};
    if (is_a(port, LV2_ATOM__AtomPort)) {
      const LilvNodePtr least(lilv_port_get(plugin_, port, uri(LV2_RESIZE_PORT__minimumSize).get()));
      const std::uint32_t wanted = least && lilv_node_is_int(least.get()) ? static_cast<std::uint32_t>(lilv_node_as_int(least.get())) : 0;
      return {.use = input ? PortUse::events_in : PortUse::events_out,
              .room = std::clamp(wanted, kEventBytes, kMostEventBytes),
              .takes_time = input && lilv_port_supports_event(plugin_, port, uri(LV2_TIME__Position).get())};
    }
    if (!optional) fault_ = "its port '" + text_of(lilv_port_get_symbol(plugin_, port)) + "' is of a kind that this engine does not know";
    return {};
  }

  PluginPort audio(const LilvPort* port, bool input, bool optional) {
    const bool beside = optional || has(port, LV2_CORE_PREFIX "isSideChain") || !value(port, LV2_PORT_GROUPS__sideChainOf).empty();
    if (beside) return {.use = input ? PortUse::silence : PortUse::ignored};
    std::uint32_t& count = input ? made_.audio_inputs : made_.audio_outputs;
    return {.use = input ? PortUse::audio_in : PortUse::audio_out, .channel = count++};
  }

  [[nodiscard]] PluginPort report(const LilvPort* port) const {
    const LilvNodePtr initial(lilv_port_get(plugin_, port, uri(LV2_CORE__default).get()));
    const bool is_number = initial && (lilv_node_is_float(initial.get()) || lilv_node_is_int(initial.get()));
    return {.use = PortUse::report, .value = is_number ? lilv_node_as_float(initial.get()) : 0};
  }

  PluginPort control(const LilvPort* port, std::uint32_t index) {
    const std::string designation = value(port, LV2_CORE__designation);
    if (designation == LV2_CORE__enabled) return {.use = PortUse::fixed, .value = 1};
    if (designation == LV2_CORE__freeWheeling) return {.use = PortUse::offline};
    PluginControl control = described(port);
    control.port = index;
    if (control.parameter.key.size() > kKeyLength)
      fault_ = "the symbol of its port " + std::to_string(index) + " is longer than " + std::to_string(kKeyLength) + " characters";
    const PluginPort made{.use = PortUse::control, .value = control.port_value(control.parameter.initial)};
    made_.controls.push_back(std::move(control));
    return made;
  }

  PluginControl described(const LilvPort* port) {
    PluginControl control;
    plugin::PluginParameter& parameter = control.parameter;
    parameter.key = text_of(lilv_port_get_symbol(plugin_, port));
    parameter.name = cut(text_of(LilvNodePtr(lilv_port_get_name(plugin_, port)).get()), 128);
    if (parameter.name.empty()) parameter.name = parameter.key;
    range(port, parameter);
    control.times_rate = has(port, LV2_CORE__sampleRate);
    parameter.unit = cut(unit(port), 16);
    kind(port, control);
    parameter.automatable = !has(port, LV2_PORT_PROPS__expensive) && !has(port, LV2_PORT_PROPS__causesArtifacts);
    parameter.hidden = has(port, LV2_PORT_PROPS__notOnGUI);
    return control;
  }

  void range(const LilvPort* port, plugin::PluginParameter& parameter) const {
    LilvNode* initial = nullptr;
    LilvNode* minimum = nullptr;
    LilvNode* maximum = nullptr;
    lilv_port_get_range(plugin_, port, &initial, &minimum, &maximum);
    const LilvNodePtr owned[] = {LilvNodePtr(initial), LilvNodePtr(minimum), LilvNodePtr(maximum)};
    const auto number = [](const LilvNode* node, double otherwise) {
      const bool is_number = node != nullptr && (lilv_node_is_float(node) || lilv_node_is_int(node));
      const double value = is_number ? static_cast<double>(lilv_node_as_float(node)) : otherwise;
      return std::isfinite(value) ? value : otherwise;
    };
    parameter.minimum = number(minimum, 0);
    parameter.maximum = number(maximum, std::max(1.0, parameter.minimum));
    if (parameter.maximum < parameter.minimum) std::swap(parameter.minimum, parameter.maximum);
    parameter.initial = std::clamp(number(initial, parameter.minimum), parameter.minimum, parameter.maximum);
  }

  [[nodiscard]] std::string unit(const LilvPort* port) const {
    const LilvNodePtr unit(lilv_port_get(plugin_, port, uri(LV2_UNITS__unit).get()));
    if (!unit || lilv_node_is_literal(unit.get())) return text_of(unit.get());
    return text_of(LilvNodePtr(lilv_world_get(world_, unit.get(), uri(LV2_UNITS__symbol).get(), nullptr)).get());
  }

  void kind(const LilvPort* port, PluginControl& control) const {
    plugin::PluginParameter& parameter = control.parameter;
    parameter.kind = ParameterKind::float_;
    parameter.curve = Curve::linear;
    if (has(port, LV2_CORE__enumeration) && choices(port, control)) return;
    if (has(port, LV2_CORE__toggled)) {
      parameter.initial = parameter.initial > 0 ? 1 : 0;
      parameter.kind = ParameterKind::bool_;
      parameter.minimum = 0;
      parameter.maximum = parameter.step = 1;
      return;
    }
    if (has(port, LV2_CORE__integer) || has(port, LV2_CORE__enumeration)) {
      parameter.kind = ParameterKind::int_;
      parameter.minimum = std::ceil(parameter.minimum);
      parameter.maximum = std::max(parameter.minimum, std::floor(parameter.maximum));
      parameter.initial = std::clamp(std::round(parameter.initial), parameter.minimum, parameter.maximum);
      parameter.step = 1;
    } else if (parameter.unit == "dB") {
      parameter.curve = Curve::decibel;
    }
    if (has(port, LV2_PORT_PROPS__logarithmic) && parameter.minimum > 0) parameter.curve = Curve::exponential;
  }

  // False: it has no usable list of them.
  [[nodiscard]] bool choices(const LilvPort* port, PluginControl& control) const {
    const LilvScalePointsPtr points(lilv_port_get_scale_points(plugin_, port));
    if (!points) return false;
    std::vector<std::pair<float, std::string>> found;
    LILV_FOREACH(scale_points, i, points.get()) {
      const LilvScalePoint* point = lilv_scale_points_get(points.get(), i);
      found.emplace_back(lilv_node_as_float(lilv_scale_point_get_value(point)),
                         cut(text_of(lilv_scale_point_get_label(point)), kMostLabelLength));
    }
    if (found.empty() || found.size() > kMostLabels) return false;
    std::ranges::sort(found);  // lilv has them in no order
    plugin::PluginParameter& parameter = control.parameter;
    const auto initial = static_cast<float>(parameter.initial);
    for (auto& [number, label] : found) {
      control.choices.push_back(number);
      parameter.labels.push_back(std::move(label));
    }
    parameter.kind = ParameterKind::choice;
    parameter.minimum = 0;
    parameter.maximum = static_cast<double>(found.size() - 1);
    parameter.initial = control.parameter_value(initial);
    parameter.step = 1;
    parameter.unit.clear();
    control.times_rate = false;
    return true;
  }

  static constexpr std::size_t kMostLabelLength = 64;
  LilvWorld* world_;
  const LilvPlugin* plugin_;
  PluginDescription made_;
  std::string fault_;
};

}  // namespace

bool offers_feature(std::string_view uri) noexcept {
  return std::ranges::find(kFeatures, uri) != kFeatures.end();
}

PluginDescription describe(LilvWorld* world, const LilvPlugin* plugin) {
  return Describer(world, plugin).made();
}

}  // namespace loophole::reference_signal
