#include "operators/scores/network_inputs.h"

#include <algorithm>
#include <cmath>

namespace nudge::scores {
namespace {

constexpr std::uint32_t kNoInput = ~0u;
// Evenly spread places then have a variance of 1.
constexpr double kPlaceScale = 3.4641016151377544;  // √12

// Two knots are told apart by the linear input alone.
bool has_place(const FeatureBasis& feature) { return feature.knots.size() > 2; }

// From −½ at the first knot to ½ at the last.
double place_among(std::span<const float> knots, float value) {
  const auto above = std::upper_bound(knots.begin(), knots.end(), value);
  if (above == knots.begin()) return -0.5;
  if (above == knots.end()) return 0.5;
  const double low = static_cast<double>(*(above - 1)), high = static_cast<double>(*above);
  const double passed =
      static_cast<double>(above - knots.begin() - 1) + (static_cast<double>(value) - low) / (high - low);
  return passed / static_cast<double>(knots.size() - 1) - 0.5;
}

}  // namespace

NetworkInputs::NetworkInputs(const TrainingRows& rows) : basis_(rows.values, rows.texts) {
  std::vector<bool> seen(basis_.inputs());
  std::vector<Term> of_row;
  for (std::size_t row = 0; row < rows.size(); ++row) {
    basis_.terms(rows.row(row), of_row);
    for (const Term& term : of_row) seen[term.index] = true;
  }
  number_inputs(seen);
}

void NetworkInputs::number_inputs(const std::vector<bool>& seen) {
  numbers_.assign(basis_.inputs(), kNoInput);
  places_.assign(features(), kNoInput);
  owners_.clear();
  const auto add = [this](std::uint32_t& number, std::uint32_t owner) {
    number = static_cast<std::uint32_t>(owners_.size());
    owners_.push_back(owner);
  };
  add(numbers_[0], kNoInput);
  for (std::uint32_t index = 0; index < features(); ++index) {
    const FeatureBasis& feature = basis_.feature(index);
    for (std::uint32_t input = feature.first; input < feature.first + feature.inputs(); ++input)
      if (seen[input]) add(numbers_[input], index);
    if (has_place(feature)) add(places_[index], index);
  }
}

void NetworkInputs::terms(std::span<const float> row, std::vector<Term>& terms) const {
  basis_.terms(row, terms);
  std::size_t kept = 0;
  for (const Term& term : terms)
    if (numbers_[term.index] != kNoInput) terms[kept++] = {numbers_[term.index], term.value};
  terms.resize(kept);
  for (std::size_t index = 0; index < row.size(); ++index) {
    if (places_[index] == kNoInput || std::isnan(row[index])) continue;
    const double place = kPlaceScale * place_among(basis_.feature(index).knots, row[index]);
    terms.push_back({places_[index], static_cast<float>(place)});
  }
}

void NetworkInputs::encode(Encoder& out) const {
  basis_.encode(out);
  for (const std::uint32_t number : numbers_) out.boolean(number != kNoInput);
}

void NetworkInputs::decode(Decoder& in) {
  basis_.decode(in);
  std::vector<bool> seen(basis_.inputs());
  for (std::size_t input = 0; input < seen.size(); ++input) seen[input] = in.boolean();
  number_inputs(seen);
}

}  // namespace nudge::scores
