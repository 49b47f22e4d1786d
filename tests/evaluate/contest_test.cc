// Models on tables whose truth is planted: nobody sees what it is tested on, threads do not show, leaks are found.
#include "tools/nudge/evaluate/contest.h"
#include "connectors/json_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "operators/scores/model.h"
#include "tests/operators/scores/planted_rows.h"
#include "tools/nudge/evaluate/report.h"
#include "tools/nudge/evaluate/trial.h"

namespace nudge::evaluate {
namespace {

using scores::testing::PlantedRows;
using Kind = SplitOptions::Kind;

bool same(const Prediction& a, const Prediction& b) {
  return a.row == b.row && a.probability_micro == b.probability_micro && a.at_half == b.at_half &&
         a.at_threshold == b.at_threshold;
}

TEST(Trial, DoesNotSeeTheLabelsThatItIsTestedOn) {
  for (const scores::Estimator& estimator : scores::estimators()) {
    SCOPED_TRACE(estimator.name);
    PlantedRows planted(1, 400);
    const auto parts = split_rows(planted.rows.labels, {.kind = Kind::kTime, .share = 0.3}, 1, kTaughtLeast).value();
    const Trial before = std::move(run_trial(estimator, planted.rows, parts[0], {})).value();
    for (const std::uint32_t row : parts[0].tested) planted.rows.labels[row] ^= 1;
    const Trial after = std::move(run_trial(estimator, planted.rows, parts[0], {})).value();
    EXPECT_TRUE(std::ranges::equal(before.predictions, after.predictions, same));
    EXPECT_EQ(before.threshold, after.threshold);
    EXPECT_EQ(before.known_loss, after.known_loss);
  }
}

TEST(Prequential, PredictsBeforeItLearns) {
  for (const scores::Estimator& estimator : scores::estimators()) {
    SCOPED_TRACE(estimator.name);
    PlantedRows planted(2, 900);
    const auto parts =
        split_rows(planted.rows.labels, {.kind = Kind::kPrequential, .count = 200}, 1, kTaughtLeast).value();
    const auto before = std::move(run_prequential(estimator, planted.rows, parts, {})).value();
    constexpr std::uint32_t kFrom = 500;  // inside of a block, where the calibration is fitted anew
    for (std::uint32_t row = kFrom; row < 900; ++row) planted.rows.labels[row] ^= 1;
    const auto after = std::move(run_prequential(estimator, planted.rows, parts, {})).value();
    ASSERT_EQ(before.size(), 4u);
    std::size_t kept = 0, moved = 0;
    for (std::size_t part = 0; part < 4; ++part)
      for (std::size_t i = 0; i < before[part].predictions.size(); ++i) {
        const bool equal = same(before[part].predictions[i], after[part].predictions[i]);
        if (before[part].predictions[i].row < kFrom + 1)
          kept += equal;
        else
          moved += !equal;
      }
    EXPECT_EQ(kept, kFrom + 1 - 200);
    EXPECT_GT(moved, 250u);
  }
}

TEST(Prequential, TheCalibrationFollowsABaseRateThatMoves) {
  PlantedRows planted(3, 4'000);
  std::mt19937 random(3);
  // From the middle on, half of the true ones are not.
  for (std::size_t row = 2'000; row < 4'000; ++row)
    if (random() % 2) planted.rows.labels[row] = 0;
  const auto parts =
      split_rows(planted.rows.labels, {.kind = Kind::kPrequential, .count = 1'000}, 1, kTaughtLeast).value();
  const auto trials = std::move(run_prequential(scores::estimators()[0], planted.rows, parts, {})).value();
  const Judgement last = judge(trials.back().predictions, planted.rows.labels);
  EXPECT_NEAR(*last.quality.band_predicted, *last.quality.band_actual, 0.05);
}

ContestOptions quick(Kind kind, unsigned threads) {
  return {.split = {.kind = kind, .share = 0.3, .count = kind == Kind::kPrequential ? 150u : 3u},
          .seeds = 1,
          .threads = threads};
}

Evaluation evaluation_of(const PlantedRows& planted, const ContestOptions& options) {
  Evaluation evaluation{
      .data = "t.csv", .split = "x", .seeds = options.seeds, .dataset = {}, .lone_aucs = {}, .contest = {}};
  evaluation.dataset.rows = planted.rows;
  for (const char* name : {"a", "b", "text", "noise"}) evaluation.dataset.features.push_back({.name = name});
  evaluation.contest = std::move(run_contest(planted.rows, options, {})).value();
  evaluation.lone_aucs = lone_aucs(planted.rows, options.threads).value();
  return evaluation;
}

TEST(Contest, ThreadsDoNotShow) {
  const PlantedRows planted(4, 260);
  for (const Kind kind : {Kind::kRandom, Kind::kFolds, Kind::kTime, Kind::kPrequential})
    EXPECT_EQ(json_report(evaluation_of(planted, quick(kind, 1))), json_report(evaluation_of(planted, quick(kind, 4))));
}

TEST(Contest, TheChampionAtHalfIsChosenByRowsThatAreNotTested) {
  PlantedRows planted(6, 600);
  ContestOptions options = quick(Kind::kTime, 2);
  options.at_half = true;
  const auto contest = std::move(run_contest(planted.rows, options, {})).value();
  ASSERT_EQ(contest.models.size(), 7u);
  EXPECT_EQ(contest.models[4].name, kDeepTrees);
  EXPECT_EQ(contest.models[5].name, kChampionAtHalf);
  EXPECT_EQ(contest.models[4].championships, 0u);
  const auto chosen_at_half = [](const Contest& of) {
    for (std::size_t model = 1; model < 5; ++model)
      if (of.models[model].championships_at_half > 0) return model;
    return std::size_t{0};
  };
  const std::size_t chosen = chosen_at_half(contest);
  ASSERT_GT(chosen, 0u);
  EXPECT_EQ(contest.models[5].repeats[0].at_half.balanced_accuracy(),
            contest.models[chosen].repeats[0].at_half.balanced_accuracy());
  // The last three tenths are tested: whatever their labels are, the choice is the same.
  for (std::size_t row = 420; row < 600; ++row) planted.rows.labels[row] ^= 1;
  EXPECT_EQ(chosen_at_half(std::move(run_contest(planted.rows, options, {})).value()), chosen);
}

TEST(Contest, ModelsBeatTheDummyAndTheChampionIsOneOfThem) {
  const PlantedRows planted(5, 900);
  ContestOptions options = quick(Kind::kFolds, 2);
  options.seeds = 2;
  std::size_t told = 0;
  const auto contest = run_contest(planted.rows, options, [&](std::size_t done, std::size_t all) {
    EXPECT_EQ(all, 2u * 3 * 3);
    EXPECT_EQ(done, ++told);
  });
  ASSERT_TRUE(contest) << contest.status().message();
  EXPECT_EQ(told, 18u);
  ASSERT_EQ(contest->models.size(), 5u);
  EXPECT_EQ(contest->models.front().name, kDummy);
  EXPECT_EQ(contest->models.back().name, kChampion);
  EXPECT_EQ(contest->parts, 3u);
  EXPECT_EQ(contest->tested, 900u);
  const Judgement& dummy = contest->models.front().repeats.front();
  EXPECT_NEAR(*dummy.at_half.balanced_accuracy(), 0.5, 0.06);
  EXPECT_NEAR(*dummy.quality.auc, 0.5, 0.02);
  std::size_t championships = 0;
  for (std::size_t model = 1; model < 5; ++model) {
    const ModelResult& result = contest->models[model];
    ASSERT_EQ(result.repeats.size(), 2u);
    for (const Judgement& repeat : result.repeats) {
      EXPECT_EQ(repeat.quality.n, 900u);
      EXPECT_GT(*repeat.at_half.balanced_accuracy(), *dummy.at_half.balanced_accuracy() + 0.1) << result.name;
      EXPECT_LT(*repeat.quality.log_loss, *dummy.quality.log_loss - 0.05) << result.name;
    }
    ASSERT_EQ(result.importance.size(), 4u);
    EXPECT_GT(result.importance[0], 0.05) << result.name;
    EXPECT_LT(std::abs(result.importance[3]), result.importance[0] / 3) << result.name;
    championships += result.championships;
  }
  EXPECT_EQ(championships, 6u);
}

TEST(Contest, SaysWhenThereIsTooLittleToLearn) {
  PlantedRows planted(6, 60);
  std::ranges::fill(planted.rows.labels, 0);
  planted.rows.labels[3] = planted.rows.labels[40] = 1;
  const auto contest = run_contest(planted.rows, quick(Kind::kFolds, 1), {});
  ASSERT_FALSE(contest);
  EXPECT_EQ(contest.status().error_class(), ErrorClass::kUsage);
}

TEST(LoneAucs, FindAColumnThatKnowsTheAnswer) {
  PlantedRows planted(7, 800);
  // Not in one direction: what lies in the middle is true.
  for (std::size_t row = 0; row < 800; ++row)
    planted.rows.values[row * 4 + 3] =
        planted.rows.labels[row] ? 0.1f * static_cast<float>(row % 7) : (row % 2 ? 5.0f : -5.0f);
  const Evaluation evaluation = evaluation_of(planted, quick(Kind::kRandom, 2));
  EXPECT_GT(evaluation.lone_aucs[3], 0.99);
  for (std::size_t feature = 0; feature < 3; ++feature) EXPECT_LT(evaluation.lone_aucs[feature], 0.9);
  EXPECT_GT(evaluation.lone_aucs[0], 0.65);
  const auto warnings = warnings_of(evaluation);
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_THAT(warnings[0], testing::HasSubstr("column noise alone reaches an AUC of"));
  EXPECT_THAT(text_report(evaluation), testing::HasSubstr("warning    column noise alone"));
}

TEST(Report, HoldsWhatWasJudged) {
  const PlantedRows planted(8, 500);
  ContestOptions options = quick(Kind::kRandom, 2);
  options.seeds = 2;
  const Evaluation evaluation = evaluation_of(planted, options);
  const auto json = connectors::parse_json(json_report(evaluation));
  EXPECT_EQ(json.at("rows").at("used"), 500);
  EXPECT_EQ(json.at("features").size(), 4u);
  ASSERT_EQ(json.at("models").size(), 5u);
  const auto& net = json.at("models")[2];
  EXPECT_EQ(net.at("name"), "back_propagation");
  const Judgement& first = evaluation.contest.models[2].repeats[0];
  const auto& repeat = net.at("repeats").at(0);
  EXPECT_EQ(repeat.at("auc").get<double>(), *first.quality.auc);
  EXPECT_EQ(repeat.at("confusion").at("at_threshold").at("true_positives").get<std::uint64_t>(),
            first.at_threshold.true_positives);
  double mean = 0;
  for (const auto& each : net.at("repeats")) mean += each.at("auc").get<double>() / 2;
  EXPECT_NEAR(net.at("auc").at("mean").get<double>(), mean, 1e-12);
  EXPECT_EQ(net.at("importance").size(), 4u);
  const std::string text = text_report(evaluation);
  for (const char* words :
       {"back_propagation", "gradient_boosting", "ftrl_logistic", "dummy", "AUC lost when shuffled"})
    EXPECT_THAT(text, testing::HasSubstr(words));
}

}  // namespace
}  // namespace nudge::evaluate
