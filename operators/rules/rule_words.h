// How records of rules say things, whatever the kind of rule.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/json_writer.h"
#include "operators/rules/item_table.h"
#include "operators/rules/rule_set.h"

namespace nudge::rules {

enum class RuleStatus : std::uint8_t { kCandidate, kValidated, kRejected, kExpired };  // in the order of kStatusNames
inline constexpr std::string_view kStatusNames[] = {"candidate", "validated", "rejected", "expired"};

// The same for the same rule, whatever the run.
std::string rule_id(const Scope& scope, const Segment& segment, std::span<const std::string> antecedent,
                    std::span<const std::string> consequent);
// "green coats of the brand north for women priced 100–300, without a discount".
std::string words_of(std::span<const std::pair<Attribute, std::string>> attributes);
// "boots, coats and hats".
std::string words_of(std::span<const Item> items, const ItemTable& table);
void write_texts(JsonWriter& json, std::string_view name, std::span<const std::string> texts);

}  // namespace nudge::rules
