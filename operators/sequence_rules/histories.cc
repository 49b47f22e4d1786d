#include "operators/sequence_rules/histories.h"

#include <algorithm>
#include <tuple>

namespace nudge::sequence_rules {
namespace {

struct Sold {
  std::uint32_t customer = 0;
  Millis time = 0;
  std::uint64_t segments = 0;
  std::size_t begin = 0, end = 0;  // of its items
};

}  // namespace

Histories::Histories(Millis from, Millis until, const SaleWindow& window, const Products& products, ItemTable& items) {
  std::vector<Sold> sold;
  std::vector<Item> as_they_came;
  window.for_each(from, until, [&](const Sale& sale, std::span<const Line> lines, std::uint64_t segments) {
    const std::span<const Item> own = items.items_of(lines, products);
    sold.push_back({sale.customer, sale.time, segments, as_they_came.size(), as_they_came.size() + own.size()});
    as_they_came.insert(as_they_came.end(), own.begin(), own.end());
  });
  std::sort(sold.begin(), sold.end(), [](const Sold& a, const Sold& b) {
    return std::tie(a.customer, a.time, a.begin) < std::tie(b.customer, b.time, b.begin);
  });
  items_.reserve(as_they_came.size());  // it stays where it is: purchases point into it
  for (std::size_t i = 0; i < sold.size();) {
    if (i == 0 || sold[i].customer != sold[i - 1].customer) {
      segments_.push_back(sold[i].segments);
      begins_.push_back(purchases_.size());
    }
    const std::size_t first = i, begin = items_.size();
    for (; i < sold.size() && sold[i].customer == sold[first].customer && sold[i].time == sold[first].time; ++i)
      items_.insert(items_.end(), as_they_came.begin() + static_cast<std::ptrdiff_t>(sold[i].begin),
                    as_they_came.begin() + static_cast<std::ptrdiff_t>(sold[i].end));
    const auto own = items_.begin() + static_cast<std::ptrdiff_t>(begin);
    std::sort(own, items_.end());
    items_.erase(std::unique(own, items_.end()), items_.end());
    purchases_.push_back({sold[first].time, std::span(items_).subspan(begin)});
  }
  begins_.push_back(purchases_.size());
}

}  // namespace nudge::sequence_rules
