#include "operators/targets/quiet_hours.h"

#include <gtest/gtest.h>

namespace nudge::targets {
namespace {

QuietHours hours(int from, int until, const std::string& zone) {
  auto made = QuietHours::make(from, until, zone);
  EXPECT_TRUE(made.is_ok());
  return std::move(made).value();
}

Millis at(const char* text) { return *parse_time(text); }

TEST(QuietHours, EndOnTheNextDayWhereTheyGoOverMidnight) {
  const QuietHours night = hours(21 * 60 + 30, 8 * 60, "Europe/Prague");
  const struct {
    const char* name;
    const char* time;
    const char* until;  // null: not quiet
  } rows[] = {
      {"before", "2024-01-10T21:29:59.999+01:00", nullptr},
      {"when they begin", "2024-01-10T21:30:00+01:00", "2024-01-11T08:00:00+01:00"},
      {"before midnight", "2024-01-10T23:59:00+01:00", "2024-01-11T08:00:00+01:00"},
      {"after midnight", "2024-01-11T00:00:00+01:00", "2024-01-11T08:00:00+01:00"},
      {"when they end", "2024-01-11T08:00:00+01:00", nullptr},
      {"in summer", "2024-07-01T23:00:00+02:00", "2024-07-02T08:00:00+02:00"},
      {"the night that has an hour less", "2024-03-30T23:00:00+01:00", "2024-03-31T08:00:00+02:00"},
      {"the night that has an hour more", "2024-10-26T23:00:00+02:00", "2024-10-27T08:00:00+01:00"},
  };
  for (const auto& row : rows)
    EXPECT_EQ(night.until(at(row.time)), row.until ? std::optional(at(row.until)) : std::nullopt) << row.name;
}

TEST(QuietHours, WhenClocksSkipOrRepeatTheEnd) {
  const QuietHours early = hours(0, 2 * 60 + 30, "Europe/Prague");
  // At 02:00 clocks go on to 03:00: there is no 02:30.
  EXPECT_EQ(early.until(at("2024-03-31T01:00:00+01:00")), at("2024-03-31T03:00:00+02:00"));
  // At 03:00 clocks go back to 02:00: 02:30 comes twice.
  EXPECT_EQ(early.until(at("2024-10-27T01:00:00+02:00")), at("2024-10-27T02:30:00+01:00"));
  EXPECT_EQ(early.until(at("2024-10-27T02:15:00+01:00")), at("2024-10-27T02:30:00+01:00"));
}

// Minute by minute through a year: what is told ends later, and at that moment it is not quiet.
TEST(QuietHours, EndWhenTheySayTheyDo) {
  for (const auto& [from, until] : {std::pair{22 * 60, 7 * 60}, {13 * 60, 14 * 60 + 15}, {150, 150}}) {
    const QuietHours tried = hours(from, until, "America/New_York");
    for (Millis time = at("2024-01-01T00:00:00Z"); time < at("2025-01-01T00:00:00Z"); time += 7 * kMinute) {
      const auto end = tried.until(time);
      if (!end) continue;
      ASSERT_GT(*end, time);
      ASSERT_LE(*end, time + 11 * kHour);
      ASSERT_FALSE(tried.until(*end)) << format_time(*end);
    }
  }
}

TEST(QuietHours, AZoneThatThereIsNotIsNamed) {
  const auto made = QuietHours::make(0, 60, "Europe/Atlantis");
  ASSERT_FALSE(made.is_ok());
  EXPECT_EQ(made.status().message(), "no time zone \"Europe/Atlantis\"");
}

TEST(MinuteOfDay, IsReadFromItsText) {
  EXPECT_EQ(minute_of_day("00:00"), 0);
  EXPECT_EQ(minute_of_day("21:30"), 21 * 60 + 30);
}

}  // namespace
}  // namespace nudge::targets
