#include "operators/segments/proposals.h"

#include <algorithm>
#include <map>
#include <numeric>

#include "engine/check.h"
#include "operators/segments/density.h"

namespace nudge::segments {
namespace {

const std::vector<float> kEvenWeights(kOrderDimensions, 1.0f);

// Items by share, the largest first; of equal ones the lower number.
std::vector<std::uint32_t> by_share(const std::vector<double>& shares, std::size_t most) {
  std::vector<std::uint32_t> items(shares.size());
  std::iota(items.begin(), items.end(), 0u);
  const auto middle = items.begin() + static_cast<std::ptrdiff_t>(std::min(most, items.size()));
  std::partial_sort(items.begin(), middle, items.end(), [&](std::uint32_t a, std::uint32_t b) {
    return shares[a] > shares[b] || (shares[a] == shares[b] && a < b);
  });
  items.erase(middle, items.end());
  return items;
}

}  // namespace

Proposals::Proposals(std::span<const Composition> orders, std::vector<std::uint64_t> codes)
    : vectors_(orders, std::move(codes)) {
  NUDGE_CHECK(!orders.empty(), "orders to propose from");
  std::vector<float> values;
  std::vector<std::size_t> rows;
  for (std::size_t i = 0; i < orders.size(); ++i) {
    const std::optional<OrderVector> vector = vectors_.of(orders[i]);
    if (!vector) continue;
    table_.set(rows.size(), *vector);
    values.insert(values.end(), vector->begin(), vector->end());
    rows.push_back(i);
  }
  DensityClusters clusters = density_clusters(values, kOrderDimensions, kNeighbours);
  labels_ = std::move(clusters.labels);
  std::vector<std::map<std::uint32_t, std::uint32_t>> counts(clusters.count);
  by_cluster_.resize(clusters.count);
  for (std::size_t row = 0; row < rows.size(); ++row) {
    ++by_cluster_[labels_[row]].orders;
    for (const std::uint32_t item : orders[rows[row]]) ++counts[labels_[row]][item];
  }
  for (std::size_t i = 0; i < counts.size(); ++i) by_cluster_[i].counts.assign(counts[i].begin(), counts[i].end());
  for (const Composition& order : orders)
    for (const std::uint32_t item : order) {
      if (item >= all_.size()) all_.resize(item + 1);
      all_[item] += 1 / static_cast<double>(orders.size());
    }
}

std::optional<std::size_t> Proposals::cluster_of(const Composition& order) const {
  const std::optional<OrderVector> vector = vectors_.of(order);
  if (!vector || labels_.empty()) return std::nullopt;
  return labels_[table_.nearest(*vector, kEvenWeights, 1).front().row];
}

Proposal Proposals::of(std::span<const std::size_t> clusters) const {
  if (clusters.empty()) return of_all();
  std::vector<double> shares(all_.size());
  for (const std::size_t cluster : clusters) {
    const Items& items = by_cluster_[cluster];
    const double each = 1 / static_cast<double>(items.orders * clusters.size());
    for (const auto& [item, count] : items.counts) shares[item] += each * count;
  }
  return most_common(shares);
}

std::vector<std::uint32_t> Proposals::common_items() const { return by_share(all_, kItemsMost); }

// With an item more the overlap grows as long as it is in enough orders; an order has as many items as the shares add
// up to.
Proposal Proposals::most_common(const std::vector<double>& shares) {
  const double size = std::accumulate(shares.begin(), shares.end(), 0.0);
  const std::vector<std::uint32_t> items = by_share(shares, kItemsMost);
  Proposal proposal;
  double hits = 0;
  std::size_t most = 0;
  for (std::size_t i = 0; i < items.size(); ++i) {
    hits += shares[items[i]];
    const double overlap = 2 * hits / (static_cast<double>(i + 1) + size);
    if (overlap <= proposal.overlap) continue;
    proposal.overlap = overlap;
    most = i + 1;
  }
  proposal.items.assign(items.begin(), items.begin() + static_cast<std::ptrdiff_t>(most));
  std::sort(proposal.items.begin(), proposal.items.end());
  return proposal;
}

}  // namespace nudge::segments
