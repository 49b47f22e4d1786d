#include "operators/rfm/value_cells.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "engine/check.h"
#include "engine/portable_math.h"
#include "operators/rfm/log_bucket.h"

namespace nudge::rfm {
namespace {

constexpr int kOrdersBits = 3;
constexpr int kLogBits = 24, kBucketBits = kLogBits - 3;  // an eighth
constexpr double kLogScale = 1 << kLogBits;
constexpr double kMicroPerUnit = 1e6;

}  // namespace

void ValueCells::Cell::add(const Cell& other) {
  counts.add(other.counts);
  log += other.log;
  log_log += other.log_log;
}

void ValueCells::add(const Purchases& purchases, int sign) {
  if (purchases.orders < 2 || purchases.repeat_micro <= 0) return;
  const auto x = static_cast<std::int64_t>(purchases.orders - 1);
  const auto log = static_cast<std::int64_t>(
      std::floor(portable::log(static_cast<double>(purchases.repeat_micro)) * kLogScale + 0.5));
  Cell one;
  one.counts = {sign, sign * x, static_cast<Int128>(sign * x) * x};
  one.log = sign * log;
  one.log_log = one.log * log;
  add_cell(static_cast<Key>(log_bucket(purchases.orders - 1, kOrdersBits)) << 32 | static_cast<Key>(log >> kBucketBits),
           one);
}

void ValueCells::add_cell(Key key, const Cell& cell) {
  const auto place = cells_.try_emplace(key).first;
  place->second.add(cell);
  if (place->second == Cell()) cells_.erase(place);
}

void ValueCells::merge(const ValueCells& other) {
  for (const auto& [key, cell] : other.cells_) add_cell(key, cell);
}

std::int64_t ValueCells::customers() const {
  std::int64_t sum = 0;
  for (const auto& [key, cell] : cells_) sum += cell.counts.customers;
  return sum;
}

std::vector<std::pair<ValueCells::Key, ValueCells::Cell>> ValueCells::sorted() const {
  std::vector<std::pair<Key, Cell>> cells(cells_.begin(), cells_.end());
  std::sort(cells.begin(), cells.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  return cells;
}

ValueSample ValueCells::sample() const {
  ValueSample sample;
  CountMoments same_x;
  Key bucket = 0;
  for (const auto& [key, cell] : sorted()) {
    const std::int64_t customers = cell.counts.customers;
    NUDGE_CHECK(customers > 0, "only customers who came have gone");
    if (key >> 32 != bucket) std::exchange(same_x, {}).append_to(sample.counts);
    bucket = key >> 32;
    same_x.add(cell.counts);
    const auto n = static_cast<double>(customers);
    const double x = static_cast<double>(cell.counts.x) / n;
    const double mean = static_cast<double>(cell.log) / n / kLogScale - portable::log(kMicroPerUnit);
    const Int128 spread = customers * cell.log_log - cell.log * cell.log;
    if (spread == 0) {
      sample.values.push_back({x, mean, n});
      continue;
    }
    const double deviation = std::sqrt(static_cast<double>(spread)) / n / kLogScale;
    for (const double side : {-1, 1}) sample.values.push_back({x, mean + side * deviation, n / 2});
  }
  same_x.append_to(sample.counts);
  return sample;
}

void ValueCells::encode(Encoder& out) const {
  out.varint(cells_.size());
  Key before = 0;
  for (const auto& [key, cell] : sorted()) {
    out.varint(key - before);
    before = key;
    out.zigzag(cell.counts.customers);
    out.zigzag(cell.counts.x);
    for (const Int128 sum : {cell.counts.x_x, cell.log, cell.log_log}) out.zigzag128(sum);
  }
}

bool ValueCells::decode(Decoder& in) {
  std::size_t left = in.count(6);
  cells_.reserve(left);
  Key key = 0;
  for (; left > 0; --left) {
    key += in.varint();
    Cell cell;
    cell.counts.customers = in.zigzag();
    cell.counts.x = in.zigzag();
    for (Int128* sum : {&cell.counts.x_x, &cell.log, &cell.log_log}) *sum = in.zigzag128();
    if (!in.ok() || !cells_.emplace(key, cell).second) return false;
  }
  return in.ok();
}

}  // namespace nudge::rfm
