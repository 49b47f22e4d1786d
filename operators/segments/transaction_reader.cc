#include "operators/segments/transaction_reader.h"

#include <array>
#include <limits>
#include <optional>

namespace nudge::segments {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

enum Place : std::size_t {
  kValue,
  kItems,
  kLines,
  kMeanPrice,
  kDiscountShare,
  kOnline,
  kTimeOfDay,
  kWeekday,
  kCategoryCount,
  kPlaces
};

constexpr Column kFeatures[] = {
    {"value", ValueType::kReal, "currency", "value of the order"},
    {"items", ValueType::kReal, "units", "units in the order"},
    {"lines", ValueType::kInteger, "count", "lines of the order"},
    {"mean_price", ValueType::kReal, "currency", "mean price of a unit"},
    {"discount_share", ValueType::kReal, "share", "share of the list value given as discount"},
    {"online", ValueType::kReal, "share", "share of orders made online"},
    {"hour", ValueType::kReal, "hour", "hour of the day (UTC)"},
    {"weekday", ValueType::kInteger, "day", "day of the week, Monday being 0"},
    {kCategories, ValueType::kInteger, "count", "categories in the order"},
};
static_assert(std::size(kFeatures) == kPlaces);

struct Sums {
  Nano value = 0, list_value = 0, discount = 0, margin = 0;
  std::int64_t lines = 0, costed_lines = 0;
  Milli items = 0;
};

// A list price follows from a discount and the other way round; a discount is never below 0.
Sums sums_of(const Event& sale) {
  Sums sums;
  ItemReader<LineItem> lines = sale.lines(field::transactions::kLines);
  for (LineItem line; lines.next(line);) {
    ++sums.lines;
    sums.items += line.quantity;
    const Nano value = product(line.quantity, line.unit_price);
    sums.value += value;
    if (line.list_price || line.discount) {
      const Nano listed = line.list_price ? product(line.quantity, *line.list_price) : value + nano_of(*line.discount);
      sums.list_value += listed;
      sums.discount += line.discount ? nano_of(*line.discount) : listed > value ? listed - value : 0;
    }
    if (line.unit_cost) {
      ++sums.costed_lines;
      sums.margin += value - product(line.quantity, *line.unit_cost);
    }
  }
  return sums;
}

std::array<double, kPlaces> figures_of(const Event& sale, const Sums& sums, CategoryCount categories) {
  std::array<double, kPlaces> figures;
  const double items = static_cast<double>(sums.items) / 1e3;
  figures[kValue] = as_double(sums.value);
  figures[kItems] = items;
  figures[kLines] = static_cast<double>(sums.lines);
  figures[kMeanPrice] = items > 0 ? as_double(sums.value) / items : kNaN;
  figures[kDiscountShare] = sums.list_value > 0 ? as_double(sums.discount) / as_double(sums.list_value) : kNaN;
  const std::optional<std::int64_t> channel = sale.number(field::transactions::kChannel);
  figures[kOnline] = channel ? static_cast<SaleChannel>(*channel) == SaleChannel::kOnline : kNaN;
  figures[kTimeOfDay] = static_cast<double>(sale.time() % kDay) / static_cast<double>(kHour);
  figures[kWeekday] = static_cast<double>((sale.time() / kDay + 3) % 7);  // 1970-01-01 was a Thursday
  figures[kCategoryCount] = categories.known() ? static_cast<double>(*categories.known()) : kNaN;
  return figures;
}

}  // namespace

std::span<const Column> transaction_features() { return kFeatures; }

TransactionReader::TransactionReader(const Segmentation& segmentation)
    : segmentation_(segmentation), y_(segmentation.features.size()) {
  for (const Feature& feature : segmentation.features)
    places_.push_back(static_cast<std::size_t>(feature.column.column - kFeatures));
}

bool TransactionReader::read(const Event& transaction, CategoryCount categories, Point& point) {
  const auto kind = transaction.choice(field::transactions::kKind, TransactionKind::kCancel);
  if (transaction.topic() != Topic::kTransactions || kind != TransactionKind::kSale) return false;
  const Sums sums = sums_of(transaction);
  const std::array<double, kPlaces> figures = figures_of(transaction, sums, categories);
  point.y.resize(y_.size());
  for (std::size_t j = 0; j < y_.size(); ++j) {
    y_[j] = transformed(segmentation_.features[j].transform, figures[places_[j]]);
    point.y[j] = to_fixed(y_[j]);
  }
  point.value = sums.value;
  point.has_margin = sums.costed_lines > 0;
  point.margin = point.has_margin ? sums.margin : 0;
  return true;
}

}  // namespace nudge::segments
