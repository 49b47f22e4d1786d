#include "operators/rules/rule_words.h"

#include <fmt/core.h>

#include "engine/hash.h"
#include "state/codec.h"

namespace nudge::rules {

std::string rule_id(const Scope& scope, const Segment& segment, std::span<const std::string> antecedent,
                    std::span<const std::string> consequent) {
  std::string bytes;
  Encoder out(bytes);
  for (const std::string& text : antecedent) out.text(text);
  out.text({});
  for (const std::string& text : consequent) out.text(text);
  return fmt::format("{}|{}|{:016x}", scope.name, segment.name, hash64(bytes));
}

// "green coats of the brand north for women priced 100–300, without a discount".
std::string words_of(std::span<const std::pair<Attribute, std::string>> attributes) {
  std::string noun, colour, rest;
  for (const auto& [attribute, value] : attributes) {
    switch (attribute) {
      case Attribute::kProductId:
        noun = "product " + value;
        break;
      case Attribute::kCategory:
        noun = value;
        break;
      case Attribute::kDepartment:
        if (noun.empty())
          noun = value;
        else
          rest += " of " + value;
        break;
      case Attribute::kAudience:
        rest += " for " + value;
        break;
      case Attribute::kBrand:
        rest += " of the brand " + value;
        break;
      case Attribute::kColour:
        colour = value + " ";
        break;
      case Attribute::kPriceLevel:
        rest += " priced " + value;
        break;
      case Attribute::kDiscountLevel:
        rest += value == name_of(DiscountLevel::kNone) ? " without a discount" : " with a discount of " + value;
        break;
    }
  }
  return colour + (noun.empty() ? "something" : noun) + rest;
}

std::string words_of(std::span<const Item> items, const ItemTable& table) {
  std::string words;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i > 0) words += i + 1 < items.size() ? ", " : " and ";
    words += words_of(table.attributes(items[i]));
  }
  return words;
}

void write_texts(JsonWriter& json, std::string_view name, std::span<const std::string> texts) {
  json.key(name);
  json.begin_array();
  for (const std::string& text : texts) json.text(text);
  json.end_array();
}

}  // namespace nudge::rules
