// What is predicted: the items of `operators.scores`, checked.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/expression.h"
#include "engine/operator.h"
#include "engine/topic.h"
#include "operators/scores/learner.h"

namespace nudge::scores {

inline constexpr std::size_t kTargetsMax = 64;
inline constexpr std::string_view kWithinSession = "session";  // as a horizon
inline constexpr std::string_view kBuyers = "orders >= 1";     // `among` of customers by default

enum class Entity : std::uint8_t { kCustomers, kSessions };

// Events of a topic for which `where` holds. Targets with equal definitions share one.
struct LabelDefinition {
  Topic topic = Topic::kTransactions;
  std::string where;
  std::uint32_t id = 0;  // a hash: what stored times are filed under
};

struct Target {
  std::string name;
  std::uint32_t id = 0;  // a hash of the name: what stored rows are filed under
  Entity of = Entity::kCustomers;
  std::size_t label = 0;  // the definition
  bool none = false;      // true where no such event came
  bool within_session = false;
  Millis within = 0;
  Millis label_delay = 0;
  Millis every = 0, offset = 0;  // customers
  std::string among;             // empty: everyone
  std::vector<std::string> excluded;
  double edges[2] = {0.15, 0.5};
  std::size_t rows_per_epoch_max = 20'000;
  int percentile_epochs = 28;
  LearnerSettings learner;

  // The name of its model.
  std::string model_name() const { return "scores." + name; }
};

struct Targets {
  std::vector<Target> all;
  std::vector<LabelDefinition> labels;
  Millis session_gap = 30 * kMinute;
  Millis epoch = kDay;

  // The definition's place, added where it is new.
  std::size_t label_of(Topic topic, const std::string& where);
};

config::Parameter parameters();
// The configuration is checked.
Targets read_targets(const OperatorSetup& setup);
void check_targets(const OperatorSetup& setup, std::vector<config::Problem>& problems);

// The columns that `among` may name.
std::vector<ExpressionColumn> customer_columns(const ColumnCatalog& catalog, std::vector<ColumnRef>& refs);

}  // namespace nudge::scores
