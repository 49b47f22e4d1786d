// The write-back cache of one task: customers, visitors or transactions that were used of late, decoded.
//
// The store is touched seldom and in sorted batches: what a round needs and is missing is loaded at once by
// `prefetch`; what changed is written at a commit by `write_changes`; `evict` then lets go of what was not used for
// longest. As long as nothing was ever let go, an entity that is not here is nowhere, and the store is not asked.
//
// Entry: default constructible, with
//   Hash128 key; bool dirty, stored; std::uint32_t used;
//   void encode(std::string&) const;  bool decode(std::string_view);  std::size_t memory_bytes() const;
//   void prefetch() const: it will soon be worked on, its memory should be near by then;
//   static constexpr std::size_t kBytesGuess: what a new one takes, about.
// One thread at a time.
#pragma once

#include <absl/container/flat_hash_map.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/runtime/state_keys.h"
#include "state/change_writer.h"

namespace nudge::runtime {

struct Hash128Hasher {
  std::size_t operator()(const Hash128& hash) const { return hash.low; }
};

struct CacheFigures {
  std::uint64_t hits = 0, misses = 0;  // of what rounds asked for; a miss is looked up in the store
  std::size_t entries = 0, bytes = 0;

  CacheFigures& operator+=(const CacheFigures& other) {
    hits += other.hits, misses += other.misses, entries += other.entries, bytes += other.bytes;
    return *this;
  }
};

template <typename Entry>
class EntityCache {
 public:
  // `complete`: the store holds nothing of this kind yet. `prepare` is called for every new entry.
  EntityCache(
      char kind, std::uint32_t task, const state::Store& store, bool complete,
      std::function<void(Entry&)> prepare = [](Entry&) {})
      : kind_(kind), task_(task), store_(store), complete_(complete), prepare_(std::move(prepare)) {}

  Entry* find(const Hash128& key) {
    const auto found = index_.find(key);
    if (found == index_.end()) return nullptr;
    Entry* entry = found->second.get();
    entry->used = round_;
    return entry;
  }

  // The entity if it is here, without counting as a use.
  Entry* peek(const Hash128& key) const {
    const auto found = index_.find(key);
    return found == index_.end() ? nullptr : found->second.get();
  }

  // The entity, new where neither cache nor store has it. Call prefetch first: a single look-up in the store is dear.
  Result<Entry*> get(const Hash128& key) {
    if (Entry* entry = find(key)) return entry;
    if (!complete_) {
      NUDGE_ASSIGN(const auto stored, store_.get(key::entity(kind_, task_, key)));
      if (stored) return load(key, *stored);
    }
    return &insert(key);
  }

  Entry& insert(const Hash128& key) {
    auto owned = std::make_unique<Entry>();
    Entry& entry = *owned;
    entry.key = key;
    entry.used = round_;
    prepare_(entry);
    ++unaccounted_;
    index_.emplace(key, std::move(owned));
    return entry;
  }

  void mark_dirty(Entry& entry) {
    if (entry.dirty) return;
    entry.dirty = true;
    dirty_.push_back(&entry);
  }

  // Loads those of the wanted entities that are only in the store. The list is consumed.
  Status prefetch(std::vector<Hash128>& wanted) {
    ++round_;
    hits_ += wanted.size();
    if (complete_) return Status::ok();
    std::sort(wanted.begin(), wanted.end());
    wanted.erase(std::unique(wanted.begin(), wanted.end()), wanted.end());
    std::erase_if(wanted, [this](const Hash128& key) { return find(key) != nullptr; });
    hits_ -= wanted.size();
    misses_ += wanted.size();
    keys_.clear();
    for (const Hash128& key : wanted) keys_.push_back(key::entity(kind_, task_, key));
    NUDGE_TRY(store_.multi_get(keys_, values_));
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      if (!values_[i]) {
        insert(wanted[i]);
        continue;
      }
      NUDGE_ASSIGN([[maybe_unused]] Entry* const entry, load(wanted[i], *values_[i]));
    }
    return Status::ok();
  }

  // Decodes a stored entity into the cache.
  Result<Entry*> load(const Hash128& key, std::string_view bytes) {
    Entry& entry = insert(key);
    entry.stored = true;
    if (!entry.decode(bytes))
      return Status::error(
          ErrorClass::kInputOutput,
          "the state is damaged: an entry cannot be read; replay from the input into a new engine.state_dir");
    if constexpr (requires { entry.read_pieces(store_, task_); }) NUDGE_TRY(entry.read_pieces(store_, task_));
    account(entry);
    return &entry;
  }

