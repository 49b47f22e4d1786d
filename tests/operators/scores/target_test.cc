// The configuration of targets: what is refused, where, and what to do; and what defaults mean.
#include "operators/scores/target.h"

#include <gtest/gtest.h>

#include "config/loader.h"
#include "operators/scores/reasons.h"
#include "tests/operators/scores/shop.h"

namespace nudge::scores {
namespace {

const config::Parameter& root_parameter() {
  static const config::Parameter kGap[] = {{.name = "gap", .kind = config::Kind::kDuration, .default_text = "30m"}};
  using config::Kind;
  static const config::Parameter kListMembers[] = {{.name = "list", .kind = Kind::kText},
                                                   {.name = "score", .kind = Kind::kText}};
  static const config::Parameter kList[] = {{.kind = Kind::kObject, .members = kListMembers}};
  static const config::Parameter kOperators[] = {{.name = "sessions", .kind = Kind::kObject, .members = kGap},
                                                 {.name = "targets", .kind = Kind::kList, .members = kList},
                                                 parameters()};
  static const config::Parameter kPromotionMembers[] = {{.name = "from", .kind = Kind::kText},
                                                        {.name = "until", .kind = Kind::kText}};
  static const config::Parameter kPromotion[] = {{.kind = Kind::kObject, .members = kPromotionMembers}};
  static const config::Parameter kRoot[] = {
      {.name = "promotions", .kind = Kind::kList, .default_text = "[]", .members = kPromotion},
      {.name = "operators", .kind = Kind::kObject, .members = kOperators}};
  static const config::Parameter kWhole{.kind = config::Kind::kObject, .members = kRoot};
  return kWhole;
}

struct Loaded {
  config::LoadedConfig config;
  ColumnCatalog columns;
  std::vector<std::string> problems;
  Targets targets;
};

// `rest` may add lists under `operators`, and promotions.
Loaded load(const std::string& targets, const std::string& rest = {}) {
  Loaded loaded;
  loaded.columns.add(0, testing::kForeign);
  loaded.config = config::load_text("operators:\n  sessions: {gap: 20m}\n  scores:\n" + targets + rest, "shop.yaml", {},
                                    root_parameter());
  if (loaded.config.problems.empty()) {
    const config::Value& root = loaded.config.root;
    const OperatorSetup setup{root.at("operators").at("scores"), root, loaded.columns};
    check_targets(setup, loaded.config.problems);
    if (loaded.config.problems.empty()) loaded.targets = read_targets(setup);
  }
  for (const config::Problem& problem : loaded.config.problems) loaded.problems.push_back(to_string(problem));
  return loaded;
}

TEST(Targets, DefaultsFollowTheContract) {
  const Loaded loaded = load(R"(
  - {name: churn, of: customers, label: {none: transactions, where: "kind = 'sale'", within: 60d}, every: 7d}
  - {name: hesitation, of: sessions, label: {any: transactions, where: "kind = 'sale'", within: session}}
  - {name: complains, of: customers, label: {any: care, within: 30d}, every: 1d, offset: 3h, among: "orders > 3",
     label_delay: 0ms, edges: [0.2, 0.9], features: {exclude: [recency_days, silence_days]},
     challengers: [gradient_boosting], promotion_error: 0.01}
)");
  ASSERT_TRUE(loaded.problems.empty()) << loaded.problems[0];
  ASSERT_EQ(loaded.targets.all.size(), 3u);
  const Target &churn = loaded.targets.all[0], &hesitation = loaded.targets.all[1], &complains = loaded.targets.all[2];
  EXPECT_TRUE(churn.none && !churn.within_session);
  EXPECT_EQ(churn.within, 60 * kDay);
  EXPECT_EQ(churn.label_delay, kDay);
  EXPECT_EQ(churn.among, "orders >= 1");
  EXPECT_EQ(hesitation.of, Entity::kSessions);
  EXPECT_TRUE(hesitation.within_session && hesitation.among.empty());
  EXPECT_EQ(hesitation.label_delay, 20 * kMinute);
  EXPECT_EQ(loaded.targets.session_gap, 20 * kMinute);
  EXPECT_EQ(churn.label, hesitation.label);
  EXPECT_NE(churn.label, complains.label);
  EXPECT_EQ(complains.offset, 3 * kHour);
  EXPECT_EQ(complains.label_delay, 0);
  EXPECT_EQ(complains.edges[1], 0.9);
  EXPECT_EQ(complains.excluded, (std::vector<std::string>{"recency_days", "silence_days"}));
  EXPECT_TRUE(churn.learner.challengers.empty());
  EXPECT_EQ(churn.promotion_error, 0.05);
  EXPECT_EQ(complains.learner.challengers, std::vector<std::size_t>{2});
  EXPECT_EQ(complains.promotion_error, 0.01);
  FeatureSet features(loaded.columns, false, complains.excluded);
  ASSERT_EQ(features.size(), 1u);
  EXPECT_EQ(features.column(0).column->name, "orders");
}

constexpr const char* kLists = R"(  targets:
  - {list: winback, score: churn}
  - {list: buyers, score: buys}
)";
constexpr const char* kPromotions = R"(promotions:
- {from: "2024-03-01T00:00:00Z", until: "2024-03-08T00:00:00Z"}
- {from: "2024-02-01T00:00:00Z", until: "2024-02-02T00:00:00Z"}
- {from: "2024-03-01T00:00:00Z", until: "2024-03-02T00:00:00Z"}
)";

