// What operators tell each other about a customer within one cause.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/time.h"

namespace nudge {

// A page view belongs to this session, which is open. Written by `sessions` when a page view was applied that may be
// scored, after all changes of the cause are in the session's figures.
struct SessionTouched {
  static constexpr std::string_view kName = "session_touched";
  std::uint64_t session = 0;  // hash of what makes the session: its session_id, else visitor and start
  std::string session_id;     // empty where the events carry none
  Millis at = 0;              // the page view's event time
  bool bought = false;        // a sale lies in the session already
};

// No event has come for the gap: the session lasted from `from` to `until`, its last event (a sale may extend it).
struct SessionEnded {
  static constexpr std::string_view kName = "session_ended";
  std::uint64_t session = 0;
  Millis from = 0, until = 0;
};

// Why a score is what it is: what the feature adds to the log-odds.
struct Reason {
  std::string_view feature;  // the column's name
  std::string value;         // as JSON
  double contribution = 0;
  std::string text;
};

// A new score of the customer. `probability` is what the record in `scores` says, in units of 1e-6.
struct ScoreMade {
  static constexpr std::string_view kName = "score_made";
  std::string_view target;
  Millis at = 0;
  std::int32_t probability_micro = -1;  // −1: withheld
  std::int32_t percentile_centi = -1;   // in hundredths of a percent point
  std::string_view band;
  std::string reasons_json;  // the array as in `scores`
  std::string session_id;
};

// What a score of the customer foretold came true, or not: its horizon has passed.
struct LabelKnown {
  static constexpr std::string_view kName = "label_known";
  std::string_view target;
  bool is_true = false;
};

// The customer entered the list, whatever the group. Left for later by `targets`, which reads scores.
struct ListEntered {
  static constexpr std::string_view kName = "list_entered";
  std::string list;
  Millis at = 0;
};

}  // namespace nudge
