#include "operators/targets/audience.h"

namespace nudge::targets {

Result<Audience> Audience::compile(std::string_view where, const ColumnCatalog& catalog) {
  std::vector<ExpressionColumn> columns;
  std::vector<ColumnRef> refs;
  for (const ColumnRef& ref : catalog.all()) {
    if (!has_use(ref.column->use, ColumnUse::kSql)) continue;
    columns.push_back({ref.column->name, ref.column->type});
    refs.push_back(ref);
  }
  NUDGE_ASSIGN(Expression expression, Expression::compile(where, columns));
  std::vector<ColumnRef> used;
  for (const std::size_t index : expression.used()) used.push_back(refs[index]);
  return Audience(std::move(expression), std::move(used));
}

bool Audience::holds(const CustomerContext& customer) {
  row_.clear();
  for (const ColumnRef& column : columns_) row_.push_back(customer.value(column));
  return where_.holds(row_);
}

}  // namespace nudge::targets
