// Baskets as a miner reads them: sets of item numbers, one behind the other.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "operators/rules/item.h"

namespace nudge::basket_rules {

using namespace rules;

class Baskets {
 public:
  // The items are different, in any order; there may be none.
  void add(std::span<const Item> items) {
    items_.insert(items_.end(), items.begin(), items.end());
    ends_.push_back(items_.size());
  }
  void clear() {
    items_.clear();
    ends_.clear();
  }

  std::size_t size() const { return ends_.size(); }
  std::span<const Item> operator[](std::size_t i) const {
    const std::size_t begin = i == 0 ? 0 : ends_[i - 1];
    return {items_.data() + begin, ends_[i] - begin};
  }
  // Of all baskets together.
  std::span<const Item> items() const { return items_; }

 private:
  std::vector<Item> items_;
  std::vector<std::size_t> ends_;
};

}  // namespace nudge::basket_rules
