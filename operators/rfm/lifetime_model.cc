#include "operators/rfm/lifetime_model.h"

#include <algorithm>
#include <array>

namespace nudge::rfm {
namespace {

constexpr double units(Millis duration) { return static_cast<double>(duration) / static_cast<double>(kModelUnit); }

}  // namespace

Lifetime LifetimeModel::of(const Purchases& purchases, Millis as_of) const {
  const auto repeats = static_cast<double>(purchases.orders - 1);
  const PurchaseHistory history{.x = repeats,
                                .t_x = units(purchases.last_at - purchases.first_at),
                                .T = units(std::max(as_of, purchases.last_at) - purchases.first_at)};
  Lifetime lifetime;
  lifetime.p_alive = rfm::p_alive(model, orders, history);
  lifetime.expected_orders_90d = lifetime.p_alive * orders_if_alive(model, orders, history, units(90 * kDay));
  if (!value) return lifetime;
  const auto worth = expected_value(*value, repeats, static_cast<double>(purchases.repeat_micro) / 1e6);
  if (worth) lifetime.clv_365d = lifetime.p_alive * orders_if_alive(model, orders, history, units(365 * kDay)) * *worth;
  return lifetime;
}

Lifetime LifetimeFigures::of(const Purchases& purchases, Millis as_of) {
  if (purchases.orders > 1 || as_of > purchases.first_at) return model_.of(purchases, as_of);
  if (!new_customer_) new_customer_ = model_.of(purchases, as_of);
  return *new_customer_;
}

void LifetimeModel::encode(Encoder& out) const {
  out.byte(static_cast<std::uint8_t>(model));
  for (const double one : {orders.r, orders.alpha, orders.a, orders.b}) out.real(one);
  out.boolean(value.has_value());
  if (value)
    for (const double one : {value->p, value->q, value->gamma}) out.real(one);
}

std::optional<LifetimeModel> LifetimeModel::decode(std::string_view bytes) {
  Decoder in(bytes);
  LifetimeModel own;
  const std::uint8_t model = in.byte();
  if (model >= std::size(kPurchaseModelNames)) return std::nullopt;
  own.model = static_cast<PurchaseModel>(model);
  for (double* one : {&own.orders.r, &own.orders.alpha, &own.orders.a, &own.orders.b}) *one = in.real();
  if (in.boolean()) {
    ValueParameters& value = own.value.emplace();
    for (double* one : {&value.p, &value.q, &value.gamma}) *one = in.real();
  }
  if (!in.ok() || !in.at_end()) return std::nullopt;
  return own;
}

}  // namespace nudge::rfm
