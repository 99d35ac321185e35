#include "document/document.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "edits/text.hpp"
#include "loophole/messages/topology.hpp"
#include "loophole/wire/codec.hpp"
#include "model/catalogue.hpp"
#include "model/inverse.hpp"

namespace loophole::pulse {
namespace {

// Replaying this many transactions takes less time than a user notices; a snapshot of a large project does not. So a project of 7 MB, whose
// snapshot takes 100 ms, has one in 17,000 transactions: less than 10 us each, beside 70 us that an edit costs (loophole-bench-clients).
constexpr Revision kTransactionsPerSnapshot = 2'000;
constexpr std::size_t kBytesPerTransaction = 400;  // about what one adds to the journal

// As project.Changed bounds them.
constexpr std::size_t kMostChanges = 65'536;
constexpr std::size_t kLongestLabel = 256;

// What a project, and a transaction, may take as JSON: it has to go to clients in one message, with its envelope.
constexpr std::size_t kMostBytes = topology::kMaxMessageBytes - 65'536;

// Undo of an edit sets all of a node's members, also those that the engine's events changed since (a plugin that crashed is bypassed and
// marked). What the edit itself did not change stays as it is now.
void keep_what_was_not_edited(std::vector<project::Change>& changes, const std::vector<project::Change>& opposite,
                              const model::ProjectState& state) {
  for (project::Change& change : changes) {
    auto* changed = std::get_if<project::NodeChanged>(&change);
    const node::Node* now = changed == nullptr ? nullptr : state.node(changed->node_id);
    if (now == nullptr) continue;
    for (const project::Change& other : opposite) {
      const auto* back = std::get_if<project::NodeChanged>(&other);
      if (back == nullptr || back->node_id != changed->node_id) continue;
      if (back->name == changed->name) changed->name = now->name;
      if (back->bypassed == changed->bypassed) changed->bypassed = now->bypassed;
      if (back->status == changed->status) changed->status = now->status;
      if (back->state == changed->state) changed->state = now->state;
    }
  }
}

struct Applied {
  std::vector<project::Change> changes;
  std::vector<project::Change> inverse;  // takes them back; in the order to be applied
};

// Applies changes one by one. One that is its own inverse sets what is so already, and is left out.
Result<Applied> apply_all(model::ProjectState& state, std::vector<project::Change> changes) {
  Applied done;
  const auto fail = [&](Error error) {
    for (auto back = done.inverse.rbegin(); back != done.inverse.rend(); ++back) state.apply(*back).value();
    return error;
  };
  for (project::Change& change : changes) {
    auto back = inverse_of(state, change);
    if (!back) return fail(std::move(back).error());
    if (*back == change) continue;
    if (auto applied = state.apply(change); !applied) return fail(std::move(applied).error());
    done.changes.push_back(std::move(change));
    done.inverse.push_back(*std::move(back));
  }
  std::reverse(done.inverse.begin(), done.inverse.end());
  return done;
}

}  // namespace

Document::Document(ProjectFile::Loaded loaded)
    : state_(std::move(loaded.state)),
      file_(std::move(loaded.file)),
      handles_(loaded.next_handle),
      history_(std::move(loaded.history)),
      revision_(loaded.revision),
      snapshot_revision_(loaded.snapshot_revision),
      bytes_bound_(loaded.bytes) {}

Result<std::unique_ptr<Document>> Document::create(const NewProject& wanted) {
  HandleSource handles;
  project::Project project = make_project(wanted.name, wanted.sample_rate_hz, wanted.tempo_bpm, handles);
  auto made = ProjectFile::create(wanted.path, project, handles.next());
  if (!made) return std::move(made).error();
  return std::unique_ptr<Document>(new Document(*std::move(made)));
}

Result<std::unique_ptr<Document>> Document::open(const std::filesystem::path& path, const OpenProgress& progress) {
  auto loaded = ProjectFile::open(path, progress);
  if (!loaded) return std::move(loaded).error();
  return std::unique_ptr<Document>(new Document(*std::move(loaded)));
}

Result<std::optional<project::Changed>> Document::stage(Edit edit, Provenance provenance) {
  if (edit.changes.size() > kMostChanges)
    return make_error(errors::kPayloadInvalid, "\"" + edit.label + "\" would make " + std::to_string(edit.changes.size()) +
                                                   " changes at once, and " + std::to_string(kMostChanges) +
                                                   " is the most there can be; do it in several edits");
  auto applied = apply_all(state_, std::move(edit.changes));
  if (!applied) return make_error(errors::kInternalFault, "the edit \"" + edit.label + "\" does not fit: " + to_string(applied.error()));
  if (applied->changes.empty()) return std::optional<project::Changed>();
  ++revision_;
  project::Changed transaction{.revision = revision_,
                               .cause = std::move(provenance.cause),
                               .label = edits::first_code_points(edit.label, kLongestLabel),
                               .origin = provenance.origin,
                               .changes = std::move(applied->changes)};
  auto forward = encode_changes(transaction.changes);
  if (auto fits = forward ? check_size(transaction, forward->size()) : Result<void>(forward.error()); !fits) {
    for (const project::Change& change : applied->inverse) state_.apply(change).value();
    --revision_;
    return std::move(fits).error();
  }
  History::Reversal reversal = history_.record(provenance.origin, revision_, transaction.label);
  const Revision step = provenance.step == 0 ? revision_ : provenance.step;
  staged_.push_back(
      {.entry = {.transaction = transaction, .forward = *std::move(forward), .inverse = std::move(applied->inverse), .step = step},
       .reversal = std::move(reversal)});
  return std::optional<project::Changed>(std::move(transaction));
}

Result<void> Document::check_size(const project::Changed& transaction, std::size_t bytes) {
  const bool adds = transaction.origin == project::TransactionOrigin::edit || transaction.origin == project::TransactionOrigin::abandoned;
  const auto refuse = [&](const std::string& what) {
    return make_error(errors::kPayloadInvalid, "\"" + transaction.label + "\" is refused: " + what + " would be larger than the " +
                                                   std::to_string(kMostBytes) + " bytes that a message holds; remove something first");
  };
  // Steps of the history lead to what was there before; nobody may be kept from going back.
  if (adds && bytes > kMostBytes) return refuse("what it changes");
  bytes_bound_ += bytes;
  if (bytes_bound_ <= kMostBytes) return {};
  const auto whole = wire::to_json(project());
  bytes_bound_ = whole ? whole->size() : kMostBytes + 1;
  if (adds && bytes_bound_ > kMostBytes) return refuse("the project");
  return {};
}

Result<void> Document::commit() {
  if (staged_.empty()) return {};
  std::vector<JournalEntry> entries;
  entries.reserve(staged_.size());
  for (Staged& one : staged_) entries.push_back(std::move(one.entry));
  auto written = file_->append(entries, handles_.next());
  if (!written) {
    for (std::size_t i = 0; i < entries.size(); ++i) staged_[i].entry = std::move(entries[i]);
    take_back();
    return written;
  }
  staged_.clear();
  const auto as_long_as_the_project = static_cast<Revision>(bytes_bound_ / kBytesPerTransaction);
  if (revision_ - snapshot_revision_ >= std::max(kTransactionsPerSnapshot, as_long_as_the_project)) {
    // The edits are durable whether or not this works; it only makes opening quicker, so the next commit tries again.
    if (auto done = take_snapshot(); !done) spdlog::warn("no snapshot of revision {}: {}", revision_, to_string(done.error()));
  }
  return {};
}

void Document::take_back() {
  for (auto one = staged_.rbegin(); one != staged_.rend(); ++one) {
    for (const project::Change& change : one->entry.inverse) state_.apply(change).value();
    history_.revert(std::move(one->reversal));
    --revision_;
  }
  staged_.clear();
}

Result<Document::Step> Document::load_step(const history::Entry& entry, ProjectFile::Direction direction) const {
  auto changes = file_->changes_of(entry.revision, direction);
  if (!changes) return std::move(changes).error();
  const bool back = direction == ProjectFile::Direction::inverse;
  auto opposite = file_->changes_of(entry.revision, back ? ProjectFile::Direction::forward : ProjectFile::Direction::inverse);
  if (!opposite) return std::move(opposite).error();
  keep_what_was_not_edited(*changes, *opposite, state_);
  return Step{.edit = {.label = entry.label, .changes = *std::move(changes)}, .step = entry.revision};
}

Result<Document::Step> Document::step_to_undo() const {
  const history::Entry* entry = history_.next_undo();
  if (entry == nullptr) return make_error(errors::kHistoryNothingToUndo, "there is nothing to undo");
  return load_step(*entry, ProjectFile::Direction::inverse);
}

Result<Document::Step> Document::step_to_redo() const {
  const history::Entry* entry = history_.next_redo();
  if (entry == nullptr) return make_error(errors::kHistoryNothingToRedo, "there is nothing to redo");
  return load_step(*entry, ProjectFile::Direction::forward);
}

Result<std::optional<std::vector<project::Changed>>> Document::transactions_after(Revision since, ProjectFile::Bounds bounds) const {
  if (since > revision_) return std::optional<std::vector<project::Changed>>();
  return file_->transactions_after(since, bounds);
}

Result<void> Document::save() {
  if (snapshot_revision_ != revision_)
    if (auto done = take_snapshot(); !done) return done;
  return file_->checkpoint();
}

Result<void> Document::take_snapshot() {
  auto bytes = file_->write_snapshot(project());
  if (!bytes) return std::move(bytes).error();
  snapshot_revision_ = revision_;
  bytes_bound_ = *bytes;
  return {};
}

Result<void> Document::save_as(const std::filesystem::path& path, const std::optional<std::string>& name) {
  project::Project copy = project();
  if (name) copy.name = *name;
  auto loaded = file_->copy_to(path, copy);
  if (!loaded) return std::move(loaded).error();
  // Handles that a refused edit took are not in the file; they are not given again here either.
  file_ = std::move(loaded->file);
  state_ = std::move(loaded->state);
  snapshot_revision_ = revision_;
  bytes_bound_ = loaded->bytes;
  return {};
}

}  // namespace loophole::pulse
