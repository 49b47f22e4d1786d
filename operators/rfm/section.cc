#include "operators/rfm/section.h"

#include <algorithm>

namespace nudge::rfm {
namespace {

namespace transactions = field::transactions;

std::optional<double> quotient(Int128 part, Int128 whole) {
  if (whole == 0) return std::nullopt;
  return static_cast<double>(part) / static_cast<double>(whole);
}

Micro to_micro(Nano value) {
  const Nano micro = value / 1000;
  return static_cast<Micro>(std::min<Nano>(micro, std::numeric_limits<Micro>::max()));
}

}  // namespace

std::optional<Standing> RfmSection::standing() const {
  if (orders() == 0) return std::nullopt;
  return Standing{history_.last(), orders(), net()};
}

// Where the first order is not kept, its value is taken to be the mean: it is one of many thousands.
std::optional<Purchases> RfmSection::purchases() const {
  if (orders() == 0) return std::nullopt;
  const Int128 gross_micro = gross_ / 1000;
  const auto known = history_.first_value();
  const Int128 first = known ? *known : gross_micro / static_cast<std::int64_t>(orders());
  return Purchases{orders(), history_.first(), history_.last(), orders() == 1 ? 0 : gross_micro - first};
}

std::optional<Nano> RfmSection::margin() const {
  if (costed_lines_ == 0) return std::nullopt;
  return margin_;
}

std::optional<double> RfmSection::mean_order_value() const {
  if (orders() == 0) return std::nullopt;
  return as_double(gross_) / static_cast<double>(orders());
}

std::optional<double> RfmSection::discount_share() const { return quotient(discounts_, list_value_); }
std::optional<double> RfmSection::online_share() const { return quotient(online_orders_, channel_orders_); }
std::optional<double> RfmSection::return_rate() const { return quotient(returned_items_, items_); }

bool RfmSection::change(const Event& transaction, int sign) {
  if (!change_) change_ = std::make_unique<Change>(Change{standing(), purchases(), false});
  const auto kind = transaction.choice(transactions::kKind, TransactionKind::kCancel);
  NUDGE_CHECK(kind != TransactionKind::kCancel, "a fact is a sale or a return");
  const bool sale = kind == TransactionKind::kSale;

  Int128 items = 0;
  Nano paid = 0, margin = 0;
  LineItem line;
  for (auto lines = transaction.lines(transactions::kLines); lines.next(line);) {
    const Nano line_paid = product(line.quantity, line.unit_price);
    items += line.quantity;
    paid += line_paid;
    if (line.unit_cost) {
      margin += product(line.quantity, line.unit_price - *line.unit_cost);
      costed_lines_ += sign;
    }
    if (!sale || (!line.list_price && !line.discount)) continue;
    const Nano listed =
        line.list_price ? product(line.quantity, *line.list_price) : line_paid + nano_of(*line.discount);
    list_value_ += sign * listed;
    discounts_ += sign * (line.discount ? nano_of(*line.discount) : std::max<Nano>(0, listed - line_paid));
  }

  margin_ += sale ? sign * margin : -sign * margin;
  if (!sale) {
    returned_items_ += sign * items;
    returns_net_ += sign * paid;
    return true;
  }
  items_ += sign * items;
  gross_ += sign * paid;
  if (const auto channel = transaction.number(transactions::kChannel)) {
    channel_orders_ += sign;
    if (static_cast<SaleChannel>(*channel) == SaleChannel::kOnline) online_orders_ += sign;
  }
  const Order order{transaction.time(), to_micro(paid)};
  return sign > 0 ? history_.add(order) : history_.remove(order);
}

RfmSection::Change RfmSection::take_change() {
  Change change = *change_;
  change_.reset();
  change.is_new = orders() > 0 && !ever_ordered_;
  ever_ordered_ |= change.is_new;
  return change;
}

void RfmSection::encode(Encoder& out) const {
  history_.encode(out);
  out.zigzag(records_);
  for (const Int128 sum : {items_, returned_items_, gross_, returns_net_, margin_, discounts_, list_value_})
    out.zigzag128(sum);
  for (const std::int64_t count : {costed_lines_, online_orders_, channel_orders_}) out.zigzag(count);
  out.boolean(ever_ordered_);
  out.boolean(classes_.has_value());
  if (classes_)
    for (const std::uint8_t one : {classes_->r, classes_->f, classes_->m}) out.byte(one);
}

std::unique_ptr<Section> RfmSection::decode(std::uint32_t version, std::string_view bytes) {
  if (version != kVersion) return nullptr;
  auto section = std::make_unique<RfmSection>();
  RfmSection& own = *section;
  Decoder in(bytes);
  if (!own.history_.decode(in)) return nullptr;
  own.records_ = in.zigzag();
  for (Int128* sum : {&own.items_, &own.returned_items_, &own.gross_, &own.returns_net_, &own.margin_, &own.discounts_,
                      &own.list_value_})
    *sum = in.zigzag128();
  for (std::int64_t* count : {&own.costed_lines_, &own.online_orders_, &own.channel_orders_}) *count = in.zigzag();
  own.ever_ordered_ = in.boolean();
  if (in.boolean()) {
    Classes classes;
    for (std::uint8_t* one : {&classes.r, &classes.f, &classes.m}) *one = in.byte();
    own.classes_ = classes;
  }
  if (!in.ok() || !in.at_end()) return nullptr;
  return section;
}

}  // namespace nudge::rfm
