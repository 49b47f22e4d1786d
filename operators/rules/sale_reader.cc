#include "operators/rules/sale_reader.h"

#include <algorithm>
#include <tuple>

namespace nudge::rules {

bool is_sale(const Event& transaction) {
  return transaction.topic() == Topic::kTransactions &&
         transaction.choice(field::transactions::kKind, TransactionKind::kCancel) == TransactionKind::kSale;
}

DiscountLevel discount_level(const LineItem& line) {
  if (!line.list_price && !line.discount) return DiscountLevel::kUnknown;
  const Nano value = product(line.quantity, line.unit_price);
  const Nano listed = line.list_price ? product(line.quantity, *line.list_price) : value + nano_of(*line.discount);
  const Nano discount = line.discount ? nano_of(*line.discount) : std::max<Nano>(listed - value, 0);
  if (discount == 0) return DiscountLevel::kNone;
  if (discount * 10 <= listed) return DiscountLevel::kUpTo10;
  if (discount * 5 <= listed) return DiscountLevel::kUpTo20;
  if (discount * 10 <= listed * 3) return DiscountLevel::kUpTo30;
  return DiscountLevel::kMore;
}

std::size_t read_lines(const Event& sale, bool with_discounts, std::vector<ToldLine>& lines) {
  const auto key = [](const ToldLine& line) { return std::tie(line.product, line.discount); };
  lines.clear();
  ItemReader<LineItem> items = sale.lines(field::transactions::kLines);
  for (LineItem item; items.next(item);)
    lines.push_back({item.product_id, with_discounts ? discount_level(item) : DiscountLevel::kUnknown});
  std::sort(lines.begin(), lines.end(), [&](const ToldLine& a, const ToldLine& b) { return key(a) < key(b); });
  lines.erase(
      std::unique(lines.begin(), lines.end(), [&](const ToldLine& a, const ToldLine& b) { return key(a) == key(b); }),
      lines.end());
  const std::size_t too_many = lines.size() > kLinesMax ? lines.size() - kLinesMax : 0;
  lines.resize(lines.size() - too_many);
  return too_many;
}

}  // namespace nudge::rules
