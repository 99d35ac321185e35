#pragma once
// RandomEdits: a user who edits without a plan; the same seed always does the same.

#include <cstdint>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include "document/document.hpp"
#include "edits/edits.hpp"

namespace loophole::pulse::test {

class RandomEdits {
 public:
  RandomEdits(std::uint32_t seed, std::filesystem::path sound) : random_(seed), sound_(std::move(sound)) {}

  // Something that can be done to the document now.
  Edit next(Document& document) {
    const EditContext context = document.edit_context();
    for (;;) {
      switch (up_to(8)) {
        case 0:
          return edits::plan(context, track::Add{.name = "Track " + std::to_string(up_to(100)), .index = {}}).value().edit;
        case 1:
          if (const track::Track* track = a_track(document); track != nullptr && up_to(3) == 0)
            return edits::plan(context, track::Remove{.track_id = track->id}).value().edit;
          break;
        case 2:
          if (const track::Track* track = a_track(document))
            return edits::plan(context, track::Rename{.track_id = track->id, .name = "Name " + std::to_string(up_to(100))}).value().edit;
          break;
        case 3:
          if (const track::Track* track = a_track(document))
            return edits::plan(context, clip::Add{.track_id = track->id,
                                                  .path = sound_.string(),
                                                  .start_frames = static_cast<std::int64_t>(up_to(1'000)),
                                                  .name = {}})
                .value()
                .edit;
          break;
        case 4:
          if (const track::Track* track = a_track(document); track != nullptr && !track->clips.empty())
            return edits::plan(context, clip::Remove{.clip_id = track->clips[up_to(track->clips.size())].id}).value().edit;
          break;
        case 5:
          if (const track::Track* track = a_track(document))
            return edits::plan(context, node::Add{.channel_id = track->channel.id,
                                                  .kind = node::NodeKind::filter,
                                                  .plugin = {},
                                                  .name = {},
                                                  .index = static_cast<std::int64_t>(up_to(track->channel.nodes.size() + 1))})
                .value()
                .edit;
          break;
        case 6:
          if (const track::Track* track = a_track(document); track != nullptr && !track->channel.nodes.empty())
            return edits::plan(context, node::Remove{.node_id = track->channel.nodes[up_to(track->channel.nodes.size())].id}).value().edit;
          break;
        default: {
          const parameter::Parameter& parameter = a_parameter(document);
          std::uniform_real_distribution<double> value(parameter.minimum, parameter.maximum);
          return edits::plan(context, parameter::Set{.parameter_id = parameter.id, .value = value(random_)}).value().edit;
        }
      }
    }
  }

  // 0 to below `count`.
  std::size_t up_to(std::size_t count) { return std::uniform_int_distribution<std::size_t>(0, count - 1)(random_); }

 private:
  const track::Track* a_track(const Document& document) {
    const auto& tracks = document.project().tracks;
    return tracks.empty() ? nullptr : &tracks[up_to(tracks.size())];
  }
  const parameter::Parameter& a_parameter(const Document& document) {
    const track::Track* track = a_track(document);
    if (track == nullptr) return document.project().master.gain;
    if (track->channel.nodes.empty()) return track->channel.gain;
    const node::Node& node = track->channel.nodes[up_to(track->channel.nodes.size())];
    return node.parameters[up_to(node.parameters.size())];
  }

  std::mt19937 random_;
  std::filesystem::path sound_;
};

// Stages and commits; the revision.
inline Revision do_edit(Document& document, Edit edit) {
  const project::Changed done = document.stage(std::move(edit), {}).value();
  document.commit().value();
  return done.revision;
}

inline Revision do_undo(Document& document) {
  auto step = document.step_to_undo().value();
  const project::Changed done =
      document.stage(std::move(step.edit), {.origin = project::TransactionOrigin::undo, .cause = {}, .step = step.step}).value();
  document.commit().value();
  return done.revision;
}

inline Revision do_redo(Document& document) {
  auto step = document.step_to_redo().value();
  const project::Changed done =
      document.stage(std::move(step.edit), {.origin = project::TransactionOrigin::redo, .cause = {}, .step = step.step}).value();
  document.commit().value();
  return done.revision;
}

}  // namespace loophole::pulse::test
