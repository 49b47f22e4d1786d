// When a customer did what a label asks for: the sorted times of the matching events that hold now.
//
// Equal times are kept as often as they came, so that undoing one leaves the other.
#pragma once

#include <algorithm>
#include <vector>

#include "engine/compact_vector.h"
#include "engine/time.h"
#include "state/codec.h"

namespace nudge::scores {

class LabelTimes {
 public:
  static constexpr std::size_t kTimesMax = 2048;

  // False where the oldest time had to go to make room.
  bool add(Millis time) {
    times_.insert(std::upper_bound(times_.begin(), times_.end(), time), time);
    if (times_.size() <= kTimesMax) return true;
    times_.erase(times_.begin());
    return false;
  }
  // A time that is not there was forgotten before: nothing depends on it.
  void remove(Millis time) {
    const auto found = std::lower_bound(times_.begin(), times_.end(), time);
    if (found != times_.end() && *found == time) times_.erase(found);
  }
  // At least one in (after, until].
  bool any(Millis after, Millis until) const {
    const auto found = std::upper_bound(times_.begin(), times_.end(), after);
    return found != times_.end() && *found <= until;
  }
  // Forgets all up to `time`, inclusive.
  void forget(Millis time) { times_.erase(times_.begin(), std::upper_bound(times_.begin(), times_.end(), time)); }

  bool empty() const { return times_.empty(); }
  std::size_t size() const { return times_.size(); }
  std::size_t memory_bytes() const { return times_.capacity() * sizeof(Millis); }

  void encode(Encoder& out) const {
    out.varint(times_.size());
    Millis last = 0;
    for (const Millis time : times_) {
      out.zigzag(time - last);
      last = time;
    }
  }
  void decode(Decoder& in) {
    times_.assign(in.count(), 0);
    Millis last = 0;
    for (Millis& time : times_) last = time = last + in.zigzag();
    if (!std::is_sorted(times_.begin(), times_.end())) in.fail();
  }
  bool operator==(const LabelTimes&) const = default;

 private:
  CompactVector<Millis> times_;
};

}  // namespace nudge::scores
