// Lists as they are written in YAML, and what is refused.
#include "operators/targets/list_settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/application.h"
#include "tests/operators/targets/list_shop.h"

namespace nudge::targets::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// A program with scores that have names, a column `orders`, and targets.
const OperatorSpec& scores_spec() {
  static constexpr config::Parameter kName[] = {{.name = "name", .kind = config::Kind::kText, .required = true}};
  static constexpr config::Parameter kItem[] = {{.kind = config::Kind::kObject, .members = kName}};
  static const OperatorSpec made = [] {
    OperatorSpec spec;
    spec.name = "scores";
    spec.parameters = {.kind = config::Kind::kList, .members = kItem};
    spec.columns = kForeignColumns;
    return spec;
  }();
  return made;
}

config::LoadedApplication load(const std::string& lists, const std::string& rest = "") {
  static const OperatorSpec* const known[] = {&scores_spec(), &spec()};
  const std::string text =
      "input: {connector: files, path: data}\noperators:\n  scores: [{name: churn}, {name: responds}]\n"
      "  targets:\n" +
      lists + rest;
  return config::load_application_text(text, "shop.yaml", {}, known);
}

TEST(ListSettings, AreReadWithTheirDefaults) {
  const auto loaded = load(
      "    - {list: plain, score: churn}\n"
      "    - {list: full, score: responds, band: [0.2, 0.25], where: orders >= 1, channel: video, campaign: autumn,\n"
      "       control: 0.1, frequency_cap: {max: 2, per: 7d}, recent_purchase: 14d, valid: 12h}\n",
      "targeting: {holdout: 0.2, frequency_cap: {max: 4, per: 1d}}\n");
  ASSERT_THAT(loaded.problems, IsEmpty()) << config::to_string(loaded.problems.front());
  const TargetingSettings settings = read_settings(loaded.application.config_of(spec()), loaded.application.root);
  EXPECT_EQ(settings.holdout, 0.2);
  EXPECT_EQ(settings.cap->max, 4);
  EXPECT_EQ(settings.cap->per, kDay);
  ASSERT_EQ(settings.lists.size(), 2u);
  const ListSettings &plain = settings.lists[0], &full = settings.lists[1];
  EXPECT_EQ(plain.name, "plain");
  EXPECT_EQ(plain.score, "churn");
  EXPECT_EQ(plain.lowest_micro, 150'000);
  EXPECT_EQ(plain.highest_micro, 500'000);
  EXPECT_EQ(plain.where, "true");
  EXPECT_FALSE(plain.channel || plain.cap || plain.recent_purchase);
  EXPECT_EQ(plain.campaign, "");
  EXPECT_EQ(plain.control, 0);
  EXPECT_EQ(plain.valid, 3 * kDay);
  EXPECT_EQ(full.lowest_micro, 200'000);
  EXPECT_EQ(full.highest_micro, 250'000);
  EXPECT_EQ(full.where, "orders >= 1");
  EXPECT_EQ(full.channel, Channel::kVideo);
  EXPECT_EQ(full.campaign, "autumn");
  EXPECT_EQ(full.control, 0.1);
  EXPECT_EQ(full.cap->max, 2);
  EXPECT_EQ(full.cap->per, 7 * kDay);
  EXPECT_EQ(full.recent_purchase, 14 * kDay);
  EXPECT_EQ(full.valid, 12 * kHour);
}

TEST(ListSettings, RefuseWithPlaceReasonAndRemedy) {
  const struct {
    const char* list;
    const char* key;
    const char* what;
  } rows[] = {
      {"{list: a, score: churm}", "targets[0].score", "no score \"churm\""},
      {"{list: a, score: churn, band: [0.5, 0.2]}", "targets[0].band", "lower end"},
      {"{list: a, score: churn, band: [0.5]}", "targets[0].band", "two ends"},
      {"{list: a, score: churn, band: [0, 1.5]}", "targets[0].band[1]", ""},
      {"{list: a, score: churn, channel: pigeon}", "targets[0].channel", "pigeon"},
      {"{list: a, score: churn, where: ordes >= 1}", "targets[0].where", "near: orders"},
      {"{list: a, score: churn, where: last_order_at_ms > 1}", "targets[0].where", "last_order_at_ms"},
      {"{list: a, score: churn, budget: {max_per_day: 500, cost: \"1.20\"}}", "targets[0].budget", "not supported yet"},
      {"{list: a|b, score: churn}", "targets[0].list", "not a name"},
      {"{list: \"\", score: churn}", "targets[0].list", ""},
      {"{list: a, score: churn, frequency_cap: {max: 0, per: 7d}}", "frequency_cap.max", ""},
      {"{list: a, score: churn, control: 1.1}", "targets[0].control", ""},
      {"{list: a, score: churn, colour: red}", "targets[0].colour", ""},
      {"{score: churn}", "targets[0]", "list"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.list);
    const auto loaded = load("    - " + std::string(row.list) + "\n");
    ASSERT_EQ(loaded.problems.size(), 1u);
    EXPECT_THAT(config::to_string(loaded.problems[0]),
                AllOf(HasSubstr("shop.yaml:5"), HasSubstr(row.key), HasSubstr(row.what)));
    EXPECT_NE(loaded.problems[0].remedy, "");
  }
}

TEST(ListSettings, RefuseTwoListsOfOneNameAndAZoneThatThereIsNot) {
  const auto loaded = load("    - {list: a, score: churn}\n    - {list: a, score: responds}\n",
                           "targeting: {quiet_hours: {from: \"21:00\", until: \"08:00\", zone: Atlantis}}\n");
  ASSERT_EQ(loaded.problems.size(), 2u);
  EXPECT_THAT(config::to_string(loaded.problems[0]), HasSubstr("two lists \"a\""));
  EXPECT_THAT(config::to_string(loaded.problems[1]),
              HasSubstr("targeting.quiet_hours.zone: no time zone \"Atlantis\""));
}

// On the grid of millionths a bound means the decimal that was written, not its nearest binary.
TEST(ListSettings, BandsHoldBothTheirEnds) {
  for (int micro = 0; micro <= 1'000'000; micro += 7) {
    const double bound = std::stod("0." + std::to_string(1'000'000 + micro).substr(1)) + (micro == 1'000'000 ? 1 : 0);
    ASSERT_EQ(lowest_micro_of(bound), micro);
    ASSERT_EQ(highest_micro_of(bound), micro);
  }
  EXPECT_EQ(lowest_micro_of(0.1234565), 123'457);
  EXPECT_EQ(highest_micro_of(0.1234565), 123'456);
}

}  // namespace
}  // namespace nudge::targets::testing
