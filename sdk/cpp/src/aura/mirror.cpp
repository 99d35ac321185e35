#include "loophole/aura/mirror.hpp"

#include <utility>

namespace loophole::aura {

void Mirror::reset(project::SnapshotReply snapshot) {
  clear();
  if (!snapshot.project) return;
  state_.emplace(std::move(*snapshot.project));
  revision_ = snapshot.revision;
  path_ = std::move(snapshot.path).value_or("");
}

void Mirror::clear() {
  state_.reset();
  revision_ = 0;
  path_.clear();
}

void Mirror::goes_on_at(std::string name, std::string path) {
  if (!state_) return;
  state_->rename(std::move(name));
  path_ = std::move(path);
}

Mirror::Step Mirror::apply(const project::Changed& changed, const BeforeEach& before_each) {
  if (!state_) return Step::gap;
  if (changed.revision <= revision_) return Step::known;
  if (changed.revision != revision_ + 1) return Step::gap;
  for (const project::Change& change : changed.changes) {
    if (before_each) before_each(*state_, change);
    if (!state_->apply(change)) return Step::misfit;
  }
  revision_ = changed.revision;
  return Step::applied;
}

}  // namespace loophole::aura
