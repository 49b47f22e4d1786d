#include "tools/nudge/evaluate/trial.h"

#include <algorithm>
#include <cmath>
#include <deque>

#include "engine/hash.h"
#include "engine/portable_math.h"
#include "operators/scores/model.h"

namespace nudge::evaluate {
namespace {

using scores::Calibration;
using scores::CalibrationRow;
using scores::TrainingRows;

constexpr std::size_t kCalibrationFolds = 5;
constexpr std::uint64_t kFoldSeed = 0xf01d5, kShuffleSeed = 0x5f1e, kDummySeed = 0xd0;
// Prequential: how many predictions the calibration looks back on, after how many their weight is half, and how many
// are made before it is fitted anew; and on how many the threshold looks back.
constexpr std::size_t kWindow = 2'000, kStep = 100, kThresholdRows = 5'000;
constexpr double kHalfLife = 300, kLn2 = 0.69314718055994531;

double loss_of(double log_odds, bool label) {
  const double away = label ? -log_odds : log_odds;
  return std::max(away, 0.0) + portable::log1p(portable::exp(-std::abs(away)));
}

// A model with all that makes its margins predictions.
struct Judge {
  const scores::FittedModel* model = nullptr;
  Calibration calibration;
  double threshold = 0;  // log-odds

  double log_odds(std::span<const float> row) const { return calibration.apply(model->margin(row)); }
  Prediction predict(std::uint32_t row, double log_odds) const {
    return {row, scores::probability_micro(log_odds), log_odds >= 0, log_odds >= threshold};
  }
};

// Shuffles each feature among the rows.
void shuffle_features(const Judge& judge, const TrainingRows& rows, std::span<const std::uint32_t> tested,
                      const TrialSettings& settings, Trial& trial) {
  if (settings.importance_stride == 0) return;
  std::vector<std::uint32_t> used;
  for (const std::uint32_t row : tested)
    if (mix(kShuffleSeed, row) % settings.importance_stride == 0) used.push_back(row);
  trial.shuffled.resize(rows.features());
  for (const std::uint32_t row : used)
    trial.intact.add(scores::probability_micro(judge.log_odds(rows.row(row))), rows.labels[row] != 0);
  std::vector<float> values(rows.features());
  for (std::size_t feature = 0; feature < rows.features(); ++feature) {
    std::vector<std::uint32_t> from = used;
    std::sort(from.begin(), from.end(), [feature](std::uint32_t a, std::uint32_t b) {
      const std::uint64_t seed = mix(kShuffleSeed, feature + 1);
      return std::pair(mix(seed, a), a) < std::pair(mix(seed, b), b);
    });
    for (std::size_t i = 0; i < used.size(); ++i) {
      const auto row = rows.row(used[i]);
      std::copy(row.begin(), row.end(), values.begin());
      values[feature] = rows.row(from[i])[feature];
      trial.shuffled[feature].add(scores::probability_micro(judge.log_odds(values)), rows.labels[used[i]] != 0);
    }
  }
}

struct Learnt {
  scores::CalibratedModel fitted;
  std::vector<Scored> held_out;  // calibrated log-odds of the taught rows
  double loss = 0;               // their mean log loss
  double at_half = 0;            // their balanced accuracy
};

Result<Learnt> learn(const scores::Estimator& estimator, const TrainingRows& taught, const TrialSettings& settings) {
  const auto folds = stratified_folds(taught.labels, kCalibrationFolds, mix(kFoldSeed, settings.estimator.seed));
  Learnt learnt;
  NUDGE_ASSIGN(learnt.fitted, scores::fit_calibrated(estimator, taught, folds, settings.estimator));
  if (!settings.calibrated) learnt.fitted.calibration = {};
  Confusion confusion;
  for (std::size_t row = 0; row < taught.size(); ++row) {
    const bool label = taught.labels[row] != 0;
    const double log_odds = learnt.fitted.calibration.apply(learnt.fitted.held_out[row]);
    learnt.held_out.push_back({log_odds, label});
    learnt.loss += loss_of(log_odds, label);
    confusion.add(label, log_odds >= 0);
  }
  learnt.loss /= static_cast<double>(taught.size());
  learnt.at_half = confusion.balanced_accuracy().value_or(0);
  return learnt;
}

// The latest predictions, whose labels are known.
class LatestPredictions {
 public:
  // `log_odds` are those that were told.
  void add(double margin, double log_odds, bool label) {
    scored_.push_back({log_odds, label});
    if (scored_.size() > kThresholdRows) scored_.pop_front();
    known_.push_back({margin, loss_of(log_odds, label), label});
    if (known_.size() > kWindow) known_.pop_front();
  }
  double threshold() const { return cautious_threshold({scored_.begin(), scored_.end()}); }
  Calibration calibration() const {
    std::vector<CalibrationRow> rows;
    const double fading = portable::exp(-kLn2 / kHalfLife);
    double weight = 1;
    for (std::size_t left = known_.size(); left > 0; --left, weight *= fading)
      rows.push_back({known_[left - 1].margin, weight, known_[left - 1].label});
    return scores::fit_calibration(rows, scores::kCalibrationPrior);
  }
  double loss() const {
    double sum = 0;
    for (const Known& known : known_) sum += known.loss;
    return sum / static_cast<double>(known_.size());
  }

