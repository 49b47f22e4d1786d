// A set of hashes in memory: open addressing, linear probing, at most three quarters full.
//
// A hash's slot follows from its highest bits, so the table is nearly in order and its content is sorted in one pass.
#pragma once

#include <bit>
#include <cstddef>
#include <vector>

#include "engine/hash.h"

namespace nudge::state {

class RepeatTable {
 public:
  static constexpr std::size_t kSlotsLeast = 1024;

  RepeatTable() : slots_(kSlotsLeast), shift_(64 - std::countr_zero(kSlotsLeast)) {}

  // {0, 0} marks a free slot and cannot be held.
  bool holds(const Hash128& hash) const { return slots_[slot_of(hash)] == hash; }
  // False where it is held already.
  bool insert(const Hash128& hash) {
    std::size_t slot = slot_of(hash);
    if (slots_[slot] == hash) return false;
    if ((used_ + 1) * 4 > slots_.size() * 3) {
      grow();
      slot = slot_of(hash);
    }
    slots_[slot] = hash;
    ++used_;
    return true;
  }

  void prefetch(const Hash128& hash) const { __builtin_prefetch(&slots_[home_of(hash)], 1); }

  std::size_t size() const { return used_; }
  std::size_t bytes() const { return slots_.size() * sizeof(Hash128); }

  std::vector<Hash128> sorted() const;
  // Keeps its slots, unless they are more than `slots_max`, a power of two.
  void clear(std::size_t slots_max);

 private:
  std::size_t home_of(const Hash128& hash) const { return hash.high >> shift_; }
  // Where it is, or where it would be put.
  std::size_t slot_of(const Hash128& hash) const {
    const std::size_t mask = slots_.size() - 1;
    std::size_t slot = home_of(hash);
    while (slots_[slot] != hash && slots_[slot] != Hash128{}) slot = (slot + 1) & mask;
    return slot;
  }
  void grow();

  std::vector<Hash128> slots_;
  int shift_;
  std::size_t used_ = 0;
};

}  // namespace nudge::state
