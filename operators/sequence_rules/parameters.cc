#include "operators/sequence_rules/set_spells.h"
#include "operators/sequence_rules/settings.h"

namespace nudge::sequence_rules {
namespace {

using config::Kind;
using config::Parameter;

constexpr double kDurationMost = static_cast<double>(3660 * kDay);

constexpr Parameter duration(std::string_view name, std::string_view standard, std::string_view help) {
  return {.name = name,
          .kind = Kind::kDuration,
          .default_text = standard,
          .help = help,
          .least = kMinute,
          .most = kDurationMost};
}

const Parameter kTemplate[] = {{.kind = Kind::kText}};
const Parameter kWhere[] = {{.kind = Kind::kExpression}};
const Parameter kWords[] = {{.kind = Kind::kText}};
const Parameter kPriceLevel[] = {{.kind = Kind::kInteger, .least = 0, .most = 1e9}};

const Parameter kSets[] = {
    {.name = "min_support",
     .kind = Kind::kReal,
     .default_text = "0.01",
     .help = "The least share of the customers that has a rule; and it must have come true `min_count` times.",
     .least = 0,
     .most = 1},
    {.name = "min_confidence",
     .kind = Kind::kReal,
     .default_text = "0.1",
     .help = "The least share of the customers with the antecedent that has the consequent later.",
     .least = 0,
     .most = 1},
    {.name = "max_items",
     .kind = Kind::kInteger,
     .default_text = "2",
     .help = "How many items a side has at most.",
     .least = 2,
     .most = kSetItemsMax},
    {.name = "candidates_max",
     .kind = Kind::kInteger,
     .default_text = "50000",
     .help = "How many candidates are followed for each of `for`; where there are more, those of the fewest customers "
             "are left out and counted.",
     .least = 100,
     .most = 2e7},
    {.name = "rules_max",
     .kind = Kind::kInteger,
     .default_text = "1000",
     .help = "How many rules are counted and published for each of `for`; where there are more, those to which the "
             "single items of their antecedents add the least are left out and counted.",
     .least = 1,
     .most = 1e5},
};

const Parameter kMembers[] = {
    {.name = "name", .kind = Kind::kText, .required = true, .help = "The rule set's name, `name` in its records."},
    {.name = "items",
     .kind = Kind::kList,
     .required = true,
     .help = "What follows what: templates over product_id, category, department, audience, brand, colour, "
             "price_level and discount_level, such as \"{category}/{price_level}\".",
     .members = kTemplate},
    {.name = "for",
     .kind = Kind::kTable,
     .help = "For whom rules are looked for, by name: SQL over `customers`; `true` is every customer. By default all: "
             "\"true\".",
     .members = kWhere},
    {.name = "words",
     .kind = Kind::kTable,
     .help = "How those are called in a rule's text, by the name under `for`: \"women in big cities\".",
     .members = kWords},
    duration("horizon", "60w", "How long after the antecedent the consequent may follow; a multiple of `bin`."),
    duration("bin", "1w", "By what the gaps are counted."),
    duration("window", "730d", "How long a purchase of the antecedent counts."),
    duration("slide", "4w",
             "How often rules are counted and published, at multiples from 1970-01-01 UTC; a multiple of "
             "`engine.epoch`."),
    duration("holdout", "26w",
             "The end of the window, by which no rule becomes a candidate and no peak is found, and in which both must "
             "hold."),
    {.name = "min_count",
     .kind = Kind::kInteger,
     .default_text = "30",
     .help = "How often the consequent must have followed; and how many must be at risk in a bin that may be a peak.",
     .least = 1,
     .most = 1e9},
    {.name = "fdr",
     .kind = Kind::kReal,
     .default_text = "0.05",
     .help = "The share of validated rules, and of peaks, that may be false, at most.",
     .least = 1e-6,
     .most = 0.5},
    {.name = "sets",
     .kind = Kind::kObject,
     .help = "Also rules between sets of items, what is bought in any order before what; without it there are none. "
             "`{}` takes all of its defaults.",
     .members = kSets},
    {.name = "price_levels",
     .kind = Kind::kList,
     .default_text = "[100, 300]",
     .help = "Where price levels end, in whole units of the currency, rising.",
     .members = kPriceLevel},
    {.name = "rules_max",
     .kind = Kind::kInteger,
     .default_text = "50000",
     .help = "How many rules are published for each of `for`; where there are more, those that came true least often "
             "are left out and counted.",
     .least = 1,
     .most = 1e6},
    {.name = "sales_max",
     .kind = Kind::kInteger,
     .default_text = "4000000",
     .help = "How many sales are held, also those before the window, which decide what starts a spell in it; where "
             "there are more, the oldest days are left out and counted. The greatest of all rule sets counts.",
     .least = 1000,
     .most = 1e8},
};

const Parameter kItem[] = {{.kind = Kind::kObject, .members = kMembers}};

}  // namespace

config::Parameter parameters() {
  return {.name = "sequence_rules",
          .kind = Kind::kList,
          .default_text = "[]",
          .help = "What follows what, and when, tested on later sales.",
          .members = kItem};
}

}  // namespace nudge::sequence_rules
