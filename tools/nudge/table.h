// Rows for stdout: a table for people, a JSON array of objects, or CSV.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/status.h"

namespace nudge::program {

using Cell = std::variant<std::string, std::uint64_t>;

struct Table {
  std::vector<std::string_view> columns;
  std::vector<std::vector<Cell>> rows;  // as many cells each as columns

  // Columns as wide as their longest cell, numbers on the right. What is no printable text shows as `?`, so that
  // no cell can move the cursor of a terminal.
  std::string text() const;
  // Bytes that are no UTF-8 are replaced.
  std::string json() const;
  // RFC 4180 with a header.
  std::string csv() const;
};

inline constexpr const char* kTableFormats[] = {"table", "json", "csv"};

// Writes it to stdout in one of kTableFormats.
void print(const Table& table, std::string_view format);

}  // namespace nudge::program
