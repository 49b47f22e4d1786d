// What is configured: `operators.recommendations`, checked.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/decimal.h"
#include "engine/operator.h"
#include "operators/rules/templates.h"

namespace nudge::recommendations {

enum class RankBy : std::uint8_t { kProbability, kMargin };  // in the order of kRankByNames
inline constexpr std::string_view kRankByNames[] = {"probability", "margin"};

struct Limit {
  std::int64_t most = 0;
  Millis per = 0;
};

struct Settings {
  std::vector<std::string> items;
  std::vector<std::int64_t> price_levels;
  std::vector<std::string> rule_sets;
  Millis window = 0, slide = 0, epoch = 0;
  std::int64_t count = 0;  // recommendations after a purchase, at most
  bool repeats = true;
  RankBy rank_by = RankBy::kProbability;
  double probability_least = 0;
  Millis ahead = 0;     // what is to be sent later than this is not listed
  Millis valid = 0;     // how long a recommendation holds
  Millis returned = 0;  // what was given back is not recommended for so long
  bool reminders = true;
  double reminder_probability_least = 0;
  Limit limit;  // of reminders
  std::string channel;
  std::optional<double> margin_rate;
  std::size_t customers_most = 0, sales_most = 0, neighbours_most = 0;

  std::vector<rules::Template> templates() const;
};

config::Parameter parameters();
void check(const OperatorSetup& setup, std::vector<config::Problem>& problems);
// The configuration is checked.
Settings read_settings(const OperatorSetup& setup);
// Whether its items need the catalogue. The configuration may be wrong yet.
bool reads_products(const config::Value& config);

}  // namespace nudge::recommendations
