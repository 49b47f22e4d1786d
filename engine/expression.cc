#include "engine/expression.h"

#include <sqlite3.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <utility>

#include "engine/check.h"
#include "engine/hash.h"
#include "engine/portable_math.h"

namespace nudge {
namespace {

// ---- what may be written --------------------------------------------------------------------------

// Deterministic functions of their arguments alone. Not here: dates (their 'now' and 'localtime' read the clock and
// the machine), random, what asks the connection, aggregates, and the sines, whose last bit depends on the CPU.
constexpr std::string_view kFunctions[] = {
    "->",           "->>",       "abs",        "ceil",    "ceiling", "char",
    "coalesce",     "degrees",   "exp",        "floor",   "format",  "glob",
    "hex",          "ifnull",    "iif",        "instr",   "json",    "json_array_length",
    "json_extract", "json_type", "json_valid", "length",  "like",    "likelihood",
    "likely",       "ln",        "log",        "log10",   "log2",    "lower",
    "ltrim",        "max",       "min",        "mod",     "nullif",  "pi",
    "pow",          "power",     "printf",     "quote",   "radians", "replace",
    "round",        "rtrim",     "sign",       "soundex", "sqrt",    "substr",
    "substring",    "trim",      "trunc",      "typeof",  "unicode", "unlikely",
    "upper"};

constexpr int kTextBytesMax = 1 << 20;  // of any value inside an expression

// SQLite would take an unfinished comment for the rest of the statement around the expression, and a second
// parenthesis or statement would escape from it: the text must stand on its own.
std::string what_escapes(std::string_view sql) {
  int open = 0;
  for (std::size_t i = 0; i < sql.size(); ++i) {
    const char c = sql[i];
    const char next = i + 1 < sql.size() ? sql[i + 1] : '\0';
    if (c == '\0') return "a zero byte";
    if (c == ';') return "more than one expression (';')";
    if (c == '(') ++open;
    if (c == ')' && --open < 0) return "')' without '('";
    if (c == '-' && next == '-') {
      while (i < sql.size() && sql[i] != '\n') ++i;
    } else if (c == '/' && next == '*') {
      i = sql.find("*/", i + 2);
      if (i == std::string_view::npos) return "a comment that does not end";
      ++i;
    } else if (c == '\'' || c == '"' || c == '`' || c == '[') {
      i = sql.find(c == '[' ? ']' : c, i + 1);  // a doubled quote is two quoted parts, which is as good here
      if (i == std::string_view::npos) return std::string("a quote that does not end: ") + c;
    }
  }
  return open == 0 ? "" : "'(' without ')'";
}

// ---- nearest names --------------------------------------------------------------------------------

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = std::exchange(row[j], std::min({row[j] + 1, row[j - 1] + 1, changed}));
    }
  }
  return row[b.size()];
}

std::string nearest(std::string_view name, std::span<const ExpressionColumn> columns) {
  std::vector<std::pair<std::size_t, std::string_view>> near;
  for (const ExpressionColumn& column : columns) {
    const bool part = name.size() > 3 && column.name.find(name) != std::string_view::npos;
    const std::size_t distance = part ? 1 : edit_distance(name, column.name);
    if (distance <= std::max<std::size_t>(2, name.size() / 3)) near.emplace_back(distance, column.name);
  }
  std::sort(near.begin(), near.end());
  std::string list;
  for (std::size_t i = 0; i < near.size() && i < 3; ++i) list.append(i == 0 ? "" : ", ").append(near[i].second);
  return list;
}

// ---- SQLite ---------------------------------------------------------------------------------------

