#include "operators/recommendations/settings.h"

namespace nudge::recommendations {
namespace {

using config::Kind;
using config::Parameter;

constexpr double kDurationMost = static_cast<double>(3660 * kDay);

constexpr Parameter duration(std::string_view name, std::string_view standard, std::string_view help) {
  return {
      .name = name, .kind = Kind::kDuration, .default_text = standard, .help = help, .least = 0, .most = kDurationMost};
}
constexpr Parameter share(std::string_view name, std::string_view standard, std::string_view help) {
  return {.name = name, .kind = Kind::kReal, .default_text = standard, .help = help, .least = 0, .most = 1};
}
constexpr Parameter number(std::string_view name, std::string_view standard, double least, double most,
                           std::string_view help) {
  return {.name = name, .kind = Kind::kInteger, .default_text = standard, .help = help, .least = least, .most = most};
}

const Parameter kTemplate[] = {{.kind = Kind::kText}};
const Parameter kRuleSet[] = {{.kind = Kind::kText}};
const Parameter kPriceLevel[] = {{.kind = Kind::kInteger, .least = 0, .most = 1e9}};
const Parameter kLimit[] = {
    {.name = "max", .kind = Kind::kInteger, .required = true, .help = "How many at most.", .least = 1, .most = 1e6},
    {.name = "per",
     .kind = Kind::kDuration,
     .required = true,
     .help = "Within any period of this length.",
     .least = 1,
     .most = kDurationMost},
};

const Parameter kMembers[] = {
    {.name = "items",
     .kind = Kind::kList,
     .default_text = "[\"{category}\"]",
     .help = "What is recommended: templates as of rules, such as \"{category}/{price_level}\".",
     .members = kTemplate},
    {.name = "rules",
     .kind = Kind::kList,
     .default_text = "[]",
     .help = "Names of rule sets of basket_rules and sequence_rules whose validated rules are applied.",
     .members = kRuleSet},
    {.name = "price_levels",
     .kind = Kind::kList,
     .default_text = "[100, 300]",
     .help = "Where price levels end, in whole units of the currency, rising.",
     .members = kPriceLevel},
    number("count", "3", 0, 100, "How many recommendations follow a purchase, at most."),
    {.name = "repeats",
     .kind = Kind::kBoolean,
     .default_text = "true",
     .help = "Whether what the customer has bought before may be recommended."},
    {.name = "rank_by",
     .kind = Kind::kChoice,
     .default_text = "probability",
     .help = "What the best recommendations have most of: probability, or expected margin.",
     .choices = kRankByNames},
    share("min_probability", "0.02", "Nothing is recommended that is less probable in the next purchase."),
    duration("ahead", "14d",
             "What was just bought is recommended again once it usually is used up; it is not listed if that is later "
             "than this."),
    duration("valid", "14d", "How long a recommendation holds."),
    duration("returned", "90d", "What a customer gave back is not recommended for so long."),
    {.name = "reminders",
     .kind = Kind::kBoolean,
     .default_text = "true",
     .help = "Whether recommendations are sent when they are due, too: what a customer buys in a rhythm, and what "
             "sequence rules say."},
    share("min_reminder_probability", "0.15", "Nobody is reminded of what is less probable within the time."),
    {.name = "limit",
     .kind = Kind::kObject,
     .help = "How many reminders a customer gets; by default 2 in 7d.",
     .members = kLimit},
    {.name = "channel", .kind = Kind::kText, .help = "`channel` of the records."},
    duration("window", "365d", "How long a purchase counts for what is learnt of items."),
    duration("slide", "7d",
             "How often that is learnt, at multiples from 1970-01-01 UTC; a multiple of `engine.epoch`."),
    number("neighbours_max", "100", 1, 1000, "How many items an item may go with, the surest ones."),
    number("customers_max", "200000", 100, 1e7,
           "Of how many customers, by a hash, it is learnt what goes together and what lasts how long."),
    number("sales_max", "4000000", 1000, 1e8,
           "How many sales the window holds; where there are more, the oldest days are left out and counted."),
};

}  // namespace

config::Parameter parameters() {
  return {.name = "recommendations",
          .kind = Kind::kObject,
          .help = "What each customer may want next, why and when.",
          .members = kMembers};
}

}  // namespace nudge::recommendations
