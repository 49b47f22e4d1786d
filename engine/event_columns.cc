#include <array>
#include <vector>

#include "engine/decimal.h"
#include "engine/expression.h"
#include "engine/schema.h"

namespace nudge {
namespace {

// A column of a topic: a field, or what is computed from the lines of a transaction.
struct EventColumn {
  Field field = 0;
  FieldType type = FieldType::kText;
  std::span<const std::string_view> choices = {};
  bool gross = false;
};

struct TopicColumns {
  std::vector<ExpressionColumn> columns;
  std::vector<EventColumn> sources;
};

std::optional<ValueType> value_type_of(FieldType type) {
  switch (type) {
    case FieldType::kText:
    case FieldType::kIdentifier:
    case FieldType::kTime:
    case FieldType::kChoice:
      return ValueType::kText;
    case FieldType::kInteger:
    case FieldType::kBoolean:
      return ValueType::kInteger;
    case FieldType::kMoney:
    case FieldType::kQuantity:
      return ValueType::kReal;
    case FieldType::kTexts:
    case FieldType::kLines:
    case FieldType::kIdentities:
    case FieldType::kConsents:
    case FieldType::kObject:
    case FieldType::kAny:
      return std::nullopt;
  }
  return std::nullopt;
}

TopicColumns columns_made(Topic topic) {
  TopicColumns made;
  const auto fields = fields_of(topic);
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const auto type = value_type_of(fields[i].type);
    if (!type) continue;
    made.columns.push_back({fields[i].name, *type});
    made.sources.push_back({.field = static_cast<Field>(i), .type = fields[i].type, .choices = fields[i].choices});
  }
  if (topic == Topic::kTransactions) {
    made.columns.push_back({"gross", ValueType::kReal});
    made.sources.push_back({.gross = true});
  }
  return made;
}

const TopicColumns& topic_columns(Topic topic) {
  static const std::array<TopicColumns, kTopicCount> all = [] {
    std::array<TopicColumns, kTopicCount> made;
    for (std::size_t i = 0; i < kTopicCount; ++i) made[i] = columns_made(static_cast<Topic>(i));
    return made;
  }();
  return all[static_cast<std::size_t>(topic)];
}

Value gross_of(const Event& event) {
  if (!event.has(field::transactions::kLines)) return {};
  Nano gross = 0;
  auto lines = event.lines(field::transactions::kLines);
  for (LineItem line; lines.next(line);) gross += product(line.quantity, line.unit_price);
  return as_double(gross);
}

Value number_of(const EventColumn& column, std::int64_t number, std::string& scratch) {
  switch (column.type) {
    case FieldType::kMoney:
      return static_cast<double>(number) / 1e6;
    case FieldType::kQuantity:
      return static_cast<double>(number) / 1e3;
    case FieldType::kChoice:
      return column.choices[static_cast<std::size_t>(number)];
    case FieldType::kTime: {
      char text[kTimeTextBytes];
      write_time(number, text);
      scratch.append(text, kTimeTextBytes);
      return std::string_view(scratch).substr(scratch.size() - kTimeTextBytes);
    }
    default:
      return number;
  }
}

}  // namespace

std::span<const ExpressionColumn> event_columns(Topic topic) { return topic_columns(topic).columns; }

void event_row(const Event& event, std::span<const std::size_t> columns, std::vector<Value>& row,
               std::string& scratch) {
  const TopicColumns& all = topic_columns(event.topic());
  row.clear();
  scratch.clear();
  scratch.reserve(columns.size() * kTimeTextBytes);  // so that what was appended stays where it is
  for (const std::size_t index : columns) {
    const EventColumn& column = all.sources[index];
    if (column.gross) {
      row.push_back(gross_of(event));
    } else if (column.field == field::kEventTime) {
      row.push_back(number_of(column, event.time(), scratch));
    } else if (column.type == FieldType::kText || column.type == FieldType::kIdentifier) {
      row.push_back(event.has(column.field) ? Value(event.text(column.field)) : Value());
    } else if (const auto number = event.number(column.field)) {
      row.push_back(number_of(column, *number, scratch));
    } else if (event.topic() == Topic::kTransactions && column.field == field::transactions::kVersion) {
      row.push_back(std::int64_t{1});  // the contract's default
    } else {
      row.push_back({});
    }
  }
}

}  // namespace nudge
