#include "operators/scores/quality.h"

#include <algorithm>
#include <cmath>

#include "engine/portable_math.h"

namespace nudge::scores {
namespace {

constexpr std::size_t kRecentLeast = 1 << 14;
constexpr int kBins = 20;
constexpr double kLogLossLeast = 1e-15;

// The rows of one probability.
struct Group {
  double probability = 0;
  std::uint64_t negatives = 0, positives = 0;
  std::uint64_t size() const { return negatives + positives; }
};

double loss_of(double probability) { return -portable::log(std::max(probability, kLogLossLeast)); }

double calibration_error(const std::vector<Group>& groups, std::uint64_t n) {
  double error = 0;
  std::size_t group = 0;
  double left = groups.empty() ? 0 : static_cast<double>(groups[0].size());
  for (int bin = 0; bin < kBins; ++bin) {
    const std::uint64_t size = n / kBins + (static_cast<std::uint64_t>(bin) < n % kBins ? 1 : 0);
    double need = static_cast<double>(size), predicted = 0, actual = 0;
    while (need > 0 && group < groups.size()) {
      const double taken = std::min(need, left);
      predicted += taken * groups[group].probability;
      actual += taken * static_cast<double>(groups[group].positives) / static_cast<double>(groups[group].size());
      need -= taken;
      left -= taken;
      if (left == 0 && ++group < groups.size()) left = static_cast<double>(groups[group].size());
    }
    error += std::abs(predicted - actual);
  }
  return error / static_cast<double>(n);
}

}  // namespace

void ScoreTally::add(std::int32_t probability_micro, bool label) {
  recent_.push_back(static_cast<std::uint32_t>(probability_micro) * 2 + (label ? 1 : 0));
  if (recent_.size() >= std::max(kRecentLeast, 2 * cells_.size())) compact();
}

void ScoreTally::add(const ScoreTally& other) {
  compact();
  other.compact();
  std::vector<Cell> merged;
  merged.reserve(cells_.size() + other.cells_.size());
  auto left = cells_.begin();
  auto right = other.cells_.begin();
  while (left != cells_.end() || right != other.cells_.end()) {
    if (right == other.cells_.end() || (left != cells_.end() && left->key < right->key)) {
      merged.push_back(*left++);
    } else if (left == cells_.end() || right->key < left->key) {
      merged.push_back(*right++);
    } else {
      merged.push_back({left->key, left->count + right->count});
      ++left;
      ++right;
    }
  }
  cells_ = std::move(merged);
}

std::uint64_t ScoreTally::size() const {
  std::uint64_t n = recent_.size();
  for (const Cell& cell : cells_) n += cell.count;
  return n;
}

void ScoreTally::compact() const {
  if (recent_.empty()) return;
  std::sort(recent_.begin(), recent_.end());
  std::vector<Cell> merged;
  merged.reserve(cells_.size() + recent_.size());
  std::size_t old = 0;
  for (std::size_t at = 0; at < recent_.size();) {
    const std::uint32_t key = recent_[at];
    const std::size_t first = at;
    while (at < recent_.size() && recent_[at] == key) ++at;
    while (old < cells_.size() && cells_[old].key < key) merged.push_back(cells_[old++]);
    std::uint64_t count = at - first;
    if (old < cells_.size() && cells_[old].key == key) count += cells_[old++].count;
    merged.push_back({key, count});
  }
  merged.insert(merged.end(), cells_.begin() + static_cast<std::ptrdiff_t>(old), cells_.end());
  cells_ = std::move(merged);
  recent_.clear();
}

Quality ScoreTally::quality(double low, double high) const {
  compact();
  std::vector<Group> groups;
  for (const Cell& cell : cells_) {
    const auto micro = cell.key / 2;
    const double probability = static_cast<double>(micro) / kProbabilityOne;
    if (groups.empty() || groups.back().probability != probability) groups.push_back({.probability = probability});
    (cell.key % 2 ? groups.back().positives : groups.back().negatives) += cell.count;
  }
  Quality quality;
  unsigned __int128 half_pairs = 0;
  std::uint64_t negatives_below = 0, band_positives = 0;
  double loss = 0, squares = 0, band_sum = 0;
  for (const Group& group : groups) {
    const double p = group.probability, negatives = static_cast<double>(group.negatives),
                 positives = static_cast<double>(group.positives);
    half_pairs += static_cast<unsigned __int128>(group.positives) * (2 * negatives_below + group.negatives);
    negatives_below += group.negatives;
    quality.n += group.size();
    quality.positives += group.positives;
    loss += positives * loss_of(p) + negatives * loss_of(1.0 - p);
    squares += positives * (1.0 - p) * (1.0 - p) + negatives * p * p;
    if (p < low || p > high) continue;
    quality.band_n += group.size();
    band_positives += group.positives;
    band_sum += p * static_cast<double>(group.size());
  }
  if (quality.n == 0) return quality;
  const double n = static_cast<double>(quality.n);
  quality.log_loss = loss / n;
  quality.brier = squares / n;
  quality.ece = calibration_error(groups, quality.n);
  const double pairs = static_cast<double>(quality.positives) * static_cast<double>(negatives_below);
  if (pairs > 0) quality.auc = static_cast<double>(half_pairs) / 2.0 / pairs;
  if (quality.band_n > 0) {
    quality.band_predicted = band_sum / static_cast<double>(quality.band_n);
    quality.band_actual = static_cast<double>(band_positives) / static_cast<double>(quality.band_n);
  }
  return quality;
}

void ScoreTally::encode(Encoder& out) const {
  compact();
  out.varint(cells_.size());
  std::uint32_t last = 0;
  for (const Cell& cell : cells_) {
    out.varint(cell.key - last);
    out.varint(cell.count);
    last = cell.key;
  }
}

void ScoreTally::decode(Decoder& in) {
  clear();
  std::uint64_t key = 0;
  cells_.reserve(in.ok() ? 16 : 0);
  for (std::size_t left = in.count(2); left > 0 && in.ok(); --left) {
    key += in.varint();
    const std::uint64_t count = in.varint();
    if (key > 2ull * kProbabilityOne + 1 || count == 0 || (!cells_.empty() && key == cells_.back().key))
      return in.fail();
    cells_.push_back({static_cast<std::uint32_t>(key), count});
  }
}

void ScoreTally::clear() {
  recent_ = {};
  cells_ = {};
}

std::string why_withheld(std::uint64_t known, std::uint64_t positives, std::uint64_t needed_of_each) {
  const std::string needed = "; needed of each: " + std::to_string(needed_of_each);
  if (known == 0) return "no label is known yet" + needed;
  if (positives == 0) return "no label has been true so far, of " + std::to_string(known) + " known" + needed;
  if (positives == known) return "every label has been true so far, of " + std::to_string(known) + " known" + needed;
  return "labels known so far: " + std::to_string(positives) + " true, " + std::to_string(known - positives) +
         " false" + needed;
}

namespace {
void member(JsonWriter& writer, std::string_view name, const std::optional<double>& value) {
  if (value)
    writer.member_fixed(name, *value, 9);
  else
    writer.member_null(name);
}
}  // namespace

void write_quality(JsonWriter& writer, const Quality& quality) {
  writer.begin_object();
  writer.member("n", quality.n);
  member(writer, "auc", quality.auc);
  member(writer, "log_loss", quality.log_loss);
  member(writer, "brier", quality.brier);
  member(writer, "ece", quality.ece);
  writer.key("band");
  writer.begin_object();
  writer.member("n", quality.band_n);
  member(writer, "predicted", quality.band_predicted);
  member(writer, "actual", quality.band_actual);
  writer.end_object();
  writer.end_object();
}

}  // namespace nudge::scores
