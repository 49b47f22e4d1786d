// Reads the lines of a sale as the global part is to know them.
#pragma once

#include <cstddef>
#include <vector>

#include "engine/event.h"
#include "operators/rules/told.h"

namespace nudge::rules {

// More different lines of one sale are left out, the last ones.
inline constexpr std::size_t kLinesMax = 4'096;

// False where the transaction is no sale.
bool is_sale(const Event& transaction);
// Each product once, or once a level where discounts matter; by rising id. How many lines were too many.
std::size_t read_lines(const Event& sale, bool with_discounts, std::vector<ToldLine>& lines);
// The level of a line's discount by its share of the list value.
DiscountLevel discount_level(const LineItem& line);

}  // namespace nudge::rules
