#include "connectors/files/csv_table.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "connectors/files/byte_stream.h"
#include "connectors/formats/csv.h"

namespace nudge::connectors {
namespace {

constexpr std::size_t kBlockBytes = 1 << 20;
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

bool is_blank(std::string_view row) { return row.find_first_not_of(" \t\r") == std::string_view::npos; }

std::size_t lines_in(std::string_view bytes) {
  return static_cast<std::size_t>(std::count(bytes.begin(), bytes.end(), '\n'));
}

Result<std::string> read_all(const std::string& path) {
  NUDGE_ASSIGN(const auto stream, open_byte_stream(path, 0));
  std::string bytes;
  for (std::size_t before = 1; before != bytes.size();) {
    before = bytes.size();
    NUDGE_TRY(stream->read(bytes, kBlockBytes));
    if (bytes.size() > CsvTable::kBytesMax)
      return Status::bad_data(
          fmt::format("{}: is larger than {} MiB; give a part of it", path, CsvTable::kBytesMax >> 20));
  }
  return bytes;
}

std::string joined(const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "" : ", ") + name;
  return list;
}

}  // namespace

Result<CsvTable> CsvTable::read(const std::string& path) {
  NUDGE_ASSIGN(const std::string content, read_all(path));
  std::string_view bytes = content;
  if (bytes.starts_with(kByteOrderMark)) bytes.remove_prefix(kByteOrderMark.size());
  const auto header = first_csv_row(bytes, true);
  if (!header || is_blank(header->bytes))
    return Status::bad_data(path + ":1: is empty; the first line must name the columns");
  CsvTable table;
  table.path_ = path;
  table.text_.reserve(bytes.size());
  NUDGE_TRY(table.read_header(header->bytes));
  NUDGE_TRY(table.read_rows(bytes.substr(header->with_end), 1 + lines_in(bytes.substr(0, header->with_end))));
  return table;
}

Status CsvTable::read_header(std::string_view row) {
  std::vector<std::string_view> cells;
  std::string unquoted;
  if (!split_csv_row(row, cells, unquoted))
    return Status::bad_data(path_ + ":1: a quote in the header is not closed, or followed by text");
  if (cells.size() > kColumnsMax)
    return Status::bad_data(fmt::format("{}:1: has {} columns, more than {}", path_, cells.size(), kColumnsMax));
  for (const std::string_view name : cells) {
    if (name.empty())
      return Status::bad_data(fmt::format("{}:1: column {} has no name; give it one", path_, names_.size() + 1));
    if (column_named(name)) return Status::bad_data(fmt::format("{}:1: names the column {} twice", path_, name));
    names_.emplace_back(name);
  }
  if (names_.size() == 1 && names_[0].find_first_of(";\t|") != std::string::npos)
    return Status::bad_data(path_ + ":1: has no comma; cells are separated by commas (RFC 4180)");
  return Status::ok();
}

Status CsvTable::read_rows(std::string_view bytes, std::size_t line) {
  std::vector<std::string_view> cells;
  std::string unquoted;
  while (const auto row = first_csv_row(bytes, true)) {
    if (!is_blank(row->bytes)) {
      const bool split = split_csv_row(row->bytes, cells, unquoted);
      if (!split || cells.size() != names_.size()) return wrong_row(line, row->bytes, split ? cells.size() : 0);
      lines_.push_back(static_cast<std::uint32_t>(line));
      for (const std::string_view cell : cells) {
        cells_.push_back({static_cast<std::uint32_t>(text_.size()), static_cast<std::uint32_t>(cell.size())});
        text_.append(cell);
      }
    }
    line += lines_in(bytes.substr(0, row->with_end));
    bytes.remove_prefix(row->with_end);
  }
  return Status::ok();
}

Status CsvTable::wrong_row(std::size_t line, std::string_view row, std::size_t cells) const {
  if (cells == 0)
    return Status::bad_data(
        fmt::format("{}:{}: a quote is not closed, or followed by text; double the quotes inside a cell", path_, line));
  const char* const hint = cells > names_.size() && row.find('"') == std::string_view::npos
                               ? "; quote cells that have a comma in them"
                               : "; mend or remove the line";
  return Status::bad_data(
      fmt::format("{}:{}: has {} cells, the header names {} columns{}", path_, line, cells, names_.size(), hint));
}

std::optional<std::size_t> CsvTable::column_named(std::string_view name) const {
  const auto found = std::find(names_.begin(), names_.end(), name);
  return found == names_.end() ? std::nullopt : std::optional(static_cast<std::size_t>(found - names_.begin()));
}

Result<std::size_t> CsvTable::required_column(std::string_view name, std::string_view option) const {
  if (const auto column = column_named(name)) return *column;
  return Status::usage(fmt::format("{}: {} has no column \"{}\"; it has {}", option, path_, name, joined(names_)));
}

std::string CsvTable::place(std::size_t row, std::size_t column) const {
  return fmt::format("{}:{}: column {}", path_, lines_[row], names_[column]);
}

std::optional<double> number_of_cell(std::string_view cell) {
  while (!cell.empty() && cell.front() == ' ') cell.remove_prefix(1);
  while (!cell.empty() && cell.back() == ' ') cell.remove_suffix(1);
  if (cell.starts_with('+') && !cell.starts_with("+-")) cell.remove_prefix(1);
  double number = 0;
  const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), number);
  if (error != std::errc() || end != cell.data() + cell.size() || !std::isfinite(number)) return std::nullopt;
  return number;
}

}  // namespace nudge::connectors
