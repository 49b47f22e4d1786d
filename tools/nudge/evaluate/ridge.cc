#include "tools/nudge/evaluate/ridge.h"

#include <cmath>

#include "engine/check.h"

namespace nudge::evaluate {
namespace {

constexpr double kInterceptShare = 1e-9;  // of the strength: what keeps the system solvable

// A symmetric matrix, of which only what lies on and below the diagonal is kept.
class Lower {
 public:
  explicit Lower(std::size_t size) : size_(size), values_(size * (size + 1) / 2) {}
  double& at(std::size_t row, std::size_t column) { return values_[row * (row + 1) / 2 + column]; }
  std::size_t size() const { return size_; }

 private:
  std::size_t size_;
  std::vector<double> values_;
};

// Solves matrix · x = right by Cholesky's decomposition, in place.
std::vector<double> solve(Lower& matrix, std::vector<double> right) {
  const std::size_t n = matrix.size();
  for (std::size_t row = 0; row < n; ++row) {
    for (std::size_t column = 0; column <= row; ++column) {
      double sum = matrix.at(row, column);
      for (std::size_t k = 0; k < column; ++k) sum -= matrix.at(row, k) * matrix.at(column, k);
      if (row == column) NUDGE_CHECK(sum > 0, "ridge keeps the matrix positive definite");
      matrix.at(row, column) = row == column ? std::sqrt(sum) : sum / matrix.at(column, column);
    }
    for (std::size_t k = 0; k < row; ++k) right[row] -= matrix.at(row, k) * right[k];
    right[row] /= matrix.at(row, row);
  }
  for (std::size_t row = n; row-- > 0;) {
    for (std::size_t k = row + 1; k < n; ++k) right[row] -= matrix.at(k, row) * right[k];
    right[row] /= matrix.at(row, row);
  }
  return right;
}

}  // namespace

Ridge::Ridge(const scores::Basis& basis, std::span<const float> values, std::span<const double> targets,
             double strength) {
  NUDGE_CHECK(!targets.empty() && values.size() == targets.size() * basis.features(), "numbers for each of some rows");
  Lower matrix(basis.inputs());
  std::vector<double> right(basis.inputs());
  std::vector<scores::Term> terms;
  for (std::size_t row = 0; row < targets.size(); ++row) {
    basis.terms(values.subspan(row * basis.features(), basis.features()), terms);
    for (const scores::Term& one : terms) {
      right[one.index] += static_cast<double>(one.value) * targets[row];
      for (const scores::Term& other : terms)
        if (other.index <= one.index)
          matrix.at(one.index, other.index) += static_cast<double>(one.value) * static_cast<double>(other.value);
    }
  }
  matrix.at(0, 0) += strength * kInterceptShare;
  for (std::size_t input = 1; input < basis.inputs(); ++input) matrix.at(input, input) += strength;
  weights_ = solve(matrix, std::move(right));
}

double Ridge::predict(const scores::Basis& basis, std::span<const float> row) const {
  std::vector<scores::Term> terms;
  basis.terms(row, terms);
  double sum = 0;
  for (const scores::Term& term : terms) sum += weights_[term.index] * static_cast<double>(term.value);
  return sum;
}

}  // namespace nudge::evaluate
