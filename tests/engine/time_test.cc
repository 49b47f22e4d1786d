// Times and durations as text: hand-made rows, then every day of the calendar against <chrono>.
#include "engine/time.h"

#include <chrono>
#include <random>

#include <gtest/gtest.h>

namespace nudge {
namespace {

TEST(ParseTime, AcceptsRfc3339WithOffset) {
  const struct {
    std::string_view text;
    Millis time;
  } rows[] = {
      {"1970-01-01T00:00:00Z", 0},
      {"2024-03-01T10:11:12.123Z", 1'709'287'872'123},
      {"2024-03-01t10:11:12z", 1'709'287'872'000},
      {"2024-03-01T10:11:12.1Z", 1'709'287'872'100},
      {"2024-03-01T10:11:12.1239999999999999999999999Z", 1'709'287'872'123},
      {"2024-03-01T12:11:12+02:00", 1'709'287'872'000},
      {"2024-03-01T04:41:12-05:30", 1'709'287'872'000},
      {"2024-03-02T10:10:12+23:59", 1'709'287'872'000},
      {"2024-02-29T00:00:00Z", 1'709'164'800'000},
      {"2000-02-29T00:00:00Z", 951'782'400'000},
      {"1969-12-31T23:30:00-01:00", 1'800'000},
      {"9999-12-31T23:59:59.999Z", kLastTime},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.text);
    EXPECT_EQ(parse_time(row.text), row.time);
  }
}

TEST(ParseTime, RefusesEverythingElse) {
  const struct {
    const char* reason;
    std::string_view text;
  } rows[] = {
      {"empty", ""},
      {"words", "yesterday"},
      {"no offset", "2024-03-01T10:11:12"},
      {"no offset after a fraction", "2024-03-01T10:11:12.5"},
      {"no seconds", "2024-03-01T10:11Z"},
      {"a space for T", "2024-03-01 10:11:12Z"},
      {"a space after it", "2024-03-01T10:11:12Z "},
      {"two offsets", "2024-03-01T10:11:12ZZ"},
      {"an offset without colon", "2024-03-01T10:11:12+0100"},
      {"an offset of a day", "2024-03-01T10:11:12+24:00"},
      {"an offset of 60 minutes", "2024-03-01T10:11:12+01:60"},
      {"an empty fraction", "2024-03-01T10:11:12.Z"},
      {"a comma", "2024-03-01T10:11:12,5Z"},
      {"a letter among the digits", "2024-03-01T1a:11:12Z"},
      {"a digit short", "2024-3-01T10:11:12Z"},
      {"month 0", "2024-00-01T00:00:00Z"},
      {"month 13", "2024-13-01T00:00:00Z"},
      {"day 0", "2024-04-00T00:00:00Z"},
      {"31 April", "2024-04-31T00:00:00Z"},
      {"29 February of a common year", "2023-02-29T00:00:00Z"},
      {"29 February of 1900", "1900-02-29T00:00:00Z"},
      {"hour 24", "2024-03-01T24:00:00Z"},
      {"a leap second", "2016-12-31T23:59:60Z"},
      {"before 1970", "1969-12-31T23:59:59.999Z"},
      {"before 1970 by its offset", "1970-01-01T00:30:00+01:00"},
      {"after 9999 by its offset", "9999-12-31T23:59:59.999-00:01"},
      {"the year 0", "0000-01-01T00:00:00Z"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.reason);
    EXPECT_EQ(parse_time(row.text), std::nullopt);
  }
}

TEST(FormatTime, AgreesWithTheCalendarOnEveryDayAndComesBack) {
  constexpr unsigned kSeed = 1;
  SCOPED_TRACE(kSeed);
  std::mt19937_64 random(kSeed);
  for (Millis midnight = 0; midnight < kLastTime; midnight += kDay) {
    const Millis time = midnight + static_cast<Millis>(random() % kDay);
    const std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(midnight / kDay))};
    const Millis of_day = time % kDay;
    char expected[80];
    std::snprintf(expected, sizeof expected, "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                  static_cast<int>(of_day / kHour), static_cast<int>(of_day / kMinute % 60),
                  static_cast<int>(of_day / kSecond % 60), static_cast<int>(of_day % kSecond));
    const std::string text = format_time(time);
    ASSERT_EQ(text, expected);
    ASSERT_EQ(parse_time(text), time);
  }
}

TEST(Duration, ParsesAndFormats) {
  const struct {
    std::string_view text;
    std::optional<Millis> duration;
    std::string_view canonical;
  } rows[] = {
      {"100ms", 100, "100ms"},
      {"5s", 5'000, "5s"},
      {"90s", 90'000, "90s"},
      {"60s", 60'000, "1m"},
      {"30m", 1'800'000, "30m"},
      {"3h", 3 * kHour, "3h"},
      {"6d", 6 * kDay, "6d"},
      {"7d", kWeek, "1w"},
      {"12w", 12 * kWeek, "12w"},
      {"0d", 0, "0s"},
      {"007s", 7'000, "7s"},
      {"", {}, ""},
      {"5", {}, ""},
      {"s", {}, ""},
      {"-5s", {}, ""},
      {"5 s", {}, ""},
      {"1.5h", {}, ""},
      {"5S", {}, ""},
      {"5sec", {}, ""},
      {"99999999999999999999ms", {}, ""},
      {"99999999999999999w", {}, ""},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.text);
    EXPECT_EQ(parse_duration(row.text), row.duration);
    if (row.duration) {
      EXPECT_EQ(format_duration(*row.duration), row.canonical);
      EXPECT_EQ(parse_duration(format_duration(*row.duration)), row.duration);
    }
  }
}

}  // namespace
}  // namespace nudge