 private:
  struct Known {
    double margin = 0, loss = 0;
    bool label = false;
  };
  std::deque<Known> known_;
  std::deque<Scored> scored_;
};

}  // namespace

Result<Trial> run_trial(const scores::Estimator& estimator, const TrainingRows& rows, const Part& part,
                        const TrialSettings& settings) {
  NUDGE_ASSIGN(Learnt learnt, learn(estimator, rows.chosen(part.taught), settings));
  const Judge judge{learnt.fitted.model.get(), learnt.fitted.calibration,
                    cautious_threshold(std::move(learnt.held_out))};
  Trial trial{.predictions = {},
              .threshold = portable::sigmoid(judge.threshold),
              .known_loss = learnt.loss,
              .known_at_half = learnt.at_half};
  for (const std::uint32_t row : part.tested)
    trial.predictions.push_back(judge.predict(row, judge.log_odds(rows.row(row))));
  shuffle_features(judge, rows, part.tested, settings, trial);
  return trial;
}

Result<std::vector<Trial>> run_prequential(const scores::Estimator& estimator, const TrainingRows& rows,
                                           std::span<const Part> parts, const TrialSettings& settings) {
  std::vector<Trial> trials;
  LatestPredictions latest;
  for (const Part& part : parts) {
    const TrainingRows taught = rows.chosen(part.taught);
    std::unique_ptr<scores::FittedModel> model;
    if (trials.empty()) {
      NUDGE_ASSIGN(Learnt learnt, learn(estimator, taught, settings));
      for (std::size_t row = 0; row < taught.size(); ++row)
        latest.add(learnt.fitted.held_out[row], learnt.held_out[row].score, learnt.held_out[row].label);
      model = std::move(learnt.fitted.model);
    } else {
      NUDGE_ASSIGN(model, estimator.fit(taught, settings.estimator));
    }
    Judge judge{.model = model.get(), .calibration = {}, .threshold = latest.threshold()};
    Trial& trial = trials.emplace_back();
    trial.threshold = portable::sigmoid(judge.threshold);
    trial.known_loss = latest.loss();
    for (std::size_t begin = 0; begin < part.tested.size(); begin += kStep) {
      judge.calibration = latest.calibration();
      const auto step = std::span(part.tested).subspan(begin, std::min(kStep, part.tested.size() - begin));
      std::vector<double> margins;
      for (const std::uint32_t row : step) {
        margins.push_back(model->margin(rows.row(row)));
        trial.predictions.push_back(judge.predict(row, judge.calibration.apply(margins.back())));
      }
      shuffle_features(judge, rows, step, settings, trial);
      for (std::size_t i = 0; i < step.size(); ++i)
        latest.add(margins[i], judge.calibration.apply(margins[i]), rows.labels[step[i]] != 0);
    }
  }
  return trials;
}

Trial run_dummy(const TrainingRows& rows, const Part& part, std::uint64_t seed) {
  double known[2] = {0, 0};
  for (const std::uint32_t row : part.taught) known[rows.labels[row]] += 1;
  const double share = known[1] / (known[0] + known[1]);
  const std::int32_t micro = scores::probability_micro(portable::log(known[1] / known[0]));
  Trial trial{.predictions = {}, .threshold = share};
  for (const std::uint32_t row : part.tested) {
    const bool chosen = unit_interval(mix(mix(kDummySeed, seed), row)) < share;
    trial.predictions.push_back({row, micro, chosen, chosen});
  }
  trial.known_loss = -(share * portable::log(share) + (1 - share) * portable::log1p(-share));
  return trial;
}

}  // namespace nudge::evaluate
