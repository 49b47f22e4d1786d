// Changes that are on their way into a store, to be read as if they were there. Any thread may read.
#pragma once

#include <algorithm>
#include <mutex>
#include <optional>
#include <string_view>

#include "state/batch.h"

namespace nudge::runtime {

class PendingChanges {
 public:
  // Before anybody else knows of them.
  state::Batch& batch() { return batch_; }

  const state::Batch& batch() const { return batch_; }
  // Made when it is asked for the first time.
  const state::Batch::Sorted& sorted() const {
    std::call_once(once_, [this] { sorted_ = batch_.sorted(); });
    return sorted_;
  }

  // What the changes say of a key; nothing: nothing. An erased key has no value.
  struct Found {
    std::optional<std::string_view> value;
  };
  std::optional<Found> find(std::string_view key) const {
    const state::Batch::Sorted& all = sorted();
    const auto change = std::ranges::lower_bound(all.keys, key, {}, &state::Batch::Change::key);
    if (change != all.keys.end() && change->key == key) {
      const bool put = change->kind == state::Batch::Kind::kPut;
      return Found{put ? std::optional(change->value) : std::nullopt};
    }
    for (const state::Batch::Change& range : all.ranges)
      if (range.key <= key && key < range.value) return Found{};
    return std::nullopt;
  }

 private:
  state::Batch batch_;
  mutable std::once_flag once_;
  mutable state::Batch::Sorted sorted_;
};

}  // namespace nudge::runtime
