// Whether a member may be contacted, and when that may change by the clock alone. Pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "operators/targets/list_settings.h"

namespace nudge::targets {

// A set of reasons against contact; empty means eligible.
using Suppression = std::uint8_t;
inline constexpr Suppression kConsent = 1, kFrequencyCapped = 2, kRecentPurchase = 4, kQuietHours = 8,
                             kSuppressionEnd = 16;
inline constexpr std::string_view kSuppressionNames[] = {"consent", "frequency_cap", "recent_purchase", "quiet_hours"};

// What is known of the customer.
struct Facts {
  bool granted = false;                      // consent for the list's channel holds
  std::optional<Millis> consent_changes_at;  // the next time at which a consent begins to hold
  std::optional<Millis> last_sale;           // that holds
  std::span<const Millis> starts;            // when the list made the customer eligible, rising
  std::span<const Millis> all_starts;        // the same of all lists together, rising
  std::optional<Millis> quiet_until;         // when the quiet hours end that it is in
};

struct Verdict {
  Suppression suppressed = 0;
  Millis changes_at = kNever;  // the first time after `now` at which it must be judged again
};

// When the cap lets one more start happen; nothing where it does so at `now`. `starts` rise.
std::optional<Millis> capped_until(std::span<const Millis> starts, const FrequencyCap& cap, Millis now);

// `running`: the member is eligible already, which neither a cap nor quiet hours end.
Verdict judge(const ListSettings& list, const std::optional<FrequencyCap>& cap_of_all, const Facts& facts, bool running,
              Millis now);

}  // namespace nudge::targets
