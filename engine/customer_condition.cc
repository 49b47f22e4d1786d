#include "engine/customer_condition.h"

#include "engine/check.h"

namespace nudge {
namespace {

Expression compiled(std::string_view sql, const ColumnCatalog& columns) {
  auto expression = Expression::compile(sql, sql_columns(columns));
  NUDGE_CHECK(expression.is_ok(), "the configuration is checked");
  return std::move(expression).value();
}

}  // namespace

std::vector<ExpressionColumn> sql_columns(const ColumnCatalog& columns) {
  std::vector<ExpressionColumn> known;
  for (const ColumnRef& ref : columns.all())
    if (has_use(ref.column->use, ColumnUse::kSql)) known.push_back({ref.column->name, ref.column->type});
  return known;
}

CustomerCondition::CustomerCondition(std::string_view sql, const ColumnCatalog& columns)
    : expression_(compiled(sql, columns)) {
  std::vector<ColumnRef> known;
  for (const ColumnRef& ref : columns.all())
    if (has_use(ref.column->use, ColumnUse::kSql)) known.push_back(ref);
  for (const std::size_t place : expression_.used()) columns_.push_back(known[place]);
}

bool CustomerCondition::holds(const CustomerContext& customer) {
  row_.clear();
  for (const ColumnRef& column : columns_) row_.push_back(customer.value(column));
  return expression_.holds(row_);
}

}  // namespace nudge
