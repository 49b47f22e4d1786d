#include "operators/rules/templates.h"

#include <algorithm>

#include <fmt/core.h>

namespace nudge::rules {

Result<Template> Template::parse(std::string_view text) {
  Template made;
  Part part;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '}') return Status::config("a } without its {");
    if (text[i] != '{') {
      part.before.push_back(text[i]);
      continue;
    }
    const std::size_t end = text.find('}', i);
    if (end == std::string_view::npos) return Status::config("a { without its }");
    const std::string_view name = text.substr(i + 1, end - i - 1);
    const auto found = std::find(std::begin(kAttributeNames), std::end(kAttributeNames), name);
    if (found == std::end(kAttributeNames)) return Status::config(fmt::format("no attribute \"{}\"", name));
    part.attribute = static_cast<Attribute>(found - std::begin(kAttributeNames));
    made.attributes_ |= 1u << static_cast<int>(*part.attribute);
    made.parts_.push_back(std::move(part));
    part = {};
    i = end;
  }
  if (made.attributes_ == 0) return Status::config("names no attribute");
  made.parts_.push_back(std::move(part));
  return made;
}

bool Template::render(const Values& values, std::string& item) const {
  item.clear();
  for (const Part& part : parts_) {
    item += part.before;
    if (!part.attribute) break;
    const std::string_view value = values[static_cast<std::size_t>(*part.attribute)];
    if (value.empty()) return false;
    item += value;
  }
  return true;
}

PriceLevels::PriceLevels(std::span<const std::int64_t> bounds) : bounds_(bounds.begin(), bounds.end()) {
  for (std::size_t i = 0; i < bounds_.size(); ++i)
    names_.push_back(i == 0 ? fmt::format("≤{}", bounds_[0]) : fmt::format("{}–{}", bounds_[i - 1], bounds_[i]));
  names_.push_back(bounds_.empty() ? "any" : fmt::format(">{}", bounds_.back()));
}

std::string_view PriceLevels::of(Micro price) const {
  std::size_t level = 0;
  while (level < bounds_.size() && price > bounds_[level] * 1'000'000) ++level;
  return names_[level];
}

std::string_view name_of(DiscountLevel level) {
  constexpr std::string_view kNames[] = {"", "none", "≤10 %", "≤20 %", "≤30 %", ">30 %"};
  return kNames[static_cast<std::size_t>(level)];
}

}  // namespace nudge::rules
