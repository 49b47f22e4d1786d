#include "operators/scores/refit.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "engine/check.h"
#include "engine/portable_math.h"

namespace nudge::scores {
namespace {

// Few rows are shown more often, so that a refit's cost is bounded.
constexpr std::size_t kRowsShown = 30'000, kPassesLeast = 2, kPassesMost = 12;
constexpr std::array<double, 5> kPenalties = {0, 30, 100, 300, 1'000};

// The inputs of many rows, once for all passes.
class Inputs {
 public:
  Inputs(const Basis& basis, std::span<const float> values, std::size_t rows) {
    const std::size_t width = basis.features();
    terms_.reserve(rows * (1 + 3 * width));  // as many as there can be: what is not used takes no memory
    ends_.reserve(rows);
    std::vector<Term> terms;
    for (std::size_t row = 0; row < rows; ++row) {
      basis.terms(values.subspan(row * width, width), terms);
      terms_.insert(terms_.end(), terms.begin(), terms.end());
      ends_.push_back(terms_.size());
    }
  }

  std::span<const Term> row(std::size_t index) const {
    const std::size_t begin = index == 0 ? 0 : ends_[index - 1];
    return std::span(terms_).subspan(begin, ends_[index] - begin);
  }
  std::vector<float> means(std::size_t inputs) const {
    std::vector<double> sums(inputs);
    for (const Term& term : terms_) sums[term.index] += static_cast<double>(term.value);
    std::vector<float> means;
    means.reserve(inputs);
    for (const double sum : sums) means.push_back(static_cast<float>(sum / static_cast<double>(ends_.size())));
    return means;
  }

 private:
  std::vector<Term> terms_;
  std::vector<std::size_t> ends_;
};

struct Candidate {
  Refit refit;
  double loss = 0;  // on rows left out
};

Candidate fit(const Inputs& inputs, std::size_t width, std::span<const RefitRow> rows, const FtrlRates& rates) {
  // Side by side: what one waits for, the processor does for another. The last one learns all rows.
  std::array<Ftrl, kRefitFolds + 1> fits;
  fits.fill(Ftrl(width, rates));
  const std::size_t passes = std::clamp(kRowsShown / rows.size(), kPassesLeast, kPassesMost);
  for (std::size_t pass = 0; pass < passes; ++pass) {
    for (std::size_t row = 0; row < rows.size(); ++row) {
      const std::span<const Term> at = inputs.row(row);
      const RefitRow& known = rows[row];
      for (std::size_t without = 0; without < fits.size(); ++without)
        if (without != known.fold)
          fits[without].learn(at, fits[without].margin(at), known.label, static_cast<double>(known.weight));
    }
  }
  Candidate candidate{.refit = {.weights = std::move(fits.back()), .l1 = rates.l1, .margins = {}, .input_means = {}}};
  for (std::size_t row = 0; row < rows.size(); ++row) {
    const double margin = fits[rows[row].fold].margin(inputs.row(row));
    const double away = rows[row].label ? -margin : margin;
    candidate.loss +=
        static_cast<double>(rows[row].weight) * (std::max(away, 0.0) + portable::log1p(portable::exp(-std::abs(away))));
    candidate.refit.margins.push_back(margin);
  }
  return candidate;
}

}  // namespace

Refit refit_weights(const Basis& basis, std::span<const float> values, std::span<const RefitRow> rows,
                    const FtrlRates& rates) {
  NUDGE_CHECK(!rows.empty() && values.size() == rows.size() * basis.features(), "numbers for each of some rows");
  const Inputs inputs(basis, values, rows.size());
  std::vector<Candidate> kept;  // the best so far
  for (const double penalty : kPenalties) {
    if (!kept.empty() && penalty <= rates.l1) continue;
    FtrlRates tried = rates;
    tried.l1 = std::max(rates.l1, penalty);
    Candidate candidate = fit(inputs, basis.inputs(), rows, tried);
    if (!kept.empty() && candidate.loss >= kept.front().loss) continue;
    kept.clear();
    kept.push_back(std::move(candidate));
  }
  Refit best = std::move(kept.front().refit);
  best.input_means = inputs.means(basis.inputs());
  return best;
}

}  // namespace nudge::scores
