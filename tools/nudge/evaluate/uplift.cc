#include "tools/nudge/evaluate/uplift.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "engine/check.h"
#include "engine/hash.h"
#include "engine/portable_math.h"
#include "tools/nudge/evaluate/qini.h"
#include "tools/nudge/evaluate/ridge.h"
#include "tools/nudge/evaluate/split.h"

namespace nudge::evaluate {
namespace {

using scores::TrainingRows;

constexpr std::size_t kModels = 3;
constexpr std::array<std::string_view, kModels> kNames = {"response", "t_learner", "x_learner"};
constexpr std::size_t kOfEachLeast = 10;  // rows of each class in each arm
// Effects are small beside what labels vary by: an input's effect counts where hundreds of rows say so.
constexpr double kRidge = 1'000;
constexpr std::uint64_t kFoldSeed = 0x0f01d, kResampleSeed = 0xb007;

// The rows of one arm and of those to whom nothing was done.
struct ArmRows {
  TrainingRows rows;
  std::vector<std::uint8_t> treated;
};

double probability(const scores::FittedModel& model, std::span<const float> row) {
  return portable::sigmoid(model.margin(row));
}

// Learns all rows but those of a fold, and says of these what each model orders them by.
class FoldTrial {
 public:
  FoldTrial(const ArmRows& trial, std::span<const std::uint8_t> folds, unsigned fold) : trial_(trial) {
    for (std::uint32_t row = 0; row < trial.rows.size(); ++row)
      (folds[row] == fold ? tested_ : taught_[trial.treated[row]]).push_back(row);
  }

  Status run(std::array<std::vector<double>, kModels>& orders, std::uint64_t seed) const {
    const scores::Estimator& estimator = scores::estimators().front();
    scores::EstimatorSettings settings;
    settings.seed = seed;
    const TrainingRows untreated = trial_.rows.chosen(taught_[0]), treated = trial_.rows.chosen(taught_[1]);
    NUDGE_ASSIGN(const auto without, estimator.fit(untreated, settings));
    NUDGE_ASSIGN(const auto with, estimator.fit(treated, settings));
    std::vector<double> effects[2];
    for (std::size_t row = 0; row < untreated.size(); ++row)
      effects[0].push_back(probability(*with, untreated.row(row)) - untreated.labels[row]);
    for (std::size_t row = 0; row < treated.size(); ++row)
      effects[1].push_back(treated.labels[row] - probability(*without, treated.row(row)));
    std::vector<float> all = untreated.values;
    all.insert(all.end(), treated.values.begin(), treated.values.end());
    const scores::Basis basis(all, trial_.rows.texts);
    const Ridge of_untreated(basis, untreated.values, effects[0], kRidge),
        of_treated(basis, treated.values, effects[1], kRidge);
    const double share = static_cast<double>(treated.size()) / static_cast<double>(treated.size() + untreated.size());
    for (const std::uint32_t row : tested_) {
      const std::span<const float> values = trial_.rows.row(row);
      const double response = probability(*with, values);
      orders[0][row] = response;
      orders[1][row] = response - probability(*without, values);
      orders[2][row] = share * of_untreated.predict(basis, values) + (1 - share) * of_treated.predict(basis, values);
    }
    return Status::ok();
  }

 private:
  const ArmRows& trial_;
  std::vector<std::uint32_t> tested_, taught_[2];
};

// As often as each row is in a resample: Poisson with mean 1, the bootstrap of many rows.
std::vector<std::uint8_t> resample(std::size_t rows, std::uint64_t seed) {
  std::vector<std::uint8_t> counts(rows);
  for (std::size_t row = 0; row < rows; ++row) {
    double left = unit_interval(mix(seed, row));
    double chance = 0.36787944117144233;  // e⁻¹
    for (; left >= chance && counts[row] < 12; chance /= ++counts[row]) left -= chance;
  }
  return counts;
}

std::optional<double> point_of(std::vector<double>& values, double share) {
  if (values.empty()) return std::nullopt;
  const auto place = static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1) + 0.5);
  std::nth_element(values.begin(), values.begin() + place, values.end());
  return values[static_cast<std::size_t>(place)];
}

class ArmTrial {
 public:
  ArmTrial(const Dataset& data, std::uint8_t arm, const UpliftOptions& options) : options_(options) {
    std::vector<std::uint32_t> used;
    for (std::uint32_t row = 0; row < data.rows.size(); ++row)
      if (data.arm_of[row] == 0 || data.arm_of[row] == arm) used.push_back(row);
    trial_.rows = data.rows.chosen(used);
    arm_.name = data.arms[arm];
    for (const std::uint32_t row : used) {
      trial_.treated.push_back(data.arm_of[row] != 0);
      arm_.rows[trial_.treated.back()] += 1;
      arm_.positives[trial_.treated.back()] += data.rows.labels[row];
    }
  }

