#include "operators/rfm/purchase_cells.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "engine/check.h"
#include "operators/rfm/log_bucket.h"

namespace nudge::rfm {
namespace {

constexpr int kOrdersBits = 3;
constexpr int kTimeBits = 2, kTimeBitsMore = 4;  // one more each time that x is four times as many
constexpr std::int64_t kAgeShare = 4;
constexpr std::int64_t kMinutesPerDay = kDay / kMinute;
constexpr double kMinutesPerUnit = static_cast<double>(kModelUnit / kMinute);

int time_bits(std::uint64_t x) {
  return kTimeBits + std::min((static_cast<int>(std::bit_width(x | 1)) - 1) / 2, kTimeBitsMore);
}

// The first day of the range that `day` lies in: the longest of 2^n days that begins at a multiple of its length and
// is at most a quarter as long as it lies back.
std::int64_t range_start(std::int64_t day, std::int64_t today) {
  std::int64_t start = day;
  for (int bits = 1;; ++bits) {
    const std::int64_t longer = std::int64_t{1} << bits, its_start = day >> bits << bits;
    if (longer * kAgeShare > today - (its_start + longer)) return start;
    start = its_start;
  }
}

std::uint64_t packed(std::uint32_t x, std::uint32_t t_x, std::int64_t day) {
  return static_cast<std::uint64_t>(x) << 48 | static_cast<std::uint64_t>(t_x) << 32 | static_cast<std::uint64_t>(day);
}
std::uint32_t x_bucket(std::uint64_t key) { return static_cast<std::uint32_t>(key >> 48); }
std::uint32_t t_x_bucket(std::uint64_t key) { return static_cast<std::uint32_t>(key >> 32 & 0xffff); }
std::int64_t first_day(std::uint64_t key) { return static_cast<std::int64_t>(key & 0xffff'ffff); }

// n·Σxy − Σx·Σy in integers, over n²: no digits cancel.
double covariance(std::int64_t n, Int128 products, std::int64_t x, std::int64_t y) {
  const auto count = static_cast<double>(n);
  return static_cast<double>(n * products - static_cast<Int128>(x) * y) / (count * count);
}

}  // namespace

void PurchaseCells::Cell::add(const Cell& other) {
  counts.add(other.counts);
  first += other.first;
  t_x += other.t_x;
  first_first += other.first_first;
  first_t_x += other.first_t_x;
  t_x_t_x += other.t_x_t_x;
}

void PurchaseCells::Cell::move_back(std::int64_t minutes) {
  first_first += 2 * static_cast<Int128>(minutes) * first + static_cast<Int128>(minutes) * minutes * counts.customers;
  first_t_x += static_cast<Int128>(minutes) * t_x;
  first += minutes * counts.customers;
}

PurchaseCells::Key PurchaseCells::key_of(std::uint64_t x, Millis t_x, Millis first_at) const {
  return packed(log_bucket(x, kOrdersBits), log_bucket(static_cast<std::uint64_t>(t_x / kDay), time_bits(x)),
                range_start(first_at / kDay, now_ / kDay));
}

void PurchaseCells::add(const Purchases& purchases, int sign) {
  const std::uint64_t x = purchases.orders - 1;
  const Millis t_x = purchases.last_at - purchases.first_at;
  const Key key = key_of(x, t_x, purchases.first_at);
  const auto count = static_cast<std::int64_t>(x);
  Cell one;
  one.counts = {sign, sign * count, static_cast<Int128>(sign * count) * count};
  const std::int64_t first = purchases.first_at / kMinute - first_day(key) * kMinutesPerDay, between = t_x / kMinute;
  one.first = sign * first;
  one.t_x = sign * between;
  one.first_first = static_cast<Int128>(one.first) * first;
  one.first_t_x = static_cast<Int128>(one.first) * between;
  one.t_x_t_x = static_cast<Int128>(one.t_x) * between;
  add_cell(key, one);
}

void PurchaseCells::add_cell(Key key, const Cell& cell) {
  const auto place = cells_.try_emplace(key).first;
  place->second.add(cell);
  if (place->second == Cell()) cells_.erase(place);
}

PurchaseCells::Key PurchaseCells::regrown(Key key, Cell& cell) const {
  const std::int64_t day = first_day(key), start = range_start(day, now_ / kDay);
  cell.move_back((day - start) * kMinutesPerDay);
  return packed(x_bucket(key), t_x_bucket(key), start);
}

void PurchaseCells::merge(const PurchaseCells& other) {
  advance(other.now_);
  for (auto [key, cell] : other.cells_) {
    const Key own = regrown(key, cell);
    add_cell(own, cell);
  }
}

void PurchaseCells::advance(Millis now) {
  const bool same_day = now / kDay <= now_ / kDay;
  now_ = std::max(now_, now);
  if (same_day) return;
  std::vector<std::pair<Key, Cell>> moved;
  absl::erase_if(cells_, [&](const auto& entry) {
    Cell cell = entry.second;
    const Key key = regrown(entry.first, cell);
    if (key == entry.first) return false;
    moved.emplace_back(key, cell);
    return true;
  });
  for (const auto& [key, cell] : moved) add_cell(key, cell);
}

std::int64_t PurchaseCells::customers() const {
  std::int64_t sum = 0;
  for (const auto& [key, cell] : cells_) sum += cell.counts.customers;
  return sum;
}

std::int64_t PurchaseCells::repeat_customers() const {
  std::int64_t sum = 0;
  for (const auto& [key, cell] : cells_)
    if (x_bucket(key) > 0) sum += cell.counts.customers;
  return sum;
}

std::vector<std::pair<PurchaseCells::Key, PurchaseCells::Cell>> PurchaseCells::sorted() const {
  std::vector<std::pair<Key, Cell>> cells(cells_.begin(), cells_.end());
  std::sort(cells.begin(), cells.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  return cells;
}

PurchaseSample PurchaseCells::sample(Millis as_of) const {
  PurchaseSample sample;
  CountMoments same_x;
  std::uint32_t bucket = 0;
  for (const auto& [key, cell] : sorted()) {
    const std::int64_t customers = cell.counts.customers;
    NUDGE_CHECK(customers > 0, "only customers who came have gone");
    if (x_bucket(key) != bucket) std::exchange(same_x, {}).append_to(sample.counts);
    bucket = x_bucket(key);
    same_x.add(cell.counts);

    const auto n = static_cast<double>(customers);
    const double x = static_cast<double>(cell.counts.x) / n, t_x = static_cast<double>(cell.t_x) / n;
    const double begun = static_cast<double>(first_day(key) * kMinutesPerDay) + static_cast<double>(cell.first) / n;
    const double T = static_cast<double>(as_of) / static_cast<double>(kMinute) - begun;
    const auto push = [&](double t_x_more, double T_more, double weight) {
      WeightedHistory history;
      history.x = x;
      history.t_x = std::max(0.0, t_x + t_x_more) / kMinutesPerUnit;
      history.T = std::max(0.0, T + T_more) / kMinutesPerUnit;
      history.weight = weight;
      sample.histories.push_back(history);
    };
    // The root of the covariance: along both times, and along T alone.
    const double spread = std::sqrt(covariance(customers, cell.t_x_t_x, cell.t_x, cell.t_x));
    const double slope = spread > 0 ? -covariance(customers, cell.first_t_x, cell.first, cell.t_x) / spread : 0;
    const double all = covariance(customers, cell.first_first, cell.first, cell.first);
    const double rest = all - slope * slope > 1e-9 * all ? std::sqrt(all - slope * slope) : 0;
    const double root = std::sqrt(2.0);
    if (spread > 0) {
      for (const double side : {-root, root}) push(side * spread, side * slope, n / 4);
    }
    if (rest > 0) {
      for (const double side : {-root, root}) push(0, side * rest, n / 4);
    }
    if (spread == 0 || rest == 0) push(0, 0, spread == 0 && rest == 0 ? n : n / 2);
  }
  same_x.append_to(sample.counts);
  return sample;
}

void PurchaseCells::encode(Encoder& out) const {
  out.zigzag(now_);
  out.varint(cells_.size());
  Key before = 0;
  for (const auto& [key, cell] : sorted()) {
    out.varint(key - before);
    before = key;
    for (const std::int64_t sum : {cell.counts.customers, cell.counts.x, cell.first, cell.t_x}) out.zigzag(sum);
    for (const Int128 sum : {cell.counts.x_x, cell.first_first, cell.first_t_x, cell.t_x_t_x}) out.zigzag128(sum);
  }
}

bool PurchaseCells::decode(Decoder& in) {
  now_ = in.zigzag();
  std::size_t left = in.count(9);
  cells_.reserve(left);
  Key key = 0;
  for (; left > 0; --left) {
    key += in.varint();
    Cell cell;
    for (std::int64_t* sum : {&cell.counts.customers, &cell.counts.x, &cell.first, &cell.t_x}) *sum = in.zigzag();
    for (Int128* sum : {&cell.counts.x_x, &cell.first_first, &cell.first_t_x, &cell.t_x_t_x}) *sum = in.zigzag128();
    if (!in.ok() || !cells_.emplace(key, cell).second) return false;
  }
  return in.ok();
}

bool PurchaseCells::operator==(const PurchaseCells& other) const {
  return now_ == other.now_ && cells_ == other.cells_;
}

}  // namespace nudge::rfm
