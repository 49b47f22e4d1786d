// Learns one target from rows whose label is known: weights, inputs and calibration. Lives in the global part only.
//
// Between refits each row is used once, in order: predicted, put into the window with that margin, then learnt (FTRL).
// So the window's margins are honest: no row was known to the weights that judged it. When the rows seen have doubled,
// a refit takes the window's rows: new knots and scales, new weights (refit.h), and margins by cross-fitting (folds by
// customer, whose rows resemble each other), so that they stay honest. The calibration and the bounds of probabilities
// (venn_abers.h) are fitted to the window's margins after every batch. The stored margin of the score itself is not
// used: older weights and another calibration made it. Where drift is told, the refit does not wait for the rows to
// double, only until the whole window has come since the last one.
//
// Until the window has `labels_min` rows of both classes there is no model.
#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "operators/scores/basis.h"
#include "operators/scores/calibration.h"
#include "operators/scores/ftrl.h"
#include "operators/scores/model.h"
#include "operators/scores/population.h"
#include "operators/scores/venn_abers.h"

namespace nudge::scores {

struct LearnerSettings {
  FtrlRates rates;
  std::size_t window = 20'000;  // rows kept for calibration and refits
  std::size_t labels_min = 30;  // of each class
};

// A mature row. `weight` says how many scores it stands for; only weights within one batch are compared.
struct LabelledRow {
  std::string_view features;   // packed
  std::uint64_t customer = 0;  // hash
  double weight = 1;
  bool label = false;
};

class Learner {
 public:
  Learner(std::vector<bool> texts, const LearnerSettings& settings) : texts_(std::move(texts)), settings_(settings) {}

  // Learns a batch in the order given; with a refit where one is due, or where the model's errors have `drifted`.
  void learn(std::span<const LabelledRow> rows, bool drifted = false);
  enum class LastRefit : std::uint8_t { kNone, kMoreRows, kDrift };
  // Whether the last batch ended in one, and why.
  LastRefit last_refit() const { return last_refit_; }
  // How far features of the rows since the last refit have moved from those of it; nothing while they are few.
  std::vector<FeatureShift> take_shifts() { return population_.take_shifts(); }

  bool active() const { return fitted_; }
  std::uint64_t rows_seen() const { return rows_seen_; }
  std::uint64_t window_rows() const { return window_.size(); }
  std::uint64_t window_positives() const { return positives_; }
  const Calibration& calibration() const { return calibration_; }

  // The calibrated scores of the window's rows: where a score stands before there are scores to compare with.
  ScoreHistogram window_scores() const;
  // Needs active().
  ScoringModel model(std::uint64_t schema, std::uint8_t shift, const ScoreHistogram& scores) const;

  void encode(Encoder& out) const;
  void decode(Decoder& in);

 private:
  struct WindowRow {
    std::string features;
    double margin = 0;
    float weight = 1;
    std::uint8_t fold = 0;
    bool label = false;
  };
  void keep(const LabelledRow& row, double margin, double weight);
  void refit_if_due();
  void refit();
  void calibrate();
  FtrlRates rates() const { return {settings_.rates.alpha, settings_.rates.beta, l1_, settings_.rates.l2}; }

  std::vector<bool> texts_;
  LearnerSettings settings_;
  std::deque<WindowRow> window_;
  std::uint64_t positives_ = 0;  // in the window
  std::uint64_t rows_seen_ = 0, refit_at_ = 0, refitted_at_ = 0;
  bool drifted_ = false;  // and no refit since
  LastRefit last_refit_ = LastRefit::kNone;
  bool fitted_ = false;
  Basis basis_;
  std::vector<float> input_means_;  // of the rows of the last refit
  Population population_;           // so too
  Ftrl weights_;
  double l1_ = 0;  // that the last refit chose
  Calibration calibration_;
  VennAbers bounds_;
};

}  // namespace nudge::scores
