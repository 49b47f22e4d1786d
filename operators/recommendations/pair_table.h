// In how many customers each two of n items were together: integers, half a square of them.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace nudge::recommendations {

class PairTable {
 public:
  static constexpr std::size_t kItemsMost = 4'096;

  explicit PairTable(std::size_t items) : alone_(items), together_(items * (items + 1) / 2) {}

  // One more customer: its different items, rising.
  void add(std::span<const std::uint32_t> items) {
    ++customers_;
    for (std::size_t i = 0; i < items.size(); ++i) {
      ++alone_[items[i]];
      std::uint32_t* const row = together_.data() + std::size_t{items[i]} * (items[i] + 1) / 2;
      for (std::size_t j = 0; j < i; ++j) ++row[items[j]];
    }
  }

  std::int64_t customers() const { return customers_; }
  std::int64_t with(std::uint32_t item) const { return alone_[item]; }
  std::int64_t with_both(std::uint32_t a, std::uint32_t b) const {
    const std::size_t greater = a > b ? a : b, less = a > b ? b : a;
    return together_[greater * (greater + 1) / 2 + less];
  }

 private:
  std::int64_t customers_ = 0;
  std::vector<std::uint32_t> alone_, together_;
};

}  // namespace nudge::recommendations
