#include "operators/scores/adwin.h"

#include <algorithm>
#include <cmath>

#include "engine/portable_math.h"

namespace nudge::scores {

Adwin::Change Adwin::add(double value) {
  buckets_.push_back({0, value, value * value});
  size_ += 1;
  sum_ += value;
  squares_ += value * value;
  merge_buckets();
  if (++since_look_ < kValuesBetweenLooks) return Change::kNone;
  since_look_ = 0;
  const double before = mean();
  bool changed = false;
  for (std::size_t end = cut(); end > 0; end = cut()) {
    changed = true;
    for (; end > 0; --end) forget_oldest();
  }
  if (!changed) return Change::kNone;
  return mean() > before ? Change::kRise : Change::kFall;
}

// The two oldest buckets of a size that has too many become one of twice the size.
void Adwin::merge_buckets() {
  std::size_t end = buckets_.size();  // behind the buckets of one size
  while (end > 0) {
    std::size_t begin = end;
    while (begin > 0 && buckets_[begin - 1].size_log2 == buckets_[end - 1].size_log2) --begin;
    if (end - begin <= kBucketsOfASize) return;
    Bucket& merged = buckets_[begin];
    const Bucket& other = buckets_[begin + 1];
    merged = {static_cast<std::uint8_t>(merged.size_log2 + 1), merged.sum + other.sum, merged.squares + other.squares};
    buckets_.erase(buckets_.begin() + static_cast<std::ptrdiff_t>(begin) + 1);
    end = begin + 1;
  }
}

std::size_t Adwin::cut() const {
  if (size_ < 2 * kPartLeast) return 0;
  const double n = static_cast<double>(size_);
  const double variance = std::max(0.0, squares_ / n - (sum_ / n) * (sum_ / n));
  const double log_term = portable::log(2 * portable::log(n) / delta_);
  double older_sum = 0;
  std::uint64_t older = 0;
  for (std::size_t end = 1; end < buckets_.size(); ++end) {
    older += buckets_[end - 1].size();
    older_sum += buckets_[end - 1].sum;
    const std::uint64_t newer = size_ - older;
    if (older < kPartLeast || newer < kPartLeast) continue;
    const double difference =
        std::abs(older_sum / static_cast<double>(older) - (sum_ - older_sum) / static_cast<double>(newer));
    const double share = 1.0 / static_cast<double>(older) + 1.0 / static_cast<double>(newer);
    if (difference > std::sqrt(2 * share * variance * log_term) + 2.0 / 3.0 * share * log_term) return end;
  }
  return 0;
}

void Adwin::forget_oldest() {
  const Bucket& oldest = buckets_.front();
  size_ -= oldest.size();
  sum_ -= oldest.sum;
  squares_ -= oldest.squares;
  buckets_.pop_front();
}

void Adwin::encode(Encoder& out) const {
  out.varint(since_look_);
  out.real(sum_);
  out.real(squares_);
  out.varint(buckets_.size());
  for (const Bucket& bucket : buckets_) {
    out.byte(bucket.size_log2);
    out.real(bucket.sum);
    out.real(bucket.squares);
  }
}

void Adwin::decode(Decoder& in) {
  since_look_ = in.varint();
  sum_ = in.real();
  squares_ = in.real();
  size_ = 0;
  buckets_.resize(in.count(17));
  for (Bucket& bucket : buckets_) {
    bucket.size_log2 = in.byte();
    bucket.sum = in.real();
    bucket.squares = in.real();
    if (bucket.size_log2 > 62) return in.fail();
    size_ += bucket.size();
  }
}

}  // namespace nudge::scores
