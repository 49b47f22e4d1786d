#include "engine/runtime/write_behind.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "engine/check.h"
#include "engine/thread_name.h"
#include "state/change_writer.h"

namespace nudge::runtime {
namespace {

// What an entry costs beside its bytes: two strings, its place in the table, two allocations.
constexpr std::size_t kEntryBytes = 112;

}  // namespace

WriteBehind::WriteBehind(state::Store& store, const Limits& limits, std::function<void()> written)
    : store_(store),
      limits_(limits),
      written_(std::move(written)),
      thread_([this](const std::stop_token& stop) { serve(stop); }) {}

WriteBehind::~WriteBehind() = default;

void WriteBehind::add(std::span<const state::Batch::Change> changes) {
  const std::unique_lock lock(mutex_);
  Layer& layer = *upper_;
  if (layer.changes.empty()) layer.begun = std::chrono::steady_clock::now();
  for (const state::Batch::Change& change : changes) {
    NUDGE_CHECK(change.kind != state::Batch::Kind::kEraseRange, "ranges are made keys before");
    const auto [entry, fresh] = layer.changes.try_emplace(change.key);
    std::optional<std::string>& value = entry->second;
    layer.bytes += fresh ? kEntryBytes + change.key.size() : 0;
    layer.bytes -= value ? value->size() : 0;
    if (change.kind == state::Batch::Kind::kErase) {
      value.reset();
      continue;
    }
    layer.bytes += change.value.size();
    if (value)
      value->assign(change.value);
    else
      value.emplace(change.value);
  }
}

Status WriteBehind::hand_on_when_due() {
  std::unique_lock lock(mutex_);
  NUDGE_TRY(status_);
  if (upper_->changes.empty()) return Status::ok();
  const bool full = upper_->bytes >= limits_.bytes_max;
  const bool old = std::chrono::steady_clock::now() - upper_->begun >= limits_.age_max;
  if (full || (old && !lower_)) return hand_on(lock);
  return Status::ok();
}

Status WriteBehind::flush() {
  std::unique_lock lock(mutex_);
  if (!upper_->changes.empty()) NUDGE_TRY(hand_on(lock));
  changed_.wait(lock, [this] { return !lower_ || !status_; });
  return status_;
}

Status WriteBehind::hand_on(std::unique_lock<std::shared_mutex>& lock) {
  changed_.wait(lock, [this] { return !lower_ || !status_; });
  NUDGE_TRY(status_);
  if (upper_->changes.empty()) return Status::ok();  // another one did it meanwhile
  lower_ = std::exchange(upper_, std::make_shared<Layer>());
  changed_.notify_all();
  return Status::ok();
}

// ---- reading --------------------------------------------------------------------------------------------

const std::optional<std::string>* WriteBehind::find(std::string_view key) const {
  for (const Layer* const layer : {static_cast<const Layer*>(upper_.get()), lower_.get()}) {
    if (!layer) continue;
    const auto found = layer->changes.find(key);
    if (found != layer->changes.end()) return &found->second;
  }
  return nullptr;
}

Result<std::optional<std::string>> WriteBehind::get(std::string_view key) const {
  {
    const std::shared_lock lock(mutex_);
    if (const auto* const found = find(key)) return *found;
  }
  return store_.get(key);
}

Status WriteBehind::multi_get(std::span<const std::string> keys,
                              std::vector<std::optional<std::string>>& values) const {
  values.resize(keys.size());
  std::vector<std::string> asked;
  std::vector<std::size_t> places;
  {
    const std::shared_lock lock(mutex_);
    for (std::size_t i = 0; i < keys.size(); ++i) {
      if (const auto* const found = find(keys[i])) {
        values[i] = *found;
        continue;
      }
      asked.push_back(keys[i]);
      places.push_back(i);
    }
  }
  // What was in a layer and is not any more is in the store.
  if (asked.empty()) return Status::ok();
  std::vector<std::optional<std::string>> stored;
  NUDGE_TRY(store_.multi_get(asked, stored));
  for (std::size_t i = 0; i < asked.size(); ++i) values[places[i]] = std::move(stored[i]);
  return Status::ok();
}

// ---- the thread -----------------------------------------------------------------------------------------

void WriteBehind::serve(const std::stop_token& stop) {
  name_thread("nudge store");
  std::unique_lock lock(mutex_);
  while (changed_.wait(lock, stop, [this] { return lower_ && status_; })) {
    const auto layer = lower_;
    lock.unlock();
    Status done = write(*layer);
    if (done) written_();
    lock.lock();
    status_ = std::move(done);
    // After a failure the layer stays to be read, though it goes nowhere any more.
    if (status_) lower_.reset();
    changed_.notify_all();
  }
}

Status WriteBehind::write(const Layer& layer) const {
  std::vector<const Changes::value_type*> sorted;
  sorted.reserve(layer.changes.size());
  for (const auto& change : layer.changes) sorted.push_back(&change);
  std::sort(sorted.begin(), sorted.end(), [](const auto* a, const auto* b) { return a->first < b->first; });
  NUDGE_ASSIGN(const auto bulk, store_.bulk_write());
  state::ChangeWriter changes(*bulk);
  for (const auto* const change : sorted) {
    if (change->second)
      changes.put(change->first, *change->second);
    else
      changes.erase(change->first);
  }
  NUDGE_TRY(changes.finish());
  return bulk->commit();
}

}  // namespace nudge::runtime
