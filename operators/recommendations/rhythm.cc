#include "operators/recommendations/rhythm.h"

#include <algorithm>

namespace nudge::recommendations {

std::optional<Rhythm> Rhythm::of(std::span<const Millis> times) {
  if (times.size() < kPurchasesLeast) return std::nullopt;
  const Millis span = times.back() - times.front();
  const Rhythm rhythm{times.size(), span / static_cast<Millis>(times.size() - 1)};
  return rhythm.mean_gap >= kHour ? std::optional(rhythm) : std::nullopt;
}

std::size_t RhythmTable::class_of(const Rhythm& rhythm) {
  constexpr std::size_t kPurchaseBounds[kPurchaseClasses - 1] = {4, 6, 11};
  constexpr Millis kGapBounds[kGapClasses - 1] = {4 * kDay,  7 * kDay,  11 * kDay, 16 * kDay,
                                                  24 * kDay, 36 * kDay, 60 * kDay};
  const auto place = [](const auto& bounds, auto value) {
    return static_cast<std::size_t>(std::upper_bound(std::begin(bounds), std::end(bounds), value) - std::begin(bounds));
  };
  return place(kPurchaseBounds, rhythm.purchases) * kGapClasses + place(kGapBounds, rhythm.mean_gap);
}

void RhythmTable::add(std::span<const Millis> times, Millis until) {
  for (std::size_t known = Rhythm::kPurchasesLeast; known <= times.size(); ++known) {
    const auto rhythm = Rhythm::of(times.first(known));
    if (!rhythm) continue;
    const Millis last = times[known - 1];
    const Millis next = known < times.size() ? times[known] : kNever;
    Ages& ages = counts_[class_of(*rhythm)];
    for (std::size_t quarter = 1; quarter <= kAges; ++quarter) {
      const Millis from = last + age(*rhythm, quarter);
      if (next <= from || from + kAhead > until) break;
      ++ages[quarter - 1].trials;
      ages[quarter - 1].hits += next <= from + kAhead ? 1 : 0;
    }
  }
}

std::optional<double> RhythmTable::probability(const Rhythm& rhythm, std::size_t quarter) const {
  const Count& count = counts_[class_of(rhythm)][quarter - 1];
  if (count.trials < kTrialsLeast) return std::nullopt;
  return static_cast<double>(count.hits) / static_cast<double>(count.trials);
}

std::optional<RhythmTable::Moment> RhythmTable::best(const Rhythm& rhythm) const {
  std::optional<Moment> best;
  for (std::size_t quarter = 1; quarter <= kAges; ++quarter)
    if (const auto here = probability(rhythm, quarter); here && (!best || *here > best->probability))
      best = Moment{quarter, *here};
  return best;
}

void RhythmTable::encode(Encoder& out) const {
  for (const Ages& ages : counts_)
    for (const Count& count : ages) {
      out.zigzag(count.trials);
      out.zigzag(count.hits);
    }
}

void RhythmTable::decode(Decoder& in) {
  for (Ages& ages : counts_)
    for (Count& count : ages) {
      count.trials = in.zigzag();
      count.hits = in.zigzag();
    }
}

}  // namespace nudge::recommendations