  // Visits every changed entity, in the order of their keys.
  template <typename Visit>
  void for_each_changed(Visit visit) {
    std::sort(dirty_.begin(), dirty_.end(), [](const Entry* a, const Entry* b) { return a->key < b->key; });
    for (std::size_t i = 0; i < dirty_.size(); ++i) {
      if (i + kPrefetchAhead < dirty_.size()) dirty_[i + kPrefetchAhead]->prefetch();
      visit(*dirty_[i]);
    }
  }

  // Puts every changed entity, in the order of their keys.
  void write_changes(state::ChangeWriter& changes) {
    for_each_changed([&](Entry& entry) {
      bytes_.clear();
      entry.encode(bytes_);
      changes.put(key::entity(kind_, task_, entry.key), bytes_);
      entry.dirty = false;
      entry.stored = true;
      account(entry);
    });
    dirty_.clear();
  }

  // After a commit: forgets the longest unused until about `bytes_max` are left.
  void evict(std::size_t bytes_max) {
    if (memory_bytes() <= bytes_max) return;
    std::vector<std::uint32_t> ages;
    ages.reserve(index_.size());
    for (const auto& [key, entry] : index_) ages.push_back(entry->used);
    const auto keep = static_cast<std::size_t>(static_cast<double>(index_.size()) * static_cast<double>(bytes_max) /
                                               static_cast<double>(memory_bytes()));
    const auto cut = ages.begin() + static_cast<std::ptrdiff_t>(ages.size() - std::min(keep, ages.size()));
    std::nth_element(ages.begin(), cut == ages.end() ? ages.end() - 1 : cut, ages.end());
    const std::uint32_t oldest = cut == ages.end() ? ages.back() + 1 : *cut;
    absl::erase_if(index_, [&](const auto& item) {
      if (item.second->dirty || item.second->used > oldest) return false;
      forget(*item.second);
      return true;
    });
    complete_ = false;
  }

  void erase(const Hash128& key) {
    const auto found = index_.find(key);
    if (found == index_.end()) return;
    if (found->second->dirty) std::erase(dirty_, found->second.get());
    forget(*found->second);
    index_.erase(found);
  }

  // Visits all cached entities; the order is not defined.
  template <typename Visit>
  void for_each(Visit visit) {
    for (auto& [key, entry] : index_) visit(*entry);
  }

  bool complete() const { return complete_; }
  std::size_t size() const { return index_.size(); }
  CacheFigures figures() const { return {hits_, misses_, size(), memory_bytes()}; }
  // As of when each was loaded or written; entities that are new since the last commit are guessed.
  std::size_t memory_bytes() const { return memory_bytes_ + unaccounted_ * Entry::kBytesGuess; }

 private:
  static constexpr std::size_t kPrefetchAhead = 4;

  void account(Entry& entry) {
    // An eighth for what an allocator rounds up and keeps beside.
    const auto now = static_cast<std::uint32_t>(entry.memory_bytes() / 8 * 9);
    if (entry.bytes == 0) --unaccounted_;
    memory_bytes_ += now;
    memory_bytes_ -= entry.bytes;
    entry.bytes = now;
  }
  void forget(const Entry& entry) {
    if (entry.bytes == 0) --unaccounted_;
    memory_bytes_ -= entry.bytes;
  }

  char kind_;
  std::uint32_t task_;
  const state::Store& store_;
  bool complete_;
  std::function<void(Entry&)> prepare_;
  std::uint32_t round_ = 0;
  absl::flat_hash_map<Hash128, std::unique_ptr<Entry>, Hash128Hasher> index_;
  std::vector<Entry*> dirty_;
  std::size_t memory_bytes_ = 0, unaccounted_ = 0;
  std::uint64_t hits_ = 0, misses_ = 0;
  std::vector<std::string> keys_;
  std::vector<std::optional<std::string>> values_;
  std::string bytes_;
};

// What every entry of an EntityCache has.
struct CachedEntity {
  Hash128 key;
  std::uint32_t bytes = 0;  // as accounted
  std::uint32_t used = 0;
  bool dirty = false, stored = false;
  void prefetch() const { __builtin_prefetch(this); }
};

}  // namespace nudge::runtime
