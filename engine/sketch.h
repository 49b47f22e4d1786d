// Quantiles of integers from integer counts: mergeable, deletable, free of order.
//
// DDSketch (Masson, Rim & Lee, PVLDB 12, 2019) with the linearly interpolated mapping: a bucket is an exponent and the
// leading bits of the mantissa. So no logarithm is taken, values below 2^(mantissa_bits + 1) have buckets of their own,
// and the answer for any other is too large in size by at most 2^-mantissa_bits of it.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "engine/decimal.h"
#include "state/codec.h"

namespace nudge {

// How often each key occurs. Memory goes by the pages of 256 neighbouring keys that were ever in use.
class BucketCounts {
 public:
  using Key = std::int64_t;

  void add(Key key, std::uint64_t n = 1);
  void remove(Key key, std::uint64_t n = 1);  // They were added before.
  void merge(const BucketCounts& other);
  std::uint64_t total() const { return total_; }
  // The key of the value of this rank, 1 … total().
  Key at_rank(std::uint64_t rank) const;

  void encode(Encoder& out) const;
  // Into an empty object. False where the bytes are none that encode() wrote.
  bool decode(Decoder& in);
  bool operator==(const BucketCounts& other) const;

 private:
  static constexpr int kPageBits = 8;
  struct Page {
    std::uint64_t total = 0;
    std::array<std::uint64_t, 1 << kPageBits> counts = {};
  };
  Page& page_of(Key key);
  template <typename Visit>
  void for_each(Visit visit) const;

  std::vector<Key> page_numbers_;  // rising
  std::vector<std::unique_ptr<Page>> pages_;
  std::uint64_t total_ = 0;
};

class DDSketch {
 public:
  // `mantissa_bits` in [1, 20] is part of the definition: only sketches with the same merge.
  explicit DDSketch(int mantissa_bits) : mantissa_bits_(mantissa_bits) {}

  void add(Int128 value) { counts_.add(key_of(value)); }
  void remove(Int128 value) { counts_.remove(key_of(value)); }
  void merge(const DDSketch& other);
  std::uint64_t total() const { return counts_.total(); }
  // The largest value of the bucket in which the value of this rank (1 … total()) lies: never below that value.
  Int128 at_rank(std::uint64_t rank) const;

  void encode(Encoder& out) const { counts_.encode(out); }
  bool decode(Decoder& in) { return counts_.decode(in); }
  bool operator==(const DDSketch& other) const = default;

 private:
  BucketCounts::Key key_of(Int128 value) const;

  int mantissa_bits_;
  BucketCounts counts_;
};

}  // namespace nudge
