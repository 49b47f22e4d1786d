// A CSV file (RFC 4180, named columns, .csv or .csv.zst) as a whole in memory: for tables that people bring, not for
// the topics of a shop.
//
// Cells are text; what they mean is the reader's business. Every failure names the file and the line, and what to do.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/status.h"

namespace nudge::connectors {

class CsvTable {
 public:
  static constexpr std::size_t kBytesMax = std::size_t{1} << 30;  // decompressed
  static constexpr std::size_t kColumnsMax = 4'096;

  // Names are distinct and not empty; every row has as many cells; blank lines are no rows. There may be none.
  static Result<CsvTable> read(const std::string& path);

  const std::string& path() const { return path_; }
  std::size_t columns() const { return names_.size(); }
  std::size_t rows() const { return lines_.size(); }
  const std::string& name(std::size_t column) const { return names_[column]; }
  std::optional<std::size_t> column_named(std::string_view name) const;
  // The same, or what is wrong with `option`, which asked for the column.
  Result<std::size_t> required_column(std::string_view name, std::string_view option) const;

  // Valid as long as the table is, and where it is moved to.
  std::string_view cell(std::size_t row, std::size_t column) const {
    const Extent& extent = cells_[row * names_.size() + column];
    return std::string_view(text_).substr(extent.begin, extent.size);
  }
  // `FILE:17: column x`, for messages.
  std::string place(std::size_t row, std::size_t column) const;

 private:
  struct Extent {
    std::uint32_t begin = 0, size = 0;
  };
  Status read_header(std::string_view row);
  Status read_rows(std::string_view bytes, std::size_t line);
  Status wrong_row(std::size_t line, std::string_view row, std::size_t cells) const;

  std::string path_;
  std::vector<std::string> names_;
  std::string text_;           // of all cells
  std::vector<Extent> cells_;  // row-major
  std::vector<std::uint32_t> lines_;
};

// A number as people write it in tables: digits with a point, an exponent, a sign. Nothing for `nan`, `inf`, and what
// has more in it than the number.
std::optional<double> number_of_cell(std::string_view cell);

}  // namespace nudge::connectors
