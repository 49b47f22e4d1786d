#include "operators/scores/contest.h"

#include <algorithm>

#include "engine/check.h"
#include "operators/scores/quality.h"

namespace nudge::scores {
namespace {

double squared_error(double probability, bool label) {
  const double error = probability - (label ? 1.0 : 0.0);
  return error * error;
}

bool any(const Contest::Models& models) {
  return std::any_of(models.begin(), models.end(), [](const auto& model) { return model != nullptr; });
}

void encode_models(const Contest::Models& models, Encoder& out) {
  for (const auto& model : models) {
    std::string bytes;
    Encoder own(bytes);
    if (model) model->encode(own);
    out.text(bytes);
  }
}

void decode_models(Contest::Models& models, Decoder& in) {
  for (auto& model : models) {
    const std::string_view bytes = in.text();
    model = nullptr;
    if (bytes.empty()) continue;
    auto decoded = ScoringModel::decode(bytes);
    if (!decoded) return in.fail();
    model = std::make_shared<const ScoringModel>(std::move(*decoded));
  }
}

}  // namespace

Contest::Contest(std::vector<std::string_view> names, double error)
    : names_(std::move(names)),
      error_(error),
      comparisons_(names_.size()),
      before_(names_.size()),
      judged_(names_.size()),
      differences_(names_.size()) {
  NUDGE_CHECK(!names_.empty(), "a champion");
}

double Contest::error_now() const {
  const auto times = static_cast<double>(times_);
  return error_ / (static_cast<double>(names_.size() - 1) * times * (times + 1));
}

void Contest::judge(const Row& row) {
  if (!counts(row.scored_at) || row.probability_micro < 0) return;
  const double loss = squared_error(static_cast<double>(row.probability_micro) / kProbabilityOne, row.label);
  rows_ += 1;
  weight_ += row.weight;
  for (std::size_t contestant = 0; contestant < names_.size(); ++contestant) {
    const ScoringModel* const model = judged_[contestant].get();
    if (!model) continue;
    const std::int32_t said = probability_micro(model->calibrated(model->margin(row.features)));
    const double other = squared_error(static_cast<double>(said) / kProbabilityOne, row.label);
    differences_[contestant] += row.weight * (loss - other);
  }
}

void Contest::close_block() {
  for (std::size_t contestant = 0; contestant < names_.size(); ++contestant)
    if (judged_[contestant]) comparisons_[contestant].add(differences_[contestant] / weight_);
}

void Contest::begin_block(Millis at, const Models& models) {
  judged_ = models;
  judged_[champion_] = nullptr;  // what it said stands in the rows
  begins_ = any(judged_) ? at : kNever;
  rows_ = 0;
  weight_ = 0;
  std::fill(differences_.begin(), differences_.end(), 0.0);
}

void Contest::begin_comparisons() {
  times_ += 1;
  std::fill(comparisons_.begin(), comparisons_.end(), Comparison());
}

std::optional<std::size_t> Contest::winner() {
  error_allowed_ = error_now();
  std::optional<std::size_t> best;
  double most = 0;
  for (std::size_t contestant = 0; contestant < names_.size(); ++contestant) {
    if (contestant == champion_) continue;
    const Comparison& comparison = comparisons_[contestant];
    standings_.push_back({contestant, comparison.blocks(), comparison.interval(error_allowed_)});
    const double low = standings_.back().difference.low;
    if (low <= most) continue;
    most = low;
    best = contestant;
  }
  for (Standing& standing : standings_) standing.promoted = best == standing.contestant;
  return best;
}

bool Contest::end_epoch(Millis epoch_end, Millis valid_from, const Models& models) {
  standings_.clear();
  if (!is_held()) return false;
  const bool is_over = rows_ >= kBlockRows;
  if (is_over) close_block();
  const std::optional<std::size_t> best = winner();
  if (best) {
    NUDGE_CHECK(models[*best] != nullptr, "a model that was compared is there");
    champion_ = *best;
    begin_comparisons();
    begin_block(valid_from, models);
  } else if (is_over || begins_ == kNever) {
    const auto blocks = [](const Comparison& comparison) { return comparison.blocks(); };
    if (std::any_of(comparisons_.begin(), comparisons_.end(),
                    [&](const Comparison& each) { return blocks(each) >= kBlocksMost; }))
      begin_comparisons();
    begin_block(epoch_end, before_);
  }
  before_ = models;
  return best.has_value();
}

void Contest::write(JsonWriter& writer, std::span<const std::string_view> failures) const {
  if (!is_held()) return;
  // The record is of the epoch: a model that is promoted in it made none of its scores.
  writer.member("champion", names_[champion_]);
  writer.key("challengers");
  writer.begin_array();
  for (const Standing& standing : standings_) {
    writer.begin_object();
    writer.member("model", names_[standing.contestant]);
    writer.member("blocks", standing.blocks);
    writer.member_fixed("difference", standing.difference.mean, 9);
    writer.member_fixed("low", standing.difference.low, 9);
    writer.member_fixed("high", standing.difference.high, 9);
    writer.member_fixed("error_allowed", error_allowed_, 9);
    writer.member("promoted", standing.promoted);
    if (const std::string_view failure = failures[standing.contestant]; failure.empty())
      writer.member_null("failure");
    else
      writer.member("failure", failure);
    writer.end_object();
  }
  writer.end_array();
}

void Contest::encode(Encoder& out) const {
  out.varint(names_.size());
  for (const std::string_view name : names_) out.text(name);
  out.varint(champion_);
  out.varint(times_);
  for (const Comparison& comparison : comparisons_) comparison.encode(out);
  encode_models(before_, out);
  out.zigzag(begins_);
  encode_models(judged_, out);
  out.varint(rows_);
  out.real(weight_);
  for (const double difference : differences_) out.real(difference);
}

void Contest::decode(Decoder& in) {
  std::vector<std::string> names(in.count());
  for (std::string& name : names) name = in.text();
  // Of other challengers than are configured now: the contest begins anew.
  if (!std::equal(names.begin(), names.end(), names_.begin(), names_.end())) return;
  champion_ = in.varint();
  times_ = in.varint();
  for (Comparison& comparison : comparisons_) comparison.decode(in);
  decode_models(before_, in);
  begins_ = in.zigzag();
  decode_models(judged_, in);
  rows_ = in.varint();
  weight_ = in.real();
  for (double& difference : differences_) difference = in.real();
  if (champion_ >= names_.size() || times_ == 0) in.fail();
}

}  // namespace nudge::scores
