#include "tools/nudge/generate/population.h"

#include <fmt/core.h>

#include <algorithm>
#include <numeric>

namespace nudge::generate {

namespace {

constexpr double kPaceShape = 8;
constexpr double kSecondDeviceLinked = 0.5, kEmail = 0.7, kSms = 0.4, kVideo = 0.6;
constexpr int kYearNow = 2024;
// With so many orders the spread of a customer's figures is a sixth of what parts the segments, or less.
constexpr double kSeparatedOrders = 120, kSeparatedFactor = 4;

// A step through all customers that is prime to their number, so that ranks are scattered over the segments.
std::uint64_t scattering_step(std::uint64_t customers) {
  std::uint64_t step = 2'654'435'761 % customers;
  while (std::gcd(std::max<std::uint64_t>(step, 1), customers) != 1) ++step;
  return std::max<std::uint64_t>(step, 1);
}

}  // namespace

Population::Population(const GenerateOptions& options)
    : options_(options), end_(options.start + options.weeks * kWeek), store_(options.store_orders) {
  if (options.page_views_per_order) {
    const double orders_per_session =
        SessionPurchase::mean_page_views() / *options.page_views_per_order - SessionPurchase::mean_probability();
    store_.big = options.online_visits.big * std::max(orders_per_session, 0.0);
    store_.small = options.online_visits.small * std::max(orders_per_session, 0.0);
  }
  if (options.separated) {
    store_.small = kSeparatedOrders / static_cast<double>(options.weeks);
    store_.big = kSeparatedFactor * store_.small;
  }
  if (options.activity == Activity::kZipf) {
    double sum = 0;
    for (std::int64_t rank = 1; rank <= options.customers; ++rank)
      sum += portable::pow(static_cast<double>(rank), -options.zipf_exponent);
    zipf_mean_ = sum / static_cast<double>(options.customers);
  }
}

double Population::zipf_weight(std::uint64_t customer) const {
  const auto customers = static_cast<std::uint64_t>(options_.customers);
  const std::uint64_t rank = customer * scattering_step(customers) % customers + 1;
  return portable::pow(static_cast<double>(rank), -options_.zipf_exponent) / zipf_mean_;
}

Traits Population::traits(std::uint64_t customer) const {
  Random random(mix(mix(options_.seed, 0x7a), customer));
  Traits traits{.number = customer, .segment = Segment::of(customer)};
  const double span = static_cast<double>(options_.weeks * kWeek);
  traits.joined = options_.start + static_cast<Millis>(random.unit() * options_.joining * span);
  const double lifetime_weeks = random.exponential(options_.mean_lifetime_weeks);
  traits.gone =
      lifetime_weeks * kWeek < 4 * span ? traits.joined + static_cast<Millis>(lifetime_weeks * kWeek) : kNever;
  traits.links_second_device = random.chance(kSecondDeviceLinked);
  traits.consents_email = random.chance(kEmail);
  traits.consents_sms = random.chance(kSms);
  traits.consents_video = random.chance(kVideo);
  const int age = static_cast<int>(traits.segment.young ? random.between(18, 39) : random.between(40, 79));
  traits.birth_year = kYearNow - age;
  if (options_.separated) {
    traits.joined = options_.start;
    traits.gone = kNever;
  } else if (options_.activity == Activity::kZipf) {
    traits.pace = zipf_weight(customer);
  } else if (options_.activity == Activity::kVaried) {
    traits.pace = random.gamma(kPaceShape) / kPaceShape;
  }
  const bool big = traits.segment.big_city;
  traits.online_per_week = traits.pace * (big ? options_.online_visits.big : options_.online_visits.small);
  traits.store_per_week = traits.pace * (big ? store_.big : store_.small);
  return traits;
}

std::string customer_id(std::uint64_t customer) { return fmt::format("c{:07}", customer); }

}  // namespace nudge::generate
