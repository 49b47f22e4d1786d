// The life of a member, told as scripts: what happens at which hour, and which records follow.
#include "operators/targets/keeper.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <charconv>
#include <sstream>

#include "tests/operators/targets/list_shop.h"

namespace nudge::targets::testing {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, separator);)
    parts.push_back(part.substr(part.find_first_not_of(' ')));
  return parts;
}

// Steps are `hour what [value]`: score P (in millionths; −1 withheld), sale, sale HOUR, unsale, consent STATE,
// consent_at HOUR, orders N, wait, restart, erase; early P is a score, touch any record,
// while the watermark stays behind.
void step(ListShop& shop, const std::string& text) {
  std::istringstream words(text);
  int hour = 0;
  std::string what, value;
  words >> hour >> what >> value;
  const int number = value.empty() ? hour : std::atoi(value.c_str());
  if (what == "touch") return shop.cause(hour);
  if (what != "early") shop.wait_until(hour);
  if (what == "score" || what == "early") return shop.cause(hour, {ListShop::score(hour, number)});
  if (what == "wait") return;
  if (what == "restart") return shop.restart();
  if (what == "erase") return shop.customer.at(ListShop::time_of(hour)), shop.keeper->erase(shop.customer);
  if (what == "sale")
    shop.customer.set("last_order_at_ms", Value(ListShop::time_of(number)));
  else if (what == "unsale")
    shop.customer.set("last_order_at_ms", Value());
  else if (what == "consent")
    shop.customer.set("consent_email", value == "none" ? Value() : Value(std::string_view(value)));
  else if (what == "consent_at")
    shop.customer.set("consent_changes_at", Value(ListShop::time_of(number)));
  else if (what == "orders")
    shop.customer.set("orders", Value(std::int64_t{number}));
  else
    FAIL() << text;
  shop.cause(hour);
}

TargetingSettings plain_list() { return {.lists = {list_named("a")}, .holdout = 0.1, .cap = {}}; }
TargetingSettings buyers() {
  TargetingSettings settings = plain_list();
  settings.lists[0].where = "orders >= 1";
  return settings;
}
TargetingSettings by_email() {
  TargetingSettings settings = plain_list();
  settings.lists[0].channel = Channel::kEmail;
  return settings;
}
TargetingSettings not_after_purchase() {
  TargetingSettings settings = plain_list();
  settings.lists[0].recent_purchase = 24 * kHour;
  return settings;
}
TargetingSettings twice_in_48h() {
  TargetingSettings settings = not_after_purchase();
  settings.lists[0].recent_purchase = 1 * kHour;
  settings.lists[0].cap = FrequencyCap{2, 48 * kHour};
  return settings;
}
TargetingSettings two_lists_once_in_48h() {
  TargetingSettings settings = plain_list();
  settings.lists.push_back(list_named("b"));
  settings.lists[1].lowest_micro = 400'000;
  settings.lists[1].highest_micro = 800'000;
  settings.cap = FrequencyCap{1, 48 * kHour};
  return settings;
}

