#include "tools/nudge/generate/truth.h"

#include <fmt/core.h>

#include <utility>

#include "engine/json_writer.h"

namespace nudge::generate {

namespace {

constexpr std::size_t kBufferBytes = 1 << 20;
constexpr int kDecimals = 6;

std::string real(double value) {
  std::string text;
  JsonWriter(text).fixed(value, kDecimals);
  return text;
}

}  // namespace

Truth::Truth(const std::filesystem::path& path, const GenerateOptions& options)
    : options_(options), path_(path.string()), file_(path_.empty() ? nullptr : std::fopen(path_.c_str(), "wb")) {
  failed_ = !file_ && !path_.empty();
  buffer_ = fmt::format("{{\"seed\":{},\"start\":{},\"end\":{},\"null\":{},\"separated\":{}", options.seed,
                        options.start, options.start + options.weeks * kWeek, options.null_rules, options.separated);
  begin("outcomes");
  buffer_ += '[';
}

Truth::~Truth() {
  if (file_) std::fclose(file_);
}

void Truth::begin(std::string_view name) { buffer_ += fmt::format(",\n\"{}\":", name); }

void Truth::flush() {
  if (file_ && std::fwrite(buffer_.data(), 1, buffer_.size(), file_) != buffer_.size()) failed_ = true;
  buffer_.clear();
}

void Truth::outcome(std::uint64_t customer, std::int64_t campaign, Millis time, const Outcome& outcome) {
  buffer_ += std::exchange(first_outcome_, false) ? "\n" : ",\n";
  buffer_ +=
      fmt::format(R"({{"customer":"{}","campaign":"k{}","time":{},"treated":{},"p0":{},"p1":{},"y0":{:d},"y1":{:d}}})",
                  customer_id(customer), campaign, time, outcome.treated, real(outcome.p0), real(outcome.p1),
                  outcome.y0, outcome.y1);
  if (buffer_.size() > kBufferBytes) flush();
}

Status Truth::finish(const Population& population, const Arrivals& arrivals) {
  buffer_ += ']';
  write_plan();
  write_segments();
  write_counts(arrivals);
  if (options_.list_customers) write_customers(population);
  buffer_ += "}\n";
  flush();
  if (file_ && std::fclose(std::exchange(file_, nullptr)) != 0) failed_ = true;
  return failed_ ? Status::io(path_ + ": cannot be written") : Status::ok();
}

void Truth::write_plan() {
  begin("orders");
  buffer_ +=
      "\"Poisson while alive: store orders and sessions; follow-ups of the sequence rule and answers to campaigns "
      "come on top\"";
  begin("lifetime");
  buffer_ += fmt::format(R"({{"distribution":"exponential","mean_weeks":{}}})",
                         options_.separated ? "null" : real(options_.mean_lifetime_weeks));
  begin("session_purchase");
  buffer_ += fmt::format(R"x({{"formula":"1/(1+exp(-(intercept + cart_adds*a + product_views*v + mobile*m)))",)x"
                         R"x("coefficients":{{"intercept":{},"cart_adds":{},"product_views":{},"mobile":{}}}}})x",
                         real(SessionPurchase::kIntercept), real(SessionPurchase::kCartAdds),
                         real(SessionPurchase::kProductViews), real(SessionPurchase::kMobile));
  begin("campaign");
  buffer_ += fmt::format(
      R"x({{"p0":"1/(1+exp(-(intercept + big_city + young + woman + per_order*min(orders,{})))); )x"
      R"x(0 once the customer is gone",)x"
      R"x("coefficients":{{"intercept":{},"big_city":{},"young":{},"woman":{},"per_order":{}}},)x"
      R"x("p1":"p0 + effect where band[0] <= p0 <= band[1], else p0","effect":{},"band":[{},{}],"control":{},)x"
      R"x("outcome":"an order with the campaign's id within the window","window_days":{}}})x",
      CampaignEffect::kOrdersMost, real(CampaignEffect::kIntercept), real(CampaignEffect::kBigCity),
      real(CampaignEffect::kYoung), real(CampaignEffect::kWoman), real(CampaignEffect::kPerOrder),
      real(CampaignEffect::kEffect), real(CampaignEffect::kBandLow), real(CampaignEffect::kBandHigh),
      real(CampaignEffect::kControl), CampaignEffect::kWindow / kDay);
  begin("demand");
  buffer_ +=
      fmt::format(R"x({{"product":"{}","formula":"units per order ~ Poisson(units * (price/reference)^elasticity)",)x"
                  R"x("elasticity":{},)x"
                  R"x("units":{},"reference":{},"prices_by_week":[)x",
                  kCandle, real(Demand::kElasticity), real(Demand::kUnits), Demand::kReference / 1'000'000);
  for (std::int64_t week = 0; week < options_.weeks; ++week)
    buffer_ += fmt::format("{}{}", week == 0 ? "" : ",", Demand::price(options_.seed, week) / 1'000'000);
  buffer_ += "]}";
  if (options_.null_rules) return;
  const Segment segment = Segment::of(0);
  NUDGE_CHECK(segment.has_basket_rule(), "the first segment has the basket rule");
  begin("basket_rule");
  buffer_ += fmt::format(
      R"({{"antecedent":"{}","consequent":"{}","confidence":{},"elsewhere":{},"segment":"{}","where":"{}"}})",
      name_of(BasketRule::kAntecedent), name_of(BasketRule::kConsequent), real(BasketRule::kConfidence),
      real(BasketRule::kElsewhere), segment.name(), segment.where());
  begin("sequence_rule");
  buffer_ += fmt::format(
      R"({{"antecedent":"{}","consequent":"{}","probability":{},"horizon_weeks":{},"peaks":[{}],"peak_shares":[{}],)"
      R"("peak_sd_weeks":{}}})",
      name_of(SequenceRule::kAntecedent), name_of(SequenceRule::kConsequent), real(SequenceRule::kProbability),
      SequenceRule::kHorizonWeeks,
      fmt::format("{},{},{}", SequenceRule::kPeaks[0], SequenceRule::kPeaks[1], SequenceRule::kPeaks[2]),
      fmt::format("{},{},{}", real(SequenceRule::kPeakShares[0]), real(SequenceRule::kPeakShares[1]),
                  real(SequenceRule::kPeakShares[2])),
      real(SequenceRule::kPeakSdWeeks));
}

