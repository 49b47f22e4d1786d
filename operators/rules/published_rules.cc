#include "operators/rules/published_rules.h"

#include <fmt/core.h>

namespace nudge::rules {
namespace {

void encode_rule(const PublishedRule& rule, Encoder& out) {
  out.text(rule.id);
  out.text(rule.text);
  out.varint(rule.segment);
  out.varint(rule.antecedent.size());
  for (const std::string& item : rule.antecedent) out.text(item);
  out.text(rule.consequent);
  out.real(rule.probability);
  out.real(rule.lift);
  out.varint(rule.windows.size());
  for (const Window& window : rule.windows) {
    out.zigzag(window.from);
    out.zigzag(window.until);
    out.real(window.probability);
  }
}

PublishedRule decode_rule(Decoder& in) {
  PublishedRule rule;
  rule.id = in.text();
  rule.text = in.text();
  rule.segment = static_cast<std::uint32_t>(in.varint());
  for (std::size_t left = in.count(); left > 0; --left) rule.antecedent.emplace_back(in.text());
  rule.consequent = in.text();
  rule.probability = in.real();
  rule.lift = in.real();
  for (std::size_t left = in.count(10); left > 0; --left) {
    Window& window = rule.windows.emplace_back();
    window.from = in.zigzag();
    window.until = in.zigzag();
    window.probability = in.real();
  }
  return rule;
}

}  // namespace

std::string PublishedRules::model_name(std::string_view rule_set) { return fmt::format("{}.{}", kFamily, rule_set); }

std::string PublishedRules::encode() const {
  std::string bytes;
  Encoder out(bytes);
  out.boolean(is_sequence);
  out.zigzag(horizon);
  out.varint(segments.size());
  for (const std::string& where : segments) out.text(where);
  out.varint(rules.size());
  for (const PublishedRule& rule : rules) encode_rule(rule, out);
  return bytes;
}

std::optional<PublishedRules> PublishedRules::decode(std::string_view bytes) {
  Decoder in(bytes);
  PublishedRules published;
  published.is_sequence = in.boolean();
  published.horizon = in.zigzag();
  for (std::size_t left = in.count(); left > 0; --left) published.segments.emplace_back(in.text());
  for (std::size_t left = in.count(); left > 0 && in.ok(); --left) {
    PublishedRule& rule = published.rules.emplace_back(decode_rule(in));
    if (rule.segment >= published.segments.size() || rule.antecedent.empty()) in.fail();
  }
  return in.ok() && in.at_end() ? std::optional(std::move(published)) : std::nullopt;
}

PublishedRules published_rules_of(const Scope& scope) {
  PublishedRules published;
  for (const Segment& segment : scope.segments) published.segments.push_back(segment.where);
  return published;
}

}  // namespace nudge::rules
