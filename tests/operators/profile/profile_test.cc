// What the profile operator makes of customers and campaign events, seen through its columns.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>

#include "operators/profile/state.h"
#include "tests/support/fake_customer.h"

namespace nudge::profile {
const OperatorSpec& spec();

namespace {

using nudge::testing::FakeCustomer;
using nudge::testing::JsonEvents;

constexpr Millis kMarch = 1'709'251'200'000;  // 2024-03-01T00:00:00Z

class ProfileTest : public ::testing::Test {
 protected:
  ProfileTest() : customer({&spec()}) {
    // The operator reads no configuration.
    const config::Value none;
    keeper = spec().make({none, none, customer.columns()});
  }

  Event profile(Millis time, const std::string& members = "") {
    return events(Topic::kCustomers, R"({"event_id": ")" + std::to_string(++last_id) +
                                         R"(", "customer_id": "c1", "event_time": )" + std::to_string(time) +
                                         (members.empty() ? "" : ", " + members) + "}");
  }
  Event campaign(Millis time, const std::string& action, const std::string& members = "") {
    return events(Topic::kCampaignEvents, R"({"event_id": ")" + std::to_string(++last_id) +
                                              R"(", "customer_id": "c1", "campaign_id": "k", "action": ")" + action +
                                              R"(", "event_time": )" + std::to_string(time) +
                                              (members.empty() ? "" : ", " + members) + "}");
  }
  void apply(Event event) {
    customer.at(event);
    keeper->apply(event, customer);
    customer.reload();
  }
  void retract(Event event) {
    customer.at(event);
    keeper->retract(event, customer);
    customer.reload();
  }
  std::string shown(std::string_view column) {
    const Value value = customer.value_of(column);
    if (const auto* integer = std::get_if<std::int64_t>(&value)) return std::to_string(*integer);
    if (const auto* real = std::get_if<double>(&value)) return std::to_string(*real);
    if (const auto* text = std::get_if<std::string_view>(&value)) return std::string(*text);
    return "unknown";
  }

  JsonEvents events;
  FakeCustomer customer;
  std::unique_ptr<KeyedOperator> keeper;
  int last_id = 0;
};

TEST_F(ProfileTest, ColumnsAreUnknownWithoutAProfile) {
  customer.at(kMarch);
  for (const ColumnRef& ref : customer.columns().all()) {
    const bool counter = ref.column->name.starts_with("campaigns_");
    EXPECT_EQ(shown(ref.column->name), counter ? "0" : "unknown") << ref.column->name;
  }
  apply(campaign(kMarch, "clicked"));
  for (const ColumnRef& ref : customer.columns().all()) {
    if (ref.column->name.starts_with("campaigns_")) continue;
    EXPECT_EQ(shown(ref.column->name), "unknown") << ref.column->name;
  }
}

