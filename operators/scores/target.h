// What is predicted: the items of `operators.scores`, checked.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/expression.h"
#include "engine/operator.h"
#include "engine/topic.h"
#include "operators/scores/label.h"
#include "operators/scores/learner.h"

namespace nudge::scores {

inline constexpr std::size_t kTargetsMax = 64;
inline constexpr std::string_view kWithinSession = "session";  // as a horizon
inline constexpr std::string_view kWithinPromotion = "promotion:next";
inline constexpr std::string_view kBuyers = "orders >= 1";  // `among` of customers by default

enum class Entity : std::uint8_t { kCustomers, kSessions };

// Events of a topic for which `where` holds.
struct EventCondition {
  Topic topic = Topic::kTransactions;
  std::string where;
};

// The events that a label counts. Targets with equal definitions share one.
struct LabelDefinition {
  Topic topic = Topic::kTransactions;
  std::string where;
  std::optional<Topic> trigger;  // `where` names fields of the event that caused the score
  std::uint32_t id = 0;          // a hash: what stored events are filed under
};

// From its first to its last moment.
struct Promotion {
  Millis from = 0, until = 0;
};

struct Target {
  std::string name;
  std::uint32_t id = 0;  // a hash of the name: what stored rows are filed under
  Entity of = Entity::kCustomers;
  // When: sessions at each of their events, customers at one of these.
  Millis every = 0, offset = 0;            // every 0: no schedule
  std::optional<EventCondition> at_event;  // when such an event comes
  std::string at_list;                     // at the first enter; empty: no list
  Millis lead = 0;                         // so long before each promotion, which is then the horizon; 0: no promotions
  std::size_t label = 0;                   // the definition
  bool none = false;                       // true where no such event came
  bool within_session = false;
  Millis within = 0;
  Millis label_delay = 0;
  std::string among;  // empty: everyone
  std::vector<std::string> excluded;
  double edges[2] = {0.15, 0.5};
  std::size_t rows_per_epoch_max = 20'000;
  int percentile_epochs = 28;
  LearnerSettings learner;
  double promotion_error = 0.05;

  // The name of its model.
  std::string model_name() const { return "scores." + name; }
  // The label of a score at `at` looks at later events than this.
  Millis window_begin(Millis at) const { return lead > 0 ? at + lead - 1 : at; }
  // The topic of the event that causes its scores, whose fields the label may name.
  std::optional<Topic> trigger() const {
    if (of == Entity::kSessions) return Topic::kPageViews;
    return at_event ? std::optional(at_event->topic) : std::nullopt;
  }
};

struct Targets {
  std::vector<Target> all;
  std::vector<LabelDefinition> labels;
  std::vector<Promotion> promotions;  // by start; of several that start together the first in the file
  Millis session_gap = 30 * kMinute;
  Millis epoch = kDay;

  // The definition's place, added where it is new. `trigger` is the topic whose fields the label may name.
  std::size_t label_of(Topic topic, const std::string& where, std::optional<Topic> trigger = std::nullopt);

  // The first time after `after` at which the target's whole base is scored; kNever: none.
  Millis next_due(const Target& target, Millis after) const;
  bool is_due(const Target& target, Millis time) const { return next_due(target, time - 1) == time; }
  // What the label of a score at `at` looks at: no end, where it is a session's or the promotion is no longer told of.
  Window window(const Target& target, Millis at) const;

 private:
  const Promotion* first_promotion_after(Millis time) const;
};

config::Parameter parameters();
// The configuration is checked.
Targets read_targets(const OperatorSetup& setup);
void check_targets(const OperatorSetup& setup, std::vector<config::Problem>& problems);

// The columns that `among` may name.
std::vector<ExpressionColumn> customer_columns(const ColumnCatalog& catalog, std::vector<ColumnRef>& refs);

}  // namespace nudge::scores
