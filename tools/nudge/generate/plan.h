// The planted truth in figures: what truth.json states and what the shop draws from.
#pragma once

#include <array>
#include <cstdint>

#include "engine/portable_math.h"
#include "engine/time.h"
#include "tools/nudge/generate/catalogue.h"
#include "tools/nudge/generate/options.h"
#include "tools/nudge/generate/random.h"

namespace nudge::generate {

struct BasketRule {
  static constexpr Category kAntecedent = Category::kShoes, kConsequent = Category::kCare;
  static constexpr double kConfidence = 0.175, kElsewhere = 0.03;
};

struct SequenceRule {
  static constexpr Category kAntecedent = Category::kCoats, kConsequent = Category::kBoots;
  static constexpr double kProbability = 0.07, kWithoutRule = 0.02, kPeakSdWeeks = 0.3;
  static constexpr std::int64_t kHorizonWeeks = 60;
  static constexpr std::array<int, 3> kPeaks = {16, 26, 52};
  static constexpr std::array<double, 3> kPeakShares = {.3, .3, .25};
  // Near the middle of a peak's week, or anywhere before the horizon.
  static double gap_weeks(Random& random);
};

// P(order in a session), a logistic in what happened in it.
struct SessionPurchase {
  static constexpr double kIntercept = -2.6, kCartAdds = 1.2, kProductViews = 0.1, kMobile = -0.5;
  static constexpr double kMeanCartAdds = 0.7, kMeanFurtherViews = 2.0, kMobileShare = 0.5;
  static double probability(int cart_adds, int product_views, bool mobile) {
    return portable::sigmoid(kIntercept + kCartAdds * cart_adds + kProductViews * product_views + kMobile * mobile);
  }
  static double mean_probability();
  static double mean_page_views();  // of a session, the thank-you page after a purchase included
};

// P(order with the campaign's code within the window) without and with the message. The gone never answer.
struct CampaignEffect {
  static constexpr double kIntercept = -2.2, kBigCity = 0.9, kYoung = 0.7, kWoman = 0.5, kPerOrder = 0.15;
  static constexpr int kOrdersMost = 8;
  static constexpr double kBandLow = 0.15, kBandHigh = 0.5, kEffect = 0.12, kControl = 0.5;
  static constexpr Millis kWindow = 7 * kDay, kFirst = 9 * kDay + 10 * kHour;
  static double without(const Segment& segment, int orders) {
    return portable::sigmoid(kIntercept + kBigCity * segment.big_city + kYoung * segment.young +
                             kWoman * segment.woman + kPerOrder * (orders < kOrdersMost ? orders : kOrdersMost));
  }
  static double with(double without) {
    return without >= kBandLow && without <= kBandHigh ? without + kEffect : without;
  }
};

// Units of the candle per order are Poisson with mean kUnits · (price / kReference)^kElasticity; a new price a week.
struct Demand {
  static constexpr double kElasticity = -2.0, kUnits = 0.1;
  static constexpr Micro kReference = 10'000'000;
  static constexpr std::array<Micro, 5> kPrices = {6'000'000, 8'000'000, 10'000'000, 12'000'000, 14'000'000};
  static Micro price(std::uint64_t seed, std::int64_t week);
  static double mean_units(Micro price);
};

}  // namespace nudge::generate
