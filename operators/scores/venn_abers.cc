#include "operators/scores/venn_abers.h"

#include <algorithm>

namespace nudge::scores {
namespace {

// Rows that lie side by side.
struct Cell {
  double weight = 0, positives = 0;
  double mean() const { return positives / weight; }
};

// What isotonic regression gives the cell, by pooling adjacent violators; `blocks` is room for it.
double isotonic_at(std::span<const Cell> cells, std::size_t place, const Cell& added, std::vector<Cell>& blocks,
                   std::vector<std::size_t>& ends) {
  blocks.clear();
  ends.clear();
  for (std::size_t cell = 0; cell < cells.size(); ++cell) {
    Cell block = cells[cell];
    if (cell == place) {
      block.weight += added.weight;
      block.positives += added.positives;
    }
    while (!blocks.empty() && blocks.back().mean() >= block.mean()) {
      block.weight += blocks.back().weight;
      block.positives += blocks.back().positives;
      blocks.pop_back();
      ends.pop_back();
    }
    blocks.push_back(block);
    ends.push_back(cell);
  }
  const auto holds = std::lower_bound(ends.begin(), ends.end(), place);
  return blocks[static_cast<std::size_t>(holds - ends.begin())].mean();
}

}  // namespace

VennAbers::VennAbers(std::span<const CalibrationRow> rows) {
  double weights = 0;
  for (const CalibrationRow& row : rows) weights += row.weight;
  std::vector<Cell> cells;
  double last = 0;  // the margin of the row before
  for (std::size_t row = 0; row < rows.size(); ++row) {
    const bool is_full = !cells.empty() && rows[row].margin > last && cells.back().weight * kCellsMost >= weights;
    if (is_full) edges_.push_back(0.5 * (last + rows[row].margin));
    if (is_full || cells.empty()) cells.emplace_back();
    cells.back().weight += rows[row].weight;
    if (rows[row].label) cells.back().positives += rows[row].weight;
    last = rows[row].margin;
  }
  std::vector<Cell> blocks;
  std::vector<std::size_t> ends;
  for (std::size_t cell = 0; cell < cells.size(); ++cell)
    intervals_.push_back(
        {isotonic_at(cells, cell, {1, 0}, blocks, ends), isotonic_at(cells, cell, {1, 1}, blocks, ends)});
}

ProbabilityInterval VennAbers::at(double margin) const {
  if (intervals_.empty()) return {};
  return intervals_[static_cast<std::size_t>(std::upper_bound(edges_.begin(), edges_.end(), margin) - edges_.begin())];
}

void VennAbers::encode(Encoder& out) const {
  out.varint(intervals_.size());
  for (const ProbabilityInterval& interval : intervals_) {
    out.real(interval.p0);
    out.real(interval.p1);
  }
  for (const double edge : edges_) out.real(edge);
}

void VennAbers::decode(Decoder& in) {
  intervals_.resize(in.count(16));
  for (ProbabilityInterval& interval : intervals_) {
    interval.p0 = in.real();
    interval.p1 = in.real();
  }
  edges_.resize(intervals_.empty() ? 0 : intervals_.size() - 1);
  for (double& edge : edges_) edge = in.real();
  if (!std::is_sorted(edges_.begin(), edges_.end())) in.fail();
}

}  // namespace nudge::scores
