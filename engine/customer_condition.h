// An SQL condition over the columns of a customer, compiled: `among`, `for`.
#pragma once

#include <string_view>
#include <vector>

#include "engine/expression.h"
#include "engine/operator.h"

namespace nudge {

// The columns of `customers` for SQL.
std::vector<ExpressionColumn> sql_columns(const ColumnCatalog& columns);

class CustomerCondition {
 public:
  // The text is checked: it compiles over sql_columns().
  CustomerCondition(std::string_view sql, const ColumnCatalog& columns);

  bool holds(const CustomerContext& customer);

 private:
  Expression expression_;
  std::vector<ColumnRef> columns_;  // that it names
  std::vector<Value> row_;
};

}  // namespace nudge
