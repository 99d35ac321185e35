#include "steps.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

#include "breaking.hpp"
#include "canonical.hpp"
#include "mutations.hpp"
#include "observe.hpp"

namespace evolution {
namespace {

// Changes that no decoder can see; tests of the generator cover them.
constexpr auto kUnseen = std::to_array<std::string_view>(
    {"breaking-unit", "breaking-message-idempotent", "breaking-message-undoable", "breaking-message-error-removed"});

struct Start {
  std::string folder;
  Draft::Base base;
  nlohmann::json model;
  std::unique_ptr<Peer> peer;
};

}  // namespace

struct Steps::State {
  std::vector<Start> starts;
  std::vector<Mutation> mutations;
  std::vector<std::string> kinds;
};

Steps::Steps(const std::vector<std::string>& folders) : state_(std::make_unique<State>()) {
  for (const std::string& folder : folders) {
    Start& start = state_->starts.emplace_back();
    start.folder = folder;
    start.base = Draft::base(schema::read_folder(folder));
    start.model = schema::canonical(start.base.model);
    start.peer = std::make_unique<Peer>(start.base.model);
  }
  for (const auto part : {mutations_of_values(), mutations_of_members(), mutations_of_messages()})
    state_->mutations.insert(state_->mutations.end(), part.begin(), part.end());
  for (const Mutation& mutation : state_->mutations) state_->kinds.emplace_back(mutation.name);
}

Steps::~Steps() = default;

const std::vector<std::string>& Steps::kinds() const {
  return state_->kinds;
}

Step Steps::run(std::uint64_t seed, std::size_t number) const {
  Random random{seed + number};
  const Mutation& mutation = state_->mutations[number % state_->mutations.size()];
  for (int attempt = 0; attempt < 400; ++attempt) {
    const Start& start = random.of(state_->starts);
    Draft draft{start.base};
    if (!mutation.apply(draft, random)) continue;
    const auto model = draft.finish();
    if (!model) continue;

    Step step{.schemas = start.folder, .change = mutation.name, .findings = {}, .observation = "nothing breaks"};
    for (const schema::Fault& fault : schema::find_breaks(start.model, schema::canonical(*model))) {
      step.findings += "\n  " + schema::to_line(fault);
      step.said = step.said || std::ranges::find(kUnseen, fault.rule) == kUnseen.end();
    }
    if (const auto found = observe(*start.peer, Peer{*model})) {
      step.seen = true;
      step.observation = *found;
    }
    return step;
  }
  throw std::runtime_error{"no change of this kind passes the linter: " + std::string{mutation.name}};
}

}  // namespace evolution