struct CloseConnection {
  void operator()(sqlite3* connection) const { sqlite3_close_v2(connection); }
};
struct CloseStatement {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Connection = std::unique_ptr<sqlite3, CloseConnection>;
using Statement = std::unique_ptr<sqlite3_stmt, CloseStatement>;

template <double (*function)(double)>
void portable_function(sqlite3_context* context, int, sqlite3_value** arguments) {
  if (sqlite3_value_type(arguments[0]) == SQLITE_NULL) return;
  const double value = function(sqlite3_value_double(arguments[0]));
  if (std::isfinite(value)) sqlite3_result_double(context, value);
}
double log10_of(double x) { return portable::log(x) / portable::log(10.0); }
double log2_of(double x) { return portable::log(x) / portable::log(2.0); }
void portable_power(sqlite3_context* context, int, sqlite3_value** arguments) {
  for (int i = 0; i < 2; ++i)
    if (sqlite3_value_type(arguments[i]) == SQLITE_NULL) return;
  const double value = portable::pow(sqlite3_value_double(arguments[0]), sqlite3_value_double(arguments[1]));
  if (std::isfinite(value)) sqlite3_result_double(context, value);
}
void portable_log_to_base(sqlite3_context* context, int, sqlite3_value** arguments) {
  for (int i = 0; i < 2; ++i)
    if (sqlite3_value_type(arguments[i]) == SQLITE_NULL) return;
  const double value =
      portable::log(sqlite3_value_double(arguments[1])) / portable::log(sqlite3_value_double(arguments[0]));
  if (std::isfinite(value)) sqlite3_result_double(context, value);
}

std::string quoted(std::string_view name) {
  std::string text = "\"";
  for (const char c : name) text.append(c == '"' ? 2 : 1, c);
  return text + "\"";
}

std::string_view type_name(ValueType type) {
  switch (type) {
    case ValueType::kInteger:
      return "INTEGER";
    case ValueType::kReal:
      return "REAL";
    case ValueType::kText:
      return "TEXT";
  }
  return "";
}

// What SQL says: for `holds` and for `number`.
struct Outcome {
  bool holds = false;
  bool is_number = false;
  double number = 0;
};

// The outcomes of the rows seen last, by the bytes of their values. When it is full it starts anew.
class Memory {
 public:
  static constexpr std::size_t kEntriesMax = 1024, kKeyBytesMax = 256;

  const Outcome* find(std::string_view key, std::uint64_t hash) const {
    for (std::size_t place = hash % kPlaces; slots_[place].used; place = (place + 1) % kPlaces)
      if (const Slot& slot = slots_[place]; slot.hash == hash && key_of(slot) == key) return &slot.outcome;
    return nullptr;
  }
  void add(std::string_view key, std::uint64_t hash, const Outcome& outcome) {
    if (key.size() > kKeyBytesMax) return;
    if (entries_ == kEntriesMax) {
      std::fill(slots_.begin(), slots_.end(), Slot{});
      keys_.clear();
      entries_ = 0;
    }
    std::size_t place = hash % kPlaces;
    while (slots_[place].used) place = (place + 1) % kPlaces;
    slots_[place] = {hash, static_cast<std::uint32_t>(keys_.size()), static_cast<std::uint16_t>(key.size()), true,
                     outcome};
    keys_.append(key);
    ++entries_;
  }

 private:
  static constexpr std::size_t kPlaces = 2 * kEntriesMax;
  struct Slot {
    std::uint64_t hash = 0;
    std::uint32_t key_begin = 0;
    std::uint16_t key_bytes = 0;
    bool used = false;
    Outcome outcome;
  };
  std::string_view key_of(const Slot& slot) const { return {keys_.data() + slot.key_begin, slot.key_bytes}; }

  std::vector<Slot> slots_ = std::vector<Slot>(kPlaces);
  std::string keys_;
  std::size_t entries_ = 0;
};

void append_key(std::string& key, const Value& value) {
  key.push_back(static_cast<char>(value.index()));
  const auto append_word = [&key](std::uint64_t word) {
    key.append(reinterpret_cast<const char*>(&word), sizeof word);
  };
  if (const auto* integer = std::get_if<std::int64_t>(&value)) append_word(static_cast<std::uint64_t>(*integer));
  if (const auto* real = std::get_if<double>(&value)) append_word(std::bit_cast<std::uint64_t>(*real));
  if (const auto* text = std::get_if<std::string_view>(&value)) {
    append_word(text->size());
    key.append(*text);
  }
}

}  // namespace

// A virtual table gives the row: it has one row, whose columns have the declared types (so that comparisons follow
// SQLite's affinities as on a real table), and only the columns that the expression reads are asked for.
// A column `other.name` belongs to a second table, `other`, in an outer scope: a plain name means the row first.
class Expression::Implementation {
 public:
  Status compile(std::string_view sql, std::span<const ExpressionColumn> columns);
  const Outcome& evaluate(std::span<const Value> row);

  std::vector<std::size_t> used;
  std::string text;

 private:
  static constexpr std::size_t kUnused = std::numeric_limits<std::size_t>::max();
  static constexpr std::string_view kRow = "row";

  struct Table {
    std::string name;
    std::string declaration;
    std::vector<std::size_t> columns;  // their indexes in the whole list
    std::vector<std::string> names;
    Implementation* owner = nullptr;
  };
  struct OneRow final : sqlite3_vtab {
    Table* table = nullptr;
  };
  struct Cursor final : sqlite3_vtab_cursor {
    bool at_end = false;
    Table* table = nullptr;
  };

