#pragma once
// Song: a small project in memory for the tests of edits: the track "Voice" with a filter.

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

#include "edits/edits.hpp"
#include "model/catalogue.hpp"

namespace loophole::pulse::test {

struct Song {
  HandleSource handles;
  model::ProjectState state = start(handles);
  EditContext context{.state = state, .handles = handles};

  [[nodiscard]] const project::Project& project() const { return state.project(); }
  [[nodiscard]] const track::Track& track(std::size_t index = 0) const { return project().tracks.at(index); }
  [[nodiscard]] const routing::Bus& bus(std::size_t index = 0) const { return project().buses.at(index); }
  [[nodiscard]] const parameter::Parameter& cutoff() const { return track().channel.nodes.at(0).parameters.at(0); }

  // Plans a command that must be accepted, and applies it.
  template <class Command>
  auto made(const Command& command) {
    auto planned = edits::plan(context, command);
    REQUIRE_MESSAGE(planned.has_value(), (planned ? std::string() : to_string(planned.error())));
    for (const project::Change& change : planned->edit.changes) state.apply(change).value();
    return *std::move(planned);
  }

  static model::ProjectState start(HandleSource& handles) {
    project::Project project = make_project("Song", 48'000, 120, handles);
    project.tracks.push_back(make_track("Voice", handles));
    project.tracks[0].channel.nodes.push_back(make_node(node::NodeKind::filter, {}, handles).value());
    return model::ProjectState(std::move(project));
  }
};

// The error of a command that must be refused; refusing it changes nothing.
template <class Command>
Error refusal(const Song& song, const Command& command) {
  const project::Project before = song.project();
  const auto planned = edits::plan(song.context, command);
  REQUIRE(!planned);
  CHECK(song.project() == before);
  return planned.error();
}

template <class T>
std::vector<std::string> names(const std::vector<T>& things) {
  std::vector<std::string> result;
  for (const T& thing : things) result.push_back(thing.name);
  return result;
}

}  // namespace loophole::pulse::test
