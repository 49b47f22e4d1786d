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
  static const config::Parameter kOperators[] = {{.name = "sessions", .kind = config::Kind::kObject, .members = kGap},
                                                 parameters()};
  static const config::Parameter kRoot[] = {
      {.name = "operators", .kind = config::Kind::kObject, .members = kOperators}};
  static const config::Parameter kWhole{.kind = config::Kind::kObject, .members = kRoot};
  return kWhole;
}

struct Loaded {
  config::LoadedConfig config;
  ColumnCatalog columns;
  std::vector<std::string> problems;
  Targets targets;
};

Loaded load(const std::string& targets) {
  Loaded loaded;
  loaded.columns.add(0, testing::kForeign);
  loaded.config =
      config::load_text("operators:\n  sessions: {gap: 20m}\n  scores:\n" + targets, "shop.yaml", {}, root_parameter());
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
     label_delay: 0ms, edges: [0.2, 0.9], features: {exclude: [recency_days]}}
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
  EXPECT_EQ(complains.excluded, std::vector<std::string>{"recency_days"});
  FeatureSet features(loaded.columns, false, complains.excluded);
  ASSERT_EQ(features.size(), 1u);
  EXPECT_EQ(features.column(0).column->name, "orders");
}

TEST(Targets, RefuseWhatCannotBe) {
  const struct {
    const char* name;
    const char* target;
    const char* where;
    const char* what;
  } rows[] = {
      {"no schedule", "{name: a, of: customers, label: {any: care, within: 7d}}", "scores[0]", "no"},
      {"a schedule for sessions", "{name: a, of: sessions, every: 7d, label: {any: care, within: session}}", "every",
       "sessions"},
      {"session of customers", "{name: a, of: customers, every: 7d, label: {any: care, within: session}}", "within",
       "session"},
      {"no duration", "{name: a, of: customers, every: 7d, label: {any: care, within: soon}}", "within", "soon"},
      {"a promotion", "{name: a, of: customers, every: 7d, label: {any: care, within: 'promotion:next'}}", "within",
       "not supported"},
      {"unknown topic", "{name: a, of: customers, every: 7d, label: {any: orders, within: 7d}}", "any", "transactions"},
      {"both", "{name: a, of: customers, every: 7d, label: {any: care, none: care, within: 7d}}", "label", "either"},
      {"neither", "{name: a, of: customers, every: 7d, label: {within: 7d}}", "label", "either"},
      {"a number", "{name: a, of: customers, every: 7d, label: {count: care, within: 7d}}", "count", "not supported"},
      {"where does not compile",
       "{name: a, of: customers, every: 7d, label: {any: care, where: 'knid = 1', within: 7d}}", "where", "knid"},
      {"among does not compile",
       "{name: a, of: customers, every: 7d, among: 'ordres > 1', label: {any: care, within: 7d}}", "among", "ordres"},
      {"at an event", "{name: a, of: customers, at: {event: care}, every: 7d, label: {any: care, within: 7d}}", "at",
       "not supported"},
      {"unknown exclusion",
       "{name: a, of: customers, every: 7d, label: {any: care, within: 7d}, features: {exclude: [nothing]}}", "exclude",
       "nothing"},
      {"falling edges", "{name: a, of: customers, every: 7d, label: {any: care, within: 7d}, edges: [0.5, 0.1]}",
       "edges", "rising"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    const Loaded loaded = load("  - " + std::string(row.target) + "\n");
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
