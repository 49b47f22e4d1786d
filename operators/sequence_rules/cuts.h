// Sequences of purchases, cut in two at every place: which items come before each cut, and which after it.
//
// A cut lies behind a purchase. An item is before it where it was bought in that purchase or less than a horizon before
// it, and after it where it was bought less than a horizon later. So all of X comes before all of Y where some cut has
// the items of X before it and those of Y after it: an `and` of bits, 64 cuts at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "operators/sequence_rules/purchase.h"

namespace nudge::sequence_rules {

class Cuts {
 public:
  // An item on either side of up to 64 cuts.
  struct Cell {
    Item item = 0;
    std::uint64_t before = 0, after = 0;  // by cut
  };

  // Behind purchases after `from`.
  explicit Cuts(Millis horizon, Millis from = INT64_MIN) : horizon_(horizon), from_(from) {}

  // One sequence, in the order of its times, which differ.
  void add(std::span<const Purchase> purchases);

  std::size_t sequences() const { return sequences_; }
  // Blocks of one sequence are neighbours.
  std::size_t blocks() const { return blocks_.size(); }
  std::uint32_t sequence_of(std::size_t block) const { return blocks_[block].sequence; }
  // By rising item.
  std::span<const Cell> cells(std::size_t block) const {
    const std::size_t end = block + 1 < blocks_.size() ? blocks_[block + 1].begin : cells_.size();
    return std::span(cells_).subspan(blocks_[block].begin, end - blocks_[block].begin);
  }

 private:
  struct Block {
    std::uint32_t sequence = 0;
    std::size_t begin = 0;  // of its cells
  };
  // Purchases [begin, end) are less than a horizon away.
  struct Near {
    std::uint32_t begin = 0, end = 0;
  };
  void find_near(std::span<const Purchase> purchases);

  Millis horizon_, from_;
  std::uint32_t sequences_ = 0;
  std::vector<Block> blocks_;
  std::vector<Cell> cells_;
  // Of the sequence under way: by place; item and place of what was bought; cells of each block.
  std::vector<Near> near_;
  std::vector<std::pair<Item, std::uint32_t>> places_;
  std::vector<std::vector<Cell>> of_blocks_;
};

}  // namespace nudge::sequence_rules