TEST(Targets, MayBeScoredAtAnEventAtAListOrBeforePromotions) {
  const Loaded loaded = load(R"(
  - name: responds
    of: customers
    at: {event: campaign_events, where: "action = 'sent'"}
    label: {any: transactions, where: "campaign_id = trigger.campaign_id", within: 30d}
  - {name: returns, of: customers, at: {event: care}, label: {any: transactions, where: "kind = 'return'", within: 1d}}
  - {name: refunds, of: customers, every: 7d, label: {any: transactions, where: "kind = 'return'", within: 1d}}
  - {name: buys, of: customers, at: {list: winback}, label: {any: transactions, within: 7d}}
  - {name: promotion, of: customers, lead: 3d, label: {any: transactions, within: "promotion:next"}}
)",
                             std::string(kLists) + kPromotions);
  ASSERT_TRUE(loaded.problems.empty()) << loaded.problems[0];
  const std::vector<Target>& all = loaded.targets.all;
  ASSERT_EQ(all.size(), 5u);
  ASSERT_TRUE(all[0].at_event.has_value());
  EXPECT_EQ(all[0].at_event->topic, Topic::kCampaignEvents);
  EXPECT_EQ(all[0].at_event->where, "action = 'sent'");
  EXPECT_TRUE(all[0].among.empty());
  EXPECT_EQ(loaded.targets.labels[all[0].label].trigger, Topic::kCampaignEvents);
  EXPECT_EQ(all[1].at_event->where, "true");
  EXPECT_FALSE(loaded.targets.labels[all[1].label].trigger.has_value());
  EXPECT_EQ(all[1].label, all[2].label) << "one that names no field of the trigger is shared";
  EXPECT_EQ(all[3].at_list, "winback");
  EXPECT_EQ(all[4].lead, 3 * kDay);
  EXPECT_EQ(all[4].among, "orders >= 1");
  const Millis march = *parse_time("2024-03-01T00:00:00Z");
  EXPECT_EQ(loaded.targets.next_due(all[4], march - 10 * kDay), march - 3 * kDay);
  EXPECT_EQ(loaded.targets.next_due(all[4], march - 3 * kDay), kNever);
  EXPECT_EQ(loaded.targets.window(all[4], march - 3 * kDay).until, march + 7 * kDay) << "the first in the file";
}

