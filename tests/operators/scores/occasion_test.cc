// When customers are scored that have no schedule, and what their labels look at: at an event, whose fields the label
// may name; at a list's first enter; before a promotion.
#include <gtest/gtest.h>

#include "tests/operators/scores/shop.h"

namespace nudge::scores {
namespace {

using testing::Desk;
using testing::kOfTheCampaign;
using testing::read_partial;

constexpr Millis kStart = 2'800 * kWeek, kUntil = kStart + 10 * kDay, kMature = kUntil + kDay;

std::vector<Millis> times_of(const std::vector<ScoreMade>& scores) {
  std::vector<Millis> times;
  for (const ScoreMade& score : scores) times.push_back(score.at);
  return times;
}

TEST(ScoresAtAnEvent, ComeWithARecordThatMatchesAndIsInTime) {
  Desk desk(testing::with_target(testing::responds(), kOfTheCampaign));
  desk.pass(kStart - kMinute);
  desk.happen(desk.message(kStart, "1", "spring"));
  desk.happen(desk.message(kStart + 1, "2", "spring", "opened"));
  desk.happen(desk.transaction(kStart + 2, "3", "sale"));
  desk.happen(desk.message(kStart + 3, "4", "summer"));
  EXPECT_EQ(times_of(desk.scores), (std::vector<Millis>{kStart, kStart + 3}));
  desk.happen(desk.message(kStart - kHour, "5", "winter"));
  EXPECT_EQ(desk.customer.counted("causes_too_late"), 1u);
  desk.join(desk.message(kStart + 4, "6", "autumn"), kStart + kHour);
  desk.undo(desk.message(kStart, "1", "spring"), kStart + kHour);
  EXPECT_EQ(desk.scores.size(), 2u);
  const auto records = testing::parsed(desk.customer.take_lines(output::kScores));
  EXPECT_EQ(records.at(1).at("event_time"), format_time(kStart + 3));
  EXPECT_FALSE(records.at(1).contains("session_id"));
}

TEST(ScoresAtAnEvent, ARecordThatIsNoFactCausesNone) {
  Desk desk(testing::with_target(testing::responds(), kOfTheCampaign));
  desk.customer.at(desk.message(kStart, "1", "spring"));
  desk.keyed->settle(desk.customer);
  EXPECT_TRUE(desk.customer.take_lines(output::kScores).empty());
}

TEST(ScoresAtAnEvent, TwoAtOnceAreTwoRows) {
  Desk desk(testing::with_target(testing::responds(), kOfTheCampaign));
  desk.happen(desk.message(kStart, "1", "spring"));
  desk.happen(desk.message(kStart, "2", "summer"));
  ASSERT_EQ(desk.section()->rows.size(), 2u);
  EXPECT_NE(desk.section()->rows[0].score_id, desk.section()->rows[1].score_id);
}

TEST(ScoresAtAnEvent, ConcernThoseForWhomAmongHolds) {
  Target target = testing::responds();
  target.among = "orders >= 1";
  Desk desk(testing::with_target(target, kOfTheCampaign));
  desk.happen(desk.message(kStart, "1", "spring"));
  desk.customer.set("orders", std::int64_t{1});
  desk.happen(desk.message(kStart + 1, "2", "spring"));
  EXPECT_EQ(times_of(desk.scores), std::vector<Millis>{kStart + 1});
}

TEST(TriggerLabels, LookAtFieldsOfTheEventThatCausedTheScore) {
  Desk shop(testing::with_target(testing::responds(), kOfTheCampaign));
  const auto sale = [&shop](Millis at, const std::string& campaign) {
    return shop.transaction(at, std::to_string(at), "sale",
                            campaign.empty() ? "" : R"("campaign_id": ")" + campaign + "\", ");
  };
  const struct {
    const char* name;
    std::vector<Event> facts;
    std::vector<Event> undone;
    bool responded;
  } rows[] = {
      {"nothing", {}, {}, false},
      {"a sale of the campaign", {sale(kStart + kDay, "spring")}, {}, true},
      {"a sale of another campaign", {sale(kStart + kDay, "summer")}, {}, false},
      {"a sale of no campaign", {sale(kStart + kDay, "")}, {}, false},
      {"with the message itself", {sale(kStart, "spring")}, {}, false},
      {"at the very end", {sale(kUntil, "spring")}, {}, true},
      {"after the end", {sale(kUntil + 1, "spring")}, {}, false},
      {"it is cancelled", {sale(kStart + kDay, "spring")}, {sale(kStart + kDay, "spring")}, false},
      {"one of two is cancelled",
       {sale(kStart + kDay, "spring"), sale(kStart + 2 * kDay, "spring")},
       {sale(kStart + kDay, "spring")},
       true},
      {"its campaign is corrected",
       {sale(kStart + kDay, "spring"), sale(kStart + kDay, "summer")},
       {sale(kStart + kDay, "spring")},
       false},
  };
  for (const auto& row : rows) {
    for (const bool restart : {false, true}) {
      SCOPED_TRACE(std::string(row.name) + (restart ? ", with a restart" : ""));
      Desk desk(testing::with_target(testing::responds(), kOfTheCampaign));
      desk.pass(kStart - kMinute);
      desk.happen(desk.message(kStart, "1", "spring"));
      for (const Event& fact : row.facts) desk.happen(fact);
      for (const Event& fact : row.undone) desk.undo(fact, kUntil);
      if (restart) desk.customer.reload();
      desk.pass(kMature - 1);
      EXPECT_TRUE(read_partial(desk.keyed->partial(kMature - 1)).rows.empty());
      desk.pass(kMature);
      EXPECT_EQ(read_partial(desk.keyed->partial(kMature)).rows,
                (std::vector<std::pair<Millis, bool>>{{kMature, row.responded}}));
    }
  }
}

TEST(TriggerLabels, CountWhatComesLateOrAheadOfTheScore) {
  Desk desk(testing::with_target(testing::responds(), kOfTheCampaign));
  desk.pass(kStart - kMinute);
  desk.happen(desk.transaction(kStart + 10, "s", "sale", R"("campaign_id": "spring", )"));
  desk.happen(desk.message(kStart, "1", "spring"));
  desk.happen(desk.message(kStart + kDay, "2", "summer"));
  desk.pass(kStart + 5 * kDay);
  desk.happen(desk.transaction(kStart + 2 * kDay, "l", "sale", R"("campaign_id": "summer", )"));
  desk.pass(kMature + kDay);
  EXPECT_EQ(read_partial(desk.keyed->partial(kMature + kDay)).rows,
            (std::vector<std::pair<Millis, bool>>{{kMature, true}, {kMature + kDay, true}}));
}

TEST(TriggerLabels, KeepOnlyTheEventsThatARowLooksAt) {
  Desk desk(testing::with_target(testing::responds(), kOfTheCampaign));
  desk.happen(desk.message(kStart, "1", "spring"));
  for (int i = 1; i <= 200; ++i) {
    desk.pass(kStart + i * kHour);
    desk.happen(desk.transaction(kStart + i * kHour, std::to_string(i), "sale",
                                 i % 50 == 0 ? R"("campaign_id": "spring", )" : ""));
  }
  const std::uint32_t label = testing::with_target(testing::responds(), kOfTheCampaign).labels[0].id;
  ASSERT_NE(desk.section()->find_events(label), nullptr);
  EXPECT_LE(desk.section()->find_events(label)->size(), 64u);
  desk.pass(kMature);
  EXPECT_TRUE(read_partial(desk.keyed->partial(kMature)).rows.at(0).second);
  EXPECT_TRUE(desk.section()->find_events(label)->empty());
}

TEST(TriggerLabels, AnIdThatIsTooLongIsScoredAndNotLearnt) {
  Desk desk(testing::with_target(testing::responds(), kOfTheCampaign));
  desk.happen(desk.message(kStart, "1", std::string(kTriggerBytesMax, 'x')));
  EXPECT_EQ(desk.scores.size(), 1u);
  EXPECT_EQ(desk.customer.counted("triggers_too_long"), 1u);
  EXPECT_TRUE(desk.section() == nullptr || desk.section()->rows.empty());
}

// Whether the product of the page view goes into the cart.
TEST(TriggerLabels, OfSessionsNameThePageView) {
  Target target;
  target.name = "wanted";
  target.of = Entity::kSessions;
  target.within = kHour;
  Targets targets;
  testing::add_target(targets, target, "action = 'cart_add' and product_id = trigger.product_id", Topic::kPageViews);
  Desk desk(targets);
  const auto view = [&desk](Millis at, const std::string& product, const std::string& action) {
    return desk.record(Topic::kPageViews, at, std::to_string(at),
                       R"("product_id": ")" + product + R"(", "action": ")" + action + "\"");
  };
  desk.touch(view(kStart, "shoe", "product_view"), 7, "s");
  desk.touch(view(kStart + 1, "hat", "product_view"), 7, "s");
  desk.touch(view(kStart + 2, "hat", "cart_add"), 7, "s");
  desk.pass(kStart + 2 * kHour);
  EXPECT_EQ(read_partial(desk.keyed->partial(kStart + kDay)).rows,
            (std::vector<std::pair<Millis, bool>>{
                {kStart + kHour, false}, {kStart + kHour + 1, true}, {kStart + kHour + 2, false}}));
}

