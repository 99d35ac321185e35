#include "control_relay.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace loophole::conformance::faults {

ControlRelay::ControlRelay(LaneContext& context, std::string inner, Hooks hooks)
    : context_(context), inner_(std::move(inner)), hooks_(std::move(hooks)) {}

bool ControlRelay::bind(const std::string& outer) {
  outer_endpoint_ = outer;
  return bound();
}

bool ControlRelay::bound() {
  std::string error;
  if (outer_ == nullptr) outer_ = Lane::bind(context_, Lane::Kind::router, outer_endpoint_, error);
  return outer_ != nullptr;
}

bool ControlRelay::pass() {
  if (hooks_.passes_cuts && std::ranges::any_of(connections_, [](const auto& each) { return each.second.server->counted() > 0; })) {
    connections_.clear();
    outer_.reset();
  }
  if (!bound()) return false;
  bool moved = false;
  for (auto parts = outer_->receive(); parts; parts = outer_->receive()) {
    moved = true;
    take(std::move(*parts));
  }
  const Moment now = std::chrono::steady_clock::now();
  for (auto& [name, connection] : connections_) {
    const auto back = [&, &to = name](const Texts& texts) {
      for (const std::string& one : texts) (void)outer_->send({to, one});
    };
    for (auto parts = connection.server->receive(); parts; parts = connection.server->receive()) {
      moved = true;
      if (parts->size() != 1) {
        parts->insert(parts->begin(), name);
        (void)outer_->send(*parts);
        continue;
      }
      if (hooks_.ends_on_garbage && !nlohmann::json::accept(parts->back())) broken_ = true;
      if (hooks_.replies)
        for (const std::string& one : hooks_.replies(parts->back())) (void)connection.server->send({one});
      for (const std::string& one : hooks_.from_server ? hooks_.from_server(parts->back()) : Texts{parts->back()})
        back(connection.server_manners ? connection.server_manners->pass(one, now) : Texts{one});
    }
    if (connection.server_manners) back(connection.server_manners->due(now));
    if (connection.client_manners)
      for (const std::string& one : connection.client_manners->due(now)) (void)connection.server->send({one});
  }
  return moved;
}

bool ControlRelay::holds() const {
  return std::ranges::any_of(connections_, [](const auto& each) {
    const Connection& one = each.second;
    return (one.server_manners && one.server_manners->holds()) || (one.client_manners && one.client_manners->holds());
  });
}

void ControlRelay::add_lanes(std::vector<Lane*>& lanes) const {
  if (outer_ != nullptr) lanes.push_back(outer_.get());
  for (const auto& [name, connection] : connections_) lanes.push_back(connection.server.get());
}

void ControlRelay::say(const std::string& text) {
  if (const auto found = connections_.find(newest_); found != connections_.end()) (void)found->second.server->send({text});
}

void ControlRelay::take(Parts parts) {
  const std::string name = parts.front();
  parts.erase(parts.begin());
  newest_ = name;
  Connection& connection = connections_[name];
  if (connection.server == nullptr) {
    std::string error;
    connection.server = Lane::connect(context_, Lane::Kind::dealer, inner_, error);
    if (hooks_.passes_cuts) connection.server->count(context_, Lane::Change::cut);
    if (hooks_.server_manners) connection.server_manners = hooks_.server_manners();
    if (hooks_.client_manners) connection.client_manners = hooks_.client_manners();
  }
  if (hooks_.joins_parts && parts.size() > 1) parts.erase(parts.begin(), parts.end() - 1);
  if (parts.size() != 1) {
    (void)connection.server->send(parts);
    return;
  }
  const std::string& text = parts.front();
  if (hooks_.ends_on_garbage && !nlohmann::json::accept(text)) broken_ = true;
  if (hooks_.answers)
    for (const std::string& one : hooks_.answers(text)) (void)outer_->send({name, one});
  const Moment now = std::chrono::steady_clock::now();
  for (const std::string& one : hooks_.to_server ? hooks_.to_server(text) : Texts{text})
    for (const std::string& said : connection.client_manners ? connection.client_manners->pass(one, now) : Texts{one})
      (void)connection.server->send({said});
}

}  // namespace loophole::conformance::faults
