// The validated rules of one rule set, as a model: for operators that apply rules to customers.
//
// It is named kFamily and the rule set, `rules.baskets`; who reads it says so in OperatorSpec::adopts.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/time.h"
#include "operators/rules/rule_set.h"
#include "state/codec.h"

namespace nudge::rules {

// Since the antecedent was bought: when the consequent follows more often than before and after.
struct Window {
  Millis from = 0, until = 0;
  double probability = 0;  // of who has not bought it before, that it is bought in the window
};

struct PublishedRule {
  std::string id, text;
  std::uint32_t segment = 0;  // its place
  std::vector<std::string> antecedent;
  std::string consequent;
  double probability = 0;  // of the consequent, in the same purchase or within the horizon
  double lift = 0;
  std::vector<Window> windows;  // sequence rules only; rising
};

struct PublishedRules {
  static constexpr std::string_view kFamily = "rules";

  bool is_sequence = false;
  Millis horizon = 0;                 // sequence rules only
  std::vector<std::string> segments;  // SQL over customers
  std::vector<PublishedRule> rules;

  static std::string model_name(std::string_view rule_set);
  std::string encode() const;
  // Nothing where the bytes are none that encode() wrote.
  static std::optional<PublishedRules> decode(std::string_view bytes);
};

// Of one rule set, without rules.
PublishedRules published_rules_of(const Scope& scope);

}  // namespace nudge::rules
