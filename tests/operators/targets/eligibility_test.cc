// When a member may be contacted, and when that is judged again.
#include "operators/targets/eligibility.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace nudge::targets {
namespace {

TEST(CappedUntil, IsWhenTheOldestStartThatMattersLeavesThePeriod) {
  const struct {
    const char* name;
    std::vector<Millis> starts;
    FrequencyCap cap;
    Millis now;
    std::optional<Millis> until;
  } rows[] = {
      {"no starts", {}, {1, 10}, 100, {}},
      {"one is left", {95}, {2, 10}, 100, {}},
      {"one too many", {95}, {1, 10}, 100, 105},
      {"two of two", {93, 95}, {2, 10}, 100, 103},
      {"the end of the period is outside", {90}, {1, 10}, 100, {}},
      {"just inside", {91}, {1, 10}, 100, 101},
      {"more than allowed", {92, 93, 95}, {2, 10}, 100, 103},
      {"one that lies ahead counts", {102}, {1, 10}, 100, 112},
  };
  for (const auto& row : rows) EXPECT_EQ(capped_until(row.starts, row.cap, row.now), row.until) << row.name;
}

TEST(CappedUntil, EqualsCountingAtEveryMillisecond) {
  for (unsigned seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    std::vector<Millis> starts(random() % 8);
    for (Millis& start : starts) start = static_cast<Millis>(random() % 60);
    std::sort(starts.begin(), starts.end());
    const FrequencyCap cap{1 + static_cast<std::int64_t>(random() % 4), 1 + static_cast<Millis>(random() % 40)};
    const auto now = static_cast<Millis>(60 + random() % 10);
    const auto open = [&](Millis at) {
      return std::count_if(starts.begin(), starts.end(), [&](Millis start) { return start > at - cap.per; }) < cap.max;
    };
    std::optional<Millis> expected;
    if (!open(now)) {
      expected = now;
      while (!open(*expected)) ++*expected;
    }
    EXPECT_EQ(capped_until(starts, cap, now), expected);
  }
}

TEST(Judge, NamesEveryReasonAndTheFirstChange) {
  ListSettings list;
  list.channel = Channel::kSms;
  list.recent_purchase = 10;
  list.cap = FrequencyCap{1, 20};
  const std::vector<Millis> starts = {95};
  const auto facts = [&](bool granted, std::optional<Millis> changes, std::optional<Millis> sale, bool started) {
    return Facts{granted, changes, sale, started ? std::span<const Millis>(starts) : std::span<const Millis>(), {}};
  };
  const struct {
    const char* name;
    Facts facts;
    bool running;
    Suppression suppressed;
    Millis changes_at;
  } rows[] = {
      {"nothing against it", facts(true, {}, {}, false), false, 0, kNever},
      {"a consent to come", facts(false, 150, {}, false), false, kConsent, 150},
      {"a denial to come", facts(true, 150, {}, false), true, 0, 150},
      {"an old sale", facts(true, {}, 90, false), false, 0, kNever},
      {"a recent sale", facts(true, {}, 91, false), false, kRecentPurchase, 101},
      {"a sale ahead of the clock", facts(true, {}, 103, false), false, kRecentPurchase, 113},
      {"capped", facts(true, {}, {}, true), false, kFrequencyCapped, 115},
      {"running members are not capped", facts(true, {}, {}, true), true, 0, kNever},
      {"but need a new start after a pause", facts(true, {}, 95, true), true, kFrequencyCapped | kRecentPurchase, 105},
      {"all of them", facts(false, 110, 99, true), false, kConsent | kFrequencyCapped | kRecentPurchase, 109},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    const Verdict verdict = judge(list, {}, row.facts, row.running, 100);
    EXPECT_EQ(verdict.suppressed, row.suppressed);
    EXPECT_EQ(verdict.changes_at, row.changes_at);
  }
}

TEST(Judge, QuietHoursKeepFromStartingOnly) {
  const ListSettings list;
  Facts facts;
  facts.quiet_until = 130;
  EXPECT_EQ(judge(list, {}, facts, false, 100).suppressed, kQuietHours);
  EXPECT_EQ(judge(list, {}, facts, false, 100).changes_at, 130);
  EXPECT_EQ(judge(list, {}, facts, true, 100).suppressed, 0);
}

}  // namespace
}  // namespace nudge::targets
