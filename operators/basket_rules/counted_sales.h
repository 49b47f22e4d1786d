// The sales of the window as they were counted last, so that a slide counts what has changed since: sales that have
// entered or left, whose customers have changed segments, or whose products have become something else.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include <absl/container/flat_hash_set.h>

#include "operators/rules/sale_window.h"

namespace nudge::basket_rules {

using namespace rules;

struct CountedSale {
  std::uint64_t transaction = 0;
  Millis time = 0;
  std::uint64_t segments = 0;
  std::uint32_t customer = 0;
  std::uint32_t version = 0;
  std::uint32_t id = 0;  // small, and no other's as long as it is counted
};

class CountedSales {
 public:
  // What its products are has changed for all sales that were counted.
  void forget(std::span<const std::uint32_t> products) { changed_.insert(products.begin(), products.end()); }

  // Counts the sales of (from, until]. change(before, now, lines, items_too) for each that differs; before is null
  // where it enters, now where it leaves; `items_too`: its items may differ.
  template <typename Change>
  void sync(const SaleWindow& window, Millis from, Millis until, Change change);

  std::size_t size() const { return size_; }
  // Of those after `from`, by pane.
  template <typename Visit>
  void each(Millis from, Visit visit) const {
    for (const auto& [number, pane] : panes_)
      for (const CountedSale& sale : pane)
        if (sale.time > from) visit(sale);
  }

 private:
  using Pane = std::vector<CountedSale>;  // by customer and transaction
  std::uint32_t take_id() {
    if (free_ids_.empty()) return next_id_++;
    const std::uint32_t id = free_ids_.back();
    free_ids_.pop_back();
    return id;
  }
  bool has_changed(std::span<const Line> lines) const {
    if (changed_.empty()) return false;
    for (const Line line : lines)
      if (changed_.contains(line.product())) return true;
    return false;
  }

  std::map<std::int64_t, Pane> panes_;
  absl::flat_hash_set<std::uint32_t> changed_;  // products
  std::vector<std::uint32_t> free_ids_;
  std::uint32_t next_id_ = 0;
  std::size_t size_ = 0;
};

template <typename Change>
void CountedSales::sync(const SaleWindow& window, Millis from, Millis until, Change change) {
  std::vector<std::uint32_t> freed;
  const auto leave = [&](const CountedSale& sale) {
    change(&sale, static_cast<const CountedSale*>(nullptr), std::span<const Line>(), true);
    freed.push_back(sale.id);
  };
  for (auto pane = panes_.begin(); pane != panes_.end();) {
    if (window.panes().contains(pane->first)) {
      ++pane;
      continue;
    }
    for (const CountedSale& sale : pane->second) leave(sale);
    pane = panes_.erase(pane);
  }
  size_ = 0;
  for (const auto& [number, pane] : window.panes()) {
    Pane& counted = panes_[number];
    Pane now;
    now.reserve(pane.sales().size());
    auto before = counted.begin();
    const auto comes_before = [](const CountedSale& one, const Sale& other) {
      return one.customer != other.customer ? one.customer < other.customer : one.transaction < other.transaction;
    };
    for (const Sale& sale : pane.sales()) {
      while (before != counted.end() && comes_before(*before, sale)) leave(*before++);
      const bool is_known =
          before != counted.end() && before->customer == sale.customer && before->transaction == sale.transaction;
      if (sale.time <= from || sale.time > until) {
        if (is_known) leave(*before++);
        continue;
      }
      const std::uint64_t segments = window.customer(sale).segments;
      if (!is_known) {
        now.push_back({sale.transaction, sale.time, segments, sale.customer, sale.version, take_id()});
        change(static_cast<const CountedSale*>(nullptr), &now.back(), pane.lines(sale), true);
        continue;
      }
      now.push_back({sale.transaction, sale.time, segments, sale.customer, sale.version, before->id});
      // A correction may have come under the same transaction.
      const bool items_too = before->version != sale.version || has_changed(pane.lines(sale));
      if (items_too || before->segments != segments) change(&*before, &now.back(), pane.lines(sale), items_too);
      ++before;
    }
    while (before != counted.end()) leave(*before++);
    counted = std::move(now);
    size_ += counted.size();
  }
  changed_.clear();
  free_ids_.insert(free_ids_.end(), freed.begin(), freed.end());
}

}  // namespace nudge::basket_rules
