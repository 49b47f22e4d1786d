#include "engine/operator.h"

#include <atomic>

namespace nudge {

void ColumnCatalog::add(std::uint8_t slot, std::span<const Column> columns, FeatureReader reader) {
  if (slot >= readers_.size()) readers_.resize(slot + 1);
  readers_[slot] = reader;
  for (const Column& column : columns) {
    NUDGE_CHECK(!find(column.name), "a column's name is used once in a program");
    columns_.push_back({slot, &column});
  }
}

void ColumnCatalog::add(std::uint8_t slot, std::shared_ptr<const ConfiguredColumns> configured) {
  for (const Column& column : configured->columns) {
    NUDGE_CHECK(!find(column.name), "a column's name is used once in a program");
    columns_.push_back({slot, &column});
  }
  configured_.push_back(std::move(configured));
}

std::optional<ColumnRef> ColumnCatalog::find(std::string_view name) const {
  for (const ColumnRef& column : columns_)
    if (column.column->name == name) return column;
  return std::nullopt;
}

void SignalBoard::clear() {
  for (const auto& box : boxes_)
    if (box) box->clear();
  any_later_ = false;
}

bool SignalBoard::turn() {
  for (const auto& box : boxes_)
    if (box) box->turn();
  return std::exchange(any_later_, false);
}

std::size_t SignalBoard::next_index() {
  static std::atomic<std::size_t> next = 0;
  return next++;
}

}  // namespace nudge
