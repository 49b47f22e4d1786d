// SQL expressions of the configuration (`where`, `for`, `among`, `sum`), run by SQLite.
//
// Compiled once; an expression may only use the declared columns and SQLite's deterministic built-in functions:
// nothing that depends on time, chance, the connection or other tables. Its value depends on the values of the
// columns that it names alone, so equal rows are answered from a small memory without running SQL.
// One Expression belongs to one thread.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/event.h"
#include "engine/status.h"
#include "engine/value.h"

namespace nudge {

struct ExpressionColumn {
  std::string_view name;
  ValueType type;
};

class Expression {
 public:
  // The failure's message says what is wrong and names the known columns nearest to an unknown one.
  static Result<Expression> compile(std::string_view sql, std::span<const ExpressionColumn> columns);
  Expression(Expression&&) noexcept;
  Expression& operator=(Expression&&) noexcept;
  ~Expression();

  // Indexes into `columns` of those that the text names, rising. Only their values are read.
  std::span<const std::size_t> used() const;
  // `row[i]` is the value of column used()[i]. True, where SQL says true; unknown (NULL) counts as false.
  bool holds(std::span<const Value> row);
  // The number that the expression gives; nothing for NULL or text.
  std::optional<double> number(std::span<const Value> row);
  const std::string& text() const;

 private:
  class Implementation;
  explicit Expression(std::unique_ptr<Implementation> implementation);
  std::unique_ptr<Implementation> implementation_;
};

// The columns of an event of a topic, for `where` over events: its fields with simple types (text, numbers; money
// and quantities as reals; times as RFC 3339 text; choices as their names) and `gross` for transactions.
std::span<const ExpressionColumn> event_columns(Topic topic);
// The values of the chosen columns. Text made for the row lives in `scratch`.
void event_row(const Event& event, std::span<const std::size_t> columns, std::vector<Value>& row, std::string& scratch);

}  // namespace nudge
