#include "tools/nudge/evaluate/contest.h"

#include <algorithm>

#include "engine/check.h"
#include "operators/scores/model.h"
#include "tools/nudge/evaluate/trial.h"

namespace nudge::evaluate {
namespace {

using scores::TrainingRows;

constexpr std::size_t kImportanceRows = 20'000;

// Who takes part. Those behind the estimators compete at .5 alone.
struct Candidate {
  std::string_view name;
  const scores::Estimator* estimator = nullptr;
  scores::TreeSettings trees = scores::EstimatorSettings().trees;
  bool calibrated = true;
};

std::vector<Candidate> candidates_of(const ContestOptions& options) {
  std::vector<Candidate> candidates;
  for (const scores::Estimator& estimator : scores::estimators()) candidates.push_back({estimator.name, &estimator});
  // What XGBoost grows where nobody says otherwise.
  constexpr scores::TreeSettings kDeep{.trees = 100, .depth = 6, .learning_rate = 0.3, .min_child_weight = 1};
  if (options.at_half) candidates.push_back({kDeepTrees, &scores::estimators().back(), kDeep, false});
  return candidates;
}

// The trials of one repeat, by candidate and part.
struct Repeat {
  std::uint64_t seed = 0;
  std::vector<Part> parts;
  std::vector<std::vector<Trial>> trials;
};

class ContestRun {
 public:
  ContestRun(const TrainingRows& rows, const ContestOptions& options)
      : rows_(rows), options_(options), candidates_(candidates_of(options)) {}

  Result<Contest> run(const Progress& progress) {
    for (std::uint64_t seed = 1; seed <= options_.seeds; ++seed) {
      Repeat& repeat = repeats_.emplace_back(Repeat{.seed = seed, .parts = {}, .trials = {}});
      NUDGE_ASSIGN(repeat.parts, split_rows(rows_.labels, options_.split, seed, kTaughtLeast));
      repeat.trials.resize(candidates_.size());
    }
    NUDGE_TRY(run_pieces(pieces(), options_.threads, progress));
    return collect();
  }

 private:
  std::vector<std::function<Status()>> pieces() {
    std::vector<std::function<Status()>> pieces;
    for (Repeat& repeat : repeats_) {
      for (std::size_t number = 0; number < candidates_.size(); ++number) {
        const TrialSettings settings = settings_of(repeat, candidates_[number]);
        const scores::Estimator& estimator = *candidates_[number].estimator;
        std::vector<Trial>& trials = repeat.trials[number];
        if (options_.split.kind == SplitOptions::Kind::kPrequential) {
          pieces.emplace_back([&, settings]() -> Status {
            NUDGE_ASSIGN(trials, run_prequential(estimator, rows_, repeat.parts, settings));
            return Status::ok();
          });
          continue;
        }
        trials.resize(repeat.parts.size());
        for (std::size_t part = 0; part < repeat.parts.size(); ++part)
          pieces.emplace_back([&, settings, part]() -> Status {
            NUDGE_ASSIGN(trials[part], run_trial(estimator, rows_, repeat.parts[part], settings));
            return Status::ok();
          });
      }
    }
    return pieces;
  }

  TrialSettings settings_of(const Repeat& repeat, const Candidate& candidate) const {
    TrialSettings settings;
    settings.estimator.seed = repeat.seed;
    settings.estimator.trees = candidate.trees;
    settings.calibrated = candidate.calibrated;
    if (repeat.seed != 1) return settings;
    std::size_t tested = 0;
    for (const Part& part : repeat.parts) tested += part.tested.size();
    settings.importance_stride = (tested + kImportanceRows - 1) / kImportanceRows;
    return settings;
  }

  Contest collect() {
    Contest contest;
    const std::vector<Part>& parts = repeats_.front().parts;
    contest.parts = parts.size();
    for (const Part& part : parts) {
      contest.taught += part.taught.size();
      contest.tested += part.tested.size();
    }
    contest.taught /= parts.size();
    contest.models.emplace_back().name = kDummy;
    for (const Candidate& candidate : candidates_) contest.models.emplace_back().name = candidate.name;
    if (options_.at_half) contest.models.emplace_back().name = kChampionAtHalf;
    contest.models.emplace_back().name = kChampion;
    for (const Repeat& repeat : repeats_) {
      std::vector<std::vector<const Trial*>> trials(contest.models.size());
      std::vector<Trial> dummies;
      dummies.reserve(repeat.parts.size());
      for (std::size_t part = 0; part < repeat.parts.size(); ++part) {
        trials.front().push_back(&dummies.emplace_back(run_dummy(rows_, repeat.parts[part], repeat.seed)));
        for (std::size_t number = 0; number < candidates_.size(); ++number)
          trials[number + 1].push_back(&repeat.trials[number][part]);
        if (options_.at_half) {
          const std::size_t best = champion_at_half_of(repeat, part);
          contest.models[best + 1].championships_at_half += 1;
          trials[trials.size() - 2].push_back(&repeat.trials[best][part]);
        }
        const std::size_t best = champion_of(repeat, part);
        contest.models[best + 1].championships += 1;
        trials.back().push_back(&repeat.trials[best][part]);
      }
      for (std::size_t model = 0; model < trials.size(); ++model) judge_model(trials[model], contest.models[model]);
    }
    return contest;
  }

