#include "operators/targets/eligibility.h"

#include <algorithm>

namespace nudge::targets {

std::optional<Millis> capped_until(std::span<const Millis> starts, const FrequencyCap& cap, Millis now) {
  const auto max = static_cast<std::size_t>(cap.max);
  if (starts.size() < max) return std::nullopt;
  const Millis oldest_that_matters = starts[starts.size() - max];
  if (oldest_that_matters <= now - cap.per) return std::nullopt;
  return oldest_that_matters + cap.per;
}

Verdict judge(const ListSettings& list, const std::optional<FrequencyCap>& cap_of_all, const Facts& facts, bool running,
              Millis now) {
  Verdict verdict;
  const auto until = [&verdict](Suppression reason, std::optional<Millis> end) {
    if (!end) return;
    verdict.suppressed |= reason;
    verdict.changes_at = std::min(verdict.changes_at, *end);
  };
  if (list.channel) {
    if (!facts.granted) verdict.suppressed |= kConsent;
    verdict.changes_at = facts.consent_changes_at.value_or(kNever);
  }
  if (list.recent_purchase && facts.last_sale && *facts.last_sale > now - *list.recent_purchase)
    until(kRecentPurchase, *facts.last_sale + *list.recent_purchase);
  // Who loses eligibility for another reason needs a new start to get it back.
  if (!running || verdict.suppressed != 0) {
    until(kQuietHours, facts.quiet_until);
    if (list.cap) until(kFrequencyCapped, capped_until(facts.starts, *list.cap, now));
    if (cap_of_all) until(kFrequencyCapped, capped_until(facts.all_starts, *cap_of_all, now));
  }
  return verdict;
}

}  // namespace nudge::targets
