#pragma once
// Changes: what happened to one kind of thing, with its value before and after, and whose doing it was.
//
//   client.changes().on_parameter([&](const aura::ParameterChange& change) {
//     if (!change.cause.own) move_the_knob(change.id, change.after);
//   });
//   client.changes().on_track([&](const aura::TrackChange& change) { … });   // added, removed, moved, changed
//   client.on_reset([&] { draw_everything(); });                             // the project was replaced as a whole
//
// A transaction is told when all of it is in project(), after Client::on_change: one notification for each thing that it names, whatever
// happened to it, in the order of the handlers below. What was added or removed with its holder (the clips of a track, the parameters of a
// node) is in it, and not told on its own. A reset is told by Client::on_reset alone.
//
// What nobody listens to costs nothing, and what somebody listens to costs what the thing that changed costs to copy, in a project of any
// size.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "loophole/messages/project.hpp"
#include "loophole/messages/transport.hpp"

namespace loophole::aura {

// Why something changed.
struct ChangeCause {
  std::int64_t revision = 0;             // of the project after it
  std::string label{};                   // of the step in the history, for people
  project::TransactionOrigin origin{};   // an edit, an undo, a redo, …
  std::optional<InstanceId> instance{};  // of the client whose doing it was
  std::optional<MessageId> command{};    // of that client: what Client::call() with a handler returned
  std::optional<GestureId> gesture{};    // the gesture of which it is the end, if it is
  bool own = false;                      // this client's doing
};

// What became of a thing that has a place.
enum class ChangeKind { added, removed, moved, changed };

// Of a thing that has a place in a list of its holder. Pointers and the cause are valid until the handler returns or waits.
template <class Thing, class HolderId>
struct PlacedChange {
  ChangeKind kind;               // what became of it
  decltype(Thing::id) id;        // of the thing
  const Thing* before;           // a copy; nullptr: added
  const Thing* after;            // in project(); nullptr: removed
  HolderId holder_before{};      // where it was, and is now; as `before` and `after`
  HolderId holder_after{};       // the same
  std::size_t index_before = 0;  // its place there, from 0
  std::size_t index_after = 0;   // the same
  const ChangeCause& cause;      // why
};
using TrackChange = PlacedChange<track::Track, ProjectId>;  // of what is in a track, its name and colour only
using ClipChange = PlacedChange<clip::Clip, TrackId>;
using NodeChange = PlacedChange<node::Node, ChannelId>;
using BusChange = PlacedChange<routing::Bus, ProjectId>;
using SendChange = PlacedChange<channel::Send, ChannelId>;

// The chain of nodes, the sends or the output of a channel.
struct ChannelChange {
  ChannelId id;                    // of the channel
  const channel::Channel* before;  // a copy
  const channel::Channel* after;   // in project()
  const ChangeCause& cause;        // why
};

// Where a channel leads.
struct OutputChange {
  ChannelId channel;            // that leads there
  std::optional<BusId> before;  // nothing: the master
  std::optional<BusId> after;   // the same
  const ChangeCause& cause;     // why
};

// A committed value.
struct ParameterChange {
  ParameterId id;                         // of the parameter
  double before;                          // in its unit
  double after;                           // in its unit
  const parameter::Parameter& parameter;  // in project()
  const ChangeCause& cause;               // why
};

// The automation of a parameter.
struct AutomationChange {
  ParameterId id;                  // of the parameter
  const automation::Lane* before;  // a copy; nullptr: there was none
  const automation::Lane* after;   // in project(); nullptr: there is none
  const ChangeCause& cause;        // why
};

// The tempo of the project.
struct TempoChange {
  double before;             // in beats a minute
  double after;              // the same
  const ChangeCause& cause;  // why
};

// Not of the project: what Pulse tells about the transport. What it is at this moment is in Telemetry.
struct TransportChange {
  std::optional<transport::Changed> before;  // nothing: not told since the connection was made
  const transport::Changed& after;           // as it is now
};

class Changes {
 public:
  // [owner-thread] One handler each, called from poll(); an empty one ends the calls.
  void on_bus(std::function<void(const BusChange&)> handler);
  void on_track(std::function<void(const TrackChange&)> handler);
  void on_clip(std::function<void(const ClipChange&)> handler);
  void on_node(std::function<void(const NodeChange&)> handler);
  void on_send(std::function<void(const SendChange&)> handler);
  void on_output(std::function<void(const OutputChange&)> handler);
  void on_channel(std::function<void(const ChannelChange&)> handler);
  void on_parameter(std::function<void(const ParameterChange&)> handler);
  void on_automation(std::function<void(const AutomationChange&)> handler);
  void on_tempo(std::function<void(const TempoChange&)> handler);
  void on_transport(std::function<void(const TransportChange&)> handler);

  ~Changes();
  Changes(const Changes&) = delete;
  Changes& operator=(const Changes&) = delete;

  // Of the implementation: the client makes it, and uses it.
  class Impl;
  explicit Changes(std::unique_ptr<Impl> impl);
  [[nodiscard]] Impl& impl() noexcept { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace loophole::aura