TEST(ScoresAtAList, ComeWithTheFirstEnterOnly) {
  Target target;
  target.name = "buys";
  target.at_list = "winback";
  target.within = 10 * kDay;
  target.label_delay = kDay;
  Desk desk(testing::with_target(target));
  desk.pass(kStart);
  desk.enter("another");
  EXPECT_FALSE(desk.customer.has_section());
  desk.enter("winback");
  desk.customer.reload();
  desk.pass(kStart + kDay);
  desk.enter("winback");
  EXPECT_EQ(times_of(desk.scores), std::vector<Millis>{kStart});
  desk.sale(kStart + 2 * kDay);
  desk.pass(kMature);
  EXPECT_EQ(read_partial(desk.keyed->partial(kMature)).rows, (std::vector<std::pair<Millis, bool>>{{kMature, true}}));
}

Targets before_promotions() {
  Target target;
  target.name = "buys";
  target.lead = 2 * kDay;
  target.label_delay = kDay;
  Targets targets = testing::with_target(target);
  targets.promotions = {{kStart + 10 * kDay, kStart + 20 * kDay}, {kStart + 11 * kDay, kStart + 12 * kDay}};
  return targets;
}

TEST(ScoresBeforeAPromotion, ComeOnceForEach) {
  const Desk desk(before_promotions());
  EXPECT_EQ(desk.keyed->next_sweep(0), kStart + 8 * kDay);
  EXPECT_EQ(desk.keyed->next_sweep(kStart + 8 * kDay), kStart + 9 * kDay);
  EXPECT_EQ(desk.keyed->next_sweep(kStart + 9 * kDay), kNever);
}

