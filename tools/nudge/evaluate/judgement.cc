#include "tools/nudge/evaluate/judgement.h"

#include <algorithm>
#include <cmath>

namespace nudge::evaluate {
namespace {

constexpr std::size_t kBins = 10;
constexpr double kOneSided = 1.6448536269514722;  // the normal distribution's 95 % point

struct Choice {
  double threshold = 0;
  double of_negatives = 0, of_positives = 0;  // the shares that are chosen
  double gain() const { return of_positives - of_negatives; }
};

std::vector<CalibrationBin> calibration_of(std::span<const Prediction> predictions,
                                           std::span<const std::uint8_t> labels) {
  std::vector<std::uint32_t> scores;  // probability · 2 + label, so that order does not depend on rows
  for (const Prediction& each : predictions)
    scores.push_back(static_cast<std::uint32_t>(each.probability_micro) * 2 + labels[each.row]);
  std::sort(scores.begin(), scores.end());
  std::vector<CalibrationBin> bins;
  std::size_t begin = 0;
  for (std::size_t bin = 1; bin <= kBins; ++bin) {
    // Equal probabilities stay together.
    std::size_t end = std::max(begin, scores.size() * bin / kBins);
    while (end > begin && end < scores.size() && scores[end] / 2 == scores[end - 1] / 2) ++end;
    if (end == begin) continue;
    CalibrationBin& made = bins.emplace_back(CalibrationBin{.n = end - begin});
    for (; begin < end; ++begin) {
      made.predicted += static_cast<double>(scores[begin] / 2) / scores::kProbabilityOne;
      made.actual += scores[begin] % 2;
    }
    made.predicted /= static_cast<double>(made.n);
    made.actual /= static_cast<double>(made.n);
  }
  return bins;
}

}  // namespace

void Confusion::add(bool label, bool chosen) {
  (label ? (chosen ? true_positives : false_negatives) : (chosen ? false_positives : true_negatives)) += 1;
}

std::optional<double> Confusion::balanced_accuracy() const {
  const auto positives = static_cast<double>(true_positives + false_negatives),
             negatives = static_cast<double>(true_negatives + false_positives);
  if (positives == 0 || negatives == 0) return std::nullopt;
  return 0.5 * (static_cast<double>(true_positives) / positives + static_cast<double>(true_negatives) / negatives);
}

Judgement judge(std::span<const Prediction> predictions, std::span<const std::uint8_t> labels) {
  Judgement judgement;
  scores::ScoreTally tally;
  for (const Prediction& each : predictions) {
    const bool label = labels[each.row] != 0;
    tally.add(each.probability_micro, label);
    judgement.at_half.add(label, each.at_half);
    judgement.at_threshold.add(label, each.at_threshold);
  }
  judgement.quality = tally.quality(kBandLow, kBandHigh);
  judgement.calibration = calibration_of(predictions, labels);
  return judgement;
}

double cautious_threshold(std::vector<Scored> rows) {
  std::sort(rows.begin(), rows.end(), [](const Scored& a, const Scored& b) {
    return a.score != b.score ? a.score > b.score : a.label < b.label;
  });
  double size[2] = {0, 0};
  for (const Scored& row : rows) size[row.label] += 1;
  if (size[0] == 0 || size[1] == 0) return rows.empty() ? 0 : rows.front().score;
  // From the highest score down: the share of each class that is chosen.
  std::vector<Choice> choices;
  Choice best;
  double chosen[2] = {0, 0};
  for (std::size_t row = 0; row < rows.size(); ++row) {
    chosen[rows[row].label] += 1;
    if (row + 1 < rows.size() && rows[row + 1].score == rows[row].score) continue;
    const double next = row + 1 < rows.size() ? rows[row + 1].score : rows[row].score;
    choices.push_back({0.5 * (rows[row].score + next), chosen[0] / size[0], chosen[1] / size[1]});
    if (choices.back().gain() > best.gain()) best = choices.back();
  }
  if (best.gain() == 0) return choices.front().threshold;
  for (const Choice& choice : choices) {
    // Of each class, what the best threshold chooses and this one does not.
    const double others = best.of_negatives - choice.of_negatives, ours = best.of_positives - choice.of_positives;
    const double variance = ours * (1 - ours) / size[1] + others * (1 - others) / size[0];
    if (best.gain() - choice.gain() <= kOneSided * std::sqrt(variance)) return choice.threshold;
  }
  return choices.front().threshold;
}

}  // namespace nudge::evaluate
