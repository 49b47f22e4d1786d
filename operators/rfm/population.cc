#include "operators/rfm/population.h"

#include <algorithm>
#include <vector>

namespace nudge::rfm {
namespace {

std::uint64_t rank_of(std::size_t cut, std::uint64_t n) { return (n * (cut + 1) + kCuts) / (kCuts + 1); }

template <typename Number>
void cut_exactly(std::vector<Number>& values, std::array<Number, kCuts>& cuts) {
  std::sort(values.begin(), values.end());
  for (std::size_t cut = 0; cut < kCuts; ++cut) cuts[cut] = values[rank_of(cut, values.size()) - 1];
}

CutPoints cut_exactly(const std::map<std::uint64_t, Standing>& customers) {
  std::vector<Millis> last_order_at;
  std::vector<std::int64_t> orders;
  std::vector<Nano> net;
  for (const auto& [customer, standing] : customers) {
    last_order_at.push_back(standing.last_order_at);
    orders.push_back(static_cast<std::int64_t>(standing.orders));
    net.push_back(standing.net);
  }
  CutPoints points;
  cut_exactly(last_order_at, points.last_order_at);
  cut_exactly(orders, points.orders);
  cut_exactly(net, points.net);
  return points;
}

}  // namespace

void Population::replace(std::uint64_t customer, const std::optional<Standing>& before,
                         const std::optional<Standing>& after, bool is_new) {
  if (is_new && ++ever_ == kExactMax + 1) exact_.clear();
  if (before == after) return;
  if (before) {
    last_order_hours_.remove(before->last_order_at / kHour);
    orders_.remove(static_cast<Int128>(before->orders));
    net_.remove(before->net);
  }
  if (after) {
    last_order_hours_.add(after->last_order_at / kHour);
    orders_.add(static_cast<Int128>(after->orders));
    net_.add(after->net);
  }
  if (ever_ > kExactMax) return;
  if (after) {
    exact_.insert_or_assign(customer, *after);
  } else {
    exact_.erase(customer);
  }
}

void Population::merge(const Population& other) {
  ever_ += other.ever_;
  last_order_hours_.merge(other.last_order_hours_);
  orders_.merge(other.orders_);
  net_.merge(other.net_);
  if (ever_ > kExactMax) {
    exact_.clear();
  } else {
    exact_.insert(other.exact_.begin(), other.exact_.end());
  }
}

std::optional<CutPoints> Population::cut_points() const {
  if (total() == 0) return std::nullopt;
  // Sizes differ only where two ids have one hash.
  if (ever_ <= kExactMax && exact_.size() == total()) return cut_exactly(exact_);
  CutPoints points;
  for (std::size_t cut = 0; cut < kCuts; ++cut) {
    const std::uint64_t rank = rank_of(cut, total());
    // The end of a bucket, so that no value in it counts as above the cut: equal values stay in one class.
    points.last_order_at[cut] = (last_order_hours_.at_rank(rank) + 1) * kHour - 1;
    points.orders[cut] = static_cast<std::int64_t>(orders_.at_rank(rank));
    points.net[cut] = net_.at_rank(rank);
  }
  return points;
}

void Population::encode(Encoder& out) const {
  out.varint(ever_);
  last_order_hours_.encode(out);
  orders_.encode(out);
  net_.encode(out);
  out.varint(exact_.size());
  for (const auto& [customer, standing] : exact_) {
    out.fixed64(customer);
    out.zigzag(standing.last_order_at);
    out.varint(standing.orders);
    out.zigzag128(standing.net);
  }
}

bool Population::decode(Decoder& in) {
  ever_ = in.varint();
  if (!last_order_hours_.decode(in) || !orders_.decode(in) || !net_.decode(in)) return false;
  const std::size_t customers = in.count(11);
  for (std::size_t i = 0; i < customers; ++i) {
    const std::uint64_t customer = in.fixed64();
    Standing standing;
    standing.last_order_at = in.zigzag();
    standing.orders = in.varint();
    standing.net = in.zigzag128();
    exact_.emplace_hint(exact_.end(), customer, standing);
  }
  return in.ok();
}

}  // namespace nudge::rfm
