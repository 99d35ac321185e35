#include "plugins/plugin_start.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <exception>
#include <functional>
#include <utility>

#include "loophole/messages/errors.hpp"

namespace loophole::reference_signal {
namespace {

Error faulty(const std::string& message) {
  return make_error(errors::kPluginFaulty, message);
}

// The answer of `work`, which runs code of the plugin of `node`; or why there is none. What `work` refers to must belong to it.
template <class T>
Result<T> patiently(Backstage& backstage, const std::string& node, const PluginId& plugin, const char* what,
                    std::function<Result<T>()> work) {
  const auto answer = std::make_shared<std::optional<Result<T>>>();
  const PluginWords::Call call(node);
  const bool returned = backstage.patience.call([answer, node, work = std::move(work)] {
    const PluginWords::At at(node);
    try {
      answer->emplace(work());
    } catch (const std::exception& thrown) {
      answer->emplace(faulty(fmt::format("it threw an exception: {}", thrown.what())));
    }
  });
  if (returned) return *std::move(*answer);
  const std::string message = fmt::format("it did not {} within {:g} s and was left behind", what,
                                          static_cast<double>(backstage.patience.most().count()) / 1'000.0);
  spdlog::warn("plugin '{}' of node '{}': {}; {} threads are left behind", plugin.str(), node, message, backstage.patience.left_behind());
  return faulty(message);
}

// Ends on the plugin thread, so that neither the I/O nor the audio thread waits for it.
std::shared_ptr<HostedPlugin> ending_backstage(std::shared_ptr<Backstage> backstage, std::string node,
                                               std::unique_ptr<HostedPlugin> plugin) {
  return {plugin.release(), [backstage = std::move(backstage), node = std::move(node)](HostedPlugin* ended) {
            const auto end = [node, ended] {
              const PluginWords::At at(node);
              delete ended;
            };
            const bool posted = backstage->thread.post([backstage, node, end] {
              const PluginWords::Call call(node);
              if (!backstage->patience.call(end)) spdlog::warn("the plugin of node '{}' did not end and was left behind", node);
            });
            if (!posted) end();
          }};
}

PortValues values_of(const graph::GraphNode& node, const PluginDescription& description) {
  PortValues values;
  for (const PluginControl& control : description.controls)
    for (const graph::GraphParameter& parameter : node.parameters)
      if (parameter.key == control.parameter.key) values[parameter.key] = control.port_value(parameter.value);
  return values;
}

// A plugin that still is in a call of ours gets no other one.
template <class Call>
auto stopping_what_hangs(Backstage& backstage, PluginNode& node, Call&& call) {
  const std::size_t before = backstage.patience.left_behind();
  auto answer = call();
  if (backstage.patience.left_behind() != before) node.stop();
  return answer;
}

}  // namespace

std::variant<StartedPlugin, PluginFault> start_plugin(const std::shared_ptr<Backstage>& backstage, const PluginOrder& order) {
  const std::string& node = order.node.id.str();
  const PluginId& plugin = *order.node.plugin;
  const auto description = backstage->catalogue.find(plugin.str());
  if (!description) return PluginFault{.status = NodeStatus::missing, .reason = "it is not installed"};
  if (!description->fault.empty()) return PluginFault{.reason = description->fault};
  if (backstage->hung.contains(plugin.str()))
    return PluginFault{.reason = "it hung when it was started before; plugin.scan gives it another chance"};
  PluginStart start{.setup = {.description = description,
                              .node = node,
                              .sample_rate = order.format.sample_rate,
                              .block_frames = order.format.block_frames,
                              .offline = order.format.offline},
                    .state = order.node.state,
                    .values = values_of(order.node, *description)};
  if (order.before) {
    auto saved = save_plugin(*backstage, order.before);
    if (!saved) return PluginFault{.reason = saved.error().message};
    start.state = *std::move(saved);
    start.values = order.before->port_values();
  }
  const std::size_t left_behind = backstage->patience.left_behind();
  auto hosted = patiently<std::shared_ptr<std::unique_ptr<HostedPlugin>>>(
      *backstage, node, plugin, "start", [start]() -> Result<std::shared_ptr<std::unique_ptr<HostedPlugin>>> {
        auto made = HostedPlugin::start(start);
        if (!made) return std::move(made).error();
        return std::make_shared<std::unique_ptr<HostedPlugin>>(*std::move(made));
      });
  if (backstage->patience.left_behind() != left_behind) backstage->hung.insert(plugin.str());
  if (!hosted) return PluginFault{.reason = hosted.error().message};
  return StartedPlugin{.plugin = ending_backstage(backstage, node, std::move(**hosted)), .start = std::move(start)};
}

Result<PluginState> save_plugin(Backstage& backstage, const std::shared_ptr<PluginNode>& node) {
  return stopping_what_hangs(backstage, *node, [&] {
    return patiently<PluginState>(backstage, node->id(), node->plugin()->description().brief.plugin, "give its state",
                                  [plugin = node->plugin(), values = node->port_values()] { return plugin->save(values); });
  });
}

Result<PortValues> restore_plugin(Backstage& backstage, const std::shared_ptr<PluginNode>& node, const PluginState& state) {
  return stopping_what_hangs(backstage, *node, [&] {
    return patiently<PortValues>(backstage, node->id(), node->plugin()->description().brief.plugin, "take its state", [node, state] {
      const PluginNode::Hold hold(*node);
      return node->plugin()->restore(state);
    });
  });
}

}  // namespace loophole::reference_signal
