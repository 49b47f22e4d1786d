// Brings the messages of several stages for one task into the order of the records that caused them.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace nudge::runtime {

// Collects lists that are each in order; messages of one record keep the order of the lists.
template <typename Message>
class Merge {
 public:
  void clear() {
    keys_.clear();
    messages_.clear();
    sorted_ = true;
  }
  void add(const std::vector<Message>& list) {
    if (!list.empty() && !keys_.empty()) sorted_ = false;
    for (const Message& message : list) {
      keys_.push_back(static_cast<std::uint64_t>(message.origin.index) << 32 | messages_.size());
      messages_.push_back(&message);
    }
  }
  const std::vector<const Message*>& in_order() {
    if (sorted_) return messages_;
    std::sort(keys_.begin(), keys_.end());
    ordered_.clear();
    ordered_.reserve(keys_.size());
    for (const std::uint64_t key : keys_) ordered_.push_back(messages_[key & 0xffffffffu]);
    return ordered_;
  }

 private:
  std::vector<std::uint64_t> keys_;
  std::vector<const Message*> messages_, ordered_;
  bool sorted_ = true;
};

}  // namespace nudge::runtime
