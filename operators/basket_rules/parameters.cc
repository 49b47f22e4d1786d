#include "operators/basket_rules/settings.h"

namespace nudge::basket_rules {
namespace {

using config::Kind;
using config::Parameter;

constexpr double kDurationMost = static_cast<double>(3660 * kDay);

const Parameter kTemplate[] = {{.kind = Kind::kText}};
const Parameter kWhere[] = {{.kind = Kind::kExpression}};
const Parameter kWords[] = {{.kind = Kind::kText}};
const Parameter kPriceLevel[] = {{.kind = Kind::kInteger, .least = 0, .most = 1e9}};

const Parameter kMembers[] = {
    {.name = "name", .kind = Kind::kText, .required = true, .help = "The rule set's name, `name` in its records."},
    {.name = "items",
     .kind = Kind::kList,
     .required = true,
     .help = "What baskets are made of: templates over product_id, category, department, audience, brand, colour, "
             "price_level and discount_level, such as \"{category}/{price_level}\".",
     .members = kTemplate},
    {.name = "for",
     .kind = Kind::kTable,
     .help = "For whom rules are looked for, by name: SQL over `customers`; `true` is everybody, visitors who are no "
             "customers too. By default all: \"true\".",
     .members = kWhere},
    {.name = "words",
     .kind = Kind::kTable,
     .help = "How those are called in a rule's text, by the name under `for`: \"women in big cities\".",
     .members = kWords},
    {.name = "window",
     .kind = Kind::kDuration,
     .default_text = "90d",
     .help = "How long a sale counts.",
     .least = kMinute,
     .most = kDurationMost},
    {.name = "slide",
     .kind = Kind::kDuration,
     .default_text = "1d",
     .help = "How often the window moves and rules are published, at multiples from 1970-01-01 UTC; a multiple of "
             "`engine.epoch`.",
     .least = kMinute,
     .most = kDurationMost},
    {.name = "holdout",
     .kind = Kind::kDuration,
     .default_text = "28d",
     .help = "The end of the window, by which no rule becomes a candidate and in which it must hold.",
     .least = kMinute,
     .most = kDurationMost},
    {.name = "min_support",
     .kind = Kind::kReal,
     .default_text = "0.02",
     .help = "The least share of baskets that a rule's items are in.",
     .least = 1e-9,
     .most = 1},
    {.name = "min_confidence",
     .kind = Kind::kReal,
     .default_text = "0.5",
     .help = "The least share of the baskets with the antecedent that have the consequent.",
     .least = 0,
     .most = 1},
    {.name = "max_items",
     .kind = Kind::kInteger,
     .default_text = "4",
     .help = "How many items a rule has at most, on both sides together.",
     .least = 2,
     .most = 12},
    {.name = "fdr",
     .kind = Kind::kReal,
     .default_text = "0.05",
     .help = "The share of validated rules that may be false, at most.",
     .least = 1e-6,
     .most = 0.5},
    {.name = "price_levels",
     .kind = Kind::kList,
     .default_text = "[100, 300]",
     .help = "Where price levels end, in whole units of the currency, rising.",
     .members = kPriceLevel},
    {.name = "candidates_max",
     .kind = Kind::kInteger,
     .default_text = "200000",
     .help = "How many itemsets are followed for each of `for`; where there are more, those in the fewest baskets are "
             "left out and counted.",
     .least = 100,
     .most = 2e7},
    {.name = "rules_max",
     .kind = Kind::kInteger,
     .default_text = "10000",
     .help = "How many rules are published for each of `for`; where there are more, those with the greatest p-values "
             "are left out and counted.",
     .least = 1,
     .most = 1e6},
    {.name = "sales_max",
     .kind = Kind::kInteger,
     .default_text = "4000000",
     .help = "How many sales the window holds; where there are more, the oldest days are left out and counted. The "
             "greatest of all rule sets counts.",
     .least = 1000,
     .most = 1e8},
};

const Parameter kItem[] = {{.kind = Kind::kObject, .members = kMembers}};

}  // namespace

config::Parameter parameters() {
  return {.name = "basket_rules",
          .kind = Kind::kList,
          .default_text = "[]",
          .help = "What goes together in one basket, tested on later baskets.",
          .members = kItem};
}

}  // namespace nudge::basket_rules
