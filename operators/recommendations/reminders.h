// When a customer is to be reminded of what: of what it buys in a rhythm, when that is most probable, and of what
// follows what it bought, when a sequence rule's window begins.
#pragma once

#include <vector>

#include "operators/recommendations/item_model.h"
#include "operators/recommendations/rule_book.h"
#include "operators/recommendations/settings.h"

namespace nudge::recommendations {

struct Reminder {
  Millis at = 0, until = 0;
  ItemNumber item = 0;
  double probability = 0;                      // that it is bought between the two
  const rules::PublishedRule* rule = nullptr;  // null: by rhythm
  std::size_t bought = 0;                      // by rhythm: how often, in what gap
  Millis mean_gap = 0, last = 0;
};

// All that are due later than `after`, by time, then the most probable first.
std::vector<Reminder> reminders_of(const History& history, Millis after, const ItemModel& model, RuleBook& rules,
                                   const Settings& settings, CustomerContext& customer);

}  // namespace nudge::recommendations
