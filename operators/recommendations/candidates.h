// What one customer may buy next, and what speaks for each of it.
#pragma once

#include <string>
#include <vector>

#include "operators/recommendations/item_model.h"
#include "operators/recommendations/rule_book.h"

namespace nudge::recommendations {

struct Candidate {
  ItemNumber item = 0;
  Evidence evidence = Evidence::kNew;
  Features features;
  double probability = 0;  // that the next purchase has it

  // Why, as far as it applies.
  std::int32_t bought = 0;                              // how many of the customer's purchases had it
  Millis last = kBeforeAll;                             // when it was bought last
  const rules::PublishedRule* basket_rule = nullptr;    // the surest one
  const rules::PublishedRule* sequence_rule = nullptr;  // likewise
};

class CandidateFinder {
 public:
  // The customer is known by its purchases, one at least; in the order of items. Valid until the next call.
  const std::vector<Candidate>& find(const History& history, const ItemModel& model, RuleBook& rules,
                                     CustomerContext& customer);
  // Of what the customer of the last find() has bought, that with which the item goes most surely; null: nothing.
  const ItemFacts* goes_with(const ItemFacts& item, const ItemModel& model) const;

  // When the next purchase is to be expected, by the mean gap between purchases.
  static Millis next_purchase(const History& history);

 private:
  struct Own {
    ItemNumber item = 0;
    double lately = 0, always = 0;  // purchases that had it, the newer the more they count
    std::int32_t bought = 0;
    Millis first = 0, last = 0;
    bool in_last = false;
  };
  void look_back(const History& history, const ItemModel& model);
  void look_beside(const ItemModel& model);
  void ask_rules(const History& history, const ItemModel& model, RuleBook& rules, CustomerContext& customer);
  void add_repeats(const ItemModel& model);
  void add_new();

  std::vector<Candidate> all_;
  // Of the customer under way.
  std::vector<Own> own_;
  double lately_ = 0, always_ = 0;  // all purchases, counted like those of an item
  double curiosity_ = 0;            // new items per purchase
  Millis next_ = 0;
  // By item of the model; zero but for those in touched_.
  struct Beside {
    double share = 0;
    std::int32_t own = -1;  // its place
    bool long_ago = false;  // bought, but not in a purchase that is kept
    const rules::PublishedRule* basket_rule = nullptr;
    const rules::PublishedRule* sequence_rule = nullptr;

    bool is_new() const { return own < 0 && !long_ago; }
    bool is_untouched() const { return is_new() && share == 0 && !basket_rule && !sequence_rule; }
  };
  std::vector<Beside> beside_;
  std::vector<ItemNumber> touched_;
  std::vector<RuleBook::Said> said_;
};

}  // namespace nudge::recommendations
