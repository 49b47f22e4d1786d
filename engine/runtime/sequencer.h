// Decides where the rounds of a live run are cut.
//
// In the ideal order a record is taken when no partition can bring an earlier one. Live, a partition is waited for as
// long as it is known to have more (`behind`) and has brought something within `merge_wait`; one that has been read to
// its end holds nobody up. So a backlog is read in the ideal order, and at its end every record goes through at once.
//
// A function of what it is told: it reads no clock.
#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <vector>

#include "engine/runtime/cut.h"

namespace nudge::runtime {

class Sequencer {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // One partition as it stands.
  struct Input {
    std::uint64_t next = 0;          // the first offset that was not read
    std::optional<OrderKey> newest;  // of the last record that was read; nothing: none ever was
    std::optional<OrderKey> first;   // of the first record that waits
    bool behind = false;             // more is known to be there than was read
  };

  // Goes on after `last`; round 0: from the beginning.
  Sequencer(Millis disorder, std::chrono::milliseconds merge_wait, const Cut& last);

  // The next cut; nothing as long as no record may be taken.
  std::optional<Cut> next(std::span<const Input> inputs, Time now);

 private:
  const Millis disorder_;
  const std::chrono::milliseconds merge_wait_;
  std::uint64_t round_;
  Millis watermark_;
  struct Arrival {
    std::uint64_t next = 0;
    Time at;
  };
  std::vector<Arrival> arrivals_;
};

}  // namespace nudge::runtime
