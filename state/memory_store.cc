// The Store of tests and benches: a tree behind a lock, with no durability.
#include <absl/container/btree_map.h>

#include <algorithm>
#include <mutex>
#include <shared_mutex>
#include <utility>

#include "state/store.h"

namespace nudge::state {
namespace {

class MemoryCursor final : public Cursor {
 public:
  explicit MemoryCursor(std::vector<std::pair<std::string, std::string>> entries) : entries_(std::move(entries)) {}
  bool valid() const override { return at_ < entries_.size(); }
  void next() override { ++at_; }
  void seek(std::string_view key) override {
    const auto found =
        std::lower_bound(entries_.begin(), entries_.end(), key,
                         [](const auto& entry, std::string_view wanted) { return entry.first < wanted; });
    at_ = static_cast<std::size_t>(found - entries_.begin());
  }
  std::string_view key() const override { return entries_[at_].first; }
  std::string_view value() const override { return entries_[at_].second; }
  Status status() const override { return Status::ok(); }

 private:
  std::vector<std::pair<std::string, std::string>> entries_;
  std::size_t at_ = 0;
};

class MemoryStore final : public Store {
 public:
  Result<std::optional<std::string>> get(std::string_view key) const override {
    const std::shared_lock lock(mutex_);
    const auto found = entries_.find(key);
    return found == entries_.end() ? std::nullopt : std::optional(found->second);
  }

  Status multi_get(std::span<const std::string> keys, std::vector<std::optional<std::string>>& values) const override {
    const std::shared_lock lock(mutex_);
    values.resize(keys.size());
    for (std::size_t i = 0; i < keys.size(); ++i) {
      NUDGE_CHECK(i == 0 || keys[i - 1] < keys[i], "multi_get takes sorted, distinct keys");
      const auto found = entries_.find(keys[i]);
      values[i] = found == entries_.end() ? std::nullopt : std::optional(found->second);
    }
    return Status::ok();
  }

  std::unique_ptr<Cursor> scan(std::string_view from, std::string_view until) const override {
    const std::shared_lock lock(mutex_);
    std::vector<std::pair<std::string, std::string>> range;
    for (auto entry = entries_.lower_bound(from); entry != entries_.end(); ++entry) {
      if (!until.empty() && entry->first >= until) break;
      range.emplace_back(*entry);
    }
    return std::make_unique<MemoryCursor>(std::move(range));
  }

  Status write(const Batch& batch) override {
    const std::unique_lock lock(mutex_);
    apply(batch);
    return Status::ok();
  }
  Status write(std::span<const Batch> batches) {
    const std::unique_lock lock(mutex_);
    for (const Batch& batch : batches) apply(batch);
    return Status::ok();
  }
  Result<std::unique_ptr<BulkWrite>> bulk_write() override { return std::unique_ptr<BulkWrite>(new Bulk(*this)); }

  Status sync() override { return Status::ok(); }

  StoreFigures figures() const override {
    const std::shared_lock lock(mutex_);
    return {.bytes_written = 0, .memory_bytes = bytes_, .disk_bytes = 0};
  }

 private:
  using Entries = absl::btree_map<std::string, std::string, std::less<>>;

  class Bulk final : public BulkWrite {
   public:
    explicit Bulk(MemoryStore& store) : store_(store) {}
    Status add(const Batch& batch) override {
      Batch copy;
      for (const Batch::Change& change : batch.changes()) {
        if (change.kind == Batch::Kind::kPut)
          copy.put(change.key, change.value);
        else if (change.kind == Batch::Kind::kErase)
          copy.erase(change.key);
        else
          copy.erase_range(change.key, change.value);
      }
      return add(std::move(copy));
    }
    Status add(Batch&& batch) override {
      batches_.push_back(std::move(batch));
      return Status::ok();
    }
    Status next_part() override { return Status::ok(); }
    Status commit() override { return store_.write(batches_); }

   private:
    MemoryStore& store_;
    std::vector<Batch> batches_;
  };

  // With the lock.
  void apply(const Batch& batch) {
    for (const Batch::Change& change : batch.changes()) {
      switch (change.kind) {
        case Batch::Kind::kPut:
          put(change.key, change.value);
          break;
        case Batch::Kind::kErase:
          erase(entries_.find(change.key));
          break;
        case Batch::Kind::kEraseRange:
          for (auto entry = entries_.lower_bound(change.key); entry != entries_.end() && entry->first < change.value;)
            entry = erase(entry);
          break;
      }
    }
  }

  void put(std::string_view key, std::string_view value) {
    auto entry = entries_.lower_bound(key);
    if (entry == entries_.end() || entry->first != key) {
      entry = entries_.emplace_hint(entry, std::string(key), std::string());
      bytes_ += key.size();
    }
    bytes_ += value.size();
    bytes_ -= entry->second.size();
    entry->second.assign(value);
  }
  Entries::iterator erase(Entries::iterator entry) {
    if (entry == entries_.end()) return entry;
    bytes_ -= entry->first.size() + entry->second.size();
    return entries_.erase(entry);
  }

  mutable std::shared_mutex mutex_;
  Entries entries_;
  std::uint64_t bytes_ = 0;
};

}  // namespace

std::unique_ptr<Store> make_memory_store() { return std::make_unique<MemoryStore>(); }

}  // namespace nudge::state
