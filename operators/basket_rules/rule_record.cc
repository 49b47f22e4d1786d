#include "operators/basket_rules/rule_record.h"

#include <algorithm>

#include <fmt/core.h>

#include "engine/portable_math.h"

namespace nudge::basket_rules {
namespace {

constexpr double kLogMost = 690;  // e-values beyond it are told as its exponential

std::string id_of(const RuleReport& report) {
  const RuleName& name = report.rule.name;
  return rule_id(report.set, report.set.segments[name.segment], name.antecedent, std::span(&name.consequent, 1));
}

void write_holdout(const Table& later, JsonWriter& json) {
  json.key("holdout");
  json.begin_object();
  json.member("n_antecedent", later.first);
  json.member("n_consequent", later.second);
  json.member("n_both", later.both);
  json.member("n_total", later.total);
  json.member("confidence", Rule::ratio(later.both, later.first));
  json.member("lift", Rule::lift_of(later));
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
  json.member("baskets", evidence.baskets());
  json.member("n_antecedent", evidence.antecedents());
  json.member("e_value", portable::exp(std::min(evidence.log_e(), kLogMost)));
  json.end_object();
}

}  // namespace

std::string sentence_of(const RuleSet& set, const Rule& rule, const ItemTable& items) {
  const std::string bought = words_of(rule.antecedent, items);
  const std::string& who = set.segments[rule.name.segment].words;
  if (rule.whole.first == 0) return fmt::format("{} buy {} no more", who, bought);
  return fmt::format("{} who buy {} also take {}: {:.1f} %; of all their baskets {:.1f} % have that", who, bought,
                     words_of(items.attributes(rule.consequent)), 100 * rule.confidence(),
                     100 * Rule::ratio(rule.whole.second, rule.whole.total));
}

PublishedRule published(const RuleReport& report) {
  const RuleName& name = report.rule.name;
  return {.id = id_of(report),
          .text = report.text,
          .segment = name.segment,
          .antecedent = name.antecedent,
          .consequent = name.consequent,
          .probability = report.rule.confidence(),
          .lift = report.rule.lift(),
          .windows = {}};
}

void write_rule(const RuleReport& report, Outputs& outputs) {
  const Rule& rule = report.rule;
  const std::span consequent(&rule.name.consequent, 1);
  const std::string id = id_of(report);
  JsonWriter json = outputs.begin(output::kRules, id, report.until);
  json.member("rule_id", id);
  json.member("kind", "basket");
  json.member("name", report.set.name);
  json.member("status", kStatusNames[static_cast<std::size_t>(report.status)]);
  json.member("segment", report.set.segments[rule.name.segment].name);
  write_texts(json, "antecedent", rule.name.antecedent);
  write_texts(json, "consequent", consequent);
  json.member("n_antecedent", rule.whole.first);
  json.member("n_consequent", rule.whole.second);
  json.member("n_both", rule.whole.both);
  json.member("n_total", rule.whole.total);
  json.member("support", rule.support());
  json.member("confidence", rule.confidence());
  json.member("lift", rule.lift());
  json.member("leverage", rule.leverage());
  json.member("conviction", rule.conviction());
  json.member("p_value", portable::exp(rule.log_p));
  json.member("q_value", portable::exp(rule.log_q));
  json.member("productive", rule.is_productive);
  json.member("redundant", rule.is_redundant);
  json.key("expected_support");
  json.number(rule.expected_both ? *rule.expected_both / static_cast<double>(rule.whole.total) : NAN);
  json.key("support_ratio");
  json.number(rule.expected_both ? static_cast<double>(rule.whole.both) / *rule.expected_both : NAN);
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

}  // namespace nudge::basket_rules
