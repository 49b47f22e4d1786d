// Where a score stands among the scores of the recent epochs: an integer histogram over calibrated log-odds.
//
// Counts add up in any order. Log-odds, so that a base whose probabilities are all near 0 is still told apart.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "state/codec.h"

namespace nudge::scores {

class ScoreHistogram {
 public:
  static constexpr std::size_t kBins = 2048;
  static constexpr double kLogOddsMost = 14.0;  // 1e-6 lies at −13.8.

  static std::size_t bin_of(double log_odds) {
    const double place = (log_odds + kLogOddsMost) * (kBins / (2 * kLogOddsMost));
    return static_cast<std::size_t>(std::clamp(place, 0.0, static_cast<double>(kBins - 1)));
  }

  void add(double log_odds) {
    if (counts_.empty()) counts_.resize(kBins);
    counts_[bin_of(log_odds)] += 1;
    total_ += 1;
  }
  void add(const ScoreHistogram& other) {
    if (other.total_ == 0) return;
    if (counts_.empty()) counts_.resize(kBins);
    for (std::size_t bin = 0; bin < kBins; ++bin) counts_[bin] += other.counts_[bin];
    total_ += other.total_;
  }
  std::uint64_t total() const { return total_; }
  std::uint64_t count(std::size_t bin) const { return counts_.empty() ? 0 : counts_[bin]; }

  // Only bins with a count.
  void encode(Encoder& out) const {
    std::size_t used = 0;
    for (const std::uint64_t count : counts_) used += count > 0;
    out.varint(used);
    std::size_t last = 0;
    for (std::size_t bin = 0; bin < counts_.size(); ++bin) {
      if (counts_[bin] == 0) continue;
      out.varint(bin - last);
      out.varint(counts_[bin]);
      last = bin;
    }
  }
  void decode(Decoder& in) {
    *this = {};
    std::size_t bin = 0;
    for (std::size_t left = in.count(2); left > 0; --left) {
      bin += in.varint();
      const std::uint64_t count = in.varint();
      if (bin >= kBins) return in.fail();
      if (counts_.empty()) counts_.resize(kBins);
      counts_[bin] += count;
      total_ += count;
    }
  }
  bool operator==(const ScoreHistogram&) const = default;

 private:
  std::vector<std::uint64_t> counts_;  // empty: no score yet
  std::uint64_t total_ = 0;
};

// Percentiles of every bin, in hundredths: the share of scores below the bin plus half of those in it.
class PercentileTable {
 public:
  PercentileTable() = default;
  explicit PercentileTable(const ScoreHistogram& histogram) {
    if (histogram.total() == 0) return;
    std::uint64_t below = 0;
    for (std::size_t bin = 0; bin < ScoreHistogram::kBins; ++bin) {
      const std::uint64_t here = histogram.count(bin);
      centi_[bin] = static_cast<std::int32_t>((2 * below + here) * 5000 / histogram.total());
      below += here;
    }
  }
  std::int32_t centi(double log_odds) const { return centi_[ScoreHistogram::bin_of(log_odds)]; }

 private:
  std::array<std::int32_t, ScoreHistogram::kBins> centi_{};
};

}  // namespace nudge::scores
