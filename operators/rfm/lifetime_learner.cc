#include "operators/rfm/lifetime_learner.h"

#include "engine/check.h"
#include "operators/rfm/purchase_fit.h"
#include "operators/rfm/value_fit.h"

namespace nudge::rfm {
namespace {

constexpr std::string_view kRecordName = "btyd";

}  // namespace

void LifetimeLearner::learn(Millis epoch_end, bool last, GlobalContext& context) {
  cells_.purchases.advance(epoch_end);
  learn_from_all(epoch_end, last, context);
  cells_ = LifetimeCells();
}

// From one epoch to the next the best parameters move a little; now and then, and at the end, it is made sure that
// they are still the best of all.
void LifetimeLearner::learn_from_all(Millis epoch_end, bool last, GlobalContext& context) {
  const std::int64_t repeat_customers = cells_.purchases.repeat_customers();
  if (repeat_customers < kRepeatCustomersLeast) return;
  const bool anew = last || !published_ || repeat_customers >= 2 * searched_at_;
  auto found = fit(epoch_end, anew);
  if (!found && !anew) found = fit(epoch_end, true);
  if (!found) return;
  if (anew) searched_at_ = repeat_customers;
  published_ = found;
  ++version_;
  write_model(epoch_end, repeat_customers, context);
  std::string bytes;
  Encoder encoder(bytes);
  published_->encode(encoder);
  context.publish(std::string(kLifetimeName), version_, epoch_end, std::move(bytes));
}

std::optional<LifetimeModel> LifetimeLearner::fit(Millis epoch_end, bool anew) const {
  std::optional<PurchaseParameters> orders_near;
  std::optional<ValueParameters> value_near;
  if (!anew) {
    orders_near = published_->orders;
    value_near = published_->value;
  }
  const auto orders = fit_purchases(model_, cells_.purchases.sample(epoch_end), orders_near);
  if (!orders) return std::nullopt;
  LifetimeModel model{.model = model_, .orders = orders->parameters, .value = {}};
  if (cells_.values.customers() >= kRepeatCustomersLeast) model.value = fit_values(cells_.values.sample(), value_near);
  return model;
}

void LifetimeLearner::write_model(Millis epoch_end, std::int64_t repeat_customers, GlobalContext& context) const {
  JsonWriter json = context.outputs().begin(output::kModels, kRecordName, epoch_end);
  json.member("name", kRecordName);
  json.member("version", version_);
  json.member_time("valid_from", context.valid_from());
  json.member_time("trained_until", epoch_end);
  json.member("model", kPurchaseModelNames[static_cast<std::size_t>(model_)]);
  json.member("unit", "7d");
  json.member("r", published_->orders.r);
  json.member("alpha", published_->orders.alpha);
  json.member("a", published_->orders.a);
  json.member("b", published_->orders.b);
  const auto value = [&](std::string_view name, double ValueParameters::*one) {
    published_->value ? json.member(name, *published_->value.*one) : json.member_null(name);
  };
  value("p", &ValueParameters::p);
  value("q", &ValueParameters::q);
  value("gamma", &ValueParameters::gamma);
  json.member("customers", cells_.purchases.customers());
  json.member("repeat_customers", repeat_customers);
  context.outputs().end(json, output::kModels);
}

void LifetimeLearner::encode(Encoder& out) const {
  cells_.encode(out);
  out.zigzag(version_);
  std::string bytes;
  if (published_) {
    Encoder encoder(bytes);
    published_->encode(encoder);
  }
  out.text(bytes);
  out.zigzag(searched_at_);
}

void LifetimeLearner::decode(Decoder& in) {
  if (!cells_.decode(in)) in.fail();
  version_ = in.zigzag();
  const std::string_view bytes = in.text();
  published_ = LifetimeModel::decode(bytes);
  if (!bytes.empty() && !published_) in.fail();
  searched_at_ = in.zigzag();
}

}  // namespace nudge::rfm
