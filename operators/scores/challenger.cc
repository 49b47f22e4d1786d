#include "operators/scores/challenger.h"

#include <algorithm>
#include <array>

#include "operators/scores/refit.h"

namespace nudge::scores {
namespace {

constexpr std::uint64_t kRowsLeast = 250;  // between two fits

bool all_have_rows(std::span<const std::uint8_t> folds) {
  std::array<bool, kRefitFolds> has{};
  for (const std::uint8_t fold : folds) has[fold] = true;
  return std::all_of(has.begin(), has.end(), [](bool each) { return each; });
}

}  // namespace

void Challenger::fit(const TrainingRows& rows, std::span<const std::uint8_t> folds, std::uint64_t rows_seen) {
  if (!all_have_rows(folds)) return;  // all rows are of one customer or two: nothing can be held out
  due_at_ = rows_seen + std::max<std::uint64_t>(rows.size() / 2, std::min<std::uint64_t>(kRowsLeast, rows.size()));
  auto fitted = fit_calibrated(estimators()[estimator_], rows, folds, {});
  failure_ = fitted.is_ok() ? std::string() : std::string(fitted.status().message());
  if (!fitted.is_ok()) return;
  model_ = std::move(fitted->model);
  margins_.assign(fitted->held_out.begin(), fitted->held_out.end());
}

void Challenger::encode(Encoder& out) const {
  out.varint(due_at_);
  out.varint(margins_.size());
  for (const double margin : margins_) out.real(margin);
  out.text(failure_);
  out.boolean(active());
  if (!active()) return;
  model_->encode(out);
  meaning_.encode(out);
}

void Challenger::decode(Decoder& in) {
  due_at_ = in.varint();
  margins_.assign(in.count(8), 0);
  for (double& margin : margins_) margin = in.real();
  failure_ = in.text();
  model_ = nullptr;
  if (!in.boolean()) return;
  model_ = estimators()[estimator_].decode(in);
  if (!in.ok()) return;
  meaning_.decode(in);
}

}  // namespace nudge::scores
