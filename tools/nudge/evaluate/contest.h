// All models beside a dummy on the same parts of a table.
//
// The champion takes in each part the model whose log loss was least on rows that it had not seen and that were known
// before the test: what a shop that keeps several models would have shown. Whoever decides at .5, and is measured by
// balanced accuracy, is better served by a model that is too sure of itself; for him there is another champion.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/status.h"
#include "operators/scores/estimator.h"
#include "tools/nudge/evaluate/judgement.h"
#include "tools/nudge/evaluate/split.h"
#include "tools/nudge/evaluate/work.h"

namespace nudge::evaluate {

struct ContestOptions {
  SplitOptions split;
  std::size_t seeds = 1;  // repeats, by the seeds 1, 2, …
  unsigned threads = 1;
  std::vector<std::uint8_t> segments = {};  // of each row; empty: none
  // Deep trees, not calibrated, compete too, for the champion at .5 alone: it takes the model whose balanced accuracy
  // at .5 was best on those rows. Not of a prequential split.
  bool at_half = false;
};

// What a segment's rows are, and what was said of them at the threshold.
struct SegmentResult {
  Confusion confusion;
  std::uint64_t size() const;
  std::uint64_t positives() const { return confusion.true_positives + confusion.false_negatives; }
  std::uint64_t chosen() const { return confusion.true_positives + confusion.false_positives; }
  // The share of true ones among the chosen; nothing where none is chosen.
  std::optional<double> success_ratio() const;
};

struct ModelResult {
  std::string_view name;
  std::vector<Judgement> repeats;  // each over the tested rows of all parts
  double threshold = 0;            // a probability, the mean over parts
  // By feature: the AUC that is lost where the feature is shuffled among tested rows. In the first repeat; none of the
  // dummy.
  std::vector<double> importance;
  std::size_t championships = 0;  // parts in which it was the champion
  std::size_t championships_at_half = 0;
  std::vector<SegmentResult> segments;  // in the first repeat; none without segments
};

inline constexpr std::string_view kDummy = "dummy", kDeepTrees = "deep_trees", kChampionAtHalf = "champion_at_half",
                                  kChampion = "champion";

struct Contest {
  std::size_t parts = 0, taught = 0, tested = 0;  // of one repeat; taught is the mean of the parts
  // The dummy, the estimators in their order, the deep trees and their champion where they were asked for, the
  // champion.
  std::vector<ModelResult> models;
};

// The labels are of both classes.
Result<Contest> run_contest(const scores::TrainingRows& rows, const ContestOptions& options, const Progress& progress);

// How well each feature alone tells the labels: the AUC of a logistic model that learnt it on one half of the rows, on
// the other half.
Result<std::vector<double>> lone_aucs(const scores::TrainingRows& rows, unsigned threads);

}  // namespace nudge::evaluate