TEST_F(ProfileTest, ShowsTheProfile) {
  apply(profile(kMarch, R"("gender": "F", "birth_year": 1980, "age_band": "40-49", "city": "Łódź", "city_size": "big",
      "country": "PL", "joined_at": "2024-02-20T00:00:00Z", "attributes": {"vip": true},
      "identities": [{"type": "email", "value": "a@b"}, {"type": "visitor", "value": "v1"},
                     {"type": "visitor", "value": "v\"2"},
                     {"type": "customer_id", "value": "other"}])"));
  const std::pair<const char*, const char*> rows[] = {
      {"gender", "F"},
      {"birth_year", "1980"},
      {"age_band", "40-49"},
      {"city", "Łódź"},
      {"city_size", "big"},
      {"country", "PL"},
      {"joined_at", "2024-02-20T00:00:00.000Z"},
      {"member_days", "10.000000"},
      {"attributes", R"({"vip":true})"},
      {"identities_json", R"("email":"a@b","visitor":"v\"2")"},
      {"consent_email", "unknown"},
      {"consent_changes_at", "unknown"},
      {"last_campaign_at", "unknown"},
      {"campaigns_sent", "0"},
  };
  for (const auto& [column, value] : rows) EXPECT_EQ(shown(column), value) << column;
}

TEST_F(ProfileTest, TheNewestProfileHoldsWhole) {
  apply(profile(kMarch, R"("gender": "F", "city": "A")"));
  apply(profile(kMarch - 1, R"("gender": "M")"));
  EXPECT_EQ(shown("gender"), "F") << "an older one arrives late";
  apply(profile(kMarch, R"("gender": "X")"));
  EXPECT_EQ(shown("gender"), "X") << "of two at one time the later arrival holds";
  EXPECT_EQ(shown("city"), "unknown") << "what it does not say is unknown";
  apply(profile(kMarch + 1, R"("gender": "M")"));
  EXPECT_EQ(shown("gender"), "M");
}

TEST_F(ProfileTest, ARetractedProfileIsForgottenAndAnotherIsNot) {
  const Event first = profile(kMarch, R"("gender": "F")"), second = profile(kMarch + 1, R"("gender": "M")");
  apply(first);
  apply(second);
  retract(first);
  EXPECT_EQ(shown("gender"), "M");
  retract(second);
  EXPECT_EQ(shown("gender"), "unknown");
}

TEST_F(ProfileTest, ConsentIsTheLatestEntryThatNoWithdrawalFollows) {
  const auto at = [](int day) { return std::to_string(kMarch + day * kDay); };
  const auto entry = [&](const char* status, int day) {
    return std::string(R"({"channel": "email", "status": ")") + status + R"(", "at": )" + at(day) + "}";
  };
  const std::string undated = R"({"channel": "email", "status": "granted"})";
  const struct {
    const char* name;
    std::string consents;           // of a profile on day 5
    std::vector<int> withdrawn_on;  // days
    int now;
    const char* state;
  } rows[] = {
      {"no entry", "", {}, 9, "unknown"},
      {"without a time it is the profile's", undated, {4}, 9, "granted"},
      {"withdrawn later", undated, {6}, 9, "withdrawn"},
      {"withdrawn at the same moment is not after", undated, {5}, 9, "granted"},
      {"the latest entry, not the last in the list", entry("denied", 3) + "," + entry("granted", 2), {}, 9, "denied"},
      {"of two at one time the last in the list", entry("denied", 2) + "," + entry("granted", 2), {}, 9, "granted"},
      {"an entry that is to come does not hold", entry("granted", 2) + "," + entry("revoked", 8), {}, 7, "granted"},
      {"from its moment on it does", entry("granted", 2) + "," + entry("revoked", 8), {}, 8, "revoked"},
      {"a new grant overrules a withdrawal", entry("granted", 2) + "," + entry("granted", 7), {6}, 8, "granted"},
      {"a withdrawal that is overruled only later",
       entry("granted", 2) + "," + entry("granted", 9),
       {6},
       8,
       "withdrawn"},
      {"the newest withdrawal counts", undated, {1, 6, 2}, 9, "withdrawn"},
      {"denied stays denied", entry("denied", 2), {6}, 9, "denied"},
      {"another channel", R"({"channel": "sms", "status": "granted"})", {}, 9, "unknown"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    customer = FakeCustomer({&spec()});
    for (const int day : row.withdrawn_on)
      apply(campaign(kMarch + day * kDay, day % 2 == 0 ? "unsubscribed" : "complained", R"("channel": "email")"));
    apply(campaign(kMarch + 9 * kDay, "unsubscribed", R"("channel": "push")"));
    apply(profile(kMarch + 5 * kDay, "\"consents\": [" + row.consents + "]"));
    customer.at(kMarch + row.now * kDay);
    EXPECT_EQ(shown("consent_email"), row.state);
  }
}

TEST_F(ProfileTest, SaysWhenAConsentBeginsToHold) {
  apply(profile(kMarch, R"("consents": [{"channel": "email", "status": "granted", "at": 1709251200500},
      {"channel": "sms", "status": "denied", "at": 1709251200200}, {"channel": "web", "status": "granted"}])"));
  const std::pair<Millis, const char*> rows[] = {
      {0, "1709251200200"}, {199, "1709251200200"}, {200, "1709251200500"}, {500, "unknown"}};
  for (const auto& [later, at] : rows) {
    customer.at(kMarch + later);
    EXPECT_EQ(shown("consent_changes_at"), at) << later;
  }
}

TEST_F(ProfileTest, WithdrawalsAndCountsCanBeRetracted) {
  apply(profile(kMarch, R"("consents": [{"channel": "sms", "status": "granted"}])"));
  const Event unsubscribed = campaign(kMarch + 1, "unsubscribed", R"("channel": "sms")");
  const Event first = campaign(kMarch - 91 * kDay, "sent"), second = campaign(kMarch + 2, "sent");
  const Event opened = campaign(kMarch + 3, "opened"), clicked = campaign(kMarch + 4, "clicked");
  for (const Event& event : {unsubscribed, second, first, opened, clicked}) apply(event);
  apply(campaign(kMarch + 5, "opened", R"("machine": true)"));
  apply(campaign(kMarch + 6, "delivered"));
  EXPECT_EQ(shown("consent_sms"), "withdrawn");
  EXPECT_EQ(shown("last_campaign_at"), "2024-03-01T00:00:00.002Z");
  EXPECT_EQ(
      shown("campaigns_sent") + shown("campaigns_sent_90d") + shown("campaigns_opened") + shown("campaigns_clicked"),
      "2111");
  for (const Event& event : {unsubscribed, second, opened, clicked}) retract(event);
  EXPECT_EQ(shown("consent_sms"), "granted");
  EXPECT_EQ(shown("last_campaign_at"), "2023-12-01T00:00:00.000Z");
  EXPECT_EQ(
      shown("campaigns_sent") + shown("campaigns_sent_90d") + shown("campaigns_opened") + shown("campaigns_clicked"),
      "1000");
}

TEST_F(ProfileTest, WhatDoesNotFitIsLeftOutAndCounted) {
  apply(profile(kMarch, R"("gender": "F", "city": ")" + std::string(kTextBytesMax + 1, 'x') +
                            R"(", "attributes": {"a": ")" + std::string(kAttributesBytesMax, 'x') + "\"}"));
  EXPECT_EQ(shown("gender"), "F");
  EXPECT_EQ(shown("city"), "unknown");
  EXPECT_EQ(shown("attributes"), "unknown");
  EXPECT_EQ(customer.counted("profile_parts_trimmed"), 2u);
  for (std::size_t i = 0; i <= kWithdrawalsPerChannelMax; ++i)
    apply(campaign(kMarch + static_cast<Millis>(i), "complained", R"("channel": "mail")"));
  EXPECT_EQ(customer.counted("withdrawals_trimmed"), 1u);
  apply(campaign(kMarch, "unsubscribed"));
  EXPECT_EQ(customer.counted("withdrawals_without_channel"), 1u);
}

// Facts in any order, and undone again, say what counting says.
TEST_F(ProfileTest, EqualsCountingWhateverTheOrder) {
  constexpr const char* kActions[] = {"sent", "opened", "clicked", "unsubscribed", "complained", "bounced"};
  for (unsigned seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    customer = FakeCustomer({&spec()});
    apply(profile(kMarch, R"("consents": [{"channel": "email", "status": "granted"}])"));
    struct Fact {
      Event event;
      std::string action;
      bool email;
    };
    std::vector<Fact> facts;
    for (int i = 0; i < 40; ++i) {
      const std::string action = kActions[random() % 6];
      const bool email = random() % 4 == 0;
      const Millis time = kMarch + static_cast<Millis>(random() % 200) * kDay - 180 * kDay;
      facts.push_back({campaign(time, action, email ? R"("channel": "email")" : R"("channel": "sms")"), action, email});
      apply(facts.back().event);
      while (random() % 3 == 0 && !facts.empty()) {
        const std::size_t gone = random() % facts.size();
        retract(facts[gone].event);
        facts.erase(facts.begin() + static_cast<std::ptrdiff_t>(gone));
      }
    }
    std::map<std::string, int> counts;
    Millis last = kBeforeAll;
    bool withdrawn = false;
    for (const Fact& fact : facts) {
      ++counts[fact.action];
      if (fact.action == "sent") last = std::max(last, fact.event.time());
      withdrawn |=
          fact.email && fact.event.time() > kMarch && (fact.action == "unsubscribed" || fact.action == "complained");
    }
    customer.at(kMarch + 30 * kDay);
    EXPECT_EQ(shown("campaigns_sent"), std::to_string(counts["sent"]));
    EXPECT_EQ(shown("campaigns_opened"), std::to_string(counts["opened"]));
    EXPECT_EQ(shown("campaigns_clicked"), std::to_string(counts["clicked"]));
    EXPECT_EQ(shown("last_campaign_at"), last == kBeforeAll ? "unknown" : format_time(last));
    EXPECT_EQ(shown("consent_email"), withdrawn ? "withdrawn" : "granted");
  }
}

TEST_F(ProfileTest, RefusesGarbage) {
  apply(profile(
      kMarch,
      R"("gender": "F", "birth_year": 1980, "joined_at": 5, "consents": [{"channel": "email", "status": "granted"}])"));
  apply(campaign(kMarch, "sent"));
  apply(campaign(kMarch, "unsubscribed", R"("channel": "email")"));
  const std::string good = customer.encoded();
  EXPECT_NE(ProfileSection::decode(1, good), nullptr);
  EXPECT_EQ(ProfileSection::decode(2, good), nullptr);
  for (std::size_t size = 0; size < good.size(); ++size)
    EXPECT_EQ(ProfileSection::decode(1, good.substr(0, size)), nullptr) << size;
  EXPECT_EQ(ProfileSection::decode(1, good + '\0'), nullptr);
  std::mt19937 random(7);
  for (int i = 0; i < 3'000; ++i) {
    std::string bad = good;
    for (int j = 0; j < 2; ++j) bad[random() % bad.size()] = static_cast<char>(random());
    if (const auto section = ProfileSection::decode(1, bad)) {
      std::string again;
      Encoder out(again);
      section->encode(out);
      EXPECT_NE(ProfileSection::decode(1, again), nullptr) << i;
    }
  }
}

}  // namespace
}  // namespace nudge::profile
