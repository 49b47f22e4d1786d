// What became of scores, from the timeline alone: sessions' ends, horizons, corrections.
#include "operators/scores/history.h"

#include <gtest/gtest.h>

#include "tests/operators/scores/shop.h"

namespace nudge::scores {
namespace {

using nudge::testing::FakeTimeline;
using testing::Desk;

constexpr Millis kStart = 2'800 * kWeek, kEnd = kStart + 100 * kDay;
constexpr std::uint8_t kSlot = 3;

std::string note_of(const Targets& targets, Millis at, std::string_view session_id = {},
                    std::string_view visitor = {}) {
  std::string bytes;
  ScoreNote{.target = 0, .at = at, .probability_micro = 999'999, .session = session_key(session_id, visitor)}.append(
      bytes, targets.all[0].within_session, false);
  return bytes;
}

// The label that each note gets; −1 where its horizon has not passed.
int judged(const Targets& targets, FakeTimeline& timeline, Millis end) {
  std::vector<EventMatcher> matchers;
  matchers.emplace_back(targets.labels[0]);
  History history(targets, matchers);
  history.read(timeline, kSlot);
  std::vector<ScoreTally> tallies(1);
  history.judge(end, tallies);
  const Quality quality = tallies[0].quality(0, 1);
  return quality.n == 0 ? -1 : static_cast<int>(quality.positives);
}

TEST(ScoreNote, IsSmallAndReadsBack) {
  const Targets targets = testing::with_target(testing::hesitation());
  const std::string bytes = note_of(targets, kLastTime, "session");
  EXPECT_LE(bytes.size(), 17u);
  EXPECT_LE(note_of(targets, kStart, "session").size(), 16u);
  ScoreNote note;
  ASSERT_TRUE(ScoreNote::read(bytes, targets, note));
  EXPECT_EQ(note.at, kLastTime);
  EXPECT_EQ(note.probability_micro, 999'999);
  EXPECT_EQ(note.session, session_key("session", ""));
  EXPECT_NE(session_key("x", ""), session_key("", "x"));
  EXPECT_FALSE(ScoreNote::read(std::string_view(bytes).substr(1), targets, note));
}

TEST(History, JudgesCustomersByTheFactsAtTheEnd) {
  const Targets targets = testing::with_target(testing::churn());
  const struct {
    const char* name;
    std::vector<Millis> applied, retracted;
    Millis end;
    int churned;
  } rows[] = {
      {"nothing came", {}, {}, kEnd, 1},
      {"a sale", {kStart + 1}, {}, kEnd, 0},
      {"a sale with the score", {kStart}, {}, kEnd, 1},
      {"a sale at the end of the horizon", {kStart + 10 * kDay}, {}, kEnd, 0},
      {"a sale after it", {kStart + 10 * kDay + 1}, {}, kEnd, 1},
      {"a sale that was cancelled long after", {kStart + 1}, {kStart + 1}, kEnd, 1},
      {"one sale of two at once cancelled", {kStart + 1, kStart + 1}, {kStart + 1}, kEnd, 0},
      {"the horizon ends with the input", {}, {}, kStart + 10 * kDay, 1},
      {"the horizon has not passed", {}, {}, kStart + 10 * kDay - 1, -1},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    Desk desk(targets);
    FakeTimeline timeline;
    const std::string note = note_of(targets, kStart);
    timeline.note(kSlot, note);
    timeline.note(kSlot + 1, "of another operator");
    for (const Millis at : row.applied) timeline.apply(desk.sale_event(at));
    for (const Millis at : row.retracted) timeline.retract(desk.sale_event(at));
    EXPECT_EQ(judged(targets, timeline, row.end), row.churned);
  }
}

// Times in minutes; the score is at minute 0 and so is its page view.
TEST(History, FindsTheEndOfASession) {
  const Targets targets = testing::with_target(testing::hesitation());
  const struct {
    const char* name;
    std::string session_id;
    std::vector<int> views, removed_views, sales;
    int bought;
  } rows[] = {
      {"nothing more", "s", {}, {}, {}, 0},
      {"a sale less than the gap later extends it", "s", {}, {}, {29}, 1},
      {"a sale the gap later does not", "s", {}, {}, {30}, 0},
      {"sales carry on from one another", "s", {}, {}, {29, 58}, 1},
      {"a later page view bears a sale far from the score", "s", {100}, {}, {60}, 1},
      {"and a sale after that page view", "s", {100}, {}, {129}, 1},
      {"but not if that page view went to somebody else", "s", {100}, {100}, {60}, 0},
      {"without an id a silence ends it", "", {100}, {}, {60}, 0},
      {"without an id page views carry on", "", {20, 40, 60}, {}, {89}, 1},
      {"without an id a sale carries on to the next page view", "", {50}, {}, {25, 79}, 1},
      {"without an id not over the gap", "", {30}, {}, {31}, 0},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    Desk desk(targets);
    FakeTimeline timeline;
    timeline.apply(desk.view_event(kStart, row.session_id));
    const std::string note = note_of(targets, kStart, row.session_id, "v1");
    timeline.note(kSlot, note);
    for (const int at : row.views) timeline.apply(desk.view_event(kStart + at * kMinute, row.session_id));
    for (const int at : row.sales) timeline.apply(desk.sale_event(kStart + at * kMinute));
    for (const int at : row.removed_views) timeline.retract(desk.view_event(kStart + at * kMinute, row.session_id));
    // Others' page views change nothing.
    timeline.apply(desk.view_event(kStart + kMinute, "other"));
    timeline.apply(desk.view_event(kStart + 2 * kMinute, "", "v2"));
    EXPECT_EQ(judged(targets, timeline, kEnd), row.bought);
  }
}

TEST(History, CountsASessionOnlyWhenItsEndHasPassed) {
  const Targets targets = testing::with_target(testing::hesitation());
  Desk desk(targets);
  FakeTimeline timeline;
  const std::string note = note_of(targets, kStart, "s");
  timeline.note(kSlot, note);
  timeline.apply(desk.view_event(kStart, "s"));
  timeline.apply(desk.view_event(kStart + kHour, "s"));
  EXPECT_EQ(judged(targets, timeline, kStart + kHour - 1), -1);
  EXPECT_EQ(judged(targets, timeline, kStart + kHour), 0);
}

}  // namespace
}  // namespace nudge::scores
