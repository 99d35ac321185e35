#include <algorithm>
#include <optional>
#include <unordered_map>

#include "edits/edits.hpp"
#include "edits/refusals.hpp"
#include "model/catalogue.hpp"

namespace loophole::pulse::edits {
namespace {

constexpr std::size_t kMostBuses = 4'096;
constexpr std::size_t kMostSends = 256;

std::string end_of(const EditContext& context, const std::optional<BusId>& bus) {
  return bus ? "\"" + context.state.bus(*bus)->name + "\"" : "Master";
}

std::string name_of(const project::Project& project, const ChannelId& channel) {
  for (const track::Track& track : project.tracks)
    if (track.channel.id == channel) return "\"" + track.name + "\"";
  for (const routing::Bus& bus : project.buses)
    if (bus.channel.id == channel) return "\"" + bus.name + "\"";
  return "Master";
}

// Finds a way that audio takes from one channel to another. Routes make no circle as long as every edit is asked first.
class WayFinder {
 public:
  explicit WayFinder(const EditContext& context) : context_(context) {}

  // The channels on the way, both ends included; empty: none leads there.
  [[nodiscard]] std::vector<ChannelId> way(const ChannelId& from, const ChannelId& to) {
    came_from_.emplace(from, from);
    open_.push_back(from);
    while (!open_.empty() && !came_from_.contains(to)) {
      const ChannelId here = open_.back();
      open_.pop_back();
      follow(here);
    }
    if (!came_from_.contains(to)) return {};
    std::vector<ChannelId> way{to};
    while (way.back() != from) way.push_back(came_from_.at(way.back()));
    std::reverse(way.begin(), way.end());
    return way;
  }

 private:
  void follow(const ChannelId& here) {
    const channel::Channel& channel = *context_.state.channel(here);
    const auto reach = [&](const ChannelId& next) {
      if (came_from_.emplace(next, here).second) open_.push_back(next);
    };
    for (const channel::Send& send : channel.sends) reach(context_.state.bus(send.bus_id)->channel.id);
    if (channel.output)
      reach(context_.state.bus(*channel.output)->channel.id);
    else
      reach(context_.state.project().master.id);
  }

  const EditContext& context_;
  std::unordered_map<ChannelId, ChannelId> came_from_;
  std::vector<ChannelId> open_;
};

// Whether audio may go from the channel to the bus. Error routing.cycle names the channels on the way round.
Result<void> check_route(const EditContext& context, const ChannelId& from, const routing::Bus& to) {
  const std::vector<ChannelId> way = WayFinder(context).way(to.channel.id, from);
  if (way.empty()) return {};
  std::string round = name_of(context.state.project(), from);
  for (const ChannelId& channel : way) round += " -> " + name_of(context.state.project(), channel);
  return pointed(make_error(errors::kRoutingCycle,
                            "audio would run in a circle: " + round + "; take away one of these routes first, or choose another bus"),
                 "/busId");
}

// Each channel of the project, in a fixed order.
template <class Use>
void each_channel(const project::Project& project, Use use) {
  for (const track::Track& track : project.tracks) use(track.channel);
  for (const routing::Bus& bus : project.buses) use(bus.channel);
  use(project.master);
}

}  // namespace

Result<Planned<routing::AddBusReply>> plan(const EditContext& context, const routing::AddBus& command) {
  const std::size_t count = context.state.project().buses.size();
  const auto end = static_cast<std::int64_t>(count);
  if (count >= kMostBuses) return full("buses", kMostBuses);
  const std::int64_t index = command.index.value_or(end);
  if (index > end) return no_place_to_add(index, count, "buses");
  routing::Bus bus = make_bus(command.name, context.handles);
  routing::AddBusReply reply{.bus_id = bus.id, .channel_id = bus.channel.id, .revision = 0};
  return Planned<routing::AddBusReply>{
      .edit = {.label = "Add Bus \"" + command.name + "\"", .changes = {project::BusAdded{.index = index, .bus = std::move(bus)}}},
      .reply = std::move(reply)};
}

Result<Planned<Edited>> plan(const EditContext& context, const routing::RemoveBus& command) {
  const routing::Bus* bus = context.state.bus(command.bus_id);
  if (bus == nullptr) return no_bus(command.bus_id);
  Edit edit{.label = "Remove Bus \"" + bus->name + "\"", .changes = {}};
  each_channel(context.state.project(), [&](const channel::Channel& channel) {
    for (const channel::Send& send : channel.sends)
      if (send.bus_id == bus->id) edit.changes.emplace_back(project::SendRemoved{.channel_id = channel.id, .send_id = send.id});
    if (channel.output == bus->id) edit.changes.emplace_back(project::OutputChanged{.channel_id = channel.id, .bus_id = {}});
  });
  edit.changes.emplace_back(project::BusRemoved{.bus_id = bus->id});
  return Planned<Edited>{.edit = std::move(edit), .reply = {}};
}

Result<Planned<Edited>> plan(const EditContext& context, const routing::RenameBus& command) {
  const routing::Bus* bus = context.state.bus(command.bus_id);
  if (bus == nullptr) return no_bus(command.bus_id);
  return Planned<Edited>{.edit = {.label = "Rename Bus to \"" + command.name + "\"",
                                  .changes = {project::BusChanged{.bus_id = bus->id, .name = command.name}}},
                         .reply = {}};
}

Result<Planned<Edited>> plan(const EditContext& context, const routing::SetOutput& command) {
  const channel::Channel* channel = context.state.channel(command.channel_id);
  if (channel == nullptr) return no_channel(command.channel_id);
  if (command.bus_id) {
    const routing::Bus* bus = context.state.bus(*command.bus_id);
    if (bus == nullptr) return no_bus(*command.bus_id);
    if (auto fine = check_route(context, channel->id, *bus); !fine) return std::move(fine).error();
  }
  return Planned<Edited>{.edit = {.label = "Set Output to " + end_of(context, command.bus_id),
                                  .changes = {project::OutputChanged{.channel_id = channel->id, .bus_id = command.bus_id}}},
                         .reply = {}};
}

Result<Planned<routing::AddSendReply>> plan(const EditContext& context, const routing::AddSend& command) {
  const channel::Channel* channel = context.state.channel(command.channel_id);
  if (channel == nullptr) return no_channel(command.channel_id);
  const routing::Bus* bus = context.state.bus(command.bus_id);
  if (bus == nullptr) return no_bus(command.bus_id);
  if (channel->sends.size() >= kMostSends) return full("sends", kMostSends, "/channelId");
  if (auto fine = check_route(context, channel->id, *bus); !fine) return std::move(fine).error();
  channel::Send send = make_send(bus->id, command.pre_fader, context.handles);
  routing::AddSendReply reply{.send_id = send.id, .revision = 0};
  return Planned<routing::AddSendReply>{
      .edit = {.label = "Add Send to \"" + bus->name + "\"",
               .changes = {project::SendAdded{
                   .channel_id = channel->id, .index = static_cast<std::int64_t>(channel->sends.size()), .send = std::move(send)}}},
      .reply = std::move(reply)};
}

Result<Planned<Edited>> plan(const EditContext& context, const routing::RemoveSend& command) {
  ChannelId owner;
  const channel::Send* send = context.state.send(command.send_id, &owner);
  if (send == nullptr) return no_send(command.send_id);
  return Planned<Edited>{.edit = {.label = "Remove Send to " + end_of(context, send->bus_id),
                                  .changes = {project::SendRemoved{.channel_id = owner, .send_id = send->id}}},
                         .reply = {}};
}

}  // namespace loophole::pulse::edits
