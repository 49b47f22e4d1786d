#include "operators/recommendations/item_learner.h"

#include <algorithm>
#include <limits>
#include <tuple>

#include "operators/recommendations/log_likelihood.h"

namespace nudge::recommendations {
namespace {

using rules::Item;

constexpr std::uint32_t kNoPlace = std::numeric_limits<std::uint32_t>::max();
constexpr std::size_t kProductsMost = 5;
// Customers of everybody that are added to those of an item, for what else they buy.
constexpr double kSharePrior = 2;
// Fewer gaps do not tell how long an item lasts.
constexpr std::size_t kGapsLeast = 10;

}  // namespace

ItemLearner::ItemLearner(const Settings& settings)
    : settings_(settings), table_(settings.templates(), rules::PriceLevels(settings.price_levels)) {}

void ItemLearner::count(Millis until, const rules::SaleWindow& window, const rules::Products& products) {
  sales_ = 0;
  sales_with_.clear();
  lines_.clear();
  bought_.clear();
  const std::size_t known = window.customers();
  // A share of all hashes that is expected to hold so many customers.
  const std::uint64_t highest = known <= settings_.customers_most
                                    ? std::numeric_limits<std::uint64_t>::max()
                                    : std::numeric_limits<std::uint64_t>::max() / known * settings_.customers_most;
  window.for_each(until - settings_.window, until,
                  [&](const rules::Sale& sale, std::span<const rules::Line> lines, std::uint64_t) {
                    ++sales_;
                    for (const rules::Line line : lines) ++lines_[line];
                    const std::span<const Item> items = table_.items_of(lines, products);
                    sales_with_.resize(table_.size());
                    for (const Item item : items) ++sales_with_[item];
                    const Hash128& id = window.customer(sale).id;
                    if (id == Hash128{} || id.high > highest) return;
                    for (const Item item : items) bought_.push_back({sale.customer, item, sale.time});
                  });
  std::sort(bought_.begin(), bought_.end());
}

// By text, so that nothing shows of the order in which the table heard of them.
void ItemLearner::number_items() {
  items_.clear();
  for (Item item = 0; item < sales_with_.size(); ++item)
    if (sales_with_[item] > 0) items_.push_back(item);
  std::sort(items_.begin(), items_.end(), [&](Item a, Item b) { return table_.text(a) < table_.text(b); });
  numbers_.assign(sales_with_.size(), 0);
  for (ItemNumber number = 0; number < items_.size(); ++number) numbers_[items_[number]] = number;

  paired_.resize(items_.size());
  for (ItemNumber number = 0; number < items_.size(); ++number) paired_[number] = number;
  std::sort(paired_.begin(), paired_.end(), [&](ItemNumber a, ItemNumber b) {
    return std::tuple(-sales_with_[items_[a]], a) < std::tuple(-sales_with_[items_[b]], b);
  });
  paired_.resize(std::min(paired_.size(), PairTable::kItemsMost));
  std::sort(paired_.begin(), paired_.end());
  pair_places_.assign(items_.size(), kNoPlace);
  for (std::uint32_t place = 0; place < paired_.size(); ++place) pair_places_[paired_[place]] = place;
}

void ItemLearner::look_at_customers(Millis until, RhythmTable& rhythms, std::vector<ItemFacts>& facts) {
  PairTable pairs(paired_.size());
  std::vector<std::vector<Gap>> gaps(items_.size());
  std::vector<std::uint32_t> of_customer;
  std::vector<Millis> times;
  customers_ = 0;
  for (auto begin = bought_.begin(); begin != bought_.end();) {
    const std::uint32_t customer = begin->customer;
    of_customer.clear();
    while (begin != bought_.end() && begin->customer == customer) {
      const Item item = begin->item;
      times.clear();
      for (; begin != bought_.end() && begin->customer == customer && begin->item == item; ++begin)
        if (times.empty() || times.back() != begin->time) times.push_back(begin->time);
      const ItemNumber number = numbers_[item];
      for (std::size_t i = 1; i < times.size(); ++i) gaps[number].push_back({times[i] - times[i - 1], true});
      gaps[number].push_back({until - times.back(), false});
      rhythms.add(times, until);
      if (pair_places_[number] != kNoPlace) of_customer.push_back(pair_places_[number]);
    }
    std::sort(of_customer.begin(), of_customer.end());
    pairs.add(of_customer);
    ++customers_;
  }
  say_how_long_they_last(gaps, facts);
  add_neighbours(pairs, facts);
}

// An item of which little is known lasts as long as others; what is hardly bought again, as long as the window.
void ItemLearner::say_how_long_they_last(std::vector<std::vector<Gap>>& gaps, std::vector<ItemFacts>& facts) const {
  std::vector<Gap> all;
  for (const std::vector<Gap>& of_item : gaps) all.insert(all.end(), of_item.begin(), of_item.end());
  const Millis usual = median_gap(all);
  for (ItemNumber number = 0; number < items_.size(); ++number)
    facts[number].lasts =
        std::min(gaps[number].size() < kGapsLeast ? usual : median_gap(gaps[number]), settings_.window);
}

void ItemLearner::add_neighbours(const PairTable& pairs, std::vector<ItemFacts>& facts) const {
  struct Near {
    double sure = 0;
    std::uint32_t place = 0;
  };
  std::vector<Near> near;
  const auto all = static_cast<double>(pairs.customers());
  for (std::uint32_t place = 0; place < paired_.size(); ++place) {
    near.clear();
    for (std::uint32_t other = 0; other < paired_.size(); ++other) {
      if (other == place) continue;
      const double sure =
          log_likelihood_ratio(pairs.with_both(place, other), pairs.with(place), pairs.with(other), pairs.customers());
      if (sure >= kOnceInThousand) near.push_back({sure, other});
    }
    std::sort(near.begin(), near.end(),
              [](const Near& a, const Near& b) { return std::tuple(-a.sure, a.place) < std::tuple(-b.sure, b.place); });
    if (near.size() > settings_.neighbours_most) near.resize(settings_.neighbours_most);
    for (const Near& each : near) {
      const double with = static_cast<double>(pairs.with(each.place));
      const double both = static_cast<double>(pairs.with_both(place, each.place));
      facts[paired_[place]].neighbours.push_back(
          {paired_[each.place],
           (both + kSharePrior * with / all) / (static_cast<double>(pairs.with(place)) + kSharePrior)});
    }
  }
}

void ItemLearner::add_products(const rules::Products& products, const Margins& margins, std::vector<ItemFacts>& facts) {
  struct Sold {
    std::int64_t sales = 0;
    std::string_view id;
  };
  std::vector<std::vector<Sold>> sold(items_.size());
  std::vector<Earned> earned(items_.size());
  const std::map<std::string_view, Earned> sums = margins.sums();
  for (const auto& [line, sales] : lines_) {
    const std::string_view id = products.id(line.product());
    const auto of_product = sums.find(id);
    for (const Item item : table_.items_of(std::span(&line, 1), products)) {
      if (item >= numbers_.size() || sales_with_[item] == 0) continue;
      sold[numbers_[item]].push_back({sales, id});
      if (of_product == sums.end()) continue;
      earned[numbers_[item]].margin += of_product->second.margin;
      earned[numbers_[item]].sales += of_product->second.sales;
    }
  }
  for (ItemNumber number = 0; number < items_.size(); ++number) {
    ItemFacts& item = facts[number];
    std::sort(sold[number].begin(), sold[number].end(),
              [](const Sold& a, const Sold& b) { return std::tuple(-a.sales, a.id) < std::tuple(-b.sales, b.id); });
    for (const Sold& each : sold[number])
      if (item.products.size() < kProductsMost &&
          std::find(item.products.begin(), item.products.end(), each.id) == item.products.end())
        item.products.emplace_back(each.id);
    if (earned[number].sales > 0) item.margin = static_cast<Micro>(earned[number].margin / 1000 / earned[number].sales);
  }
}

std::vector<ItemFacts> ItemLearner::learn(Millis until, const rules::SaleWindow& window,
                                          const rules::Products& products, const Margins& margins,
                                          RhythmTable& rhythms) {
  count(until, window, products);
  number_items();
  std::vector<ItemFacts> facts(items_.size());
  for (ItemNumber number = 0; number < items_.size(); ++number) {
    facts[number].text = table_.text(items_[number]);
    facts[number].popularity = static_cast<double>(sales_with_[items_[number]]) / static_cast<double>(sales_);
  }
  look_at_customers(until, rhythms, facts);
  add_products(products, margins, facts);
  return facts;
}

}  // namespace nudge::recommendations