  static std::size_t champion_of(const Repeat& repeat, std::size_t part) {
    std::size_t best = 0;
    for (std::size_t number = 1; number < scores::estimators().size(); ++number)
      if (repeat.trials[number][part].known_loss < repeat.trials[best][part].known_loss) best = number;
    return best;
  }

  static std::size_t champion_at_half_of(const Repeat& repeat, std::size_t part) {
    std::size_t best = 0;
    for (std::size_t number = 1; number < repeat.trials.size(); ++number)
      if (repeat.trials[number][part].known_at_half > repeat.trials[best][part].known_at_half) best = number;
    return best;
  }

  void judge_model(const std::vector<const Trial*>& trials, ModelResult& model) const {
    std::vector<Prediction> predictions;
    double threshold = 0;
    for (const Trial* trial : trials) {
      predictions.insert(predictions.end(), trial->predictions.begin(), trial->predictions.end());
      threshold += trial->threshold / static_cast<double>(trials.size());
    }
    if (model.repeats.empty()) judge_segments(predictions, model);
    model.threshold += threshold / static_cast<double>(repeats_.size());
    model.repeats.push_back(judge(predictions, rows_.labels));
    if (trials.front()->shuffled.empty()) return;
    scores::ScoreTally intact;
    std::vector<scores::ScoreTally> shuffled(rows_.features());
    for (const Trial* trial : trials) {
      intact.add(trial->intact);
      for (std::size_t feature = 0; feature < shuffled.size(); ++feature)
        shuffled[feature].add(trial->shuffled[feature]);
    }
    const double auc = intact.quality(kBandLow, kBandHigh).auc.value_or(0.5);
    for (const scores::ScoreTally& tally : shuffled)
      model.importance.push_back(auc - tally.quality(kBandLow, kBandHigh).auc.value_or(auc));
  }

  void judge_segments(const std::vector<Prediction>& predictions, ModelResult& model) const {
    if (options_.segments.empty()) return;
    model.segments.resize(*std::max_element(options_.segments.begin(), options_.segments.end()) + 1u);
    for (const Prediction& each : predictions)
      model.segments[options_.segments[each.row]].confusion.add(rows_.labels[each.row] != 0, each.at_threshold);
  }

  const TrainingRows& rows_;
  const ContestOptions& options_;
  const std::vector<Candidate> candidates_;
  std::vector<Repeat> repeats_;
};

}  // namespace

std::uint64_t SegmentResult::size() const { return positives() + confusion.true_negatives + confusion.false_positives; }

std::optional<double> SegmentResult::success_ratio() const {
  if (chosen() == 0) return std::nullopt;
  return static_cast<double>(confusion.true_positives) / static_cast<double>(chosen());
}

Result<Contest> run_contest(const TrainingRows& rows, const ContestOptions& options, const Progress& progress) {
  NUDGE_CHECK(options.seeds > 0, "at least one repeat");
  NUDGE_CHECK(!options.at_half || options.split.kind != SplitOptions::Kind::kPrequential, "parts that are held out");
  return ContestRun(rows, options).run(progress);
}

Result<std::vector<double>> lone_aucs(const TrainingRows& rows, unsigned threads) {
  const auto halves = stratified_folds(rows.labels, 2, 0);
  std::vector<double> aucs(rows.features(), 0.5);
  std::vector<std::function<Status()>> pieces;
  for (std::size_t feature = 0; feature < rows.features(); ++feature)
    pieces.emplace_back([&, feature]() -> Status {
      TrainingRows half{.texts = {rows.texts[feature]}, .values = {}, .labels = {}, .weights = {}};
      for (std::size_t row = 0; row < rows.size(); ++row)
        if (halves[row] == 0) half.add(rows.row(row).subspan(feature, 1), rows.labels[row] != 0);
      if (half.size() == 0) return Status::ok();
      NUDGE_ASSIGN(const auto model, scores::estimators().front().fit(half, {}));
      scores::ScoreTally tally;
      for (std::size_t row = 0; row < rows.size(); ++row)
        if (halves[row] != 0)
          tally.add(scores::probability_micro(model->margin(rows.row(row).subspan(feature, 1))), rows.labels[row] != 0);
      aucs[feature] = tally.quality(kBandLow, kBandHigh).auc.value_or(0.5);
      return Status::ok();
    });
  NUDGE_TRY(run_pieces(pieces, threads, {}));
  return aucs;
}

}  // namespace nudge::evaluate
