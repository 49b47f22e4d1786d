#include "operators/segments/spending.h"

#include <algorithm>

#include "engine/hash.h"

namespace nudge::segments {
namespace {

bool is_sale(const Event& event) {
  return event.topic() == Topic::kTransactions &&
         event.choice(field::transactions::kKind, TransactionKind::kCancel) == TransactionKind::kSale;
}

std::uint64_t hash_of(const Event& sale) { return hash64(sale.text(field::transactions::kTransactionId)); }

std::optional<double> share_of(Nano part, Nano whole) {
  return whole > 0 ? std::optional(as_double(part) / as_double(whole)) : std::nullopt;
}

}  // namespace

void Spending::add_prices(const Event& sale, int sign) {
  ItemReader<LineItem> lines = sale.lines(field::transactions::kLines);
  for (LineItem line; lines.next(line);) {
    if (!line.list_price && !line.discount) continue;
    const Nano value = product(line.quantity, line.unit_price);
    const bool is_reduced =
        line.discount ? nano_of(*line.discount) > 0 : product(line.quantity, *line.list_price) > value;
    listed_ += sign * value;
    if (!is_reduced) at_list_price_ += sign * value;
  }
}

void Spending::apply(const Event& sale, const std::optional<NewProducts>& known) {
  if (!is_sale(sale)) return;
  add_prices(sale, 1);
  if (!known) return;
  Judged judged{hash_of(sale)};
  ItemReader<LineItem> lines = sale.lines(field::transactions::kLines);
  for (LineItem line; lines.next(line);) {
    const Nano value = product(line.quantity, line.unit_price);
    judged.value += value;
    if (known->holds(line.product_id)) judged.fresh += value;
  }
  judged_ += judged.value;
  fresh_ += judged.fresh;
  if (sales_.size() == kJudgedMost) {
    sales_.erase(sales_.begin());
    forgot_ = true;
  }
  sales_.push_back(judged);
}

bool Spending::retract(const Event& sale) {
  if (!is_sale(sale)) return true;
  add_prices(sale, -1);
  const std::uint64_t hash = hash_of(sale);
  const auto found =
      std::find_if(sales_.begin(), sales_.end(), [&](const Judged& each) { return each.transaction == hash; });
  if (found == sales_.end()) return !forgot_;
  judged_ -= found->value;
  fresh_ -= found->fresh;
  sales_.erase(found);
  return true;
}

std::optional<double> Spending::list_price_share() const { return share_of(at_list_price_, listed_); }
std::optional<double> Spending::new_share() const { return share_of(fresh_, judged_); }

void Spending::encode(Encoder& out) const {
  for (const Nano sum : {listed_, at_list_price_, judged_, fresh_}) out.zigzag128(sum);
  out.boolean(forgot_);
  out.varint(sales_.size());
  for (const Judged& each : sales_) {
    out.fixed64(each.transaction);
    out.zigzag128(each.value);
    out.zigzag128(each.fresh);
  }
}

bool Spending::decode(Decoder& in) {
  for (Nano* sum : {&listed_, &at_list_price_, &judged_, &fresh_}) *sum = in.zigzag128();
  forgot_ = in.boolean();
  sales_.resize(in.count(10));
  for (Judged& each : sales_) {
    each.transaction = in.fixed64();
    each.value = in.zigzag128();
    each.fresh = in.zigzag128();
  }
  return in.ok();
}

}  // namespace nudge::segments
