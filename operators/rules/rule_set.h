// What the rule sets of every kind have in common: of which items rules are, and for whom they are looked for.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/operator.h"
#include "operators/rules/templates.h"

namespace nudge::rules {

inline constexpr std::size_t kRuleSetsMax = 16, kSegmentsMax = 64, kTemplatesMax = 32;

// For whom rules hold.
struct Segment {
  std::string name;
  std::string words;          // for readers: "women in big cities"
  std::string where;          // SQL over customers
  bool is_everybody = false;  // also visitors who are no customers
  std::uint8_t bit = 0;       // among all segments of the operator that are not everybody

  bool has(std::uint64_t segments) const { return is_everybody || (segments >> bit & 1) != 0; }
};

// The last multiple of a slide at or before a time.
Millis floor_to(Millis time, Millis slide);

struct Scope {
  std::string name;
  std::vector<std::string> items;
  std::vector<Segment> segments;
  std::vector<std::int64_t> price_levels;

  std::vector<Template> templates() const;
  bool uses(Attribute attribute) const;
  // Whether somebody is not everybody.
  bool has_segments() const;
};

// Of the members `name`, `items`, `for`, `words` and `price_levels`, which are checked. `bits` are taken so far.
Scope read_scope(const config::Value& rule_set, std::uint8_t& bits);

// Whether items of an operator's rule sets need the catalogue. The configuration may be wrong yet.
bool uses_catalogue(const config::Value& rule_sets);

// Checks those members of each rule set, and how many there are; `check_spans` the rest of one.
using CheckSpans = void (*)(const config::Value& rule_set, const OperatorSetup& setup,
                            std::vector<config::Problem>& problems);
void check_rule_sets(const OperatorSetup& setup, CheckSpans check_spans, std::vector<config::Problem>& problems);

}  // namespace nudge::rules
