// Which of a target's models makes its scores: the champion, until a challenger is known to lose less.
//
// Rows come in blocks. A block begins at an epoch's end; only scores made since then count in it, against what each
// challenger, as it would have been in force then, says of the same row. It is over at the end of the epoch in which
// the labels of a hundred of its rows are known, and gives each challenger one difference of Brier losses
// (comparison.h). So a customer's score is judged by models that knew no more than the shop did when it was made, and
// a horizon of two months gives six blocks a year: then nothing is decided in a year, and nothing should be.
//
// A challenger whose confidence sequence lies above 0 becomes the champion one epoch later, as any new model does, and
// all comparisons begin anew; they also do after so many blocks without a decision, for what was true long ago may be
// so no more. The k-th time the error allowed is its share 1 / (k (k + 1)), divided among the challengers: so `error`
// is the probability that a promotion is ever wrong, where nothing changes.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "engine/json_writer.h"
#include "engine/time.h"
#include "operators/scores/comparison.h"
#include "operators/scores/model.h"

namespace nudge::scores {

class Contest {
 public:
  static constexpr std::uint64_t kBlockRows = 100, kBlocksMost = 100;
  using Models = std::vector<std::shared_ptr<const ScoringModel>>;  // by contestant; null: none yet

  // Contestants are numbered; 0 is the first champion.
  Contest(std::vector<std::string_view> names, double error);

  std::size_t champion() const { return champion_; }
  std::string_view name(std::size_t contestant) const { return names_[contestant]; }
  bool is_held() const { return names_.size() > 1; }

  struct Row {
    Millis scored_at = 0;
    std::int32_t probability_micro = -1;  // as published; −1: withheld
    std::span<const float> features;
    double weight = 1;
    bool label = false;
  };
  // Whether a row of this time counts: else its features are not needed.
  bool counts(Millis scored_at) const { return is_held() && scored_at >= begins_; }
  // A row whose label has become known.
  void judge(const Row& row);
  // After all rows of the epoch. `models` are what each contestant would publish now, in force from `valid_from` on.
  // Says whether there is another champion.
  bool end_epoch(Millis epoch_end, Millis valid_from, const Models& models);

  // Members `champion` and `challengers` of the epoch's `quality` record; nothing where there is no contest. `failures`
  // say of each contestant why its last fit failed; empty: it did not.
  void write(JsonWriter& writer, std::span<const std::string_view> failures) const;

  // Between epochs.
  void encode(Encoder& out) const;
  void decode(Decoder& in);

 private:
  struct Standing {
    std::size_t contestant = 0;
    std::uint64_t blocks = 0;
    Comparison::Interval difference;
    bool promoted = false;
  };
  double error_now() const;
  void close_block();
  void begin_block(Millis at, const Models& models);
  void begin_comparisons();
  std::optional<std::size_t> winner();

  std::vector<std::string_view> names_;
  double error_;
  std::size_t champion_ = 0;
  std::uint64_t times_ = 1;  // that comparisons have begun
  std::vector<Comparison> comparisons_;
  Models before_;  // what each would have published at the end of the epoch before
  // The block.
  Millis begins_ = kNever;
  Models judged_;
  std::uint64_t rows_ = 0;
  double weight_ = 0;
  std::vector<double> differences_;
  // Of the epoch that has ended.
  std::vector<Standing> standings_;
  double error_allowed_ = 0;
};

}  // namespace nudge::scores
