#include "operators/recommendations/recommender.h"

#include <algorithm>
#include <tuple>

#include "engine/hash.h"

namespace nudge::recommendations {
namespace {

std::optional<double> expected_margin(const ItemFacts& item, double probability) {
  if (!item.margin) return std::nullopt;
  return probability * static_cast<double>(*item.margin) / 1e6;
}

}  // namespace

std::vector<ItemHash> given_back(const History& history, Millis now, Millis within) {
  std::vector<ItemHash> items;
  for (const Purchase& each : history.returns())
    if (each.time > now - within) items.insert(items.end(), each.items.begin(), each.items.end());
  std::sort(items.begin(), items.end());
  return items;
}

std::vector<Recommendation> choose(const std::vector<Candidate>& candidates, const ItemModel& model,
                                   const History& history, Millis now, const Settings& settings) {
  const std::vector<ItemHash> refused = given_back(history, now, settings.returned);
  std::vector<Recommendation> chosen;
  for (const Candidate& candidate : candidates) {
    if (candidate.probability < settings.probability_least) continue;
    if (!settings.repeats && candidate.evidence == Evidence::kRepeat) continue;
    const ItemFacts& item = model.items[candidate.item];
    if (!refused.empty() && std::binary_search(refused.begin(), refused.end(), hash64(item.text))) continue;
    Millis send_after = now;
    if (candidate.bought > 0) {
      const Millis used_up = candidate.last + item.lasts;
      if (used_up > now + settings.ahead) continue;
      send_after = std::max(now, used_up);
    }
    chosen.push_back(
        {&candidate, send_after, send_after + settings.valid, expected_margin(item, candidate.probability)});
  }
  const auto worth = [&](const Recommendation& each) {
    return settings.rank_by == RankBy::kMargin ? each.margin.value_or(0) : each.candidate->probability;
  };
  const auto is_better = [&](const Recommendation& a, const Recommendation& b) {
    return std::tuple(-worth(a), -a.candidate->probability, a.candidate->item) <
           std::tuple(-worth(b), -b.candidate->probability, b.candidate->item);
  };
  const std::size_t count = std::min(chosen.size(), static_cast<std::size_t>(settings.count));
  std::partial_sort(chosen.begin(), chosen.begin() + static_cast<std::ptrdiff_t>(count), chosen.end(), is_better);
  chosen.resize(count);
  return chosen;
}

}  // namespace nudge::recommendations
