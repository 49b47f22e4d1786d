#include "operators/sequence_rules/occurrences.h"

#include <algorithm>
#include <iterator>

namespace nudge::sequence_rules {

Occurrences::Occurrences(const Histories& histories, const Segment& segment) {
  begins_.assign(1, 0);
  histories.for_each(segment, [&](std::span<const Purchase> purchases) {
    customers_.push_back(purchases);
    for (const Purchase& purchase : purchases)
      for (const Item item : purchase.items) {
        if (item + std::size_t{1} >= begins_.size()) begins_.resize(item + std::size_t{2});
        ++begins_[item + 1];
      }
  });
  for (std::size_t item = 1; item < begins_.size(); ++item) begins_[item] += begins_[item - 1];
  occurrences_.resize(begins_.back());
  std::vector<std::size_t> next(begins_.begin(), begins_.end() - 1);
  for (std::uint32_t customer = 0; customer < customers_.size(); ++customer)
    for (std::uint32_t place = 0; place < customers_[customer].size(); ++place)
      for (const Item item : customers_[customer][place].items) occurrences_[next[item]++] = {customer, place};
}

std::vector<Occurrence> Occurrences::of_all(std::span<const Item> items) const {
  const std::span<const Occurrence> first = of(items.front());
  std::vector<Occurrence> found(first.begin(), first.end()), both;
  for (const Item item : items.subspan(1)) {
    both.clear();
    std::set_intersection(found.begin(), found.end(), of(item).begin(), of(item).end(), std::back_inserter(both));
    found.swap(both);
  }
  return found;
}

ItemBits Occurrences::Cursors::marks_of(std::uint32_t customer, std::vector<Mark>& marks) {
  marks.clear();
  ItemBits all = 0;
  for (std::size_t i = 0; i < rest_.size(); ++i) {
    std::size_t skipped = 0;
    for (; skipped < rest_[i].size() && rest_[i][skipped].customer <= customer; ++skipped) {
      if (rest_[i][skipped].customer < customer) continue;
      marks.push_back({rest_[i][skipped].place, ItemBits{1} << i});
      all |= ItemBits{1} << i;
    }
    rest_[i] = rest_[i].subspan(skipped);
  }
  if (rest_.size() < 2) return all;
  std::sort(marks.begin(), marks.end(), [](const Mark& a, const Mark& b) { return a.place < b.place; });
  std::size_t kept = 0;
  for (std::size_t i = 0; i < marks.size(); ++i)
    if (kept > 0 && marks[kept - 1].place == marks[i].place)
      marks[kept - 1].bits |= marks[i].bits;
    else
      marks[kept++] = marks[i];
  marks.resize(kept);
  return all;
}

}  // namespace nudge::sequence_rules
