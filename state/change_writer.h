// Hands changes on to a bulk write, a few megabytes at a time, so that a commit needs little memory beside the state.
//
// Keys come in rising order over the whole bulk write; erased ranges may come at any time, before the keys that outlast
// them. The first failure is kept, and what follows it is dropped.
#pragma once

#include <string_view>

#include "state/store.h"

namespace nudge::state {

class ChangeWriter {
 public:
  explicit ChangeWriter(BulkWrite& to) : to_(to) {}

  void put(std::string_view key, std::string_view value) {
    batch_.put(key, value);
    if (batch_.bytes() >= kBytes) hand_on();
  }
  void erase(std::string_view key) { batch_.erase(key); }
  void erase_range(std::string_view from, std::string_view until) { batch_.erase_range(from, until); }

  // Everything so far is handed on; the failure, if there was one.
  Status finish() {
    hand_on();
    return status_;
  }
  std::size_t bytes() const { return bytes_ + batch_.bytes(); }

 private:
  static constexpr std::size_t kBytes = 1 << 20;

  void hand_on() {
    bytes_ += batch_.bytes();
    if (status_) status_ = to_.add(std::move(batch_));
    batch_.clear();
  }

  BulkWrite& to_;
  Batch batch_;
  Status status_;
  std::size_t bytes_ = 0;
};

}  // namespace nudge::state
