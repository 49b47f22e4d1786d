#include "operators/rfm/columns.h"

#include "operators/rfm/section.h"

namespace nudge::rfm {
namespace {

constexpr ColumnUse kBoth = ColumnUse::kSql | ColumnUse::kCustomerFeature;
constexpr ValueType kInteger = ValueType::kInteger, kReal = ValueType::kReal, kText = ValueType::kText;

// A customer without a section has no order: its counts and sums are zero, its quotients unknown.
const RfmSection& nothing() {
  static const RfmSection none{};
  return none;
}
const RfmSection& of(const Section* section) { return section ? static_cast<const RfmSection&>(*section) : nothing(); }
const OrderHistory& history_of(const Section* section) { return of(section).history(); }
bool has_orders(const Section* section) { return of(section).orders() > 0; }

Value known(const std::optional<double>& value) { return value ? Value(*value) : Value(); }
Value count(std::uint64_t value) { return static_cast<std::int64_t>(value); }
Value money(Nano value) { return as_double(value); }
Value days(Millis duration) { return static_cast<double>(duration) / static_cast<double>(kDay); }

template <int kDays>
Value orders_within(const Section* section, Millis now) {
  return count(history_of(section).count_after(now - kDays * kDay));
}
template <int kDays>
Value spend_within(const Section* section, Millis now) {
  return history_of(section).value_after(now - kDays * kDay);
}
template <std::uint8_t Classes::*kClass>
Value class_of(const Section* section, Millis) {
  const auto& classes = of(section).classes();
  return classes ? count((*classes).*kClass) : Value();
}

Value overdue(const Section* section, Millis now) {
  const auto mean = history_of(section).interval_mean_days();
  if (!mean || *mean == 0) return {};
  return static_cast<double>(now - history_of(section).last()) / static_cast<double>(kDay) / *mean;
}

constexpr Column kColumns[] = {
    {"recency_days", kReal, "days", "days since the last order", kBoth,
     [](const Section* s, Millis now) { return has_orders(s) ? days(now - history_of(s).last()) : Value(); }},
    {"orders", kInteger, "count", "orders", kBoth, [](const Section* s, Millis) { return count(of(s).orders()); }},
    {"items", kReal, "units", "units bought", kBoth,
     [](const Section* s, Millis) { return Value(static_cast<double>(of(s).items_milli()) / 1e3); }},
    {"gross", kReal, "currency", "value of all sales", kBoth,
     [](const Section* s, Millis) { return money(of(s).gross()); }},
    {"net", kReal, "currency", "value of all sales less returns", kBoth,
     [](const Section* s, Millis) { return money(of(s).net()); }, true},
    {"returns_net", kReal, "currency", "value of all returns", kBoth,
     [](const Section* s, Millis) { return money(of(s).returns_net()); }},
    {"margin", kReal, "currency", "margin of the lines with a known cost", kBoth,
     [](const Section* s, Millis) { return of(s).margin() ? money(*of(s).margin()) : Value(); }, true},
    {"mean_order_value", kReal, "currency", "mean value of an order", kBoth,
     [](const Section* s, Millis) { return known(of(s).mean_order_value()); }},
    {"interval_mean_days", kReal, "days", "mean days between orders", kBoth,
     [](const Section* s, Millis) { return known(history_of(s).interval_mean_days()); }},
    {"interval_sd_days", kReal, "days", "deviation of the days between orders", kBoth,
     [](const Section* s, Millis) { return known(history_of(s).interval_deviation_days()); }},
    {"discount_share", kReal, "share", "share of the list value given as discount", kBoth,
     [](const Section* s, Millis) { return known(of(s).discount_share()); }},
    {"online_share", kReal, "share", "share of orders made online", kBoth,
     [](const Section* s, Millis) { return known(of(s).online_share()); }},
    {"return_rate", kReal, "share", "share of units returned", kBoth,
     [](const Section* s, Millis) { return known(of(s).return_rate()); }},
    {"tenure_days", kReal, "days", "days since the first order", kBoth,
     [](const Section* s, Millis now) { return has_orders(s) ? days(now - history_of(s).first()) : Value(); }},
    {"overdue", kReal, "ratio", "days since the last order, in mean intervals", kBoth, overdue},
    {"last_interval_days", kReal, "days", "days between the last two orders", kBoth,
     [](const Section* s, Millis) { return known(history_of(s).last_interval_days()); }},
    {"last_order_value", kReal, "currency", "value of the last order", kBoth,
     [](const Section* s, Millis) {
       return has_orders(s) ? Value(static_cast<double>(history_of(s).last_value()) / 1e6) : Value();
     }},
    {"orders_30d", kInteger, "count", "orders in the last 30 days", kBoth, orders_within<30>},
    {"orders_60d", kInteger, "count", "orders in the last 60 days", kBoth, orders_within<60>},
    {"orders_90d", kInteger, "count", "orders in the last 90 days", kBoth, orders_within<90>},
    {"orders_180d", kInteger, "count", "orders in the last 180 days", kBoth, orders_within<180>},
    {"orders_365d", kInteger, "count", "orders in the last 365 days", kBoth, orders_within<365>},
    {"spend_30d", kReal, "currency", "value of orders in the last 30 days", kBoth, spend_within<30>},
    {"spend_90d", kReal, "currency", "value of orders in the last 90 days", kBoth, spend_within<90>},
    {"spend_365d", kReal, "currency", "value of orders in the last 365 days", kBoth, spend_within<365>},
    {"r", kInteger, "class", "class of recency", ColumnUse::kSql, class_of<&Classes::r>},
    {"f", kInteger, "class", "class of frequency", ColumnUse::kSql, class_of<&Classes::f>},
    {"m", kInteger, "class", "class of value", ColumnUse::kSql, class_of<&Classes::m>},
    {"first_order_at", kText, "time", "time of the first order", ColumnUse::kSql,
     [](const Section* s, Millis) { return has_orders(s) ? time_value(history_of(s).first()) : Value(); }},
    {"last_order_at", kText, "time", "time of the last order", ColumnUse::kSql,
     [](const Section* s, Millis) { return has_orders(s) ? time_value(history_of(s).last()) : Value(); }},
    {"last_order_at_ms", kInteger, "milliseconds", "time of the last order", ColumnUse::kNone,
     [](const Section* s, Millis) { return has_orders(s) ? Value(history_of(s).last()) : Value(); }},
};

}  // namespace

std::span<const Column> columns() { return kColumns; }
FeatureReader features() { return read_features<kColumns>; }

}  // namespace nudge::rfm
