#include "operators/segments/description.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

namespace nudge::segments {
namespace {

// Below this many deviations from everybody's mean a feature is as usual.
constexpr double kUsual = 0.35, kVery = 1.5;
constexpr std::size_t kNameFeatures = 2;

std::vector<double> mean_of_all(const Centres& centres, const std::vector<std::int64_t>& sizes, std::size_t without) {
  std::vector<double> mean(centres.dimensions);
  double weight = 0;
  for (std::size_t i = 0; i < centres.size(); ++i) {
    if (i == without) continue;
    const double n = static_cast<double>(sizes[i]);
    weight += n;
    for (std::size_t j = 0; j < mean.size(); ++j) mean[j] += n * centres.row(i)[j];
  }
  for (double& each : mean) each = weight > 0 ? each / weight : 0;
  return mean;
}

std::string words_of(const Distinction& distinction, const Feature& feature) {
  const Column& column = *feature.column.column;
  const bool is_counted = column.unit == "days" || column.unit == "count" || column.unit == "units";
  const double deviations = distinction.z / std::sqrt(feature.weight);
  std::string words = std::abs(deviations) > kVery ? "very " : "";
  words.append(deviations > 0 ? is_counted ? "many" : "high" : is_counted ? "few" : "low");
  std::string_view what = column.meaning.empty() ? column.name : column.meaning;
  constexpr std::string_view kMean = "mean ";
  if (is_counted && what.starts_with(kMean)) what.remove_prefix(kMean.size());  // few days between orders
  return words.append(" ").append(what);
}

// Rounding leaves traces of what is nothing.
std::string number(double value) { return fmt::format("{:.3g}", std::abs(value) < 1e-9 ? 0.0 : value); }

bool is_unusual(const Distinction& distinction, const Feature& feature) {
  return std::abs(distinction.z) / std::sqrt(feature.weight) >= kUsual;
}

std::string name_of(const Description& description, const std::vector<Feature>& features, std::size_t most) {
  std::string name;
  std::size_t used = 0;
  for (const Distinction& each : description.distinctions) {
    if (used == most || !is_unusual(each, features[each.feature])) continue;
    name.append(used++ == 0 ? "" : ", ").append(words_of(each, features[each.feature]));
  }
  return name.empty() ? "as most" : name;
}

std::string sentence_of(const Description& description, const std::vector<Feature>& features, double share) {
  std::string sentence = fmt::format("{:.1f} % of all", 100 * share);
  std::size_t used = 0;
  for (const Distinction& each : description.distinctions) {
    if (used == kNameFeatures || !is_unusual(each, features[each.feature])) continue;
    sentence.append(used++ == 0 ? ": " : ", and ").append(words_of(each, features[each.feature]));
    sentence.append(" (").append(number(each.value)).append(", elsewhere ").append(number(each.elsewhere)).append(")");
  }
  return sentence.append(used == 0 ? ", in nothing far from the others." : ".");
}

}  // namespace

std::vector<Description> describe(const std::vector<Feature>& features, const std::vector<Scaling>& scalings,
                                  const Centres& centres, const std::vector<std::int64_t>& sizes) {
  const std::vector<double> all = mean_of_all(centres, sizes, centres.size());
  std::int64_t total = 0;
  for (const std::int64_t size : sizes) total += size;
  std::vector<Description> descriptions(centres.size());
  for (std::size_t i = 0; i < centres.size(); ++i) {
    const std::vector<double> others = mean_of_all(centres, sizes, i);
    std::vector<Distinction>& distinctions = descriptions[i].distinctions;
    for (std::size_t j = 0; j < features.size(); ++j) {
      const double own = centres.row(i)[j];
      const auto in_unit = [&](double z) { return restored(scalings[j].transform, scalings[j].y_of(z)); };
      distinctions.push_back({j, own, in_unit(own), in_unit(others[j]), 2 * (own - others[j]) * (own - all[j])});
    }
    std::stable_sort(distinctions.begin(), distinctions.end(),
                     [](const Distinction& a, const Distinction& b) { return a.contribution > b.contribution; });
    const double share = total > 0 ? static_cast<double>(sizes[i]) / static_cast<double>(total) : 0;
    descriptions[i].sentence = sentence_of(descriptions[i], features, share);
  }
  // As many features as it takes to tell each name from those before it.
  for (std::size_t i = 0; i < descriptions.size(); ++i) {
    const auto is_taken = [&] {
      return std::any_of(descriptions.begin(), descriptions.begin() + static_cast<std::ptrdiff_t>(i),
                         [&](const Description& other) { return other.name == descriptions[i].name; });
    };
    std::size_t most = kNameFeatures;
    do descriptions[i].name = name_of(descriptions[i], features, most);
    while (is_taken() && most++ < features.size());
    if (is_taken()) descriptions[i].name.append(fmt::format(" ({})", i + 1));
  }
  return descriptions;
}

std::vector<double> influences(const Centres& centres, const std::vector<std::int64_t>& sizes) {
  const std::vector<double> all = mean_of_all(centres, sizes, centres.size());
  std::vector<double> shares(centres.dimensions);
  double total = 0;
  for (std::size_t i = 0; i < centres.size(); ++i)
    for (std::size_t j = 0; j < shares.size(); ++j) {
      const double away = centres.row(i)[j] - all[j];
      shares[j] += static_cast<double>(sizes[i]) * away * away;
      total += static_cast<double>(sizes[i]) * away * away;
    }
  if (total > 0)
    for (double& share : shares) share /= total;
  return shares;
}

}  // namespace nudge::segments
