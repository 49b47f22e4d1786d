// The Store of tests: a std::map behind a lock, with no durability.
#include <algorithm>
#include <map>
#include <mutex>
#include <shared_mutex>
#include <utility>

#include "state/store.h"

namespace nudge::state {
namespace {

struct Change {
  enum class Kind { kPut, kErase, kEraseRange };
  Kind kind;
  std::string key;
  std::string value;  // the end of an erased range
};

class MemoryBatch final : public Batch {
 public:
  void put(std::string_view key, std::string_view value) override { add(Change::Kind::kPut, key, value); }
  void erase(std::string_view key) override { add(Change::Kind::kErase, key, {}); }
  void erase_range(std::string_view from, std::string_view until) override {
    if (from < until) add(Change::Kind::kEraseRange, from, until);
  }
  void append(const Batch& other) override {
    const auto& same = dynamic_cast<const MemoryBatch&>(other);
    const std::size_t count = same.changes_.size();  // `other` may be this batch
    for (std::size_t i = 0; i < count; ++i) changes_.push_back(Change(same.changes_[i]));
    bytes_ += same.bytes_;
  }
  void clear() override {
    changes_.clear();
    bytes_ = 0;
  }
  std::size_t bytes() const override { return bytes_; }
  const std::vector<Change>& changes() const { return changes_; }

 private:
  void add(Change::Kind kind, std::string_view key, std::string_view value) {
    changes_.push_back({kind, std::string(key), std::string(value)});
    bytes_ += key.size() + value.size();
  }
  std::vector<Change> changes_;
  std::size_t bytes_ = 0;
};

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

  std::unique_ptr<Batch> batch() const override { return std::make_unique<MemoryBatch>(); }

  Status write(const Batch& batch) override {
    const std::unique_lock lock(mutex_);
    for (const Change& change : dynamic_cast<const MemoryBatch&>(batch).changes()) {
      switch (change.kind) {
        case Change::Kind::kPut:
          put(change.key, change.value);
          break;
        case Change::Kind::kErase:
          erase(entries_.find(change.key));
          break;
        case Change::Kind::kEraseRange:
          for (auto entry = entries_.lower_bound(change.key); entry != entries_.end() && entry->first < change.value;)
            entry = erase(entry);
          break;
      }
    }
    return Status::ok();
  }

  Status sync() override { return Status::ok(); }

  StoreFigures figures() const override {
    const std::shared_lock lock(mutex_);
    return {.bytes_written = 0, .memory_bytes = bytes_, .disk_bytes = 0};
  }

 private:
  using Entries = std::map<std::string, std::string, std::less<>>;

  void put(const std::string& key, const std::string& value) {
    erase(entries_.find(key));
    entries_.emplace(key, value);
    bytes_ += key.size() + value.size();
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
