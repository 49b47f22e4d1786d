// Chooses among candidates what is recommended after a purchase, and says from when on: never what the customer has
// just bought, until it usually is used up, nor what it gave back.
#pragma once

#include <optional>
#include <vector>

#include "operators/recommendations/candidates.h"
#include "operators/recommendations/settings.h"

namespace nudge::recommendations {

struct Recommendation {
  const Candidate* candidate = nullptr;
  Millis send_after = 0, send_before = 0;
  std::optional<double> margin;          // expected, in units of the currency
  const ItemFacts* goes_with = nullptr;  // of what the customer has bought; null: nothing
};

// Items that were given back less than `within` before `now`, rising.
std::vector<ItemHash> given_back(const History& history, Millis now, Millis within);

// The best first; of equally good ones the first by its text.
std::vector<Recommendation> choose(const std::vector<Candidate>& candidates, const ItemModel& model,
                                   const History& history, Millis now, const Settings& settings);

}  // namespace nudge::recommendations