TEST(ListKeeper, FollowsScoresAndRules) {
  const struct {
    const char* name;
    TargetingSettings settings;
    const char* steps;
    const char* records;
  } rows[] = {
      {"the band holds both its ends", plain_list(),
       "0 score 149999; 1 score 150000; 2 score 500000; 3 score 500001; 4 score 500001; 5 score 300000",
       "1 enter a 0.15 ok; 2 update a 0.5 ok; 3 exit a 0.500001 ok; 5 enter a 0.3 ok"},
      {"a withheld score lets nobody in and puts out who is in", plain_list(),
       "0 score -1; 1 score 200000; 2 score -1; 3 score -1", "1 enter a 0.2 ok; 2 exit a null ok"},
      {"every score in the band is an update, the same one, too", plain_list(), "0 score 200000; 1 score 200000",
       "0 enter a 0.2 ok; 1 update a 0.2 ok"},
      {"without a new score a member leaves when it ends", plain_list(),
       "0 score 200000; 50 score 300000; 121 wait; 122 wait; 200 wait; 201 score 200000",
       "0 enter a 0.2 ok; 50 update a 0.3 ok; 122 exit a 0.3 ok; 201 enter a 0.2 ok"},
      {"other causes change nothing", plain_list(), "0 orders 1; 1 score 200000; 2 orders 3; 3 sale",
       "1 enter a 0.2 ok"},
      {"a score that is not the latest changes nothing", plain_list(),
       "0 wait; 5 early 600000; 4 early 200000; 5 early 300000; 8 early 900000; 7 early 300000; 9 score 200000",
       "5 enter a 0.3 ok; 8 exit a 0.9 ok; 9 enter a 0.2 ok"},
      {"who the condition excludes does not enter before the next score", buyers(),
       "0 score 200000; 1 orders 1; 2 score 300000; 3 orders 0; 4 orders 2; 5 score 200000",
       "2 enter a 0.3 ok; 3 exit a 0.3 ok; 5 enter a 0.2 ok"},
      {"consent for the channel", by_email(),
       "0 score 200000; 1 consent denied; 2 consent granted; 3 consent withdrawn; 4 score 210000; 5 consent granted",
       "0 enter a 0.2 consent; 2 update a 0.2 ok; 3 update a 0.2 consent; 4 update a 0.21 consent; 5 update a 0.21 ok"},
      {"a list without channel needs no consent", plain_list(), "0 consent denied; 1 score 200000", "1 enter a 0.2 ok"},
      {"a purchase keeps off until exactly its window is over", not_after_purchase(),
       "0 sale; 1 score 200000; 23 wait; 24 wait; 30 sale; 31 sale; 54 wait; 55 wait; 60 sale; 61 unsale",
       "1 enter a 0.2 recent_purchase; 24 update a 0.2 ok; 30 update a 0.2 recent_purchase; 55 update a 0.2 ok; "
       "60 update a 0.2 recent_purchase; 61 update a 0.2 ok"},
      {"a sale that is reported late counts from when it was", not_after_purchase(),
       "24 score 200000; 25 sale 0; 26 sale 3", "24 enter a 0.2 ok; 26 update a 0.2 recent_purchase"},
      {"the cap counts starts, not updates, and ends no running member", twice_in_48h(),
       "0 score 200000; 1 score 210000; 2 sale; 10 sale; 11 wait; 20 score 220000; 48 wait; 49 wait",
       "0 enter a 0.2 ok; 1 update a 0.21 ok; 2 update a 0.21 recent_purchase; 3 update a 0.21 ok; "
       "10 update a 0.21 frequency_cap+recent_purchase; 11 update a 0.21 frequency_cap; 20 update a 0.22 "
       "frequency_cap; "
       "48 update a 0.22 ok"},
      {"the cap remembers those who left", twice_in_48h(),
       "0 score 200000; 1 score 900000; 2 score 200000; 3 score 900000; 4 score 200000; 47 score 200000; 48 wait",
       "0 enter a 0.2 ok; 1 exit a 0.9 ok; 2 enter a 0.2 ok; 3 exit a 0.9 ok; 4 enter a 0.2 frequency_cap; "
       "47 update a 0.2 frequency_cap; 48 update a 0.2 ok"},
      {"the cap over all lists, in file order", two_lists_once_in_48h(),
       "0 score 450000; 40 score 700000; 47 wait; 48 wait; 49 score 160000",
       "0 enter a 0.45 ok; 0 enter b 0.45 frequency_cap; 40 exit a 0.7 ok; 40 update b 0.7 frequency_cap; 48 update b "
       "0.7 ok; "
       "49 enter a 0.16 frequency_cap; 49 exit b 0.16 ok"},
      {"a restart changes nothing", twice_in_48h(),
       "0 score 200000; 1 restart; 1 sale; 1 restart; 2 restart; 30 sale; 31 restart; 48 restart; 90 restart",
       "0 enter a 0.2 ok; 1 update a 0.2 recent_purchase; 2 update a 0.2 ok; 30 update a 0.2 "
       "frequency_cap+recent_purchase; "
       "31 update a 0.2 frequency_cap; 48 update a 0.2 ok; 72 exit a 0.2 ok"},
      {"an erased customer leaves", plain_list(), "0 score 200000; 1 erase", "0 enter a 0.2 ok; 1 exit a 0.2 ok"},
      {"the clock of a member does not go back", not_after_purchase(),
       "0 sale; 1 score 200000; 10 wait; 25 early 300000; 23 touch; 26 wait; 27 sale",
       "1 enter a 0.2 recent_purchase; 25 update a 0.3 ok; 27 update a 0.3 recent_purchase"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    ListShop shop(row.settings);
    for (const std::string& text : split(row.steps, ';')) step(shop, text);
    std::vector<std::string> records;
    for (const auto& record : shop.take()) records.push_back(brief(record));
    EXPECT_EQ(records, split(row.records, ';'));
  }
}

TEST(ListKeeper, AConsentThatBeginsLaterIsATimer) {
  ListShop shop(by_email());
  shop.customer.set("consent_changes_at", Value(ListShop::time_of(10)));
  shop.cause(0, {ListShop::score(0, 200'000)});
  EXPECT_EQ(shop.customer.due(), ListShop::time_of(10));
  shop.customer.set("consent_changes_at", Value());
  shop.customer.set("consent_email", Value("granted"));
  shop.wait_until(10);
  EXPECT_EQ(brief(shop.take().back()), "10 update a 0.2 ok");
  EXPECT_EQ(shop.customer.due(), ListShop::time_of(72));
}

TEST(ListKeeper, WritesTheRecordOfTheContract) {
  TargetingSettings settings = by_email();
  settings.lists[0].campaign = "autumn \"24\"";
  ListShop shop(settings);
  shop.customer.set("identities_json", Value(R"("email":"a@b.example","visitor":"v1")"));
  shop.cause(7, {ListShop::score(7, 423'456)});
  const std::vector<std::string> lines = shop.customer.take_lines(output::kTargets);
  EXPECT_THAT(
      lines, ElementsAre(
                 R"({"key":"a|c1","event_time":"2024-01-01T07:00:00.000Z","engine":{"name":"nudge","version":"0.1.0"},)"
                 R"("list_id":"a","list_version":1,"op":"enter","customer_id":"c1",)"
                 R"("identifiers":{"customer_id":"c1","email":"a@b.example","visitor":"v1"},)"
                 R"("probability":0.423456,"percentile":42.34,"band":"hesitant",)"
                 R"("channel":"email","campaign_id":"autumn \"24\"",)"
                 R"("group":"treatment","eligible":false,"suppressed_by":["consent"],"recommendations":[],)"
                 R"("reasons":[{"feature":"recency_days","value":7}],"valid_until":"2024-01-04T07:00:00.000Z"})"));
}

TEST(ListKeeper, TheStateIsTheLastRecordOfEachMember) {
  ListShop shop(two_lists_once_in_48h());
  shop.customer.set("identities_json", Value(R"("email":"old@b.example")"));
  shop.cause(0, {ListShop::score(0, 450'000)});
  shop.cause(1, {ListShop::score(1, 700'000)});
  const auto last = shop.take().back();
  shop.customer.set("identities_json", Value(R"("email":"new@b.example")"));  // no record says this yet
  shop.restart();
  nudge::testing::FakeTimeline timeline;
  shop.customer.at(ListShop::time_of(9), Cause::Kind::kFinish);
  shop.keeper->finish(shop.customer, timeline);
  EXPECT_THAT(shop.take(output::kTargetsState), ElementsAre(last));
}

TEST(ListKeeper, AnErasedCustomerIsNamedByNothingButTheId) {
  ListShop shop(plain_list());
  shop.customer.set("identities_json", Value(R"("email":"a@b.example")"));
  shop.cause(0, {ListShop::score(0, 200'000)});
  shop.take();
  shop.customer.at(ListShop::time_of(1));
  shop.keeper->erase(shop.customer);
  const auto records = shop.take();
  ASSERT_EQ(records.size(), 1u);
  EXPECT_EQ(records[0].at("identifiers"), nlohmann::json({{"customer_id", "c1"}}));
  EXPECT_EQ(records[0].at("reasons"), nlohmann::json::array());
}

TEST(ListKeeper, OutsidersCostNoSection) {
  ListShop shop(buyers());
  shop.wait_until(2);
  shop.cause(2);
  shop.cause(2, {ListShop::score(2, 900'000), ListShop::score(2, 300'000, "other")});
  shop.cause(2, {ListShop::score(2, 300'000)});  // no orders
  shop.cause(3, {ListShop::score(3, 300'000, "other")});
  EXPECT_FALSE(shop.customer.has_section());
  EXPECT_EQ(shop.customer.due(), kNever);
}

TEST(ListKeeper, LeavingALastListDisarmsAndForgets) {
  ListShop shop(plain_list());
  shop.cause(0, {ListShop::score(0, 300'000)});
  EXPECT_EQ(shop.customer.due(), ListShop::time_of(72));
  shop.wait_until(1);
  shop.cause(1, {ListShop::score(1, 900'000)});
  EXPECT_EQ(shop.customer.due(), kNever);
  EXPECT_EQ(shop.customer.encoded(), "");
}

TEST(ListKeeper, AListThatIsNoMoreConfiguredIsLeft) {
  ListShop shop(plain_list());
  shop.cause(0, {ListShop::score(0, 300'000)});
  shop.take();
  shop.keeper = std::make_unique<ListKeeper>(TargetingSettings{{list_named("z")}, 0.1, {}}, shop.customer.columns());
  shop.cause(1);
  const auto records = shop.take();
  ASSERT_EQ(records.size(), 1u);
  EXPECT_EQ(brief(records[0]), "1 exit a 0.3 ok");
}

TEST(ListKeeper, TwoScoresOfOneCauseAreTwoRecords) {
  ListShop shop(plain_list());
  shop.cause(0, {ListShop::score(0, 300'000), ListShop::score(0, 400'000)});
  const auto records = shop.take();
  ASSERT_EQ(records.size(), 2u);
  EXPECT_EQ(brief(records[1]), "0 update a 0.4 ok");
}

TEST(ListKeeper, TellsOfEachEnterOnce) {
  ListShop shop(plain_list());
  const auto entered = [&shop](int hour, int micro) {
    shop.customer.at(ListShop::time_of(hour));
    shop.customer.signals().of<ScoreMade>() = {ListShop::score(hour, micro)};
    shop.keeper->settle(shop.customer);
    std::vector<std::pair<std::string, Millis>> enters;
    if (shop.customer.signals().turn())
      for (const ListEntered& each : shop.customer.signals().of<ListEntered>()) enters.emplace_back(each.list, each.at);
    shop.customer.signals().clear();
    return enters;
  };
  EXPECT_THAT(entered(1, 900'000), ElementsAre());
  EXPECT_THAT(entered(2, 300'000), ElementsAre(std::pair(std::string("a"), ListShop::time_of(2))));
  EXPECT_THAT(entered(3, 310'000), ElementsAre());
  EXPECT_THAT(entered(4, 900'000), ElementsAre());
  EXPECT_THAT(entered(5, 300'000), ElementsAre(std::pair(std::string("a"), ListShop::time_of(5))));
}

}  // namespace
}  // namespace nudge::targets::testing
