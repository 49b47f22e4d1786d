// Every estimator: what it learns of a planted truth, that it explains what it says, and that the same rows give the
// same bytes; then the calibration that holds rows out.
#include "operators/scores/estimator.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "operators/scores/model.h"
#include "operators/scores/network_inputs.h"
#include "operators/scores/quality.h"
#include "tests/operators/scores/planted_rows.h"

namespace nudge::scores {
namespace {

using testing::PlantedRows;

class EstimatorTest : public ::testing::TestWithParam<std::size_t> {
 protected:
  const Estimator& estimator() const { return estimators()[GetParam()]; }
  std::unique_ptr<FittedModel> fit(const TrainingRows& rows, std::uint64_t seed = 1) const {
    EstimatorSettings settings;
    settings.seed = seed;
    auto fitted = estimator().fit(rows, settings);
    EXPECT_TRUE(fitted) << fitted.status().message();
    return std::move(fitted).value();
  }
};

std::string bytes_of(const FittedModel& model) {
  std::string bytes;
  Encoder out(bytes);
  model.encode(out);
  return bytes;
}

Quality quality_of(const std::vector<double>& log_odds, const TrainingRows& rows) {
  ScoreTally tally;
  for (std::size_t row = 0; row < rows.size(); ++row)
    tally.add(probability_micro(log_odds[row]), rows.labels[row] != 0);
  return tally.quality(0.15, 0.5);
}

TEST_P(EstimatorTest, ComesNearThePlantedTruth) {
  const PlantedRows taught(1, 6'000), tested(2, 6'000);
  const auto model = fit(taught.rows);
  std::vector<double> margins;
  for (std::size_t row = 0; row < tested.rows.size(); ++row) margins.push_back(model->margin(tested.rows.row(row)));
  const Quality found = quality_of(margins, tested.rows), truth = quality_of(tested.truth, tested.rows);
  // What the two numbers do together is not in a sum of curves.
  const double lost = estimator().name == "ftrl_logistic" ? 0.03 : 0.018;
  EXPECT_GT(*found.auc, *truth.auc - lost);
  EXPECT_LT(*found.log_loss, *truth.log_loss + lost);
}

TEST_P(EstimatorTest, ContributionsAndTheAverageSumToTheMargin) {
  const PlantedRows taught(3, 1'500), tested(4, 300);
  const auto model = fit(taught.rows);
  std::vector<double> contributions(taught.rows.features()), averages;
  double sizes[4] = {};
  for (std::size_t row = 0; row < tested.rows.size(); ++row) {
    const double margin = model->margin(tested.rows.row(row), contributions);
    EXPECT_EQ(margin, model->margin(tested.rows.row(row)));
    double sum = 0;
    for (std::size_t feature = 0; feature < 4; ++feature) {
      sum += contributions[feature];
      sizes[feature] += std::abs(contributions[feature]);
    }
    averages.push_back(margin - sum);
  }
  for (const double average : averages) EXPECT_NEAR(average, averages.front(), 1e-5);
  EXPECT_GT(sizes[0], 2 * sizes[3]);
  EXPECT_GT(sizes[2], sizes[3]);
}

TEST_P(EstimatorTest, TheSameRowsGiveTheSameBytesAndBytesTheSameModel) {
  const PlantedRows taught(5, 800), tested(6, 200);
  const auto model = fit(taught.rows, 7);
  const std::string bytes = bytes_of(*model);
  EXPECT_EQ(bytes, bytes_of(*fit(taught.rows, 7)));
  Decoder in(bytes);
  const auto again = estimator().decode(in);
  ASSERT_TRUE(again && in.ok() && in.at_end());
  EXPECT_EQ(bytes_of(*again), bytes);
  for (std::size_t row = 0; row < tested.rows.size(); ++row)
    EXPECT_EQ(again->margin(tested.rows.row(row)), model->margin(tested.rows.row(row)));
  for (std::size_t size = 0; size < bytes.size(); size += 1 + bytes.size() / 500) {
    Decoder cut(std::string_view(bytes).substr(0, size));
    EXPECT_TRUE(estimator().decode(cut) == nullptr && !cut.ok()) << size;
  }
}

TEST_P(EstimatorTest, LearnsFromAnyRowsThereAre) {
  const PlantedRows planted(8, 40);
  TrainingRows one = planted.rows.chosen(std::vector<std::uint32_t>{3});
  TrainingRows same = planted.rows.chosen(std::vector<std::uint32_t>{3, 3, 3, 3, 3, 3, 3, 3});
  for (std::size_t i = 0; i < same.size(); ++i) same.labels[i] = i % 2;
  TrainingRows unknown = planted.rows;
  std::fill(unknown.values.begin(), unknown.values.end(), std::numeric_limits<float>::quiet_NaN());
  TrainingRows of_one_class = planted.rows;
  std::fill(of_one_class.labels.begin(), of_one_class.labels.end(), 0);
  for (const TrainingRows* rows : {&one, &same, &unknown, &of_one_class}) {
    const auto model = fit(*rows);
    std::vector<double> contributions(4);
    for (std::size_t row = 0; row < planted.rows.size(); ++row)
      EXPECT_TRUE(std::isfinite(model->margin(planted.rows.row(row), contributions)));
  }
}

TEST_P(EstimatorTest, AnUnknownNumberMayMeanSomething) {
  const PlantedRows taught(9, 3'000);
  const auto model = fit(taught.rows);
  constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
  const float known[] = {0, 1, 0, 0}, unknown[] = {0, 1, 0, kNaN};
  EXPECT_GT(model->margin(unknown), model->margin(known));
}

INSTANTIATE_TEST_SUITE_P(All, EstimatorTest, ::testing::Range<std::size_t>(0, 3),
                         [](const auto& parameter) { return std::string(estimators()[parameter.param].name); });

TEST(Estimators, AreThree) { EXPECT_EQ(estimators().size(), 3u); }

TEST(Network, TheSeedDecides) {
  const PlantedRows taught(1, 300);
  EstimatorSettings settings;
  const auto one = std::move(estimators()[1].fit(taught.rows, settings)).value();
  settings.seed = 2;
  const auto other = std::move(estimators()[1].fit(taught.rows, settings)).value();
  EXPECT_NE(bytes_of(*one), bytes_of(*other));
}

TEST(NetworkInputs, ATextThatIsNewSaysNothing) {
  const PlantedRows taught(1, 300);
  const NetworkInputs inputs(taught.rows);
  std::vector<Term> terms, others;
  const float new_text[] = {0.5f, 1, 40, 0}, other[] = {0.5f, 1, 41, 0}, known[] = {0.5f, 1, 4, 0};
  inputs.terms(new_text, terms);
  inputs.terms(other, others);
  const auto same = [](const Term& a, const Term& b) { return a.index == b.index && a.value == b.value; };
  EXPECT_TRUE(std::equal(terms.begin(), terms.end(), others.begin(), others.end(), same));
  inputs.terms(known, others);
  EXPECT_EQ(others.size(), terms.size() + 1);
  for (const Term& term : others) EXPECT_LT(term.index, inputs.size());
  EXPECT_EQ(inputs.owners().size(), inputs.size());
}

TEST(NetworkInputs, PlacesRiseEvenlyThroughTheQuantiles) {
  TrainingRows rows{.texts = {false}, .values = {}, .labels = {}, .weights = {}};
  for (int i = 0; i < 1'000; ++i) {
    const float value = std::exp(static_cast<float>(i) / 100);
    rows.add({&value, 1}, i % 2 == 0);
  }
  const NetworkInputs inputs(rows);
  std::vector<Term> terms;
  float last = -10;
  for (int i = 0; i < 1'000; i += 50) {
    inputs.terms(rows.row(i), terms);
    const float place = terms.back().value;
    EXPECT_GT(place, last) << i;
    EXPECT_LE(std::abs(place), 1.74f);
    last = place;
  }
}

std::vector<std::uint8_t> folds_of(std::size_t rows, std::size_t count) {
  std::vector<std::uint8_t> folds(rows);
  for (std::size_t row = 0; row < rows; ++row) folds[row] = static_cast<std::uint8_t>(row % count);
  return folds;
}

TEST(FitCalibrated, JudgesRowsByModelsThatDidNotSeeThem) {
  PlantedRows planted(11, 600);
  const auto folds = folds_of(600, 3);
  const auto before = std::move(fit_calibrated(estimators()[0], planted.rows, folds, {})).value();
  ASSERT_EQ(before.held_out.size(), 600u);
  for (std::size_t row = 0; row < 600; row += 3) planted.rows.labels[row] ^= 1;
  const auto after = std::move(fit_calibrated(estimators()[0], planted.rows, folds, {})).value();
  std::size_t moved = 0;
  for (std::size_t row = 0; row < 600; ++row) {
    if (row % 3 == 0)
      EXPECT_EQ(after.held_out[row], before.held_out[row]) << row;
    else
      moved += after.held_out[row] != before.held_out[row];
  }
  EXPECT_GT(moved, 350u);
}

TEST(FitCalibrated, MeansWhatItSays) {
  const PlantedRows taught(12, 6'000), tested(13, 6'000);
  for (const Estimator& estimator : estimators()) {
    SCOPED_TRACE(estimator.name);
    const auto fitted = std::move(fit_calibrated(estimator, taught.rows, folds_of(6'000, 3), {})).value();
    std::vector<double> log_odds;
    for (std::size_t row = 0; row < tested.rows.size(); ++row)
      log_odds.push_back(fitted.calibration.apply(fitted.model->margin(tested.rows.row(row))));
    const Quality quality = quality_of(log_odds, tested.rows);
    EXPECT_LT(*quality.ece, 0.04);
    EXPECT_NEAR(*quality.band_predicted, *quality.band_actual, 0.03);
  }
}

}  // namespace
}  // namespace nudge::scores
