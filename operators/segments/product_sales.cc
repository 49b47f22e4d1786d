#include "operators/segments/product_sales.h"

#include <algorithm>
#include <tuple>
#include <vector>

namespace nudge::segments {
namespace {

ProductSums sums_of(const LineItem& line, int sign) {
  ProductSums sums;
  const Nano value = product(line.quantity, line.unit_price);
  sums.lines = sign;
  sums.units = sign * static_cast<Int128>(line.quantity);
  sums.value = sign * value;
  if (line.list_price || line.discount) {
    const Nano listed = line.list_price ? product(line.quantity, *line.list_price) : value + nano_of(*line.discount);
    sums.listed_lines = sign;
    sums.list_value = sign * listed;
    sums.discount = sign * (line.discount ? nano_of(*line.discount) : std::max<Nano>(listed - value, 0));
  }
  if (line.unit_cost) {
    sums.costed_lines = sign;
    sums.margin = sign * (value - product(line.quantity, *line.unit_cost));
  }
  return sums;
}

}  // namespace

void ProductSums::add(const ProductSums& other) {
  lines += other.lines;
  costed_lines += other.costed_lines;
  listed_lines += other.listed_lines;
  units += other.units;
  value += other.value;
  list_value += other.list_value;
  discount += other.discount;
  margin += other.margin;
}

std::int64_t ProductSales::Product::first() const {
  return weeks.empty() ? first_week : std::min(first_week, weeks.begin()->first);
}

ProductSums ProductSales::Product::sum() const {
  ProductSums sum;
  for (const auto& [week, sums] : weeks) sum.add(sums);
  return sum;
}

void ProductSales::change(const Event& transaction, int sign) {
  const auto kind = transaction.choice(field::transactions::kKind, TransactionKind::kCancel);
  if (transaction.topic() != Topic::kTransactions || kind != TransactionKind::kSale) return;
  ItemReader<LineItem> lines = transaction.lines(field::transactions::kLines);
  for (LineItem line; lines.next(line);) add(line.product_id, transaction.time() / kWeek, sums_of(line, sign));
}

void ProductSales::add(std::string_view product, std::int64_t week, const ProductSums& sums) {
  auto found = products_.find(product);
  if (found == products_.end()) found = products_.emplace(product, Product()).first;
  Product& own = found->second;
  const auto place = own.weeks.try_emplace(week).first;
  place->second.add(sums);
  if (place->second == ProductSums()) own.weeks.erase(place);
  if (own == Product()) products_.erase(found);
}

void ProductSales::merge(const ProductSales& other) {
  for (const auto& [product, from] : other.products_) {
    for (const auto& [week, sums] : from.weeks) add(product, week, sums);
    if (from.first_week == kNoWeek) continue;
    Product& own = products_[product];
    own.first_week = std::min(own.first_week, from.first_week);
  }
}

void ProductSales::forget_before(Millis time) {
  const std::int64_t first_kept = time / kWeek;
  for (auto& [product, own] : products_) {
    if (!own.weeks.empty() && own.weeks.begin()->first < first_kept)
      own.first_week = std::min(own.first_week, own.weeks.begin()->first);
    own.weeks.erase(own.weeks.begin(), own.weeks.lower_bound(first_kept));
  }
}

std::size_t ProductSales::limit(std::size_t most) {
  if (products_.size() <= most) return 0;
  std::vector<std::pair<Nano, std::string_view>> by_value;
  for (const auto& [product, own] : products_) by_value.emplace_back(own.sum().value, product);
  std::sort(by_value.begin(), by_value.end());
  by_value.resize(products_.size() - most);
  const std::vector<std::pair<Nano, std::string>> gone(by_value.begin(), by_value.end());
  for (const auto& [value, product] : gone) products_.erase(product);
  return gone.size();
}

ProductSales ProductSales::only(std::string_view product) const {
  ProductSales sales;
  sales.products_.insert(*products_.find(product));
  return sales;
}

void ProductSales::encode(Encoder& out) const {
  out.varint(products_.size());
  for (const auto& [product, own] : products_) {
    out.text(product);
    out.zigzag(own.first_week);
    out.varint(own.weeks.size());
    for (const auto& [week, sums] : own.weeks) {
      out.zigzag(week);
      for (const std::int64_t count : {sums.lines, sums.costed_lines, sums.listed_lines}) out.zigzag(count);
      for (const Int128 sum : {sums.units, sums.value, sums.list_value, sums.discount, sums.margin}) out.zigzag128(sum);
    }
  }
}

bool ProductSales::decode(Decoder& in) {
  products_.clear();
  for (std::size_t left = in.count(3); left > 0 && in.ok(); --left) {
    Product& own = products_[std::string(in.text())];
    own.first_week = in.zigzag();
    for (std::size_t weeks = in.count(9); weeks > 0 && in.ok(); --weeks) {
      ProductSums& sums = own.weeks[in.zigzag()];
      for (std::int64_t* count : {&sums.lines, &sums.costed_lines, &sums.listed_lines}) *count = in.zigzag();
      for (Int128* sum : {&sums.units, &sums.value, &sums.list_value, &sums.discount, &sums.margin})
        *sum = in.zigzag128();
    }
  }
  return in.ok();
}

}  // namespace nudge::segments
