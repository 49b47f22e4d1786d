// One model on one part: learnt on some rows, calibrated and given its threshold by the same rows, tested on others.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/status.h"
#include "operators/scores/estimator.h"
#include "operators/scores/quality.h"
#include "tools/nudge/evaluate/judgement.h"
#include "tools/nudge/evaluate/split.h"

namespace nudge::evaluate {

struct Trial {
  std::vector<Prediction> predictions;  // of the tested rows, in order
  double threshold = 0;                 // a probability; the last one where it moved
  // Log loss and balanced accuracy at .5 on rows that the model did not see, known before the test: they pick
  // champions.
  double known_loss = 0, known_at_half = 0;
  // What some of the tested rows score as they are, and when one feature is shuffled among them; one for each feature.
  // Empty where importance was not asked for.
  scores::ScoreTally intact = {};
  std::vector<scores::ScoreTally> shuffled = {};
};

struct TrialSettings {
  scores::EstimatorSettings estimator;  // its seed is that of the repeat
  bool calibrated = true;               // false: a margin is taken for log-odds as it is
  // One tested row in so many is shuffled for the importance of features; 0: none.
  std::size_t importance_stride = 0;
};

// Rows of each class that a part must teach.
inline constexpr std::size_t kTaughtLeast = 6;

// Learns a part and tests it. The calibration and the threshold (judgement.h) follow from models that learnt four
// fifths of the taught rows and judged the others, as does what is known before the test.
Result<Trial> run_trial(const scores::Estimator& estimator, const scores::TrainingRows& rows, const Part& part,
                        const TrialSettings& settings);

// Walks through parts in time order, each of which begins where the one before it ended. Rows are predicted, then
// learnt. The calibration follows the latest predictions and their labels, the threshold those of more; the first
// part's follow from its taught rows as above.
Result<std::vector<Trial>> run_prequential(const scores::Estimator& estimator, const scores::TrainingRows& rows,
                                           std::span<const Part> parts, const TrialSettings& settings);

// What says nothing of a row but how many are true among those taught: the class is drawn with that probability.
Trial run_dummy(const scores::TrainingRows& rows, const Part& part, std::uint64_t seed);

}  // namespace nudge::evaluate
