#include "plugins/catalogue.hpp"

#include <algorithm>
#include <tuple>

#include "plugins/describe.hpp"

namespace loophole::reference_signal {
namespace {

constexpr std::size_t kMostFailures = 4'096;
constexpr std::size_t kLongestIdentifier = 512;
constexpr std::size_t kTellings = 20;  // of progress, a scan

}  // namespace

void Catalogue::load() {
  world_.reset(lilv_world_new());
  // A dynamic manifest is code of the plugin; a scan must not be brought down by any.
  const LilvNodePtr no(lilv_new_bool(world_.get(), false));
  lilv_world_set_option(world_.get(), LILV_OPTION_DYN_MANIFEST, no.get());
  lilv_world_load_all(world_.get());
  described_.clear();
}

Catalogue::Scan Catalogue::scan(const std::function<void(operation::Progress)>& progress) {
  progress({.step = "Looking for LV2 plugins", .done_ratio = {}});
  load();
  const LilvPlugins* plugins = lilv_world_get_all_plugins(world_.get());
  const std::size_t count = lilv_plugins_size(plugins);
  Scan scan;
  std::size_t done = 0;
  LILV_FOREACH(plugins, i, plugins) {
    const auto plugin = described(lilv_plugins_get(plugins, i));
    const std::size_t told = done * kTellings / count;
    if (++done * kTellings / count != told)
      progress({.step = plugin->brief.name, .done_ratio = static_cast<double>(done) / static_cast<double>(count)});
    if (plugin->fault.empty())
      scan.found.push_back(plugin->brief);
    else if (scan.failed.size() < kMostFailures)
      scan.failed.push_back({.plugin = plugin->brief.plugin, .reason = plugin->fault.substr(0, kLongestReason)});
  }
  std::ranges::sort(scan.found, [](const plugin::PluginBrief& a, const plugin::PluginBrief& b) {
    return std::tie(a.name, a.plugin.str()) < std::tie(b.name, b.plugin.str());
  });
  found_ = scan.found;
  return scan;
}

const std::vector<plugin::PluginBrief>& Catalogue::found() {
  if (!found_) scan([](const operation::Progress&) {});
  return *found_;
}

std::shared_ptr<const PluginDescription> Catalogue::find(const std::string& uri) {
  if (!world_) load();
  const auto known = described_.find(uri);
  if (known != described_.end()) return known->second;
  const LilvNodePtr node = lilv_uri(world_.get(), uri.c_str());
  if (!node) return nullptr;  // it is no URI
  const LilvPlugin* plugin = lilv_plugins_get_by_uri(lilv_world_get_all_plugins(world_.get()), node.get());
  return plugin == nullptr ? nullptr : described(plugin);
}

std::shared_ptr<const PluginDescription> Catalogue::described(const LilvPlugin* plugin) {
  auto made = std::make_shared<PluginDescription>(describe(world_.get(), plugin));
  if (made->brief.plugin.str().size() > kLongestIdentifier) {
    made->fault = "its URI is longer than " + std::to_string(kLongestIdentifier) + " characters";
    made->brief.plugin = PluginId(made->brief.plugin.str().substr(0, kLongestIdentifier));
  }
  described_.insert_or_assign(text_of(lilv_plugin_get_uri(plugin)), made);
  return made;
}

}  // namespace loophole::reference_signal
