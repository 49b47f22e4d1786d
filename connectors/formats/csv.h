// CSV (RFC 4180) as the JSON objects of the input topics.
//
// The header names the fields, dotted where they are nested (`attributes.city`). An empty cell is a missing field; an
// array or object is JSON text. What a cell becomes follows from the field's type (engine/schema.h); a cell that
// does not fit its field becomes text, which the decoder then refuses by name. Columns that are no field of the
// topic, and the members of `attributes`, are numbers, booleans, arrays or objects where they read as such, else text.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/json_scanner.h"
#include "engine/status.h"
#include "engine/topic.h"

namespace nudge::connectors {

// A row without its line end, and how many bytes it takes with it.
struct CsvRow {
  std::string_view bytes;
  std::size_t with_end = 0;
};

// An opened quote that is not closed within so many bytes, or by the end of the file, ends with its line: one broken
// row does not swallow the rows behind it.
inline constexpr std::size_t kQuotedRowBytesMax = 16 << 20;

// The row at the beginning of `bytes`; nothing where it may go on behind them, or where there is none. `last`: nothing
// comes behind them. Line feeds inside quotes belong to the row; a carriage return before the line feed does, too.
std::optional<CsvRow> first_csv_row(std::string_view bytes, bool last);

// Splits a row into its cells. Views point into the row or into `unquoted`. False where a quote is not closed, or
// followed by text.
bool split_csv_row(std::string_view row, std::vector<std::string_view>& cells, std::string& unquoted);

class CsvFormat {
 public:
  // The failure says what is wrong with the header.
  static Result<CsvFormat> make(Topic topic, std::string_view header);

  // Appends the row's JSON object, or text that is no JSON and says what is wrong with the row.
  void append_json(std::string_view row, std::string& out);

  std::size_t columns() const { return columns_; }

 private:
  enum class Kind : std::uint8_t { kObject, kText, kNumber, kTime, kBoolean, kJson, kAny };
  // A member of the object: a column, or an object of further members.
  struct Member {
    std::string key;  // as JSON, with the colon
    Kind kind = Kind::kObject;
    std::size_t column = 0;
    std::vector<std::size_t> members;  // of kObject: indexes into members_
  };

  static Kind kind_of(Topic topic, std::string_view name, bool nested);
  Status add_column(Topic topic, std::string_view name, std::size_t column);
  bool append_member(const Member& member, std::string& out);
  void append_cell(Kind kind, std::string_view cell, std::string& out);
  bool is_json(std::string_view cell);

  std::vector<Member> members_;  // the first is the record itself
  std::size_t columns_ = 0;
  std::vector<std::string_view> cells_;  // of the row at work
  std::string unquoted_;                 // cells that had doubled quotes
  JsonScanner scanner_;
  std::string padded_, arena_;
};

}  // namespace nudge::connectors
