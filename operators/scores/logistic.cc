#include "operators/scores/logistic.h"

#include <algorithm>

#include "engine/check.h"
#include "operators/scores/basis.h"
#include "operators/scores/model.h"

namespace nudge::scores {
namespace {

// Few rows are shown more often, so that the cost is bounded.
constexpr std::size_t kRowsShown = 250'000, kPassesLeast = 3, kPassesMost = 20;

class LogisticModel final : public FittedModel {
 public:
  explicit LogisticModel(ScoringModel model) : model_(std::move(model)) {}

  double margin(std::span<const float> row, std::span<double> contributions) const override {
    return contributions.empty() ? model_.margin(row) : model_.margin(row, contributions);
  }
  void encode(Encoder& out) const override {
    std::string bytes;
    Encoder own(bytes);
    model_.encode(own);
    out.text(bytes);
  }

 private:
  ScoringModel model_;
};

}  // namespace

Result<std::unique_ptr<FittedModel>> fit_logistic(const TrainingRows& rows, const EstimatorSettings& settings) {
  NUDGE_CHECK(rows.size() > 0, "rows to learn from");
  const Basis basis(rows.values, rows.texts);
  std::vector<Term> terms, of_row;
  std::vector<std::size_t> ends;
  std::vector<double> sums(basis.inputs());
  for (std::size_t row = 0; row < rows.size(); ++row) {
    basis.terms(rows.row(row), of_row);
    for (const Term& term : of_row) sums[term.index] += static_cast<double>(term.value);
    terms.insert(terms.end(), of_row.begin(), of_row.end());
    ends.push_back(terms.size());
  }
  std::vector<float> means(sums.size());
  for (std::size_t input = 0; input < sums.size(); ++input)
    means[input] = static_cast<float>(sums[input] / static_cast<double>(rows.size()));
  Ftrl weights(basis.inputs(), settings.ftrl);
  const std::size_t passes = std::clamp(kRowsShown / rows.size(), kPassesLeast, kPassesMost);
  for (std::size_t pass = 0; pass < passes; ++pass) {
    std::size_t begin = 0;
    for (std::size_t row = 0; row < rows.size(); begin = ends[row++]) {
      const auto at = std::span(terms).subspan(begin, ends[row] - begin);
      weights.learn(at, weights.margin(at), rows.labels[row] != 0, static_cast<double>(rows.weights[row]));
    }
  }
  ScoringModel model(0, 0, basis, weights.weights(), means, Meaning{}, ScoreHistogram{});
  return std::unique_ptr<FittedModel>(std::make_unique<LogisticModel>(std::move(model)));
}

std::unique_ptr<FittedModel> decode_logistic(Decoder& in) {
  auto model = ScoringModel::decode(in.text());
  if (!model || !model->active()) {
    in.fail();
    return nullptr;
  }
  return std::make_unique<LogisticModel>(std::move(*model));
}

}  // namespace nudge::scores
