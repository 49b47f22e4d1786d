#include "tools/nudge/propose/trial.h"

#include <algorithm>
#include <cmath>

#include "engine/check.h"
#include "engine/hash.h"

namespace nudge::propose {
namespace {

using segments::Composition;

double overlap(const Composition& a, const Composition& b) {
  std::size_t both = 0;
  for (auto left = a.begin(), right = b.begin(); left != a.end() && right != b.end();) {
    both += *left == *right;
    *left < *right ? ++left : *right < *left ? ++right : (++left, ++right);
  }
  return 2 * static_cast<double>(both) / static_cast<double>(std::max<std::size_t>(a.size() + b.size(), 1));
}

segments::Proposals proposals_of(const Orders& orders, std::size_t base, std::size_t cut) {
  NUDGE_CHECK(base < cut, "orders before those that are tried");
  std::vector<Composition> earlier;
  for (std::size_t i = base; i < cut; ++i) earlier.push_back(orders.orders[i].items);
  std::vector<std::uint64_t> codes;
  for (const std::string& item : orders.items) codes.push_back(hash64(item));
  return segments::Proposals(earlier, std::move(codes));
}

std::size_t cut_of(const Orders& orders, double later) {
  const double n = static_cast<double>(orders.orders.size());
  return std::max<std::size_t>(1, static_cast<std::size_t>(std::floor(n * (1 - later))));
}

// Of prefixes of the items the one that overlaps most in the mean.
double best_prefix(const std::vector<std::uint32_t>& items, const std::vector<const Composition*>& tried) {
  double best = 0;
  std::vector<std::size_t> hits(tried.size());
  for (std::size_t length = 1; length <= items.size(); ++length) {
    double sum = 0;
    for (std::size_t i = 0; i < tried.size(); ++i) {
      hits[i] += std::binary_search(tried[i]->begin(), tried[i]->end(), items[length - 1]);
      sum += 2 * static_cast<double>(hits[i]) / static_cast<double>(length + tried[i]->size());
    }
    best = std::max(best, sum / static_cast<double>(tried.size()));
  }
  return best;
}

}  // namespace

Trier::Trier(const Orders& orders, const TrialSettings& settings)
    : orders_(orders),
      settings_(settings),
      cut_(cut_of(orders, settings.later)),
      base_(cut_ - std::min(cut_, settings.base_most)),
      proposals_(proposals_of(orders, base_, cut_)),
      by_customer_(orders.customers.size()),
      clusters_(orders.orders.size()) {
  for (std::size_t i = 0; i < orders.orders.size(); ++i) by_customer_[orders.orders[i].customer].push_back(i);
}

std::optional<std::size_t> Trier::cluster_of(std::size_t order) {
  if (!clusters_[order]) clusters_[order] = proposals_.cluster_of(orders_.orders[order].items);
  return *clusters_[order];
}

// An order knows of those before it alone.
segments::Proposal Trier::proposal(std::uint32_t customer, std::size_t before) {
  const std::vector<std::size_t>& own = by_customer_[customer];
  const auto end = std::lower_bound(own.begin(), own.end(), before);
  const auto begin = end - std::min<std::ptrdiff_t>(end - own.begin(), static_cast<std::ptrdiff_t>(settings_.history));
  std::vector<std::size_t> clusters;
  for (auto each = begin; each != end; ++each)
    if (const auto cluster = cluster_of(*each)) clusters.push_back(*cluster);
  return proposals_.of(clusters);
}

segments::Proposal Trier::next_of(std::uint32_t customer) { return proposal(customer, orders_.orders.size()); }

Trial Trier::run() {
  Trial trial{.orders = orders_.orders.size(), .base = cut_ - base_, .clusters = proposals_.clusters()};
  std::vector<std::size_t> later;
  for (std::size_t i = cut_; i < orders_.orders.size(); ++i)
    if (by_customer_[orders_.orders[i].customer].front() < i) later.push_back(i);
  const std::size_t every = std::max<std::size_t>(1, (later.size() + settings_.tried_most - 1) / settings_.tried_most);
  const segments::Proposal of_all = proposals_.of_all();
  std::vector<const Composition*> tried;
  double squares = 0;
  for (std::size_t i = 0; i < later.size(); i += every) {
    const Order& order = orders_.orders[later[i]];
    tried.push_back(&order.items);
    const double similar = overlap(proposal(order.customer, later[i]).items, order.items);
    const double common = overlap(of_all.items, order.items);
    trial.similar += similar;
    trial.most_common += common;
    squares += (similar - common) * (similar - common);
  }
  trial.tried = tried.size();
  if (tried.empty()) return trial;
  const double n = static_cast<double>(tried.size());
  trial.similar /= n;
  trial.most_common /= n;
  trial.most_common_at_best = best_prefix(proposals_.common_items(), tried);
  const double gain = trial.similar - trial.most_common;
  trial.error = std::sqrt(std::max(0.0, squares / n - gain * gain) / n);
  return trial;
}

}  // namespace nudge::propose
