// Features that follow from columns of several operators, none of which knows them all.
//
// Orders and visits are signs of life. How long there was none tells more than how long there was no order or no visit,
// and most where it is measured by the customer's own pace: a month of silence means nothing of who comes twice a year.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "engine/operator.h"

namespace nudge::scores {

// What they are made of, as columns are called; unknown is NaN.
inline constexpr std::array<std::string_view, 6> kSignsOfLife = {"recency_days", "days_since_visit", "orders",
                                                                 "sessions",     "member_days",      "tenure_days"};
using SignsOfLife = std::array<double, kSignsOfLife.size()>;
// Where one of the first so many columns is missing there are none of these features.
inline constexpr std::size_t kSignsNeeded = 4;

// As a number in `SignsOfLife`.
double sign_of_life(const Value& value);

// The features, by name.
std::span<const Column> derived_columns();
// The value of the feature at a place among them.
Value derived_value(std::size_t place, const SignsOfLife& signs);

}  // namespace nudge::scores
