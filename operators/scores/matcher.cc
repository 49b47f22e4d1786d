#include "operators/scores/matcher.h"

#include <array>

#include "engine/check.h"
#include "state/codec.h"

namespace nudge::scores {
namespace {

constexpr std::string_view kTriggerPrefix = "trigger.";

// `trigger.<field>` for each column of a topic.
const std::vector<std::string>& trigger_names(Topic topic) {
  static const std::array<std::vector<std::string>, kTopicCount> all = [] {
    std::array<std::vector<std::string>, kTopicCount> made;
    for (std::size_t i = 0; i < kTopicCount; ++i)
      for (const ExpressionColumn& column : event_columns(static_cast<Topic>(i)))
        made[i].push_back(std::string(kTriggerPrefix).append(column.name));
    return made;
  }();
  return all[static_cast<std::size_t>(topic)];
}

Expression compiled(const std::string& where, std::span<const ExpressionColumn> columns) {
  auto expression = Expression::compile(where, columns);
  NUDGE_CHECK(expression.is_ok(), "the configuration is checked");
  return std::move(expression).value();
}

void append_value(const Value& value, Encoder& out) {
  out.byte(static_cast<std::uint8_t>(value.index()));
  if (const auto* integer = std::get_if<std::int64_t>(&value)) out.zigzag(*integer);
  if (const auto* real = std::get_if<double>(&value)) out.real(*real);
  if (const auto* text = std::get_if<std::string_view>(&value)) out.text(*text);
}

Value read_value(Decoder& in) {
  switch (in.byte()) {
    case 1:
      return in.zigzag();
    case 2:
      return in.real();
    case 3:
      return in.text();
    default:
      return {};
  }
}

}  // namespace

std::vector<ExpressionColumn> label_columns(Topic topic, std::optional<Topic> trigger) {
  const auto own = event_columns(topic);
  std::vector<ExpressionColumn> columns(own.begin(), own.end());
  if (!trigger) return columns;
  const auto of_trigger = event_columns(*trigger);
  const std::vector<std::string>& names = trigger_names(*trigger);
  for (std::size_t i = 0; i < names.size(); ++i) columns.push_back({names[i], of_trigger[i].type});
  return columns;
}

bool names_trigger(const Expression& where, Topic topic) {
  return !where.used().empty() && where.used().back() >= event_columns(topic).size();
}

EventMatcher::EventMatcher(Topic topic, const std::string& where, std::optional<Topic> trigger)
    : topic_(topic), trigger_(trigger), where_(compiled(where, label_columns(topic, trigger))) {
  const std::size_t own = event_columns(topic).size();
  for (const std::size_t column : where_.used())
    column < own ? event_columns_.push_back(column) : trigger_columns_.push_back(column - own);
}

bool EventMatcher::matches(const Event& event) {
  if (event.topic() != topic_) return false;
  event_row(event, event_columns_, row_, scratch_);
  return where_.holds(row_);
}

void EventMatcher::append(const Event& event, std::span<const std::size_t> columns, std::string& out) {
  event_row(event, columns, row_, scratch_);
  Encoder encoder(out);
  for (const Value& value : row_) append_value(value, encoder);
}

void EventMatcher::append_event(const Event& event, std::string& out) { append(event, event_columns_, out); }

void EventMatcher::append_trigger(const Event& trigger, std::string& out) {
  NUDGE_CHECK(trigger_ && trigger.topic() == *trigger_, "the event that caused the score");
  append(trigger, trigger_columns_, out);
}

bool EventMatcher::holds(std::string_view event, std::string_view trigger) {
  row_.clear();
  Decoder event_values(event), trigger_values(trigger);
  for (std::size_t i = 0; i < event_columns_.size(); ++i) row_.push_back(read_value(event_values));
  for (std::size_t i = 0; i < trigger_columns_.size(); ++i) row_.push_back(read_value(trigger_values));
  NUDGE_CHECK(event_values.ok() && event_values.at_end() && trigger_values.ok() && trigger_values.at_end(),
              "values as they were appended");
  return where_.holds(row_);
}

}  // namespace nudge::scores
