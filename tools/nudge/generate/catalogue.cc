#include "tools/nudge/generate/catalogue.h"

namespace nudge::generate {

std::string Product::id() const {
  if (category == Category::kCandles) return std::string(kCandle);
  std::string id(name_of(category));
  id += level == PriceLevel::kLow ? "-low-" : "-high-";
  id += static_cast<char>('0' + number);
  return id;
}

std::string_view department_of(Category category) {
  switch (category) {
    case Category::kBelts:
    case Category::kBags:
    case Category::kSocks:
    case Category::kCare:
      return "accessories";
    case Category::kCandles:
      return "home";
    default:
      return "clothes";
  }
}

std::string Segment::name() const {
  std::string name(woman ? "women" : "men");
  name += big_city ? "_big" : "_small";
  return name + (young ? "_young" : "_old");
}

std::string Segment::where() const {
  std::string text = "gender = '";
  text.append(gender()).append("' and city_size = '").append(city_size()).append("' and age_band = '");
  return text.append(age_band()).append("'");
}

}  // namespace nudge::generate
