// The keyed part of an operator that looks for rules: tells the global part of sales, and of who belongs to which
// segment at the end of a slide.
#pragma once

#include <memory>
#include <vector>

#include "operators/rules/rule_set.h"

namespace nudge::rules {

// What there is to tell.
struct Telling {
  std::vector<Segment> segments;  // that are not everybody
  std::vector<Millis> slides;     // of rule sets that have such
  bool with_discounts = false;    // some item depends on the discount
  Millis reach = 0;               // a sale is of no use any more when it is as old as this

  void add(const Scope& scope, Millis slide);
  // The first end of a slide after that time of a rule set that has segments.
  Millis next_slide(Millis after) const;
};

std::unique_ptr<KeyedOperator> make_sale_teller(Telling telling, const OperatorSetup& setup);

}  // namespace nudge::rules
