// The scores of one task's customers that wait for their labels: what they look at is kept, and each becomes a training
// row when its horizon and its delay have passed, with the facts that hold then.
//
// The rows themselves and the events that matter to them are in the customers' sections.
#pragma once

#include <string_view>
#include <vector>

#include "engine/operator.h"
#include "operators/scores/matcher.h"
#include "operators/scores/row.h"
#include "operators/scores/section.h"
#include "operators/scores/target.h"
#include "operators/signals.h"

namespace nudge::scores {

class WaitingRows {
 public:
  // `schemas` are those of the features, by target.
  WaitingRows(const Targets& targets, const std::vector<std::uint64_t>& schemas);

  void apply(const Event& event, CustomerContext& context);
  void retract(const Event& event, CustomerContext& context);

  // Takes a row of the target in this place; its end and its schema follow from the target.
  void keep(std::size_t place, PendingRow row, CustomerContext& context);
  void close_sessions(const std::vector<SessionEnded>& ended, CustomerContext& context);
  // Every row whose label is known by the watermark is mature; the timer is armed for the next.
  void mature(ScoresSection& section, CustomerContext& context);

  // Mature rows, by target.
  std::vector<RowBuffer>& mature_rows() { return buffers_; }
  const std::vector<RowBuffer>& mature_rows() const { return buffers_; }
  // By label.
  std::vector<EventMatcher>& matchers() { return matchers_; }

 private:
  void add_time(std::size_t label, const Event& event, CustomerContext& context);
  void add_event(std::size_t label, const Event& event, CustomerContext& context);
  const Target* target_of(const PendingRow& row) const;
  std::size_t place_of(const Target& target) const { return static_cast<std::size_t>(&target - targets_.all.data()); }
  void give_up_lost_sessions(ScoresSection& section, CustomerContext& context);
  bool learn(const PendingRow& row, const Target& target, Millis due, const ScoresSection& section,
             CustomerContext& context);
  bool is_met(const PendingRow& row, const Target& target, const ScoresSection& section);
  // Forgets what no row waiting and no score to come looks at.
  void tidy(ScoresSection& section, Millis watermark);
  void tidy_events(ScoresSection& section, Millis watermark);
  bool is_looked_at(std::size_t label, Millis time, std::string_view fields, const ScoresSection& section);

  const Targets& targets_;
  std::vector<std::uint32_t> schemas_;  // PendingRow::schema, by target
  std::vector<EventMatcher> matchers_;
  std::vector<RowBuffer> buffers_;
  std::string fields_;
};

}  // namespace nudge::scores
