// Watches what was published of one target: how good it was beside what needs no model, and whether its errors have
// changed.
//
// Prequential: a row is judged by what was said when it was scored, in the order in which rows are learnt. The error of
// a row is (probability − label)². Two answers that need no model stand beside: the class that was more frequent so
// far, with its share as the probability, and the label of the row before (no change).
#pragma once

#include <cstdint>

#include "engine/json_writer.h"
#include "operators/scores/adwin.h"
#include "operators/scores/page_hinkley.h"
#include "state/codec.h"

namespace nudge::scores {

class Watch {
 public:
  // A row whose label has become known. `probability_micro` is what was published, −1 where it was withheld: then only
  // the answers without a model learn from it. Rows of a group come one after the other, within an epoch.
  void add(std::int32_t probability_micro, bool label, std::uint64_t group);
  // All rows of the epoch are there. Call before the two below.
  void end_epoch();

  // The errors have risen in the epoch, as one of the tests says.
  bool worse() const { return epoch_.adwin == Adwin::Change::kRise || epoch_.page_hinkley; }
  // Members `accuracy`, `baselines` and `errors` of the epoch's `quality` record.
  void write(JsonWriter& writer) const;
  void begin_epoch() { epoch_ = {}; }

  // Between epochs.
  void encode(Encoder& out) const;
  void decode(Decoder& in);

 private:
  struct Epoch {
    std::uint64_t judged = 0, right = 0, majority_right = 0, no_change_right = 0;
    double majority_loss = 0, majority_squares = 0;
    Adwin::Change adwin = Adwin::Change::kNone;
    bool page_hinkley = false;
    // Of the group that came last.
    std::uint64_t group = 0, group_rows = 0;
    double group_errors = 0;
  };
  void end_group();
  Adwin adwin_;
  PageHinkley page_hinkley_;
  std::uint64_t known_ = 0, positives_ = 0;
  bool last_label_ = false;
  Epoch epoch_;
};

}  // namespace nudge::scores
