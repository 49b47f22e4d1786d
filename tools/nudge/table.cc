#include "tools/nudge/table.h"

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

namespace nudge::program {
namespace {

std::string plain(const Cell& cell) {
  const auto* const number = std::get_if<std::uint64_t>(&cell);
  return number ? std::to_string(*number) : std::get<std::string>(cell);
}

std::string printable(std::string text) {
  std::ranges::replace_if(
      text, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; }, '?');
  return text;
}

// In characters, as far as UTF-8 goes.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

std::string csv_cell(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted.append(c == '"' ? 2 : 1, c);
  return quoted + "\"";
}

}  // namespace

std::string Table::text() const {
  std::vector<std::vector<std::string>> lines{{columns.begin(), columns.end()}};
  for (const auto& row : rows) {
    auto& line = lines.emplace_back();
    for (const Cell& cell : row) line.push_back(printable(plain(cell)));
  }
  std::vector<std::size_t> widths(columns.size());
  for (const auto& line : lines)
    for (std::size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], width_of(line[i]));
  std::string out;
  for (std::size_t row = 0; row < lines.size(); ++row) {
    for (std::size_t i = 0; i < lines[row].size(); ++i) {
      const std::string& cell = lines[row][i];
      const std::string blanks(widths[i] - width_of(cell), ' ');
      const bool number =
          !rows.empty() && std::holds_alternative<std::uint64_t>(rows[std::max<std::size_t>(row, 1) - 1][i]);
      if (i > 0) out += "  ";
      out += number ? blanks + cell : i + 1 < lines[row].size() ? cell + blanks : cell;
    }
    out += '\n';
  }
  return out;
}

std::string Table::json() const {
  auto array = nlohmann::ordered_json::array();
  for (const auto& row : rows) {
    nlohmann::ordered_json object;
    for (std::size_t i = 0; i < row.size(); ++i)
      std::visit([&](const auto& value) { object[std::string(columns[i])] = value; }, row[i]);
    array.push_back(std::move(object));
  }
  return array.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

std::string Table::csv() const {
  std::string out;
  for (std::size_t i = 0; i < columns.size(); ++i) out.append(i > 0 ? "," : "").append(columns[i]);
  out += '\n';
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) out.append(i > 0 ? "," : "").append(csv_cell(plain(row[i])));
    out += '\n';
  }
  return out;
}

void print(const Table& table, std::string_view format) {
  const std::string out = format == "json" ? table.json() : format == "csv" ? table.csv() : table.text();
  std::fwrite(out.data(), 1, out.size(), stdout);
}

}  // namespace nudge::program
