// The keyed part on one customer: who is scored when, when a label is known, and what it is.
#include <gtest/gtest.h>

#include "tests/operators/scores/shop.h"
#include "tests/support/stored_pieces.h"

namespace nudge::scores {
namespace {

using testing::Desk;
using testing::read_partial;

constexpr Millis kThursday = 2'800 * kWeek;

TEST(CustomerScores, SweepAtMultiplesFromTheFirstThursday) {
  Target daily = testing::churn();
  daily.name = "daily";
  daily.every = kDay;
  daily.offset = 6 * kHour;
  Targets targets = testing::with_target(testing::churn());
  targets.all.push_back(daily);
  const Desk desk(targets);
  EXPECT_EQ(desk.keyed->next_sweep(kThursday - 1), kThursday);
  EXPECT_EQ(desk.keyed->next_sweep(kThursday), kThursday + 6 * kHour);
  EXPECT_EQ(desk.keyed->next_sweep(kThursday + 6 * kHour), kThursday + kDay + 6 * kHour);
  EXPECT_EQ(desk.keyed->next_sweep(-1), 0);
  EXPECT_EQ(Desk(testing::with_target(testing::hesitation())).keyed->next_sweep(0), kNever);
}

TEST(CustomerScores, ConcernThoseForWhomAmongHolds) {
  Desk desk(testing::with_target(testing::churn()));
  desk.sweep(kThursday);
  EXPECT_TRUE(desk.customer.take_lines(output::kScores).empty());
  desk.customer.set("orders", std::int64_t{2});
  desk.sweep(kThursday + kWeek);
  const auto records = testing::parsed(desk.customer.take_lines(output::kScores));
  ASSERT_EQ(records.size(), 1u);
  EXPECT_EQ(records[0].at("target"), "churn");
  EXPECT_EQ(records[0].at("key"), "c1");
  EXPECT_EQ(records[0].at("event_time"), format_time(kThursday + kWeek));
  for (const char* name : {"probability", "percentile", "band", "model"}) EXPECT_TRUE(records[0].at(name).is_null());
  EXPECT_EQ(records[0].at("reasons").size(), 0u);
  EXPECT_FALSE(records[0].contains("session_id"));
}

TEST(CustomerLabels, AreKnownWhenTheHorizonAndItsDelayHavePassed) {
  const Millis until = kThursday + 10 * kDay, mature = until + kDay;
  const struct {
    const char* name;
    std::vector<Millis> sales, undone;
    bool churned;
  } rows[] = {
      {"no sale", {}, {}, true},
      {"a sale", {kThursday + kDay}, {}, false},
      {"a sale at the score itself is before the horizon", {kThursday}, {}, true},
      {"a sale at the very end", {until}, {}, false},
      {"a sale just after the end", {until + 1}, {}, true},
      {"the only sale is cancelled", {kThursday + kDay}, {kThursday + kDay}, true},
      {"one of two is cancelled", {kThursday + kDay, kThursday + 2 * kDay}, {kThursday + kDay}, false},
  };
  for (const auto& row : rows) {
    for (const bool restart : {false, true}) {
      SCOPED_TRACE(std::string(row.name) + (restart ? ", with a restart" : ""));
      Desk desk(testing::with_target(testing::churn()));
      desk.customer.set("orders", std::int64_t{1});
      desk.sweep(kThursday);
      for (const Millis at : row.sales) desk.sale(at);
      for (const Millis at : row.undone) desk.undo_sale(at, until);
      if (restart) desk.customer.reload();
      desk.pass(mature - 1);
      EXPECT_TRUE(read_partial(desk.keyed->partial(mature - 1)).rows.empty());
      desk.pass(mature);
      const auto partial = read_partial(desk.keyed->partial(mature));
      ASSERT_EQ(partial.rows.size(), 1u);
      EXPECT_EQ(partial.rows[0], std::pair(mature, row.churned));
      EXPECT_TRUE(desk.section()->rows.empty());
      EXPECT_TRUE(read_partial(desk.keyed->partial(mature + kDay)).rows.empty());
    }
  }
}

TEST(CustomerLabels, TimesAreForgottenOnceNoRowLooksAtThem) {
  Desk desk(testing::with_target(testing::churn()));
  desk.customer.set("orders", std::int64_t{1});
  desk.sweep(kThursday);
  for (int day = 1; day <= 10; ++day) desk.sale(kThursday + day * kDay);
  desk.pass(kThursday + 12 * kDay);
  for (const auto& label : desk.section()->labels) EXPECT_TRUE(label.times.empty());
}

TEST(CustomerLabels, AnEventThatIsOldNewsToEveryRowLeavesNoTrace) {
  Desk desk(testing::with_target(testing::churn()));
  desk.pass(kThursday);
  desk.sale(kThursday - kDay);
  EXPECT_FALSE(desk.customer.has_section());
}

TEST(SessionScores, ComeWithEachPageViewUntilTheSale) {
  Desk desk(testing::with_target(testing::hesitation()));
  desk.touch(1'000, 7, "s");
  desk.touch(2'000, 7, "s");
  desk.touch(3'000, 7, "s", true);
  const auto records = testing::parsed(desk.customer.take_lines(output::kScores));
  ASSERT_EQ(records.size(), 2u);
  EXPECT_EQ(records[1].at("session_id"), "s");
  EXPECT_EQ(records[1].at("event_time"), format_time(2'000));
  desk.touch(4'000, 8, "");
  EXPECT_TRUE(testing::parsed(desk.customer.take_lines(output::kScores)).at(0).at("session_id").is_null());
}

TEST(SessionScores, ACauseScoresASessionOnce) {
  Desk desk(testing::with_target(testing::hesitation()));
  for (int i = 0; i < 3; ++i) desk.customer.signals().of<SessionTouched>().push_back({7, "s", 1'000 + i, false});
  desk.touch(2'000, 9, "other");
  EXPECT_EQ(desk.customer.take_lines(output::kScores).size(), 2u);
}

TEST(SessionLabels, LookAtSalesUntilTheSessionsEnd) {
  const Millis start = kThursday, last = start + kHour;
  const struct {
    const char* name;
    std::vector<Millis> sales;
    std::vector<bool> labels;  // of the scores at start and at last
  } rows[] = {
      {"none", {}, {false, false}},
      {"between the page views", {start + 1}, {true, false}},
      {"with the last page view", {last}, {true, false}},
      {"before the session", {start - 1}, {false, false}},
      {"at the end", {last + 20 * kMinute}, {true, true}},
      {"after the end", {last + 20 * kMinute + 1}, {false, false}},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    Desk desk(testing::with_target(testing::hesitation()));
    for (const Millis at : row.sales)
      if (at <= start) desk.sale(at);
    desk.touch(start, 7, "s");
    for (const Millis at : row.sales)
      if (at > start && at <= last) desk.sale(at);
    desk.touch(last, 7, "s");
    desk.touch(last, 8, "another session goes on");
    for (const Millis at : row.sales)
      if (at > last) desk.sale(at);
    desk.customer.reload();
    EXPECT_TRUE(read_partial(desk.keyed->partial(start + kDay)).rows.empty());
    desk.end(7, start, last + 20 * kMinute);
    std::vector<bool> labels;
    for (const auto& [at, label] : read_partial(desk.keyed->partial(start + kDay)).rows) {
      EXPECT_EQ(at, last + 50 * kMinute);
      labels.push_back(label);
    }
    std::vector<bool> expected = row.labels;
    std::sort(labels.begin(), labels.end());
    std::sort(expected.begin(), expected.end());
    EXPECT_EQ(labels, expected);
    EXPECT_EQ(desk.section()->rows.size(), 1u);
  }
}

TEST(SessionLabels, ALongerDelayWaits) {
  Target target = testing::hesitation();
  target.label_delay = 2 * kHour;
  Desk desk(testing::with_target(target));
  desk.touch(kThursday, 7, "s");
  desk.end(7, kThursday, kThursday);
  EXPECT_TRUE(read_partial(desk.keyed->partial(kThursday + kDay)).rows.empty());
  desk.sale(kThursday + 1);  // known late, but before the label is read
  EXPECT_EQ(desk.customer.due(), kThursday + 2 * kHour);
  desk.end(7, kThursday, kThursday + 1);  // the sale lengthened the session
  desk.pass(kThursday + 3 * kHour);
  const auto partial = read_partial(desk.keyed->partial(kThursday + kDay));
  ASSERT_EQ(partial.rows.size(), 1u);
  EXPECT_EQ(partial.rows[0], std::pair(kThursday + 1 + 2 * kHour, true));
}

TEST(SessionLabels, MayHaveADurationInstead) {
  Target target = testing::hesitation();
  target.within_session = false;
  target.within = kHour;
  Desk desk(testing::with_target(target));
  desk.touch(kThursday, 7, "s");
  desk.sale(kThursday + kHour);
  desk.pass(kThursday + kHour + 30 * kMinute);
  const auto partial = read_partial(desk.keyed->partial(kThursday + kDay));
  ASSERT_EQ(partial.rows.size(), 1u);
  EXPECT_TRUE(partial.rows[0].second);
}

TEST(ScoresSection, StaysWithinItsLimitAndCountsWhatFindsNoRoom) {
  Desk desk(testing::with_target(testing::hesitation()));
  for (int i = 0; i < 4'000; ++i) desk.touch(kThursday + i, static_cast<std::uint64_t>(i + 1), "s" + std::to_string(i));
  for (int i = 0; i < 3'000; ++i) desk.sale(kThursday + 10'000 + i);
  EXPECT_LT(desk.customer.encoded().size(), spec().section->bytes_max);
  EXPECT_GT(desk.customer.counted("rows_dropped"), 0u);
  EXPECT_EQ(desk.customer.counted("label_times_dropped"), 3'000 - LabelTimes::kTimesMax);
  desk.customer.reload();
}

TEST(ScoresSection, RowsOfSessionsThatNeverEndAreGivenUp) {
  Desk desk(testing::with_target(testing::hesitation()));
  desk.touch(kThursday, 7, "lost");
  desk.pass(kThursday + 8 * kDay);
  desk.touch(kThursday + 8 * kDay, 8, "s");
  desk.end(8, kThursday + 8 * kDay, kThursday + 8 * kDay);
  EXPECT_TRUE(desk.section()->rows.empty());
  EXPECT_EQ(desk.customer.counted("rows_of_lost_sessions"), 1u);
}

TEST(KeyedScores, KeepsItsTaskStateOverARestart) {
  const Targets targets = testing::with_target(testing::churn());
  Desk desk(targets);
  desk.customer.set("orders", std::int64_t{1});
  desk.sweep(kThursday);
  desk.pass(kThursday + 11 * kDay);
  std::string bytes;
  Encoder out(bytes);
  desk.keyed->encode_task(out);
  nudge::testing::StoredPieces stored;
  desk.keyed->write_task_pieces(stored);
  Desk again(targets);
  Decoder in(bytes);
  again.keyed->decode_task(in);
  ASSERT_TRUE(in.ok() && in.at_end());
  for (const auto& [number, piece] : stored.pieces()) EXPECT_TRUE(again.keyed->read_task_piece(number, piece));
  const std::string partial = desk.keyed->partial(kThursday + 12 * kDay);
  EXPECT_EQ(again.keyed->partial(kThursday + 12 * kDay), partial);
  EXPECT_EQ(read_partial(partial).made, 1u);
  EXPECT_EQ(read_partial(partial).rows.size(), 1u);
}

TEST(KeyedScores, AnErasedCustomerTeachesNothing) {
  Desk desk(testing::with_target(testing::churn()));
  desk.customer.set("orders", std::int64_t{1});
  desk.sweep(kThursday);
  desk.pass(kThursday + 11 * kDay);
  desk.keyed->erase(desk.customer);
  EXPECT_TRUE(read_partial(desk.keyed->partial(kThursday + 12 * kDay)).rows.empty());
}

}  // namespace
}  // namespace nudge::scores
