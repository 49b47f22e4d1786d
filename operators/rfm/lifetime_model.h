// The model `rfm.btyd` (in `models`: `btyd`): when customers order and stop, and what an order of theirs is worth.
#pragma once

#include <optional>
#include <string_view>

#include "operators/rfm/purchase_model.h"
#include "operators/rfm/purchases.h"
#include "operators/rfm/value_model.h"
#include "state/codec.h"

namespace nudge::rfm {

inline constexpr std::string_view kLifetimeName = "rfm.btyd";
inline constexpr Millis kModelUnit = kWeek;  // of the purchase model's times

// Of one customer, at some time.
struct Lifetime {
  double p_alive = 0;
  double expected_orders_90d = 0;
  std::optional<double> clv_365d;  // expected orders of 365 days times the expected value of one, before returns
};

struct LifetimeModel {
  PurchaseModel model = PurchaseModel::kMbgNbd;
  PurchaseParameters orders;             // times in kModelUnit
  std::optional<ValueParameters> value;  // in units of currency; nothing: too few repeat orders with a value

  // A time before the last order counts as that of the last order.
  Lifetime of(const Purchases& purchases, Millis as_of) const;

  void encode(Encoder& out) const;
  // Nothing where the bytes are none that encode() wrote.
  static std::optional<LifetimeModel> decode(std::string_view bytes);
  bool operator==(const LifetimeModel&) const = default;
};

// A model in use. Customers who order for the first time right now all have the same figures, and these are the
// dearest to compute; they are kept. For one thread.
class LifetimeFigures {
 public:
  explicit LifetimeFigures(const LifetimeModel& model) : model_(model) {}
  Lifetime of(const Purchases& purchases, Millis as_of);

 private:
  LifetimeModel model_;
  std::optional<Lifetime> new_customer_;
};

}  // namespace nudge::rfm
