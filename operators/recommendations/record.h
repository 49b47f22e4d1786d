// A recommendation as a record of `recommendations`, with its reasons.
#pragma once

#include <string_view>

#include "engine/output.h"
#include "operators/recommendations/recommender.h"
#include "operators/recommendations/reminders.h"

namespace nudge::recommendations {

struct RecordPlace {
  std::string_view customer_id;
  Millis event_time = 0;
  const ItemModel& model;
  std::string_view channel;
};

// `rank` from 1.
void write_recommendation(const RecordPlace& place, const Recommendation& recommendation, std::size_t rank,
                          std::int64_t purchases, Outputs& outputs);
void write_reminder(const RecordPlace& place, const Reminder& reminder, Outputs& outputs);

}  // namespace nudge::recommendations
