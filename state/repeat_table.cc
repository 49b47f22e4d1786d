#include "state/repeat_table.h"

#include <algorithm>
#include <utility>

namespace nudge::state {

void RepeatTable::grow() {
  std::vector<Hash128> old(slots_.size() * 2);
  old.swap(slots_);
  --shift_;
  for (const Hash128& hash : old)
    if (hash != Hash128{}) slots_[slot_of(hash)] = hash;
}

void RepeatTable::clear(std::size_t slots_max) {
  const std::size_t slots = std::min(slots_.size(), slots_max);
  if (slots < slots_.size()) std::vector<Hash128>().swap(slots_);
  slots_.assign(slots, {});
  shift_ = 64 - std::countr_zero(slots);
  used_ = 0;
}

std::vector<Hash128> RepeatTable::sorted() const {
  std::vector<Hash128> hashes, wrapped;
  hashes.reserve(used_);
  for (std::size_t slot = 0; slot < slots_.size(); ++slot) {
    if (slots_[slot] == Hash128{}) continue;
    // Those that found no room at the end stand at the beginning.
    (home_of(slots_[slot]) > slot ? wrapped : hashes).push_back(slots_[slot]);
  }
  hashes.insert(hashes.end(), wrapped.begin(), wrapped.end());
  // Nothing stands further from its place than its cluster is long: insertion is linear.
  for (std::size_t i = 1; i < hashes.size(); ++i) {
    const Hash128 hash = hashes[i];
    std::size_t at = i;
    for (; at > 0 && hash < hashes[at - 1]; --at) hashes[at] = hashes[at - 1];
    hashes[at] = hash;
  }
  return hashes;
}

}  // namespace nudge::state
