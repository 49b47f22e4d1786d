// How probable it is that somebody who buys an item again and again buys it within the next week, by how long ago the
// last purchase was in terms of the customer's own mean gap: counted over all customers and items, by how many
// purchases there were and how long the gap is.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "engine/time.h"
#include "state/codec.h"

namespace nudge::recommendations {

// What one customer's purchases of one item were until now.
struct Rhythm {
  std::size_t purchases = 0;
  Millis mean_gap = 0;  // between them

  // Nothing for fewer than kPurchasesLeast: two gaps.
  static std::optional<Rhythm> of(std::span<const Millis> times);
  static constexpr std::size_t kPurchasesLeast = 3;
};

class RhythmTable {
 public:
  static constexpr Millis kAhead = kWeek;
  // Ages are told in quarters of the mean gap, up to three of it.
  static constexpr std::size_t kAges = 12;
  static Millis age(const Rhythm& rhythm, std::size_t quarter) {
    return rhythm.mean_gap * static_cast<Millis>(quarter) / 4;
  }

  // All purchases of one item by one customer, rising, as far as they are known by `until`.
  void add(std::span<const Millis> times, Millis until);
  // That it is bought within kAhead, if it was not yet `quarter` quarters of the gap after the last purchase, 1 to
  // kAges. Nothing where fewer than kTrialsLeast customers were there.
  std::optional<double> probability(const Rhythm& rhythm, std::size_t quarter) const;
  static constexpr std::int64_t kTrialsLeast = 20;

  // The quarter at which it is most probable, the earlier of equal ones, and how probable.
  struct Moment {
    std::size_t quarter = 0;
    double probability = 0;
  };
  std::optional<Moment> best(const Rhythm& rhythm) const;

  void encode(Encoder& out) const;
  void decode(Decoder& in);

 private:
  static constexpr std::size_t kPurchaseClasses = 4, kGapClasses = 8;
  struct Count {
    std::int64_t trials = 0, hits = 0;
  };
  using Ages = std::array<Count, kAges>;
  static std::size_t class_of(const Rhythm& rhythm);

  std::array<Ages, kPurchaseClasses * kGapClasses> counts_{};
};

}  // namespace nudge::recommendations
