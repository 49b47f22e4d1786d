// What shop is planted: the keys of the file that `nudge generate --config` reads.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "config/parameter.h"
#include "engine/time.h"

namespace nudge::generate {

enum class Activity : std::uint8_t { kUniform, kVaried, kZipf };

// A rate per customer and week, by the size of the customer's city.
struct Rate {
  double big = 0, small = 0;
};

struct GenerateOptions {
  std::int64_t customers = 2000;
  std::int64_t weeks = 104;
  Millis start = 0;
  Activity activity = Activity::kVaried;
  double zipf_exponent = 1;
  Rate online_visits, store_orders;
  std::optional<double> page_views_per_order;  // sets store_orders so that this is the expected ratio
  double mean_lifetime_weeks = 80;
  double joining = 0.3;  // customers join in this first share of the time
  Millis apart = 0;      // least time between two visits of a customer
  double anonymous = 0, returns = 0, complaints = 0;
  Millis campaign_every = 0;  // 0: no campaigns
  double campaign_share = 0;
  double late = 0, duplicates = 0, disorder = 0, malformed = 0;
  std::int64_t partitions = 1;
  bool compress = false;
  bool list_customers = true;  // in truth.json

  std::uint64_t seed = 1;
  bool null_rules = false;  // no rule is planted
  bool separated = false;   // segments at least six within-segment standard deviations apart
};

// The root of the file's keys, with defaults and bounds.
const config::Parameter& parameters();
// `root` was checked against parameters().
GenerateOptions options_of(const config::Value& root);

}  // namespace nudge::generate