  static const sqlite3_module& module();
  static int authorize(void* self, int action, const char* first, const char* second, const char*, const char*);
  bool may_read(std::string_view table, std::string_view column);
  void divide(std::span<const ExpressionColumn> columns);
  Status open();
  Status prepare(std::string_view sql, std::span<const ExpressionColumn> columns, bool as_condition);
  Status refuse(std::span<const ExpressionColumn> columns);
  Outcome run();

  std::vector<std::unique_ptr<Table>> tables_;  // the row, then the outer ones
  Connection connection_;
  Statement statement_;
  std::size_t selects_ = 0;
  std::string refusal_;
  std::vector<std::size_t> place_of_;  // by column: its place in the row given, or kUnused
  std::span<const Value> row_;
  Memory memory_;
  std::string key_;
  Outcome outcome_;
};

const sqlite3_module& Expression::Implementation::module() {
  static const sqlite3_module module = [] {
    sqlite3_module made{};
    made.iVersion = 0;
    made.xConnect = [](sqlite3* connection, void* data, int, const char* const*, sqlite3_vtab** out, char**) {
      auto* table = static_cast<Table*>(data);
      const int code = sqlite3_declare_vtab(connection, table->declaration.c_str());
      if (code != SQLITE_OK) return code;
      auto made_table = std::make_unique<OneRow>();
      made_table->table = table;
      *out = made_table.release();
      return SQLITE_OK;
    };
    made.xDisconnect = [](sqlite3_vtab* table) {
      delete static_cast<OneRow*>(table);
      return SQLITE_OK;
    };
    made.xBestIndex = [](sqlite3_vtab*, sqlite3_index_info* info) {
      info->estimatedCost = 1;
      info->estimatedRows = 1;
      return SQLITE_OK;
    };
    made.xOpen = [](sqlite3_vtab* table, sqlite3_vtab_cursor** out) {
      auto cursor = std::make_unique<Cursor>();
      cursor->table = static_cast<OneRow*>(table)->table;
      *out = cursor.release();
      return SQLITE_OK;
    };
    made.xClose = [](sqlite3_vtab_cursor* cursor) {
      delete static_cast<Cursor*>(cursor);
      return SQLITE_OK;
    };
    made.xFilter = [](sqlite3_vtab_cursor* cursor, int, const char*, int, sqlite3_value**) {
      static_cast<Cursor*>(cursor)->at_end = false;
      return SQLITE_OK;
    };
    made.xNext = [](sqlite3_vtab_cursor* cursor) {
      static_cast<Cursor*>(cursor)->at_end = true;
      return SQLITE_OK;
    };
    made.xEof = [](sqlite3_vtab_cursor* cursor) { return static_cast<int>(static_cast<Cursor*>(cursor)->at_end); };
    made.xRowid = [](sqlite3_vtab_cursor*, sqlite3_int64* row) {
      *row = 1;
      return SQLITE_OK;
    };
    made.xColumn = [](sqlite3_vtab_cursor* cursor, sqlite3_context* context, int column) {
      const Table& table = *static_cast<Cursor*>(cursor)->table;
      const std::size_t place = table.owner->place_of_[table.columns[static_cast<std::size_t>(column)]];
      NUDGE_CHECK(place != kUnused, "only the columns that the text names are read");
      const Value& value = table.owner->row_[place];
      if (const auto* integer = std::get_if<std::int64_t>(&value)) sqlite3_result_int64(context, *integer);
      if (const auto* real = std::get_if<double>(&value)) sqlite3_result_double(context, *real);
      if (const auto* text = std::get_if<std::string_view>(&value))
        sqlite3_result_text64(context, text->data() == nullptr ? "" : text->data(), text->size(), SQLITE_STATIC,
                              SQLITE_UTF8);
      return SQLITE_OK;
    };
    return made;
  }();
  return module;
}

int Expression::Implementation::authorize(void* self, int action, const char* first, const char* second, const char*,
                                          const char*) {
  auto& expression = *static_cast<Implementation*>(self);
  const auto deny = [&expression](std::string reason) {
    if (expression.refusal_.empty()) expression.refusal_ = std::move(reason);
    return SQLITE_DENY;
  };
  switch (action) {
    case SQLITE_SELECT:
      if (++expression.selects_ > expression.tables_.size())
        return deny("a SELECT inside an expression is not allowed");
      return SQLITE_OK;
    case SQLITE_READ:
      if (!expression.may_read(first, second)) return deny(std::string("not a column: ") + second);
      return SQLITE_OK;
    case SQLITE_FUNCTION:
      if (std::find(std::begin(kFunctions), std::end(kFunctions), second) == std::end(kFunctions))
        return deny(std::string("the function ") + second +
                    "() is not allowed: only those whose value follows from their "
                    "arguments alone, without clock, chance or other rows");
      return SQLITE_OK;
    default:
      return deny("only an expression over the columns is allowed");
  }
}