TEST(Targets, AreRefusedByTheLineWhereTheyAreWrong) {
  const Loaded loaded = load(R"(  - name: responds
    of: customers
    at: {event: campaign_events, where: "acton = 'sent'"}
    label:
      any: transactions
      where: "campaign_id = trigger.campain_id"
      within: "promotion:spring"
)");
  ASSERT_EQ(loaded.problems.size(), 3u);
  EXPECT_TRUE(loaded.problems[0].starts_with("shop.yaml:6: operators.scores[0].at.where: ")) << loaded.problems[0];
  EXPECT_NE(loaded.problems[0].find("near: action"), std::string::npos) << loaded.problems[0];
  EXPECT_TRUE(loaded.problems[1].starts_with("shop.yaml:9: operators.scores[0].label.where: ")) << loaded.problems[1];
  EXPECT_NE(loaded.problems[1].find("near: trigger.campaign_id"), std::string::npos) << loaded.problems[1];
  EXPECT_TRUE(loaded.problems[2].starts_with("shop.yaml:10: operators.scores[0].label.within: ")) << loaded.problems[2];
}

TEST(Targets, RefuseWhatCannotBe) {
  const struct {
    const char* name;
    const char* target;
    const char* where;
    const char* what;
    const char* rest = "";
  } rows[] = {
      {"no schedule", "{name: a, of: customers, label: {any: care, within: 7d}}", "scores[0]", "neither"},
      {"a schedule and an event",
       "{name: a, of: customers, every: 7d, at: {event: care}, label: {any: care, within: 7d}}", "at", "not both"},
      {"an event for sessions", "{name: a, of: sessions, at: {event: care}, label: {any: care, within: session}}", "at",
       "sessions"},
      {"neither event nor list", "{name: a, of: customers, at: {where: 'true'}, label: {any: care, within: 7d}}", "at",
       "an event or at a list"},
      {"event and list", "{name: a, of: customers, at: {event: care, list: winback}, label: {any: care, within: 7d}}",
       "at", "an event or at a list", kLists},
      {"where of a list",
       "{name: a, of: customers, at: {list: winback, where: 'true'}, label: {any: care, within: 7d}}", "at.where",
       "no event", kLists},
      {"no lists", "{name: a, of: customers, at: {list: winback}, label: {any: care, within: 7d}}", "at.list",
       "no lists"},
      {"unknown list", "{name: a, of: customers, at: {list: wnback}, label: {any: care, within: 7d}}", "at.list",
       "one of winback, buyers", kLists},
      {"a list of the score itself", "{name: buys, of: customers, at: {list: buyers}, label: {any: care, within: 7d}}",
       "at.list", "nobody could enter", kLists},
      {"lists in a circle",
       "{name: buys, of: customers, at: {list: winback}, label: {any: care, within: 7d}}\n"
       "  - {name: churn, of: customers, at: {list: buyers}, label: {any: care, within: 7d}}",
       "at.list", "nobody could enter", kLists},
      {"unknown topic of an event", "{name: a, of: customers, at: {event: cares}, label: {any: care, within: 7d}}",
       "at.event", "care"},
      {"a trigger without an event",
       "{name: a, of: customers, every: 7d, label: {any: transactions, where: 'campaign_id = trigger.campaign_id', "
       "within: 7d}}",
       "where", "no event causes it"},
      {"unknown field of the trigger",
       "{name: a, of: customers, at: {event: care}, label: {any: care, where: 'reason = trigger.reson', within: 7d}}",
       "where", "trigger.reason"},
      {"no promotions", "{name: a, of: customers, label: {any: care, within: 'promotion:next'}}", "within",
       "no promotions"},
      {"a schedule for promotions", "{name: a, of: customers, every: 7d, label: {any: care, within: 'promotion:next'}}",
       "every", "lead", kPromotions},
      {"a promotion of sessions", "{name: a, of: sessions, label: {any: care, within: 'promotion:next'}}", "within",
       "session", kPromotions},
      {"lead without promotion", "{name: a, of: customers, every: 7d, lead: 1d, label: {any: care, within: 7d}}",
       "lead", "no promotion"},
      {"a schedule for sessions", "{name: a, of: sessions, every: 7d, label: {any: care, within: session}}", "every",
       "sessions"},
      {"session of customers", "{name: a, of: customers, every: 7d, label: {any: care, within: session}}", "within",
       "session"},
      {"no duration", "{name: a, of: customers, every: 7d, label: {any: care, within: soon}}", "within", "soon"},
      {"a certain promotion", "{name: a, of: customers, label: {any: care, within: 'promotion:spring'}}", "within",
       "promotion:next", kPromotions},
      {"unknown topic", "{name: a, of: customers, every: 7d, label: {any: orders, within: 7d}}", "any", "transactions"},
      {"both", "{name: a, of: customers, every: 7d, label: {any: care, none: care, within: 7d}}", "label", "either"},
      {"neither", "{name: a, of: customers, every: 7d, label: {within: 7d}}", "label", "either"},
      {"a number", "{name: a, of: customers, every: 7d, label: {count: care, within: 7d}}", "count", "not supported"},
      {"where does not compile",
       "{name: a, of: customers, every: 7d, label: {any: care, where: 'knid = 1', within: 7d}}", "where", "knid"},
      {"among does not compile",
       "{name: a, of: customers, every: 7d, among: 'ordres > 1', label: {any: care, within: 7d}}", "among", "ordres"},
      {"unknown exclusion",
       "{name: a, of: customers, every: 7d, label: {any: care, within: 7d}, features: {exclude: [nothing]}}", "exclude",
       "nothing"},
      {"a challenger that there is not",
       "{name: a, of: customers, every: 7d, label: {any: care, within: 7d}, challengers: [forest]}", "challengers",
       "gradient_boosting"},
      {"a challenger twice",
       "{name: a, of: customers, every: 7d, label: {any: care, within: 7d}, challengers: [back_propagation, "
       "back_propagation]}",
       "challengers", "twice"},
      {"falling edges", "{name: a, of: customers, every: 7d, label: {any: care, within: 7d}, edges: [0.5, 0.1]}",
       "edges", "rising"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    const Loaded loaded = load("  - " + std::string(row.target) + "\n", row.rest);
    ASSERT_FALSE(loaded.problems.empty());
    EXPECT_NE(loaded.problems[0].find(row.where), std::string::npos) << loaded.problems[0];
    EXPECT_NE(loaded.problems[0].find(row.what), std::string::npos) << loaded.problems[0];
    EXPECT_NE(loaded.problems[0].find("; "), std::string::npos) << "a remedy: " << loaded.problems[0];
  }
}

TEST(Targets, NamesAreDistinct) {
  const std::string target = "  - {name: a, of: customers, every: 7d, label: {any: care, within: 7d}}\n";
  const Loaded loaded = load(target + target);
  ASSERT_EQ(loaded.problems.size(), 1u);
  EXPECT_NE(loaded.problems[0].find("scores[1].name"), std::string::npos);
}

TEST(Reasons, ReadAsSentences) {
  const struct {
    const char* name;
    Column column;
    Value value;
    bool raises;
    const char* text;
  } rows[] = {
      {"one", {.name = "n", .unit = "count", .meaning = "orders"}, std::int64_t{1}, true, "1 orders raises it"},
      {"many", {.name = "n", .unit = "count", .meaning = "orders"}, std::int64_t{3}, false, "3 orders lower it"},
      {"days", {.name = "n", .unit = "days", .meaning = "recency"}, 12.345, true, "recency of 12.35 days raises it"},
      {"money", {.name = "n", .unit = "currency", .meaning = "spend"}, 12345.678, true, "spend of 12345.68 raises it"},
      {"share", {.name = "n", .unit = "share", .meaning = "discount"}, 0.125, false, "discount of 12.5 % lowers it"},
      {"text", {.name = "n", .meaning = "device"}, std::string_view("mobile"), true, "device mobile raises it"},
      {"unknown", {.name = "n", .meaning = "device"}, Value(), true, "unknown device raises it"},
      {"no meaning", {.name = "f_1", .unit = "hour"}, std::int64_t{5}, true, "f_1 of 5 hour raises it"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    std::string text;
    append_reason_text(row.column, row.value, row.raises, text);
    EXPECT_EQ(text, row.text);
  }
}

}  // namespace
}  // namespace nudge::scores
