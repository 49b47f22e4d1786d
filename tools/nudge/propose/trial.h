// Proposals tried on later orders: how much of what was proposed was bought, beside what is most common of all.
#pragma once

#include <cstddef>
#include <vector>

#include "operators/segments/proposals.h"
#include "tools/nudge/propose/orders.h"

namespace nudge::propose {

struct TrialSettings {
  double later = 0.3;              // the share of the orders that is tried on
  std::size_t base_most = 8'000;   // so many orders before these are compared with: the newest
  std::size_t tried_most = 4'000;  // of the later ones so many at most, evenly spread
  std::size_t history = 10;        // of a customer's earlier orders the newest so many say what the next will be like
};

// Overlap: common items, twice, over the items of both; the mean over the orders that were tried.
struct Trial {
  std::size_t orders = 0, base = 0, tried = 0, clusters = 0;
  double similar = 0;      // what similar orders propose
  double most_common = 0;  // of all, chosen as those are
  // Of all, with the number of items that turned out best on the very orders that are tried.
  double most_common_at_best = 0;
  double error = 0;  // the standard error of similar − most_common
};

class Trier {
 public:
  // At least one order lies before the later ones.
  Trier(const Orders& orders, const TrialSettings& settings);
  Trial run();
  // For the next order of a customer, by those that came last.
  segments::Proposal next_of(std::uint32_t customer);

 private:
  segments::Proposal proposal(std::uint32_t customer, std::size_t before);
  std::optional<std::size_t> cluster_of(std::size_t order);

  const Orders& orders_;
  TrialSettings settings_;
  std::size_t cut_ = 0, base_ = 0;  // the first later order, and the first that is compared with
  segments::Proposals proposals_;
  std::vector<std::vector<std::size_t>> by_customer_;                // orders, rising
  std::vector<std::optional<std::optional<std::size_t>>> clusters_;  // of orders that were asked for
};

}  // namespace nudge::propose
