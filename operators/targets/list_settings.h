// What the configuration says of target lists.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "config/parameter.h"
#include "config/value.h"
#include "engine/operator.h"
#include "engine/schema.h"
#include "operators/targets/quiet_hours.h"

namespace nudge::targets {

inline constexpr std::size_t kListsMax = 32, kListNameBytesMax = 64, kCapMax = 100;

// At most `max` times eligible within any `per`.
struct FrequencyCap {
  std::int64_t max = 0;
  Millis per = 0;
};

struct ListSettings {
  std::string name;
  std::string score;                                 // the target in `scores`
  std::int32_t lowest_micro = 0, highest_micro = 0;  // the band, both ends inside, in units of 1e-6
  std::string where = "true";
  std::optional<Channel> channel;
  std::string campaign;  // empty: none
  double control = 0;    // share of those who are not held out
  std::optional<FrequencyCap> cap;
  std::optional<Millis> recent_purchase;
  Millis valid = 0;
};

struct TargetingSettings {
  std::vector<ListSettings> lists;  // in file order
  double holdout = 0;
  std::optional<FrequencyCap> cap;  // over all lists
  std::optional<QuietHours> quiet;
};

const config::Parameter& parameters();
TargetingSettings read_settings(const config::Value& lists, const config::Value& root);
// What the parameters alone cannot say: see OperatorSpec::check.
void check(const OperatorSetup& setup, std::vector<config::Problem>& problems);

// The probabilities p on the grid of 1e-6 with low <= p <= high, as millionths.
std::int32_t lowest_micro_of(double low);
std::int32_t highest_micro_of(double high);

}  // namespace nudge::targets
