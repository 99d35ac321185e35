#include "plugins/hosted_plugin.hpp"

#include <sodium.h>

#include <algorithm>
#include <utility>

#include "loophole/messages/errors.hpp"

namespace loophole::reference_signal {
namespace {

PluginState encoded(const std::string& text) {
  std::string base64(sodium_base64_ENCODED_LEN(text.size(), sodium_base64_VARIANT_ORIGINAL), '\0');
  sodium_bin2base64(base64.data(), base64.size(), reinterpret_cast<const unsigned char*>(text.data()), text.size(),
                    sodium_base64_VARIANT_ORIGINAL);
  base64.pop_back();  // the null at its end
  return PluginState(std::move(base64));
}

Result<std::string> decoded(const PluginState& state) {
  const std::string& base64 = state.str();
  std::string text(base64.size(), '\0');
  std::size_t size = 0;
  if (sodium_base642bin(reinterpret_cast<unsigned char*>(text.data()), text.size(), base64.data(), base64.size(), nullptr, &size, nullptr,
                        sodium_base64_VARIANT_ORIGINAL) != 0)
    return make_error(errors::kPluginFaulty, "the state is not in Base64; send one that plugin.state.get gave");
  text.resize(size);
  return text;
}

}  // namespace

Result<std::unique_ptr<HostedPlugin>> HostedPlugin::start(const PluginStart& start) {
  const PluginDescription& description = *start.setup.description;
  std::unique_ptr<HostedPlugin> hosted(new HostedPlugin(start.setup.description));
  const int count = description.audio_inputs == 1 && description.audio_outputs == 1 ? 2 : 1;
  for (int i = 0; i < count; ++i) {
    auto made = PluginInstance::make(start.setup);
    if (!made) return std::move(made).error();
    hosted->instances_.push_back(*std::move(made));
  }
  PortValues values;
  if (start.state && !start.state->str().empty()) {
    auto restored = hosted->restore(*start.state);
    if (!restored) return std::move(restored).error();
    values = *std::move(restored);
  } else {
    for (const auto& instance : hosted->instances_) values = instance->restore_default();
  }
  for (const auto& [symbol, value] : start.values) values[symbol] = value;
  for (const auto& instance : hosted->instances_) {
    for (const PluginControl& control : description.controls)
      if (const auto value = values.find(control.parameter.key); value != values.end()) instance->set_port(control.port, value->second);
    instance->activate();
  }
  return hosted;
}

Result<PluginState> HostedPlugin::save(const PortValues& values) {
  auto text = instances_.front()->save(values);
  if (!text) return std::move(text).error();
  return encoded(*text);
}

Result<PortValues> HostedPlugin::restore(const PluginState& state) {
  auto text = decoded(state);
  if (!text) return std::move(text).error();
  Result<PortValues> values{PortValues{}};
  for (const auto& instance : instances_) {
    values = instance->restore(*text);
    if (!values) return values;  // the first refuses what the second would
  }
  return values;
}

void HostedPlugin::set_control(const PluginControl& control, double value) noexcept LOOPHOLE_NONBLOCKING {
  const float to_port = control.port_value(value);
  for (const auto& instance : instances_) instance->set_port(control.port, to_port);
}

HostedPlugin::Output HostedPlugin::run(StereoBlock audio, const PluginTime& time) noexcept LOOPHOLE_NONBLOCKING {
  PluginInstance& first = *instances_.front();
  PluginInstance& last = *instances_.back();
  const std::uint32_t inputs = description_->audio_inputs;
  const std::uint32_t outputs = description_->audio_outputs;
  const bool in_pair = instances_.size() == 2;
  if (inputs == 2 || in_pair) {
    std::copy_n(audio.left, audio.frames, first.audio_in(0));
    std::copy_n(audio.right, audio.frames, in_pair ? last.audio_in(0) : first.audio_in(1));
  } else if (inputs == 1) {
    float* const middle = first.audio_in(0);
    for (std::uint32_t i = 0; i < audio.frames; ++i) middle[i] = 0.5F * (audio.left[i] + audio.right[i]);
  }
  for (const auto& instance : instances_) instance->run(audio.frames, time);
  if (outputs == 0) return {};
  float* const left = first.audio_out(0);
  float* const right = in_pair ? last.audio_out(0) : outputs == 2 ? first.audio_out(1) : left;
  return {.left = left, .right = right, .adds = inputs == 0};
}

}  // namespace loophole::reference_signal
