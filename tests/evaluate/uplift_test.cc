// Qini against its definition and against figures of scikit-uplift; uplift models on a table whose effects are planted.
#include "tools/nudge/evaluate/uplift.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "tools/nudge/evaluate/qini.h"

namespace nudge::evaluate {
namespace {

// Step by step: the curve after each row, as rows of equal uplift come together.
double area_by_hand(std::vector<UpliftRow> rows) {
  std::stable_sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.uplift > b.uplift; });
  double area = 0, at = 0, height = 0, treated = 0, true_treated = 0, true_untreated = 0;
  for (std::size_t row = 0; row < rows.size(); ++row) {
    treated += rows[row].treated;
    true_treated += rows[row].treated && rows[row].label;
    true_untreated += !rows[row].treated && rows[row].label;
    if (row + 1 < rows.size() && rows[row + 1].uplift == rows[row].uplift) continue;
    const double n = static_cast<double>(row + 1), untreated = n - treated;
    const double next = true_treated - (untreated > 0 ? true_untreated * treated / untreated : 0);
    area += (n - at) * (height + next) / 2;
    at = n;
    height = next;
  }
  return area - at * height / 2;
}

TEST(Qini, IsTheShareOfTheAreaThatCanBeHad) {
  for (unsigned seed = 1; seed <= 100; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    std::vector<UpliftRow> rows(50 + random() % 200);
    for (UpliftRow& row : rows)
      row = {static_cast<double>(random() % (seed % 2 ? 1000 : 7)), random() % 3 == 0, random() % 2 == 0};
    std::vector<UpliftRow> best = rows;
    for (UpliftRow& row : best) row.uplift = row.label ? (row.treated ? 1 : -1) : 0;
    EXPECT_NEAR(Qini(rows).area().value(), area_by_hand(rows) / area_by_hand(best), 1e-12);
    EXPECT_NEAR(Qini(best).area().value(), 1, 1e-12);
    // A row twice is as two rows.
    std::vector<std::uint8_t> counts;
    std::vector<UpliftRow> drawn;
    for (const UpliftRow& row : rows) {
      counts.push_back(static_cast<std::uint8_t>(random() % 3));
      drawn.insert(drawn.end(), counts.back(), row);
    }
    EXPECT_NEAR(Qini(rows).area(counts).value(), Qini(drawn).area().value(), 1e-12);
  }
}

TEST(Qini, IsNothingWhereNothingCanBeHad) {
  EXPECT_FALSE(Qini(std::vector<UpliftRow>{{1, true, true}, {2, false, true}}).area());
  EXPECT_FALSE(Qini(std::vector<UpliftRow>{{1, false, true}, {2, false, false}}).area());
}

// A treatment that sways those with a high x alone; a high y buys anyway.
Dataset planted(std::size_t rows, unsigned seed, double effect) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<float> uniform;
  Dataset data;
  data.features = {{.name = "x"}, {.name = "y"}, {.name = "noise"}};
  data.rows.texts = {false, false, false};
  data.arms = {"none", "letter"};
  for (std::size_t row = 0; row < rows; ++row) {
    const std::array<float, 3> values = {uniform(random), uniform(random), uniform(random)};
    data.arm_of.push_back(static_cast<std::uint8_t>(random() % 2));
    const double sway = data.arm_of.back() == 1 && values[0] > 0.5f ? effect : 0;
    data.rows.add(values, static_cast<double>(uniform(random)) < 0.1 + 0.4 * static_cast<double>(values[1]) + sway);
  }
  return data;
}

TEST(Uplift, FindsWhomATreatmentSways) {
  const auto arms = run_uplift(planted(20'000, 3, 0.2), {.resamples = 100, .threads = 2});
  ASSERT_TRUE(arms.is_ok());
  const UpliftArm& arm = arms.value().front();
  EXPECT_EQ(arm.name, "letter");
  EXPECT_NEAR(arm.effect(), 0.1, 4 * arm.effect_error());
  EXPECT_TRUE(arm.uses_uplift());
  EXPECT_GT(*arm.models[2].qini, *arm.models[0].qini + 0.01);
  EXPECT_GT(*arm.models[1].qini, *arm.models[0].qini + 0.01);
  for (const UpliftModel& model : arm.models) EXPECT_TRUE(*model.low < *model.qini && *model.qini < *model.high);
}

TEST(Uplift, DoesNotTrustChance) {
  for (unsigned seed = 1; seed <= 5; ++seed) {
    SCOPED_TRACE(seed);
    const auto arms = run_uplift(planted(4'000, seed, 0), {.resamples = 100});
    ASSERT_TRUE(arms.is_ok());
    EXPECT_FALSE(arms.value().front().uses_uplift());
  }
}

TEST(Uplift, ThreadsDoNotShow) {
  const Dataset data = planted(3'000, 9, 0.2);
  const auto one = run_uplift(data, {.resamples = 50, .threads = 1}),
             many = run_uplift(data, {.resamples = 50, .threads = 4});
  ASSERT_TRUE(one.is_ok() && many.is_ok());
  for (std::size_t model = 0; model < 3; ++model) {
    EXPECT_EQ(one.value()[0].models[model].qini, many.value()[0].models[model].qini);
    EXPECT_EQ(one.value()[0].models[model].low, many.value()[0].models[model].low);
    EXPECT_EQ(one.value()[0].models[model].gain_low, many.value()[0].models[model].gain_low);
  }
}

TEST(Uplift, SaysWhichRowsAreTooFew) {
  Dataset data = planted(100, 1, 0);
  std::fill(data.rows.labels.begin(), data.rows.labels.end(), 0);
  EXPECT_NE(run_uplift(data, {}).status().message().find("0 are true; 50 of each kind are needed"), std::string::npos);
}

}  // namespace
}  // namespace nudge::evaluate
