#include "engine/sketch.h"

#include <algorithm>
#include <bit>

#include "engine/check.h"

namespace nudge {

BucketCounts::Page& BucketCounts::page_of(Key key) {
  const Key number = key >> kPageBits;
  const auto place = std::lower_bound(page_numbers_.begin(), page_numbers_.end(), number);
  const auto index = place - page_numbers_.begin();
  if (place == page_numbers_.end() || *place != number) {
    page_numbers_.insert(place, number);
    pages_.insert(pages_.begin() + index, std::make_unique<Page>());
  }
  return *pages_[static_cast<std::size_t>(index)];
}

void BucketCounts::add(Key key, std::uint64_t n) {
  Page& page = page_of(key);
  page.counts[key & ((1 << kPageBits) - 1)] += n;
  page.total += n;
  total_ += n;
}

void BucketCounts::remove(Key key, std::uint64_t n) {
  Page& page = page_of(key);
  std::uint64_t& count = page.counts[key & ((1 << kPageBits) - 1)];
  NUDGE_CHECK(count >= n, "only what was added is removed");
  count -= n;
  page.total -= n;
  total_ -= n;
}

template <typename Visit>
void BucketCounts::for_each(Visit visit) const {
  for (std::size_t i = 0; i < pages_.size(); ++i) {
    if (pages_[i]->total == 0) continue;
    for (std::size_t slot = 0; slot < pages_[i]->counts.size(); ++slot)
      if (const std::uint64_t count = pages_[i]->counts[slot]; count > 0)
        visit(page_numbers_[i] * (Key{1} << kPageBits) + static_cast<Key>(slot), count);
  }
}

void BucketCounts::merge(const BucketCounts& other) {
  other.for_each([this](Key key, std::uint64_t count) { add(key, count); });
}

BucketCounts::Key BucketCounts::at_rank(std::uint64_t rank) const {
  NUDGE_CHECK(rank >= 1 && rank <= total_, "a rank within the counts");
  std::size_t page = 0;
  while (rank > pages_[page]->total) rank -= pages_[page++]->total;
  std::size_t slot = 0;
  while (rank > pages_[page]->counts[slot]) rank -= pages_[page]->counts[slot++];
  return page_numbers_[page] * (Key{1} << kPageBits) + static_cast<Key>(slot);
}

void BucketCounts::encode(Encoder& out) const {
  std::uint64_t buckets = 0;
  for_each([&](Key, std::uint64_t) { ++buckets; });
  out.varint(buckets);
  Key before = 0;
  for_each([&](Key key, std::uint64_t count) {
    out.zigzag(key - before);
    out.varint(count);
    before = key;
  });
}

bool BucketCounts::decode(Decoder& in) {
  const std::size_t buckets = in.count(2);
  Key key = 0;
  for (std::size_t i = 0; i < buckets; ++i) {
    const std::int64_t step = in.zigzag();
    const std::uint64_t count = in.varint();
    if ((i > 0 && step <= 0) || count == 0 || __builtin_add_overflow(key, step, &key)) in.fail();
    if (!in.ok()) return false;
    add(key, count);
  }
  return in.ok();
}

bool BucketCounts::operator==(const BucketCounts& other) const {
  std::string own, others;
  Encoder own_encoder(own), other_encoder(others);
  encode(own_encoder);
  other.encode(other_encoder);
  return own == others;
}

// With e the exponent and b the mantissa bits: below 2^(b+1) the size itself, else (e − b)·2^b plus the b+1 leading
// bits.
BucketCounts::Key DDSketch::key_of(Int128 value) const {
  const auto size = static_cast<unsigned __int128>(value < 0 ? -value : value);
  const auto high = static_cast<std::uint64_t>(size >> 64), low = static_cast<std::uint64_t>(size);
  const int bits = high ? 128 - std::countl_zero(high) : 64 - std::countl_zero(low);
  const int shift = std::max(0, bits - 1 - mantissa_bits_);
  const auto key = (static_cast<BucketCounts::Key>(shift) << mantissa_bits_) +
                   static_cast<BucketCounts::Key>(static_cast<std::uint64_t>(size >> shift));
  return value < 0 ? -key : key;
}

void DDSketch::merge(const DDSketch& other) {
  NUDGE_CHECK(mantissa_bits_ == other.mantissa_bits_, "only sketches of one precision merge");
  counts_.merge(other.counts_);
}

Int128 DDSketch::at_rank(std::uint64_t rank) const {
  const BucketCounts::Key key = counts_.at_rank(rank);
  const BucketCounts::Key size = key < 0 ? -key : key;
  const int shift = static_cast<int>(std::max<BucketCounts::Key>(0, (size >> mantissa_bits_) - 1));
  const Int128 leading = size - (static_cast<BucketCounts::Key>(shift) << mantissa_bits_);
  return key < 0 ? -(leading << shift) : ((leading + 1) << shift) - 1;
}

}  // namespace nudge