bool Expression::Implementation::may_read(std::string_view table_name, std::string_view column) {
  for (const auto& table : tables_) {
    if (table->name != table_name) continue;
    if (column.empty()) return true;  // the table stands there, and no column of it is read
    for (std::size_t i = 0; i < table->names.size(); ++i) {
      if (table->names[i] != column) continue;
      used.push_back(table->columns[i]);
      return true;
    }
  }
  return false;
}

void Expression::Implementation::divide(std::span<const ExpressionColumn> columns) {
  const auto table_named = [this](std::string_view name) -> Table& {
    for (const auto& table : tables_)
      if (table->name == name) return *table;
    auto& made = tables_.emplace_back(std::make_unique<Table>());
    made->name = name;
    made->owner = this;
    return *made;
  };
  table_named(kRow);
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const std::string_view name = columns[i].name;
    const std::size_t dot = name.find('.');
    Table& table = table_named(dot == std::string_view::npos ? kRow : name.substr(0, dot));
    table.columns.push_back(i);
    table.names.emplace_back(dot == std::string_view::npos ? name : name.substr(dot + 1));
    table.declaration.append(table.declaration.empty() ? "CREATE TABLE x(" : ", ");
    table.declaration.append(quoted(table.names.back())).append(" ").append(type_name(columns[i].type));
  }
  for (const auto& table : tables_) table->declaration += table->columns.empty() ? "CREATE TABLE x(\"\")" : ")";
}

Status Expression::Implementation::open() {
  sqlite3* opened = nullptr;
  const int code =
      sqlite3_open_v2(":memory:", &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_MEMORY | SQLITE_OPEN_NOMUTEX, nullptr);
  connection_.reset(opened);
  if (code != SQLITE_OK) return Status::internal("SQLite cannot open a database in memory");
  // Without this, "F" in double quotes would silently be a text.
  sqlite3_db_config(opened, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
  sqlite3_limit(opened, SQLITE_LIMIT_LENGTH, kTextBytesMax);
  sqlite3_limit(opened, SQLITE_LIMIT_ATTACHED, 0);
  constexpr int kPure = SQLITE_UTF8 | SQLITE_DETERMINISTIC;
  const auto add = [opened](const char* name, int arguments, auto function) {
    sqlite3_create_function_v2(opened, name, arguments, kPure, nullptr, function, nullptr, nullptr, nullptr);
  };
  add("exp", 1, portable_function<portable::exp>);
  add("ln", 1, portable_function<portable::log>);
  add("log", 1, portable_function<log10_of>);
  add("log10", 1, portable_function<log10_of>);
  add("log2", 1, portable_function<log2_of>);
  add("log", 2, portable_log_to_base);
  add("pow", 2, portable_power);
  add("power", 2, portable_power);
  for (const auto& table : tables_) {
    sqlite3_create_module_v2(opened, table->name.c_str(), &module(), table.get(), nullptr);
    // Connects the table before the authorizer watches.
    const std::string probe = "SELECT 1 FROM " + quoted(table->name);
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(opened, probe.c_str(), -1, &statement, nullptr) != SQLITE_OK)
      return Status::config("columns that SQL cannot have: " + std::string(sqlite3_errmsg(opened)));
    sqlite3_finalize(statement);
  }
  sqlite3_set_authorizer(opened, &authorize, this);
  return Status::ok();
}

Status Expression::Implementation::prepare(std::string_view sql, std::span<const ExpressionColumn> columns,
                                           bool as_condition) {
  std::string whole;
  for (std::size_t i = tables_.size(); i-- > 0;)
    whole += as_condition ? "SELECT 1 FROM " + quoted(tables_[i]->name) + " WHERE (" : "SELECT (";
  whole.append(sql).append("\n");  // the line feed ends a comment
  for (const auto& table : tables_) whole += as_condition ? ")" : ") FROM " + quoted(table->name);
  used.clear();
  selects_ = 0;
  refusal_.clear();
  sqlite3_stmt* prepared = nullptr;
  const char* tail = nullptr;
  const int code = sqlite3_prepare_v3(connection_.get(), whole.c_str(), static_cast<int>(whole.size() + 1),
                                      SQLITE_PREPARE_PERSISTENT, &prepared, &tail);
  statement_.reset(prepared);
  if (code != SQLITE_OK) return refuse(columns);
  if (sqlite3_bind_parameter_count(prepared) > 0) return Status::config("parameters (? : @ $) are not allowed");
  if (sqlite3_column_count(prepared) != 1) return Status::config("one value is needed, not a row");
  return Status::ok();
}

