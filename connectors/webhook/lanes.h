// The order in which changes are sent: one lane for each customer, so that no later change of a customer overtakes an
// earlier one, and a customer who is held back holds up nobody else.
//
// Bounded by its reader: who adds asks room() before. Time is given. One thread.
#pragma once

#include <absl/container/flat_hash_map.h>

#include <algorithm>
#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <string>

#include "connectors/webhook/pace.h"

namespace nudge::connectors::webhook {

// `Item` is one record, with what its sender needs to know of it.
template <typename Item>
class Lanes {
 public:
  Lanes(std::size_t customers_max, std::size_t items_max) : customers_max_(customers_max), items_max_(items_max) {}

  // How many items may be added.
  std::size_t room() const {
    const std::size_t customers = lanes_.size(), items = items_;
    return customers < customers_max_ && items < items_max_ ? std::min(customers_max_ - customers, items_max_ - items)
                                                            : 0;
  }
  bool empty() const { return lanes_.empty(); }
  std::size_t items() const { return items_; }
  // Customers who wait for another attempt.
  std::size_t held_back() const { return held_.size(); }

  void add(const std::string& customer, Item item) {
    Lane& lane = lanes_[customer];
    lane.waiting.push_back(std::move(item));
    ++items_;
    if (lane.waiting.size() == 1) ready_.push_back(customer);
  }

  // The next customer whose first item may be sent, in the order in which they became ready; until done() or
  // hold_back() it is nobody else's turn there. Nothing where none is ready.
  std::optional<std::string> take(TimePoint now) {
    while (!held_.empty() && held_.begin()->first <= now) {
      ready_.push_back(std::move(held_.begin()->second));
      held_.erase(held_.begin());
    }
    if (ready_.empty()) return std::nullopt;
    std::string customer = std::move(ready_.front());
    ready_.pop_front();
    return customer;
  }
  // Puts a customer who was taken back to the front.
  void give_back(std::string customer) { ready_.push_front(std::move(customer)); }
  Item& first(const std::string& customer) { return lanes_.find(customer)->second.waiting.front(); }

  // The first item of a customer who was taken is settled.
  void done(const std::string& customer) {
    const auto lane = lanes_.find(customer);
    lane->second.waiting.pop_front();
    --items_;
    if (lane->second.waiting.empty())
      lanes_.erase(lane);
    else
      ready_.push_back(customer);
  }
  // It is to be tried again.
  void hold_back(const std::string& customer, TimePoint until) { held_.emplace(until, customer); }

  // When the next customer of those held back is due.
  std::optional<TimePoint> next_due() const {
    return held_.empty() ? std::nullopt : std::optional(held_.begin()->first);
  }
  bool has_ready() const { return !ready_.empty(); }

 private:
  struct Lane {
    std::deque<Item> waiting;
  };
  const std::size_t customers_max_, items_max_;
  std::size_t items_ = 0;
  absl::flat_hash_map<std::string, Lane> lanes_;
  std::deque<std::string> ready_;
  std::multimap<TimePoint, std::string> held_;
};

}  // namespace nudge::connectors::webhook