void Truth::write_segments() {
  begin("segments");
  buffer_ += '[';
  for (int i = 0; i < kSegments; ++i) {
    const Segment segment = Segment::of(static_cast<std::uint64_t>(i));
    buffer_ += fmt::format(R"({}{{"name":"{}","where":"{}","price_level":"{}","discount":{}}})", i == 0 ? "" : ",\n",
                           segment.name(), segment.where(), segment.price_level() == PriceLevel::kLow ? "low" : "high",
                           real(segment.discount_percent() / 100.0));
  }
  buffer_ += ']';
  if (!options_.separated) return;
  begin("separated_by");
  buffer_ += R"({"features":["orders","mean_order_value","discount_share"],"within_segment_sds":6})";
}

void Truth::write_counts(const Arrivals& arrivals) {
  begin("topics");
  buffer_ += '{';
  for (std::size_t i = 0; i < kTopicCount; ++i) {
    const PlantedCounts& counts = arrivals.counts(static_cast<Topic>(i));
    buffer_ += fmt::format(R"({}"{}":{{"records":{},"duplicates":{},"malformed":{},"late":{},"disordered":{}}})",
                           i == 0 ? "" : ",\n", kTopicNames[i], counts.records, counts.duplicates, counts.malformed,
                           counts.late, counts.disordered);
  }
  buffer_ += '}';
}

void Truth::write_customers(const Population& population) {
  begin("customers");
  buffer_ += '{';
  for (std::int64_t i = 0; i < options_.customers; ++i) {
    const Traits traits = population.traits(static_cast<std::uint64_t>(i));
    const std::string lifetime =
        traits.gone == kNever ? "null" : real(static_cast<double>(traits.gone - traits.joined) / kWeek);
    buffer_ += fmt::format(R"({}"{}":{{"segment":"{}","joined":{},"lifetime_weeks":{},"pace":{},)"
                           R"("visits_per_week":{},"store_orders_per_week":{}}})",
                           i == 0 ? "\n" : ",\n", customer_id(traits.number), traits.segment.name(), traits.joined,
                           lifetime, real(traits.pace), real(traits.online_per_week), real(traits.store_per_week));
    if (buffer_.size() > kBufferBytes) flush();
  }
  buffer_ += '}';
}

}  // namespace nudge::generate
