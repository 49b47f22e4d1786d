#include "operators/sequence_rules/rule_record.h"

#include <algorithm>
#include <cmath>

#include <fmt/core.h>

#include "engine/portable_math.h"

namespace nudge::sequence_rules {
namespace {

constexpr double kLogMost = 690;  // e-values beyond it are told as its exponential

struct Unit {
  Millis length;
  std::string_view letter, one, many;
};
constexpr Unit kUnits[] = {{kWeek, "w", "week", "weeks"},     {kDay, "d", "day", "days"},
                           {kHour, "h", "hour", "hours"},     {kMinute, "m", "minute", "minutes"},
                           {1'000, "s", "second", "seconds"}, {1, "ms", "millisecond", "milliseconds"}};

// The greatest of which it is a multiple.
const Unit& unit_of(Millis span) {
  return *std::find_if(std::begin(kUnits), std::end(kUnits), [&](const Unit& unit) { return span % unit.length == 0; });
}

// "60 weeks"
std::string span_text(Millis span) {
  const Unit& unit = unit_of(span);
  const Millis count = span / unit.length;
  return fmt::format("{} {}", count, count == 1 ? unit.one : unit.many);
}

double ratio(double part, double whole) { return part / whole; }
double ratio(std::int64_t part, std::int64_t whole) {
  return ratio(static_cast<double>(part), static_cast<double>(whole));
}

std::string id_of(const RuleReport& report) {
  const RuleName& name = report.rule.name;
  return rule_id(report.set, report.set.segments[name.segment], name.antecedent, name.consequent);
}

void write_integers(JsonWriter& json, std::string_view name, const std::vector<std::int64_t>& values) {
  json.key(name);
  json.begin_array();
  for (const std::int64_t value : values) json.number(value);
  json.end_array();
}

void write_peaks(const Rule& rule, bool confirmed, JsonWriter& json) {
  json.begin_array();
  for (const Peak& peak : rule.peaks) {
    if (peak.is_confirmed != confirmed) continue;
    std::int64_t events = 0;
    for (std::size_t bin = peak.from; bin < peak.until; ++bin) events += rule.whole.events[bin];
    json.begin_object();
    json.member("at", static_cast<std::uint64_t>(peak.at));
    json.member("from", static_cast<std::uint64_t>(peak.from));
    json.member("until", static_cast<std::uint64_t>(peak.until));
    json.member("share", ratio(events, rule.whole.ended));
    json.member("q_value", portable::exp(peak.log_q));
    json.end_object();
  }
  json.end_array();
}

void write_gap(const RuleSet& set, const Rule& rule, JsonWriter& json) {
  const Unit& unit = unit_of(set.bin);
  json.key("gap");
  json.begin_object();
  json.member("unit", fmt::format("{}{}", set.bin / unit.length, unit.letter));
  json.key("bins");
  json.begin_array();
  for (std::size_t bin = 0; bin < rule.whole.events.size(); ++bin) json.number(static_cast<std::int64_t>(bin));
  json.end_array();
  write_integers(json, "at_risk", rule.whole.at_risk);
  write_integers(json, "events", rule.whole.events);
  json.key("hazard");
  json.begin_array();
  for (std::size_t bin = 0; bin < rule.whole.events.size(); ++bin)
    json.number(rule.whole.at_risk[bin] > 0 ? rule.whole.hazard(bin) : NAN);
  json.end_array();
  json.key("peaks");
  write_peaks(rule, true, json);
  json.key("unconfirmed_peaks");
  write_peaks(rule, false, json);
  json.end_object();
}

void write_holdout(const Followed& later, JsonWriter& json) {
  json.key("holdout");
  json.begin_object();
  json.member("n_antecedent", later.met);
  json.member("n_both", later.events);
  json.member("expected", later.expected);
  json.member("confidence", ratio(later.events, later.met));
  json.member("lift", later.lift());
  json.end_object();
}

// Which stages the rule has passed, and by what.
void write_test(const RuleReport& report, JsonWriter& json) {
  json.key("test");
  if (!report.evidence) return json.null();
  const Evidence& evidence = *report.evidence;
  json.begin_object();
  json.member_time("after", evidence.since());
  json.member_time("until", evidence.until());
  json.member("purchases", evidence.baskets());
  json.member("n_antecedent", evidence.antecedents());
  json.member("e_value", portable::exp(std::min(evidence.log_e(), kLogMost)));
  json.end_object();
}

}  // namespace

std::string sentence_of(const RuleSet& set, const Rule& rule, const ItemTable& items) {
  const std::string& who = set.segments[rule.name.segment].words;
  const std::string bought = words_of(rule.antecedent, items);
  if (rule.whole.spells == 0) return fmt::format("{} buy {} no more", who, bought);
  const bool is_again = rule.antecedent == rule.consequent;
  const std::string then = is_again ? "such again" : words_of(rule.consequent, items) + " later";
  std::string text = fmt::format("{} who buy {} buy {} within {} with {:.1f} %", who, bought, then,
                                 span_text(set.horizon), 100 * rule.whole.probability());
  if (rule.whole.expected > 0)
    text += fmt::format(", {:.1f} times as often as chance", Followed::of(rule.whole).lift());
  std::string when;
  for (const Peak& peak : rule.peaks)
    if (peak.is_confirmed) when += (when.empty() ? "" : ", ") + span_text(static_cast<Millis>(peak.at) * set.bin);
  return when.empty() ? text : text + "; most after " + when;
}

PublishedRule published(const RuleReport& report) {
  const Rule& rule = report.rule;
  const Millis bin = report.set.bin;
  PublishedRule told{.id = id_of(report),
                     .text = report.text,
                     .segment = rule.name.segment,
                     .antecedent = rule.name.antecedent,
                     .consequent = rule.name.consequent.front(),
                     .probability = rule.whole.probability(),
                     .lift = Followed::of(rule.whole).lift(),
                     .windows = {}};
  for (const Peak& peak : rule.peaks) {
    if (!peak.is_confirmed) continue;
    double none = 1;
    for (std::size_t each = peak.from; each < peak.until; ++each) none *= 1 - rule.whole.hazard(each);
    told.windows.push_back({static_cast<Millis>(peak.from) * bin, static_cast<Millis>(peak.until) * bin, 1 - none});
  }
  return told;
}

void write_rule(const RuleReport& report, Outputs& outputs) {
  const Rule& rule = report.rule;
  const GapFigures& whole = rule.whole;
  const Segment& segment = report.set.segments[rule.name.segment];
  const std::string id = id_of(report);
  const auto spells = static_cast<double>(whole.spells), ended = static_cast<double>(whole.ended);
  JsonWriter json = outputs.begin(output::kRules, id, report.until);
  json.member("rule_id", id);
  json.member("kind", "sequence");
  json.member("name", report.set.name);
  json.member("status", kStatusNames[static_cast<std::size_t>(report.status)]);
  json.member("segment", segment.name);
  write_texts(json, "antecedent", rule.name.antecedent);
  write_texts(json, "consequent", rule.name.consequent);
  json.member("n_antecedent", whole.spells);
  json.member("n_both", whole.ended);
  json.member("n_total", rule.purchases);
  json.member("support", ratio(whole.ended, rule.purchases));
  json.member("confidence", ratio(whole.ended, whole.spells));
  json.member("expected", whole.expected);
  json.member("lift", Followed::of(whole).lift());
  if (rule.name.antecedent.size() > 1) json.member("lift_of_parts", rule.lift_of_parts);
  json.member("leverage", ratio(ended - whole.expected, static_cast<double>(rule.purchases)));
  json.member("conviction", ratio(spells - whole.expected, spells - ended));
  json.member("p_value", portable::exp(rule.log_p));
  json.member("q_value", portable::exp(rule.log_q));
  json.member("probability", whole.spells > 0 ? whole.probability() : NAN);
  write_gap(report.set, rule, json);
  write_holdout(rule.later, json);
  json.member("holds", report.holds_later);
  write_test(report, json);
  json.key("window");
  json.begin_object();
  json.member_time("from", report.until - report.set.window);
  json.member_time("until", report.until);
  json.end_object();
  json.member("text", report.text);
  outputs.end(json, output::kRules);
}

}  // namespace nudge::sequence_rules
