#include "operators/rules/evidence.h"

#include <algorithm>
#include <bit>

#include "engine/portable_math.h"

namespace nudge::rules {
namespace {

constexpr std::array kOdds{1.15, 1.35, 1.7, 2.5, 4.0, 8.0};

}  // namespace

std::size_t size_class(std::size_t items) {
  return std::min<std::size_t>(std::bit_width(items) < 2 ? 0 : std::bit_width(items) - 1, kSizeClasses - 1);
}

void Evidence::add(const Table& table) {
  baskets_ += table.total;
  add_rest(table);
}

void Evidence::add_rest(const Table& table) {
  antecedents_ += table.first;
  if (table.first > 0 && table.second > 0) weigh(table);
}

void Evidence::weigh(const Table& table) {
  static_assert(kOdds.size() == kOddsRatios);
  static const std::array<double, kOddsRatios> kLogOdds = [] {
    std::array<double, kOddsRatios> logs{};
    for (std::size_t i = 0; i < logs.size(); ++i) logs[i] = portable::log(kOdds[i]);
    return logs;
  }();
  for (std::size_t i = 0; i < logs_.size(); ++i) logs_[i] += log_likelihood_ratio(table, kLogOdds[i]);
}

double Evidence::log_e() const {
  const double most = *std::max_element(logs_.begin(), logs_.end());
  double sum = 0;
  for (const double each : logs_) sum += portable::exp(each - most);
  return most + portable::log(sum / static_cast<double>(kOddsRatios));
}

void Evidence::encode(Encoder& out) const {
  out.zigzag(since_);
  out.zigzag(until_);
  out.zigzag(baskets_);
  out.zigzag(antecedents_);
  for (const double each : logs_) out.real(each);
}

void Evidence::decode(Decoder& in) {
  since_ = in.zigzag();
  until_ = in.zigzag();
  baskets_ = in.zigzag();
  antecedents_ = in.zigzag();
  for (double& each : logs_) each = in.real();
}

}  // namespace nudge::rules
