#include "app/command_words.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include "loophole/wire/codec.hpp"

namespace loophole::cli {
namespace {

template <aura::ProjectCommand C>
Result<std::string> call(Errand& errand, std::string_view payload, const Options& options) {
  auto command = wire::from_json<C>(payload);
  if (!command) return std::move(command).error();
  auto reply = errand.ask(*std::move(command), options);
  if (!reply) return std::move(reply).error();
  return wire::to_json(*reply);
}

template <aura::ProjectCommand C>
Result<void> send(aura::Client& client, std::string_view payload, std::function<void(Result<std::string>)> on_answer) {
  auto command = wire::from_json<C>(payload);
  if (!command) return std::move(command).error();
  client.call(*std::move(command), [on_answer = std::move(on_answer)](Result<typename C::Reply> reply) {
    if (!reply) return on_answer(std::move(reply).error());
    on_answer(wire::to_json(*reply));
  });
  return {};
}

template <aura::ProjectCommand C>
constexpr CommandWord entry(std::string_view word) {
  return {.name = C::kName, .word = word, .call = &call<C>, .send = &send<C>};
}

constexpr CommandWord kWords[] = {
    entry<automation::Clear>("automation clear"),
    entry<automation::SetMode>("automation mode"),
    entry<automation::SetPoints>("automation set"),
    entry<clip::Add>("clip add"),
    entry<clip::Move>("clip move"),
    entry<clip::Remove>("clip remove"),
    entry<clip::SetGain>("clip gain"),
    entry<clip::Split>("clip split"),
    entry<clip::Trim>("clip trim"),
    entry<device::List>("device list"),
    entry<device::Select>("device select"),
    entry<engine::Restart>("engine restart"),
    entry<engine::Status>("engine status"),
    entry<history::List>("history list"),
    entry<history::Redo>("history redo"),
    entry<history::Undo>("history undo"),
    entry<node::Add>("node add"),
    entry<node::Move>("node move"),
    entry<node::Remove>("node remove"),
    entry<node::Replace>("node replace"),
    entry<node::SetBypass>("node bypass"),
    entry<parameter::GestureBegin>("gesture"),
    entry<parameter::GestureEnd>("gesture"),
    entry<parameter::Get>("parameter get"),
    entry<parameter::Set>("parameter set"),
    entry<plugin::Info>("plugin info"),
    entry<plugin::List>("plugin list"),
    entry<plugin::Scan>("plugin scan"),
    entry<plugin::StateGet>("plugin state get"),
    entry<plugin::StateSet>("plugin state set"),
    entry<project::Changes>("project changes"),
    entry<project::Close>("project close"),
    entry<project::New>("project new"),
    entry<project::Open>("project open"),
    entry<project::Save>("project save"),
    entry<project::SaveAs>("project save-as"),
    entry<project::Snapshot>("project show"),
    entry<routing::AddBus>("bus add"),
    entry<routing::AddSend>("send add"),
    entry<routing::RemoveBus>("bus remove"),
    entry<routing::RemoveSend>("send remove"),
    entry<routing::RenameBus>("bus rename"),
    entry<routing::SetOutput>("output"),
    entry<session::Counters>("counters"),
    entry<session::Describe>("capabilities"),
    entry<session::Hello>("status"),
    entry<track::Add>("track add"),
    entry<track::Duplicate>("track duplicate"),
    entry<track::Move>("track move"),
    entry<track::Remove>("track remove"),
    entry<track::Rename>("track rename"),
    entry<track::SetColour>("track colour"),
    entry<transport::Play>("transport play"),
    entry<transport::Seek>("transport seek"),
    entry<transport::SetLoop>("transport loop"),
    entry<transport::SetTempo>("transport tempo"),
    entry<transport::State>("transport state"),
    entry<transport::Stop>("transport stop"),
};

std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t changed = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({row[j] + 1, row[j + 1] + 1, changed});
    }
  }
  return row.back();
}

}  // namespace

std::span<const CommandWord> command_words() noexcept {
  return kWords;
}

const CommandWord* find_command(std::string_view name) noexcept {
  const auto* found = std::find_if(std::begin(kWords), std::end(kWords), [name](const CommandWord& one) { return one.name == name; });
  return found == std::end(kWords) ? nullptr : found;
}

std::vector<std::string> nearest(std::string_view name, const std::vector<std::string>& names) {
  constexpr std::size_t kMost = 5;
  std::vector<std::pair<std::size_t, std::string>> ranked;
  for (const std::string& one : names) {
    // A part of a name means all that have it.
    const bool part = name.size() > 2 && one.find(name) != std::string::npos;
    const std::size_t far = part ? 0 : distance(name, one);
    if (far <= std::max<std::size_t>(2, name.size() / 3)) ranked.emplace_back(far, one);
  }
  std::sort(ranked.begin(), ranked.end());
  std::vector<std::string> out;
  for (std::size_t i = 0; i < ranked.size() && i < kMost; ++i) out.push_back(std::move(ranked[i].second));
  return out;
}

std::string did_you_mean(std::string_view name, const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& one : nearest(name, names)) text += (text.empty() ? "; did you mean " : ", ") + one;
  return text.empty() ? "; `aura-cli describe` lists all messages" : text + "?";
}

}  // namespace loophole::cli
