#include "model/copies.hpp"

#include <utility>

#include "loophole/core/id.hpp"

namespace loophole::pulse {
namespace {

void renew(parameter::Parameter& parameter, const OwnerId& owner, HandleSource& handles) {
  parameter.id = ParameterId(random_id("prm"));
  parameter.owner_id = owner;
  parameter.handle = handles.take();
}

void renew(node::Node& node, HandleSource& handles) {
  node.id = NodeId(random_id("nod"));
  if (node.meter_handle) node.meter_handle = handles.take();
  for (parameter::Parameter& parameter : node.parameters) renew(parameter, OwnerId(node.id.str()), handles);
}

void renew(channel::Channel& channel, HandleSource& handles) {
  channel.id = ChannelId(random_id("chn"));
  channel.meter_handle = handles.take();
  renew(channel.gain, OwnerId(channel.id.str()), handles);
  for (node::Node& node : channel.nodes) renew(node, handles);
  for (channel::Send& send : channel.sends) {
    send.id = SendId(random_id("snd"));
    renew(send.level, OwnerId(send.id.str()), handles);
  }
}

}  // namespace

track::Track copy_of(const track::Track& track, std::string name, HandleSource& handles) {
  track::Track copy = track;
  copy.id = TrackId(random_id("trk"));
  copy.name = std::move(name);
  for (clip::Clip& clip : copy.clips) clip.id = ClipId(random_id("clp"));
  renew(copy.channel, handles);
  return copy;
}

}  // namespace loophole::pulse