TEST(ScoresBeforeAPromotion, LookAtThePromotionOnly) {
  const struct {
    const char* name;
    Millis sale;
    bool first, second;
  } rows[] = {
      {"between the score and the start", 10 * kDay - 1, false, false},
      {"at the first moment", 10 * kDay, true, false},
      {"in both", 12 * kDay, true, true},
      {"after the shorter", 12 * kDay + 1, true, false},
      {"at the last moment", 20 * kDay, true, false},
      {"after both", 20 * kDay + 1, false, false},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    Desk desk(before_promotions());
    desk.sweep(kStart + 8 * kDay);
    desk.sweep(kStart + 9 * kDay);
    desk.pass(kStart + 10 * kDay - 2);
    desk.sale(kStart + row.sale);
    desk.customer.reload();
    desk.pass(kStart + 30 * kDay);
    EXPECT_EQ(
        read_partial(desk.keyed->partial(kStart + 30 * kDay)).rows,
        (std::vector<std::pair<Millis, bool>>{{kStart + 13 * kDay, row.second}, {kStart + 21 * kDay, row.first}}));
  }
}

TEST(ScoresSection, ReadsWhatTheFirstVersionWrote) {
  Desk desk(testing::with_target(testing::churn()));
  desk.customer.set("orders", std::int64_t{1});
  desk.sweep(kStart);
  desk.sale(kStart + kDay);
  const std::string bytes = desk.customer.encoded();
  // Which ended before what has been added.
  const auto section = ScoresSection::decode(1, std::string_view(bytes).substr(0, bytes.size() - 2));
  ASSERT_NE(section, nullptr);
  std::string again;
  Encoder out(again);
  section->encode(out);
  EXPECT_EQ(again, bytes);
  EXPECT_EQ(ScoresSection::decode(3, bytes), nullptr);
}

TEST(ScoresSection, ARowOfAnotherLabelIsGivenUp) {
  Desk desk(testing::with_target(testing::responds(), kOfTheCampaign));
  desk.happen(desk.message(kStart, "1", "spring"));
  Desk changed(testing::with_target(testing::responds(), "payment_method = trigger.source"));
  changed.happen(changed.message(kStart + 1, "2", "spring"));
  auto& rows = changed.customer.section<ScoresSection>().rows;
  rows.insert(rows.begin(), desk.section()->rows[0]);
  for (int i = 0; i < 40; ++i) changed.happen(changed.transaction(kStart + kDay + i, std::to_string(i), "sale"));
  changed.pass(kMature + 1);
  EXPECT_EQ(changed.customer.counted("rows_of_other_features"), 1u);
  EXPECT_EQ(read_partial(changed.keyed->partial(kMature + 1)).rows.size(), 1u);
}

}  // namespace
}  // namespace nudge::scores
