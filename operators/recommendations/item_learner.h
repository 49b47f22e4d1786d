// Learns from the sales of a window what there is to know of items: how often they are bought, what goes with what, how
// long they last, in what rhythm they are bought, and which products are bought most.
#pragma once

#include <map>
#include <string_view>
#include <vector>

#include "operators/recommendations/item_model.h"
#include "operators/recommendations/margins.h"
#include "operators/recommendations/pair_table.h"
#include "operators/recommendations/replenishment.h"
#include "operators/recommendations/settings.h"
#include "operators/rules/sale_window.h"

namespace nudge::recommendations {

class ItemLearner {
 public:
  // `settings` must outlive the learner.
  explicit ItemLearner(const Settings& settings);

  // These products are something else from now on.
  void forget(std::span<const std::uint32_t> products) { table_.forget(products); }
  // Items of the sales of (until − window, until].
  std::vector<ItemFacts> learn(Millis until, const rules::SaleWindow& window, const rules::Products& products,
                               const Margins& margins, RhythmTable& rhythms);

  // Of the last learn().
  std::int64_t sales() const { return sales_; }
  std::int64_t customers() const { return customers_; }

 private:
  struct Bought {
    std::uint32_t customer = 0;
    rules::Item item = 0;
    Millis time = 0;
    auto operator<=>(const Bought&) const = default;
  };

  void count(Millis until, const rules::SaleWindow& window, const rules::Products& products);
  void number_items();
  void look_at_customers(Millis until, RhythmTable& rhythms, std::vector<ItemFacts>& facts);
  void say_how_long_they_last(std::vector<std::vector<Gap>>& gaps, std::vector<ItemFacts>& facts) const;
  void add_neighbours(const PairTable& pairs, std::vector<ItemFacts>& facts) const;
  void add_products(const rules::Products& products, const Margins& margins, std::vector<ItemFacts>& facts);

  const Settings& settings_;
  rules::ItemTable table_;
  std::int64_t sales_ = 0, customers_ = 0;

  // Of the learn() under way.
  std::vector<std::int64_t> sales_with_;       // by item of the table
  std::map<rules::Line, std::int64_t> lines_;  // sales with each
  std::vector<Bought> bought_;                 // by customers of the sample
  std::vector<rules::Item> items_;             // by number in the model: of the table
  std::vector<ItemNumber> numbers_;            // by item of the table
  std::vector<std::uint32_t> pair_places_;     // by number in the model: in the pair table
  std::vector<ItemNumber> paired_;             // by place in the pair table
};

}  // namespace nudge::recommendations
