#include "operators/recommendations/record.h"

#include <fmt/core.h>

namespace nudge::recommendations {
namespace {

constexpr int kDecimals = 6;

JsonWriter begin(const RecordPlace& place, std::string_view kind, const ItemFacts& item, Outputs& outputs) {
  JsonWriter json = outputs.begin(output::kRecommendations, place.customer_id, place.event_time);
  json.member("customer_id", place.customer_id);
  json.member("kind", kind);
  json.member("product_segment", item.text);
  json.key("product_ids");
  json.begin_array();
  for (const std::string& product : item.products) json.text(product);
  json.end_array();
  return json;
}

void write_rule_id(const rules::PublishedRule* rule, JsonWriter& json) {
  if (rule)
    json.member("rule_id", rule->id);
  else
    json.member_null("rule_id");
}

void write_terms(const RecordPlace& place, Millis after, Millis before, double probability,
                 std::optional<double> margin, JsonWriter& json) {
  json.member_time("send_after", after);
  json.member_time("send_before", before);
  if (place.channel.empty())
    json.member_null("channel");
  else
    json.member("channel", place.channel);
  json.member_fixed("expected_probability", probability, kDecimals);
  if (margin)
    json.member_fixed("expected_margin", *margin, kDecimals);
  else
    json.member_null("expected_margin");
}

void write_reason(std::string_view kind, std::string_view text, JsonWriter& json) {
  json.begin_object();
  json.member("kind", kind);
  json.member("text", text);
  json.end_object();
}

// "8 days"
std::string days_text(Millis span) {
  const auto days = static_cast<std::int64_t>((span + kDay / 2) / kDay);
  return fmt::format("{} {}", days, days == 1 ? "day" : "days");
}

void write_reasons(const RecordPlace& place, const Recommendation& recommendation, std::int64_t purchases,
                   JsonWriter& json) {
  const Candidate& candidate = *recommendation.candidate;
  json.key("reasons");
  json.begin_array();
  if (candidate.bought > 0)
    write_reason("repeat",
                 fmt::format("in {} of {} purchases, last {} ago", candidate.bought, purchases,
                             days_text(place.event_time - candidate.last)),
                 json);
  if (candidate.basket_rule) write_reason("basket_rule", candidate.basket_rule->text, json);
  if (candidate.sequence_rule) write_reason("sequence_rule", candidate.sequence_rule->text, json);
  if (recommendation.goes_with)
    write_reason("goes_with", fmt::format("often bought by who buys {}", recommendation.goes_with->text), json);
  json.end_array();
}

}  // namespace

void write_recommendation(const RecordPlace& place, const Recommendation& recommendation, std::size_t rank,
                          std::int64_t purchases, Outputs& outputs) {
  const Candidate& candidate = *recommendation.candidate;
  JsonWriter json = begin(place, "next", place.model.items[candidate.item], outputs);
  json.member("rank", static_cast<std::uint64_t>(rank));
  write_rule_id(candidate.basket_rule ? candidate.basket_rule : candidate.sequence_rule, json);
  write_terms(place, recommendation.send_after, recommendation.send_before, candidate.probability,
              recommendation.margin, json);
  write_reasons(place, recommendation, purchases, json);
  outputs.end(json, output::kRecommendations);
}

void write_reminder(const RecordPlace& place, const Reminder& reminder, Outputs& outputs) {
  const ItemFacts& item = place.model.items[reminder.item];
  JsonWriter json = begin(place, "reminder", item, outputs);
  write_rule_id(reminder.rule, json);
  const auto margin =
      item.margin ? std::optional(reminder.probability * static_cast<double>(*item.margin) / 1e6) : std::nullopt;
  write_terms(place, reminder.at, reminder.until, reminder.probability, margin, json);
  json.key("reasons");
  json.begin_array();
  if (reminder.rule)
    write_reason("sequence_rule", reminder.rule->text, json);
  else
    write_reason("rhythm",
                 fmt::format("bought {} times, every {} on average, last {} ago", reminder.bought,
                             days_text(reminder.mean_gap), days_text(reminder.at - reminder.last)),
                 json);
  json.end_array();
  outputs.end(json, output::kRecommendations);
}

}  // namespace nudge::recommendations
