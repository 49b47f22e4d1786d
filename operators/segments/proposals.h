// What an order will be made of, by similar orders: those of the past are parted by density, and the composition that
// is most common among the orders in whose midst a customer's earlier ones lie is proposed.
//
// Immutable once made. Memory: 256 bytes an order, and 8 for each different item of a cluster.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "operators/segments/order_vectors.h"
#include "operators/segments/similarity.h"

namespace nudge::segments {

struct Proposal {
  Composition items;
  double overlap = 0;  // that is expected: common items, twice, over the items of both
};

class Proposals {
 public:
  static constexpr std::size_t kNeighbours = 15, kItemsMost = 60;

  // At least one order; `codes` as in OrderVectors.
  Proposals(std::span<const Composition> orders, std::vector<std::uint64_t> codes);

  std::size_t clusters() const { return by_cluster_.size(); }
  std::size_t orders_of(std::size_t cluster) const { return by_cluster_[cluster].orders; }
  // In whose midst an order lies; nothing where none of its items says anything.
  std::optional<std::size_t> cluster_of(const Composition& order) const;

  // By the clusters of earlier orders, each as often as it occurs; without any, of all orders.
  Proposal of(std::span<const std::size_t> clusters) const;
  Proposal of_all() const { return most_common(all_); }
  // The most common items of all orders, the most common first.
  std::vector<std::uint32_t> common_items() const;

 private:
  // How many of some orders have each item.
  struct Items {
    std::size_t orders = 0;
    std::vector<std::pair<std::uint32_t, std::uint32_t>> counts;  // by item, rising
  };
  // Of shares of orders, by item.
  static Proposal most_common(const std::vector<double>& shares);

  OrderVectors vectors_;
  SimilarityTable table_{kOrderDimensions};
  std::vector<std::size_t> labels_;  // of the table's rows
  std::vector<Items> by_cluster_;
  std::vector<double> all_;  // shares of orders, by item
};

}  // namespace nudge::segments