  Result<UpliftArm> run() {
    for (const bool treated : {false, true})
      if (std::min(arm_.positives[treated], arm_.rows[treated] - arm_.positives[treated]) <
          kOfEachLeast * options_.folds)
        return Status::bad_data(fmt::format("--treatment: of the {} rows {} {} are true; {} of each kind are needed",
                                            arm_.rows[treated],
                                            treated ? "with " + arm_.name : std::string("without treatment"),
                                            arm_.positives[treated], kOfEachLeast * options_.folds));
    for (std::vector<double>& order : orders_) order.resize(trial_.rows.size());
    const std::vector<std::uint8_t> folds = this->folds();
    std::vector<std::function<Status()>> pieces;
    for (unsigned fold = 0; fold < options_.folds; ++fold)
      pieces.emplace_back([&, fold] { return FoldTrial(trial_, folds, fold).run(orders_, options_.seed); });
    NUDGE_TRY(run_pieces(pieces, options_.threads, {}));
    NUDGE_TRY(judge());
    return std::move(arm_);
  }

 private:
  // As many of each class and arm in each fold.
  std::vector<std::uint8_t> folds() const {
    std::vector<std::uint8_t> folds(trial_.rows.size());
    for (const std::uint8_t arm : {0, 1}) {
      std::vector<std::uint8_t> labels;
      for (std::size_t row = 0; row < folds.size(); ++row)
        if (trial_.treated[row] == arm) labels.push_back(trial_.rows.labels[row]);
      const auto dealt = stratified_folds(labels, options_.folds, mix(kFoldSeed, options_.seed));
      for (std::size_t row = 0, next = 0; row < folds.size(); ++row)
        if (trial_.treated[row] == arm) folds[row] = dealt[next++];
    }
    return folds;
  }

  Status judge() {
    std::vector<Qini> curves;
    for (const std::vector<double>& order : orders_) {
      std::vector<UpliftRow> rows;
      for (std::size_t row = 0; row < order.size(); ++row)
        rows.push_back({order[row], trial_.rows.labels[row] != 0, trial_.treated[row] != 0});
      curves.emplace_back(rows);
    }
    std::vector<std::array<std::optional<double>, kModels>> drawn(options_.resamples);
    std::vector<std::function<Status()>> pieces;
    for (std::size_t sample = 0; sample < drawn.size(); ++sample)
      pieces.emplace_back([&, sample] {
        const auto counts = resample(trial_.rows.size(), mix(mix(kResampleSeed, options_.seed), sample));
        for (std::size_t model = 0; model < kModels; ++model) drawn[sample][model] = curves[model].area(counts);
        return Status::ok();
      });
    NUDGE_TRY(run_pieces(pieces, options_.threads, {}));
    for (std::size_t model = 0; model < kModels; ++model) {
      std::vector<double> figures, gains;
      for (const auto& sample : drawn) {
        if (!sample[model] || !sample[0]) continue;
        figures.push_back(*sample[model]);
        gains.push_back(*sample[model] - *sample[0]);
      }
      UpliftModel made{.name = kNames[model], .qini = curves[model].area()};
      made.low = point_of(figures, 0.05);
      made.high = point_of(figures, 0.95);
      if (model > 0) made.gain_low = point_of(gains, 0.05);
      arm_.models.push_back(made);
    }
    return Status::ok();
  }

  const UpliftOptions& options_;
  ArmRows trial_;
  UpliftArm arm_;
  std::array<std::vector<double>, kModels> orders_;
};

}  // namespace

double UpliftArm::effect() const {
  return static_cast<double>(positives[1]) / static_cast<double>(rows[1]) -
         static_cast<double>(positives[0]) / static_cast<double>(rows[0]);
}

double UpliftArm::effect_error() const {
  double variance = 0;
  for (const int treated : {0, 1}) {
    const double n = static_cast<double>(rows[treated]), share = static_cast<double>(positives[treated]) / n;
    variance += share * (1 - share) / n;
  }
  return std::sqrt(variance);
}

Result<std::vector<UpliftArm>> run_uplift(const Dataset& data, const UpliftOptions& options) {
  NUDGE_CHECK(data.arms.size() > 1 && options.folds > 1, "a treatment, and folds");
  std::vector<UpliftArm> arms;
  for (std::uint8_t arm = 1; arm < data.arms.size(); ++arm) {
    NUDGE_ASSIGN(UpliftArm judged, ArmTrial(data, arm, options).run());
    arms.push_back(std::move(judged));
  }
  return arms;
}

}  // namespace nudge::evaluate