Status Expression::Implementation::refuse(std::span<const ExpressionColumn> columns) {
  if (!refusal_.empty()) return Status::config(refusal_);
  const std::string message = sqlite3_errmsg(connection_.get());
  constexpr std::string_view kUnknown = "no such column: ";
  if (message.rfind(kUnknown, 0) != 0) return Status::config(message);
  const std::string name = message.substr(kUnknown.size());
  const std::string near = nearest(name, columns);
  std::string reason = "no column \"" + name + "\"";
  reason += near.empty() ? " (a text stands in single quotes)" : "; near: " + near;
  return Status::config(std::move(reason));
}

Status Expression::Implementation::compile(std::string_view sql, std::span<const ExpressionColumn> columns) {
  text = sql;
  const auto wrong = [sql](const std::string& reason) {
    return Status::config("SQL `" + std::string(sql) + "`: " + reason);
  };
  if (sql.find_first_not_of(" \t\r\n") == std::string_view::npos) return Status::config("an empty SQL expression");
  if (sql.size() > kTextBytesMax / 2) return Status::config("an SQL expression of more than 512 KiB");
  if (const std::string escape = what_escapes(sql); !escape.empty()) return wrong(escape);
  divide(columns);
  NUDGE_TRY(open());
  // A condition cannot hold aggregates or window functions; a value could, and would be another one over no rows.
  for (const bool as_condition : {true, false})
    if (const Status status = prepare(sql, columns, as_condition); !status) return wrong(status.message());
  std::sort(used.begin(), used.end());
  used.erase(std::unique(used.begin(), used.end()), used.end());
  place_of_.assign(columns.size(), kUnused);
  for (std::size_t i = 0; i < used.size(); ++i) place_of_[used[i]] = i;
  return Status::ok();
}

Outcome Expression::Implementation::run() {
  Outcome outcome;
  sqlite3_stmt* statement = statement_.get();
  if (sqlite3_step(statement) == SQLITE_ROW) {
    const int type = sqlite3_column_type(statement, 0);
    const double number = sqlite3_column_double(statement, 0);
    if (type != SQLITE_NULL && std::isfinite(number)) {
      outcome.holds = number != 0;
      outcome.is_number = type == SQLITE_INTEGER || type == SQLITE_FLOAT;
      outcome.number = number;
    }
  }
  sqlite3_reset(statement);  // an error (an overflow, a value that is too long) leaves the outcome unknown
  return outcome;
}

const Outcome& Expression::Implementation::evaluate(std::span<const Value> row) {
  NUDGE_CHECK(row.size() == used.size(), "a row has the values of the used columns");
  key_.clear();
  for (const Value& value : row) append_key(key_, value);
  const std::uint64_t hash = hash64(key_);
  if (const Outcome* known = memory_.find(key_, hash)) return *known;
  row_ = row;
  outcome_ = run();
  row_ = {};
  memory_.add(key_, hash, outcome_);
  return outcome_;
}

Result<Expression> Expression::compile(std::string_view sql, std::span<const ExpressionColumn> columns) {
  auto implementation = std::make_unique<Implementation>();
  NUDGE_TRY(implementation->compile(sql, columns));
  return Expression(std::move(implementation));
}

Expression::Expression(std::unique_ptr<Implementation> implementation) : implementation_(std::move(implementation)) {}
Expression::Expression(Expression&&) noexcept = default;
Expression& Expression::operator=(Expression&&) noexcept = default;
Expression::~Expression() = default;

std::span<const std::size_t> Expression::used() const { return implementation_->used; }
bool Expression::holds(std::span<const Value> row) { return implementation_->evaluate(row).holds; }
std::optional<double> Expression::number(std::span<const Value> row) {
  const Outcome& outcome = implementation_->evaluate(row);
  return outcome.is_number ? std::optional(outcome.number) : std::nullopt;
}
const std::string& Expression::text() const { return implementation_->text; }

}  // namespace nudge
