#include "plugins/plugin_host.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "loophole/messages/errors.hpp"
#include "nodes/plugin_stand_in.hpp"

namespace loophole::reference_signal {
namespace {

constexpr const char* kStopped =
    "it gave out what is not a number; it is stopped, and audio passes it by until it is bypassed and switched on again";

Error not_running(const std::string& node, const PluginAtNode& there) {
  return make_error(errors::kPluginFaulty, "the plugin '" + there.plugin.str() + "' of node '" + node + "' does not run: " +
                                               (there.fault ? there.fault->reason : "it is bypassed and was not started since"));
}

engine::PluginFailed failed(const std::string& node, const PluginAtNode& there) {
  return {.node_id = GraphNodeId(node),
          .plugin = there.plugin,
          .status = there.fault->status,
          .reason = there.fault->reason.substr(0, kLongestReason)};
}

void stand_in(PluginAtNode& there, const graph::GraphNode& node) {
  there.running = nullptr;
  there.processor = std::make_shared<PluginStandIn>(node);
}

}  // namespace

PluginHost::PluginHost(Post post, PluginHostOptions options)
    : post_(std::move(post)), options_(options), backstage_(std::make_shared<Backstage>(options.patience)) {}

PluginHost::~PluginHost() {
  *alive_ = false;
  present_.clear();
  backstage_->thread.finish();
}

std::size_t PluginHost::left_behind() const noexcept {
  return backstage_->patience.left_behind();
}

template <class T>
void PluginHost::backstage(std::function<T(const std::shared_ptr<Backstage>&)> work, std::function<void(T)> then) {
  static_cast<void>(
      backstage_->thread.post([post = post_, with = backstage_, still = alive_, work = std::move(work), then = std::move(then)]() mutable {
        const auto result = std::make_shared<T>(work(with));
        post([still = std::move(still), result, then = std::move(then)] {
          if (*still) then(std::move(*result));
        });
      }));
}

void PluginHost::prepare(const graph::Graph& graph, const PluginFormat& format, std::function<void(PluginSet)> done) {
  PluginSet set;
  std::vector<PluginOrder> orders;
  for (const graph::GraphNode& node : graph.nodes) {
    if (node.kind != graph::GraphNodeKind::plugin || !node.plugin) continue;
    PluginAtNode& there = set[node.id.str()];
    there = {.plugin = *node.plugin, .format = format, .state = node.state};
    const auto found = present_.find(node.id.str());
    const PluginAtNode* known = found != present_.end() && found->second.plugin == *node.plugin ? &found->second : nullptr;
    const bool same_format = known != nullptr && known->format == format;
    const bool runs = known != nullptr && known->running && !known->running->stopped();
    // A state that is taken away again leaves a plugin as it comes, which only a new instance is.
    const bool keeps_state = known != nullptr && (node.state.has_value() || !known->state.has_value());
    if (runs && same_format && keeps_state) {
      there.processor = there.running = known->running;
      there.told_denormals = known->told_denormals;
    } else if (node.bypassed) {
      stand_in(there, node);
    } else if (known != nullptr && known->fault && known->fault->final && same_format) {
      stand_in(there, node);
      there.fault = known->fault;
    } else {
      orders.push_back({.node = node, .format = format, .before = {}});
      if (runs && keeps_state && known->state == node.state) orders.back().before = known->running;
    }
  }
  if (orders.empty()) return done(std::move(set));

  struct Answer {
    std::vector<PluginOrder> orders;
    std::vector<std::variant<StartedPlugin, PluginFault>> started;
  };
  backstage<Answer>(
      [orders = std::move(orders)](const std::shared_ptr<Backstage>& with) {
        Answer answer{.orders = orders, .started = {}};
        for (const PluginOrder& order : orders) answer.started.push_back(start_plugin(with, order));
        return answer;
      },
      [this, set = std::move(set), done = std::move(done)](Answer answer) mutable {
        for (std::size_t i = 0; i < answer.orders.size(); ++i) {
          const graph::GraphNode& node = answer.orders[i].node;
          PluginAtNode& there = set[node.id.str()];
          if (auto* started = std::get_if<StartedPlugin>(&answer.started[i])) {
            there.processor = there.running = std::make_shared<PluginNode>(started->plugin, started->start, options_.words);
          } else {
            stand_in(there, node);
            there.fault = std::get<PluginFault>(std::move(answer.started[i]));
            spdlog::warn("plugin '{}' of node '{}' is {}: {}", there.plugin.str(), node.id.str(), to_string(there.fault->status),
                         there.fault->reason);
          }
        }
        done(std::move(set));
      });
}

void PluginHost::keep(PluginSet set, std::function<void()> done) {
  const auto owed = std::make_shared<StatesOwed::element_type>();
  for (const auto& [node, there] : set) {
    const auto known = present_.find(node);
    if (there.running && there.state && known != present_.end() && known->second.running == there.running &&
        known->second.state != there.state)
      owed->emplace_back(there.running, *there.state);
  }
  present_ = std::move(set);
  give_states(owed, std::move(done));
}

void PluginHost::give_states(const StatesOwed& owed, std::function<void()> done) {
  if (owed->empty()) return done();
  const auto [node, state] = std::move(owed->back());
  owed->pop_back();
  restore(node, state, [this, owed, node = node, done = std::move(done)](Result<PortValues> restored) {
    if (!restored) {
      node->stop();
      spdlog::warn("plugin of node '{}' is stopped: {}", node->id(), restored.error().message);
      const auto there = present_.find(node->id());  // another graph may be in force by now
      if (there != present_.end() && there->second.running == node) there->second.fault = PluginFault{.reason = restored.error().message};
    }
    give_states(owed, done);
  });
}

void PluginHost::restore(const std::shared_ptr<PluginNode>& node, const PluginState& state, Done<PortValues> done) {
  backstage<Result<PortValues>>([node, state](const std::shared_ptr<Backstage>& with) { return restore_plugin(*with, node, state); },
                                std::move(done));
}

std::vector<engine::PluginFailed> PluginHost::failures() const {
  std::vector<engine::PluginFailed> all;
  for (const auto& [node, there] : present_)
    if (there.fault) all.push_back(failed(node, there));
  return all;
}

void PluginHost::note_hang(const PluginNode& node, const Error& error) {
  const auto there = present_.find(node.id());
  if (!node.stopped() || there == present_.end() || there->second.running.get() != &node || there->second.fault) return;
  there->second.fault = PluginFault{.reason = error.message};
  newly_failed_.push_back(failed(node.id(), there->second));
}

std::vector<engine::PluginFailed> PluginHost::newly_failed() {
  std::vector<engine::PluginFailed> fresh = std::exchange(newly_failed_, {});
  for (auto& [node, there] : present_) {
    if (!there.running) continue;
    if (there.running->gave_denormals() && !std::exchange(there.told_denormals, true))
      spdlog::warn("plugin '{}' of node '{}' gives out denormal numbers; they are played as zero", there.plugin.str(), node);
    if (!there.running->stopped() || there.fault) continue;
    there.fault = PluginFault{.reason = kStopped};
    spdlog::warn("plugin '{}' of node '{}': {}", there.plugin.str(), node, kStopped);
    fresh.push_back(failed(node, there));
  }
  return fresh;
}

void PluginHost::scan(Progress progress, Done<plugin::ScanReply> done) {
  backstage<Catalogue::Scan>(
      [post = post_, still = alive_, progress = std::move(progress)](const std::shared_ptr<Backstage>& with) {
        with->hung.clear();
        return with->catalogue.scan([&](operation::Progress so_far) {
          post([still, progress, so_far = std::move(so_far)] {
            if (*still) progress(so_far);
          });
        });
      },
      [this, done = std::move(done)](Catalogue::Scan scan) {
        // What was missing or refused may have been put right: the next graph finds out.
        for (auto& [node, there] : present_)
          if (there.fault) there.fault->final = false;
        spdlog::info("{} plugins found, {} cannot be used", scan.found.size(), scan.failed.size());
        done(plugin::ScanReply{.found = static_cast<std::int64_t>(scan.found.size()), .failed = std::move(scan.failed)});
      });
}

void PluginHost::list(Done<plugin::ListReply> done) {
  backstage<plugin::ListReply>([](const std::shared_ptr<Backstage>& with) { return plugin::ListReply{.plugins = with->catalogue.found()}; },
                               [done = std::move(done)](plugin::ListReply found) { done(std::move(found)); });
}

void PluginHost::info(const PluginId& plugin, double sample_rate, Done<plugin::InfoReply> done) {
  backstage<std::shared_ptr<const PluginDescription>>(
      [plugin](const std::shared_ptr<Backstage>& with) { return with->catalogue.find(plugin.str()); },
      [plugin, sample_rate, done = std::move(done)](std::shared_ptr<const PluginDescription> known) {
        const auto refuse = [&](const auto& code, const std::string& message) {
          Error error = make_error(code, message);
          error.pointer = "/plugin";
          done(std::move(error));
        };
        if (!known)
          return refuse(errors::kPluginNotFound,
                        "'" + plugin.str() + "' is not installed; plugin.list has what is, plugin.scan looks again");
        if (!known->fault.empty()) return refuse(errors::kPluginFaulty, "'" + plugin.str() + "' cannot be used: " + known->fault);
        plugin::InfoReply info{.brief = known->brief,
                               .parameters = {},
                               .audio_inputs = known->audio_inputs,
                               .audio_outputs = known->audio_outputs,
                               .latency_frames = 0};
        for (const PluginControl& control : known->controls) info.parameters.push_back(control.at_rate(sample_rate));
        if (known->latency_port) info.latency_frames = static_cast<std::int64_t>(std::max(0.0F, known->ports[*known->latency_port].value));
        done(std::move(info));
      });
}

Result<std::shared_ptr<PluginNode>> PluginHost::running_at(const std::string& node) const {
  const auto found = present_.find(node);
  if (found == present_.end()) return make_error(errors::kPluginFaulty, "the live graph has no plugin at node '" + node + "'");
  const PluginAtNode& there = found->second;
  if (!there.running || there.running->stopped()) return not_running(node, there);
  return there.running;
}

void PluginHost::state(const std::string& node, Done<PluginState> done) {
  auto running = running_at(node);
  if (!running) {
    // What does not run keeps the state that the project has, byte for byte.
    const auto found = present_.find(node);
    if (found != present_.end() && found->second.state) return done(*found->second.state);
    return done(std::move(running).error());
  }
  backstage<Result<PluginState>>([at = *running](const std::shared_ptr<Backstage>& with) { return save_plugin(*with, at); },
                                 [this, at = *running, done = std::move(done)](Result<PluginState> saved) {
                                   if (!saved) note_hang(*at, saved.error());
                                   done(std::move(saved));
                                 });
}

void PluginHost::set_state(const std::string& node, const PluginState& state, Done<std::map<std::string, double>> done) {
  const auto running = running_at(node);
  if (!running) return done(running.error());
  restore(*running, state, [this, at = *running, state, done = std::move(done)](Result<PortValues> restored) {
    if (!restored) {
      note_hang(*at, restored.error());
      return done(std::move(restored).error());
    }
    const auto there = present_.find(at->id());
    if (there != present_.end() && there->second.running == at) there->second.state = state;
    std::map<std::string, double> values;
    for (const PluginControl& control : at->plugin()->description().controls)
      if (const auto value = restored->find(control.parameter.key); value != restored->end())
        values[value->first] = control.parameter_value(value->second);
    done(std::move(values));
  });
}

}  // namespace loophole::reference_signal
