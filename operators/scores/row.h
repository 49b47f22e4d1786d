// A score that waits for its label, and one whose label has become known.
//
// A score becomes a training row if the hash of what identifies it lies below the sampling rate 2^−shift that its model
// carried: the choice depends on the score alone, so it is the same for any number of tasks. Of the rows of an epoch
// those with the smallest priority are kept; priorities are uniform whatever the rate was, so the smallest of all are
// among the smallest of each task.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/growing_bytes.h"
#include "engine/operator.h"
#include "engine/time.h"
#include "state/codec.h"

namespace nudge::scores {

inline constexpr std::uint8_t kShiftMost = 40;
// What a label may need to know of the event that caused the score; a score with more is not learnt.
inline constexpr std::size_t kTriggerBytesMax = 4 << 10;

constexpr bool is_chosen(std::uint64_t score_id, std::uint8_t shift) {
  return shift == 0 || score_id >> (64 - shift) == 0;
}
constexpr std::uint64_t priority_of(std::uint64_t score_id, std::uint8_t shift) { return score_id << shift; }

struct PendingRow {
  std::uint32_t target = 0;  // Target::id
  std::uint32_t schema = 0;  // of `packed`
  Millis at = 0;
  Millis until = kNever;      // kNever: the session is open
  std::uint64_t session = 0;  // of SessionTouched; 0 for customers
  std::uint64_t score_id = 0;
  std::int32_t probability_micro = -1;  // as published; −1: withheld
  std::uint8_t shift = 0;
  std::uint16_t trigger_bytes = 0;
  std::string packed;  // the features, then what the label needs to know of the event that caused the score

  std::string_view features() const { return std::string_view(packed).substr(0, packed.size() - trigger_bytes); }
  std::string_view trigger() const { return std::string_view(packed).substr(packed.size() - trigger_bytes); }
  void set_trigger(std::string_view trigger);

  std::size_t bytes() const { return 40 + packed.size(); }
  void encode(Encoder& out) const;
  void decode(Decoder& in);
};

// Views into the bytes that it was decoded from.
struct MatureRow {
  Millis mature_at = 0, scored_at = 0;
  std::string_view customer;
  std::uint64_t score_id = 0;
  std::uint8_t shift = 0;
  bool label = false;
  std::int32_t probability_micro = -1;
  std::string_view features;

  std::uint64_t priority() const { return priority_of(score_id, shift); }
  void encode(Encoder& out) const;
  void decode(Decoder& in);
};

// Leaves the `most` rows of the smallest priority, and returns them in the order of learning: by time of maturity,
// customer, score.
void choose_rows(std::vector<MatureRow>& rows, std::size_t most);

// A task's mature rows of one target until the epoch ends, encoded as they come.
class RowBuffer {
 public:
  // May drop rows of the largest priorities when there are more than twice `most`.
  void add(const MatureRow& row, std::size_t most);
  // Appends the number of rows that matured by `until` and the `most` of them that count, and forgets them.
  void take(Millis until, std::size_t most, Encoder& out);
  void erase(std::string_view customer);

  std::size_t size() const { return count_; }
  // The rows in pieces, numbered from `first` on, and what is beside them. read_piece() comes after decode().
  void encode(Encoder& out) const;
  void write_pieces(std::uint64_t first, PieceWriter& out) { stored_.write(bytes_, first, out); }
  void decode(Decoder& in);
  void read_piece(std::string_view bytes) { stored_.read(bytes_, bytes); }

 private:
  std::vector<MatureRow> rows(std::string_view bytes) const;
  void replace(const std::vector<MatureRow>& rows);
  std::string bytes_;
  GrowingBytes stored_;
  std::size_t count_ = 0;
  std::uint64_t dropped_ = 0;
};

}  // namespace nudge::scores
