// The condition of a list over the columns of `customers`.
#pragma once

#include <vector>

#include "engine/expression.h"
#include "engine/operator.h"

namespace nudge::targets {

class Audience {
 public:
  static Result<Audience> compile(std::string_view where, const ColumnCatalog& catalog);

  bool holds(const CustomerContext& customer);

 private:
  Audience(Expression where, std::vector<ColumnRef> columns) : where_(std::move(where)), columns_(std::move(columns)) {}

  Expression where_;
  std::vector<ColumnRef> columns_;  // those that it names
  std::vector<Value> row_;
};

}  // namespace nudge::targets
