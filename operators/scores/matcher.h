// Tells which events a condition of the configuration means: those that a label counts, or those that cause a score.
//
// A label may name fields of the event that caused the score as `trigger.<field>`. Both events are then kept as the
// values that the condition needs of them and no more: a byte for its type and the value, in the order of the columns.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/expression.h"
#include "operators/scores/target.h"

namespace nudge::scores {

class EventMatcher {
 public:
  // The condition is checked. `trigger` is the topic whose fields it names.
  EventMatcher(Topic topic, const std::string& where, std::optional<Topic> trigger = std::nullopt);
  explicit EventMatcher(const LabelDefinition& label) : EventMatcher(label.topic, label.where, label.trigger) {}

  Topic topic() const { return topic_; }
  // Whether the event alone does not tell.
  bool needs_trigger() const { return trigger_.has_value(); }

  // Needs no trigger.
  bool matches(const Event& event);
  // Appends what holds() needs of an event of the topic, or of a trigger.
  void append_event(const Event& event, std::string& out);
  void append_trigger(const Event& trigger, std::string& out);
  // The condition over what was appended.
  bool holds(std::string_view event, std::string_view trigger);

 private:
  void append(const Event& event, std::span<const std::size_t> columns, std::string& out);

  Topic topic_;
  std::optional<Topic> trigger_;
  Expression where_;
  // The columns that the condition names, each among those of its own topic; the event's come first.
  std::vector<std::size_t> event_columns_, trigger_columns_;
  std::vector<Value> row_;
  std::string scratch_;
};

// The columns that a label may name: the topic's, and those of the event that caused the score.
std::vector<ExpressionColumn> label_columns(Topic topic, std::optional<Topic> trigger);
// Whether the condition, which compiles over these, names any field of the trigger.
bool names_trigger(const Expression& where, Topic topic);

}  // namespace nudge::scores
