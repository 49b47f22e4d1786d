// Scores one target with the model in force: record, signal, note and training row. One per target and task.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/expression.h"
#include "engine/operator.h"
#include "operators/scores/features.h"
#include "operators/scores/model.h"
#include "operators/scores/reasons.h"
#include "operators/scores/section.h"
#include "operators/scores/target.h"
#include "operators/signals.h"

namespace nudge::scores {

// Why and when a customer is scored.
struct Occasion {
  Millis at = 0;
  const SessionTouched* session = nullptr;  // session targets
  const Event* event = nullptr;             // that the customer is scored at, where it is no session
  // What the label needs to know of the event that caused the score.
  std::string_view trigger = {};
  // False where that is too much to keep: the score is published, and nobody will know whether it was right.
  bool is_judged = true;
};

// What the end of an epoch must know about the scores made in it.
struct EpochScores {
  std::int64_t epoch = 0;  // its number from 1970
  std::uint64_t made = 0;  // withheld ones too
  ScoreHistogram histogram;
};

// What a margin means by a model; −1 where withheld.
struct Judged {
  double log_odds = 0;  // calibrated
  std::int32_t probability_micro = -1, percentile_centi = -1;
  std::string_view band;
  bool is_uncertain = false;  // the truth may lie in another band
};
// Member `model` of a record: {name, version, trained_until} of the model that made the score.
void write_model(JsonWriter& writer, const Model& model);
// The model is active.
Judged judge(const ScoringModel& model, double margin, const Target& target);

class Scorer {
 public:
  Scorer(const Targets& targets, std::size_t place, const ColumnCatalog& columns);

  const Target& target() const { return target_; }
  const FeatureSet& features() const { return features_; }
  void adopt(const Model& model);

  // `among` holds for the customer.
  bool concerns(const CustomerContext& context);
  // Writes everything but the row, which is given back where the score is chosen for learning: without target, `until`
  // and timer.
  std::optional<PendingRow> score(CustomerContext& context, const Occasion& occasion);

  std::vector<EpochScores>& epochs() { return epochs_; }
  const std::vector<EpochScores>& epochs() const { return epochs_; }

 private:
  void write(CustomerContext& context, Millis at, const Judged& score, const SessionTouched* session);
  void note(CustomerContext& context, const Judged& score, const Occasion& occasion);
  EpochScores& epoch_of(Millis at);
  std::uint64_t score_id(const CustomerContext& context, const Occasion& occasion) const;

  const Target& target_;
  const bool names_trigger_;  // the label does
  std::uint8_t place_;
  Millis epoch_;
  FeatureSet features_;
  std::uint64_t name_hash_;
  std::optional<Expression> among_;
  std::vector<ColumnRef> among_columns_;  // those that the expression names
  std::optional<ScoringModel> model_;
  // What is the same in every record of the target, from one value to the next; `until_reasons_` holds the model.
  std::string until_probability_, until_reasons_, withheld_until_reasons_;
  ReasonWriter reasons_;
  std::vector<EpochScores> epochs_;
  // Buffers of one score.
  std::vector<float> values_;
  std::vector<double> contributions_;
  std::vector<Value> row_;
  std::string reasons_json_, note_;
};

}  // namespace nudge::scores
