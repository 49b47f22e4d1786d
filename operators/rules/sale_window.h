// The sales of a window, as the tasks told of them: in panes, so that what is too old goes as a whole, and a sale that
// is taken back is found.
//
// Sales of one customer come in their order from one task; of different customers in any.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string_view>
#include <vector>

#include <absl/container/flat_hash_map.h>

#include "engine/hash.h"
#include "engine/time.h"
#include "operators/rules/item_table.h"

namespace nudge::rules {

struct Sale {
  std::uint64_t transaction = 0;  // a hash of its id
  Millis time = 0;
  std::uint32_t customer = 0;
  std::uint32_t begin = 0, end = 0;  // of its lines in the pane
  std::uint32_t version = 0;         // another one whenever it is added: also where it is what was taken back before
  bool gone = false;
};

// Sales of (number · length, (number + 1) · length].
class Pane {
 public:
  const std::vector<Sale>& sales() const { return sales_; }
  std::span<const Line> lines(const Sale& sale) const {
    return std::span(lines_).subspan(sale.begin, sale.end - sale.begin);
  }
  void add(Sale sale, std::span<const Line> lines);
  // False where there is none.
  bool remove(std::uint32_t customer, std::uint64_t transaction);
  // Of all customers for whom `goes` says so. How many went.
  template <typename Goes>
  std::size_t remove_of(Goes goes) {
    std::size_t gone = 0;
    for (Sale& sale : sales_)
      if (!sale.gone && goes(sale.customer)) {
        sale.gone = true;
        ++gone;
      }
    gone_ += gone;
    return gone;
  }
  // Sales that are gone leave no trace, the others are in order.
  void settle();
  bool empty() const { return sales_.size() == gone_; }

 private:
  std::vector<Sale> sales_;  // up to sorted_ by customer and transaction, then as they came
  std::vector<Line> lines_;
  std::size_t sorted_ = 0, gone_ = 0;
  absl::flat_hash_map<std::pair<std::uint32_t, std::uint64_t>, std::size_t> recent_;  // of those behind sorted_
};

class SaleWindow {
 public:
  explicit SaleWindow(Millis pane_length) : pane_length_(pane_length) {}

  // How much each customer is in: a bit per segment of all rule sets.
  struct Customer {
    Hash128 id;
    std::uint64_t segments = 0;
    std::uint32_t sales = 0;
  };

  void add(const Hash128& customer, std::uint64_t transaction, Millis time, std::span<const Line> lines);
  void remove(const Hash128& customer, std::uint64_t transaction, Millis time);
  void set_segments(const Hash128& customer, std::uint64_t segments);
  // Erased: no trace is left.
  void forget(const Hash128& customer);
  // Sales at or before `time` are of no window any more.
  void forget_before(Millis time);
  // The oldest panes go until at most `most` sales are left. How many went.
  std::size_t limit(std::size_t most);
  // After changes, before sales are read.
  void settle();

  std::size_t size() const { return size_; }
  std::size_t customers() const { return customers_.size() - free_customers_.size(); }
  const std::map<std::int64_t, Pane>& panes() const { return panes_; }
  const Customer& customer(const Sale& sale) const { return customers_[sale.customer]; }
  // Each sale with from < time ≤ until, in no particular order: visit(sale, lines, segments).
  template <typename Visit>
  void for_each(Millis from, Millis until, Visit visit) const {
    for (auto pane = panes_.lower_bound(number_of(from + 1)); pane != panes_.end() && pane->first <= number_of(until);
         ++pane)
      for (const Sale& sale : pane->second.sales())
        if (!sale.gone && sale.time > from && sale.time <= until)
          visit(sale, pane->second.lines(sale), customers_[sale.customer].segments);
  }

  void encode(Encoder& out) const;
  bool decode(Decoder& in);

 private:
  std::int64_t number_of(Millis time) const;
  std::uint32_t customer_number(const Hash128& id);
  void leave(std::uint32_t customer);

  Millis pane_length_;
  std::map<std::int64_t, Pane> panes_;
  std::vector<Customer> customers_;
  std::vector<std::uint32_t> free_customers_;
  absl::flat_hash_map<std::pair<std::uint64_t, std::uint64_t>, std::uint32_t> customer_numbers_;
  std::vector<std::int64_t> changed_;  // panes that are to be settled
  std::size_t size_ = 0;
  std::uint32_t versions_ = 0;
};

}  // namespace nudge::rules
