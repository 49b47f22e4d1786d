// A model of another kind beside the learner's own: fitted to the whole window now and then (estimator.h), off the way
// of scores.
//
// It is due when half as many rows have come as the window had at its last fit: a model that does not learn from row to
// row must not be old when it is compared (contest.h). Each row of the window has a margin by a model that did not know
// its label: from cross-fitting by customers at a fit; of later rows what the model said before it was fitted to them.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "operators/scores/estimator.h"
#include "operators/scores/meaning.h"

namespace nudge::scores {

class Challenger {
 public:
  // `estimator`: the place in estimators().
  explicit Challenger(std::size_t estimator) : estimator_(estimator) {}

  std::size_t estimator() const { return estimator_; }
  bool active() const { return model_ != nullptr; }
  const std::shared_ptr<const FittedModel>& model() const { return model_; }
  const Meaning& meaning() const { return meaning_; }
  // Why the last fit failed; empty: it did not.
  const std::string& failure() const { return failure_; }

  // A row that comes into the window, of which the label is not used; and the first one leaves it.
  void keep(std::span<const float> row) { margins_.push_back(model_ ? model_->margin(row) : 0); }
  void forget_first() { margins_.pop_front(); }
  // Of the window's rows in their order.
  const std::deque<double>& margins() const { return margins_; }

  bool is_due(std::uint64_t rows_seen) const { return rows_seen >= due_at_; }
  // To all rows of the window; `folds` are those of the rows. A failure leaves the model as it was.
  void fit(const TrainingRows& rows, std::span<const std::uint8_t> folds, std::uint64_t rows_seen);
  void set_meaning(Meaning meaning) { meaning_ = std::move(meaning); }

  void encode(Encoder& out) const;
  void decode(Decoder& in);
  // Of a challenger that was not there before: no margin of the window's rows is known.
  void begin(std::size_t window_rows) { margins_.assign(window_rows, 0); }

 private:
  std::size_t estimator_;
  std::shared_ptr<const FittedModel> model_;  // null: never fitted
  std::deque<double> margins_;
  std::uint64_t due_at_ = 0;
  Meaning meaning_;
  std::string failure_;
};

}  // namespace nudge::scores
