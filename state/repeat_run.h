// What memory keeps of a sorted run of hashes in the store: a Bloom filter and the first hash of every block.
//
// The filter is blocked: all bits of a hash lie in one cache line (Putze, Sanders & Singler, 2007). It begins with 20
// bits a hash, where one hash in two thousand is taken for a member wrongly; halved once it is one in a hundred.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/hash.h"

namespace nudge::state {

class RepeatRun {
 public:
  static constexpr std::size_t kBlockHashes = 256;

  RepeatRun(std::uint64_t number, std::uint64_t hashes);

  std::uint64_t number() const { return number_; }
  std::uint64_t hashes() const { return hashes_; }  // how many it has when it is complete
  std::uint64_t blocks() const { return firsts_.size(); }

  // Blocks are added in order; the block's number is that of those before it.
  void add_block(const std::vector<Hash128>& block);

  bool may_hold(const Hash128& hash) const {
    const std::uint64_t* const line = &filter_[line_of(hash)];
    std::uint64_t bits = hash.low;
    for (int probe = 0; probe < kProbes; ++probe, bits >>= 9)
      if (!(line[(bits & 511) / 64] >> (bits & 63) & 1)) return false;
    return true;
  }
  void prefetch(const Hash128& hash) const { __builtin_prefetch(&filter_[line_of(hash)]); }
  // The only block that can hold it; a number beyond blocks(): none.
  std::uint64_t block_of(const Hash128& hash) const;

  std::size_t filter_bytes() const { return filter_.size() * sizeof(std::uint64_t); }
  std::size_t bytes() const { return filter_bytes() + firsts_.size() * sizeof(Hash128); }
  // Halves the filter. False: it is as small as it gets.
  bool halve_filter();

 private:
  static constexpr int kProbes = 6;
  static constexpr std::size_t kLineWords = 8;

  // By the highest bits, so that two neighbouring lines become one when the filter is halved.
  std::size_t line_of(const Hash128& hash) const {
    return static_cast<std::size_t>((static_cast<unsigned __int128>(hash.high) * lines_) >> 64) * kLineWords;
  }

  std::uint64_t number_;
  std::uint64_t hashes_;
  std::size_t lines_;
  std::vector<std::uint64_t> filter_;
  std::vector<Hash128> firsts_;
};

}  // namespace nudge::state
