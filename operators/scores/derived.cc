#include "operators/scores/derived.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace nudge::scores {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

constexpr Column kColumns[] = {
    {.name = "silence_days",
     .type = ValueType::kReal,
     .unit = "days",
     .meaning = "days since the last order or visit",
     .use = ColumnUse::kCustomerFeature},
    {.name = "silence_in_intervals",
     .type = ValueType::kReal,
     .unit = "ratio",
     .meaning = "days since the last order or visit, in mean days between them",
     .use = ColumnUse::kCustomerFeature},
};

double known_or(double number, double otherwise) { return std::isnan(number) ? otherwise : number; }

double silence(const SignsOfLife& signs) {
  const double since_order = signs[0], since_visit = signs[1];
  return std::min(known_or(since_order, since_visit), known_or(since_visit, since_order));
}

// The customer is known since joining, else since the first order; a day at least, or one visit would be a great pace.
double in_intervals(const SignsOfLife& signs) {
  const double seen = known_or(signs[2], 0) + known_or(signs[3], 0);
  const double known_for = std::max(known_or(signs[4], signs[5]), 1.0);
  return silence(signs) * seen / known_for;
}

}  // namespace

double sign_of_life(const Value& value) { return as_real(value, kNaN); }

std::span<const Column> derived_columns() { return kColumns; }

Value derived_value(std::size_t place, const SignsOfLife& signs) {
  const double value = place == 0 ? silence(signs) : in_intervals(signs);
  return std::isfinite(value) ? Value(value) : Value();
}

}  // namespace nudge::scores
