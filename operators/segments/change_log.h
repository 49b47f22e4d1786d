// What has changed in a task's part of a segmentation since the last partial, as it is stored: a log in pieces, so that
// a commit writes what has come since the one before, and not all micro-clusters.
//
// Where a summary of what the log comes to would be much shorter it takes the log's place: in the store, and in memory
// between two commits, a log has at most about twice the bytes of its summary and 64 KiB. Entries are exact and may be
// read in any order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/operator.h"
#include "operators/segments/panes.h"
#include "operators/segments/product_sales.h"
#include "operators/segments/purchases.h"

namespace nudge::segments {

// What a log comes to.
struct Changes {
  Panes panes;
  ProductSales products;  // of a segmentation of products, instead
  Purchases purchases;    // of one of transactions with links, beside

  std::size_t bytes() const;  // of a summary, an estimate
  void clear();
};

class ChangeLog {
 public:
  // Each is called when `changes` already hold what it tells of; `sign` is 1 or −1.
  void point(std::int64_t pane, const Point& point, int sign, const Changes& changes);
  void sales(const ProductSales& sales, const Changes& changes);
  void purchases(const Purchases& purchases, const Changes& changes);
  // The changes are empty from here.
  void clear();

  // Writes the pieces that differ from what is stored, numbered from `first` on, in rising order.
  void write(const Changes& changes, std::uint64_t first, PieceWriter& out);
  // The stored pieces come in rising order; what each says is added to `changes`, where new panes get `shifts`. False
  // where the bytes are damaged.
  bool read(std::string_view piece, const GridShifts& shifts, Changes& changes);

 private:
  void close_entry(const Changes& changes);
  void seal_if_full();
  void summarise(const Changes& changes);

  std::string open_;                 // the last piece, in which there is room
  std::vector<std::string> sealed_;  // those before it that are not stored yet
  std::size_t full_ = 0;             // stored pieces before these
  std::size_t stored_ = 0;           // all stored pieces
  bool open_changed_ = false;        // since it was stored
  bool wants_summary_ = false;       // at the next write; nothing is logged until then
  std::size_t summary_pieces_ = 0;
};

}  // namespace nudge::segments
