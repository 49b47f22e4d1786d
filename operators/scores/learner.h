// Learns one target from rows whose label is known: weights, inputs and calibration. Lives in the global part only.
//
// Between refits each row is used once, in order: predicted, put into the window with that margin, then learnt (FTRL).
// So the window's margins are honest: no row was known to the weights that judged it. When the rows seen have doubled,
// a refit takes the window's rows: new knots and scales, new weights (refit.h), and margins by cross-fitting (folds by
// customer, whose rows resemble each other), so that they stay honest. What margins mean (meaning.h) is fitted to the
// window's after every batch. The stored margin of the score itself is not used: older weights and another calibration
// made it. Where drift is told, a refit does not wait for that, only until the whole window has come since the last
// one.
//
// Until the window has `labels_min` rows of both classes there is no model.
//
// Challengers (challenger.h) are fitted to the same window. Contestant 0 is the model above, the others are the
// challengers in the order of the settings.
#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "operators/scores/basis.h"
#include "operators/scores/challenger.h"
#include "operators/scores/ftrl.h"
#include "operators/scores/meaning.h"
#include "operators/scores/model.h"
#include "operators/scores/population.h"

namespace nudge::scores {

struct LearnerSettings {
  FtrlRates rates;
  std::size_t window = 20'000;                // rows kept for calibration and refits
  std::size_t labels_min = 30;                // of each class
  std::vector<std::size_t> challengers = {};  // places in estimators(), none of them 0
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
  Learner(std::vector<bool> texts, const LearnerSettings& settings);

  // Learns a batch in the order given; with a refit where one is due, or where the model's errors have `drifted`.
  void learn(std::span<const LabelledRow> rows, bool drifted = false);
  enum class LastRefit : std::uint8_t { kNone, kMoreRows, kDrift };
  // Whether the last batch ended in one, and why.
  LastRefit last_refit() const { return last_refit_; }
  // How far features of the rows since the last refit have moved from those of it; nothing while they are few.
  std::vector<FeatureShift> take_shifts() { return population_.take_shifts(); }

  std::size_t contestants() const { return 1 + challengers_.size(); }
  bool active(std::size_t contestant = 0) const {
    return contestant == 0 ? fitted_ : challengers_[contestant - 1].active();
  }
  std::uint64_t rows_seen() const { return rows_seen_; }
  std::uint64_t window_rows() const { return window_.size(); }
  std::uint64_t window_positives() const { return positives_; }
  const Calibration& calibration(std::size_t contestant = 0) const { return meaning(contestant).calibration; }
  // Why a challenger's last fit failed; empty: it did not.
  std::string_view failure(std::size_t contestant) const {
    return contestant == 0 ? std::string_view() : challengers_[contestant - 1].failure();
  }

  // The calibrated scores of the window's rows: where a score stands before there are scores to compare with.
  ScoreHistogram window_scores(std::size_t contestant = 0) const;
  // Needs active().
  ScoringModel model(std::uint64_t schema, std::uint8_t shift, const ScoreHistogram& scores,
                     std::size_t contestant = 0) const;

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
  void keep(const LabelledRow& row, std::span<const float> values, double margin, double weight);
  void refit_if_due();
  void refit();
  void fit_challengers();
  void decode_challengers(Decoder& in);
  void calibrate();
  const Meaning& meaning(std::size_t contestant) const {
    return contestant == 0 ? meaning_ : challengers_[contestant - 1].meaning();
  }
  // The features of all rows of the window, row-major.
  std::vector<float> window_values() const;
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
  Meaning meaning_;
  std::vector<Challenger> challengers_;
};

}  // namespace nudge::scores
