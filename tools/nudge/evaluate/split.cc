#include "tools/nudge/evaluate/split.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "engine/hash.h"

namespace nudge::evaluate {
namespace {

constexpr std::size_t kFoldsMost = 100, kBlocksMost = 1'000;
constexpr std::string_view kForms = "random:0.1, time:0.3, folds:10 or prequential:500";

using Kind = SplitOptions::Kind;

struct Form {
  std::string_view name;
  Kind kind;
  double least, most;
};
constexpr Form kSplits[] = {{"random", Kind::kRandom, 0.001, 0.9},
                            {"time", Kind::kTime, 0.001, 0.9},
                            {"folds", Kind::kFolds, 2, kFoldsMost},
                            {"prequential", Kind::kPrequential, 10, 1e9}};

// The rows of each class, in an order that the seed decides.
std::array<std::vector<std::uint32_t>, 2> shuffled_classes(std::span<const std::uint8_t> labels, std::uint64_t seed) {
  std::array<std::vector<std::uint32_t>, 2> classes;
  for (std::uint32_t row = 0; row < labels.size(); ++row) classes[labels[row]].push_back(row);
  for (std::vector<std::uint32_t>& rows : classes)
    std::sort(rows.begin(), rows.end(), [seed](std::uint32_t a, std::uint32_t b) {
      const std::uint64_t left = mix(seed, a), right = mix(seed, b);
      return left != right ? left < right : a < b;
    });
  return classes;
}

std::vector<Part> random_part(std::span<const std::uint8_t> labels, double share, std::uint64_t seed) {
  Part part;
  for (const std::vector<std::uint32_t>& rows : shuffled_classes(labels, seed)) {
    const auto tested = static_cast<std::ptrdiff_t>(std::lround(share * static_cast<double>(rows.size())));
    part.tested.insert(part.tested.end(), rows.begin(), rows.begin() + tested);
    part.taught.insert(part.taught.end(), rows.begin() + tested, rows.end());
  }
  std::sort(part.tested.begin(), part.tested.end());
  std::sort(part.taught.begin(), part.taught.end());
  return {std::move(part)};
}

std::vector<Part> fold_parts(std::span<const std::uint8_t> labels, std::size_t count, std::uint64_t seed) {
  std::vector<Part> parts(count);
  const std::vector<std::uint8_t> folds = stratified_folds(labels, count, seed);
  for (std::uint32_t row = 0; row < labels.size(); ++row)
    for (std::size_t fold = 0; fold < count; ++fold)
      (folds[row] == fold ? parts[fold].tested : parts[fold].taught).push_back(row);
  return parts;
}

// Rows up to `end` are learnt, the next up to `until` tested.
Part ordered_part(std::size_t end, std::size_t until) {
  Part part;
  for (std::uint32_t row = 0; row < until; ++row) (row < end ? part.taught : part.tested).push_back(row);
  return part;
}

std::vector<Part> block_parts(std::size_t rows, std::size_t count) {
  std::vector<Part> parts;
  for (std::size_t begin = count; begin < rows; begin += count)
    parts.push_back(ordered_part(begin, std::min(begin + count, rows)));
  return parts;
}

Status check(std::span<const std::uint8_t> labels, const std::vector<Part>& parts, std::size_t least) {
  if (parts.empty()) return Status::usage("--split: no row is left to test; make the blocks smaller");
  for (const Part& part : parts) {
    std::size_t known[2] = {0, 0};
    for (const std::uint32_t row : part.taught) known[labels[row]] += 1;
    if (part.tested.empty()) return Status::usage("--split: no row is left to test; take a larger share");
    if (std::min(known[0], known[1]) < least)
      return Status::usage(
          fmt::format("--split: {} of the {} rows to learn are true, {} false; {} of each are needed: "
                      "bring more rows, or learn a larger part",
                      known[1], part.taught.size(), known[0], least));
  }
  return Status::ok();
}

}  // namespace

Result<SplitOptions> parse_split(std::string_view text) {
  const std::size_t colon = std::min(text.find(':'), text.size());
  const auto* const form = std::find_if(std::begin(kSplits), std::end(kSplits),
                                        [&](const Form& each) { return each.name == text.substr(0, colon); });
  if (form == std::end(kSplits))
    return Status::usage(fmt::format("--split: \"{}\" is no split; write {}", text, kForms));
  SplitOptions options{.kind = form->kind};
  if (colon == text.size()) {
    if (form->kind == Kind::kPrequential)
      return Status::usage("--split: prequential needs the rows of a block, such as prequential:500");
    if (form->kind == Kind::kTime) options.share = 0.3;
    return options;
  }
  const std::string_view number = text.substr(colon + 1);
  double value = 0;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), value);
  const bool whole = form->kind == Kind::kFolds || form->kind == Kind::kPrequential;
  if (error != std::errc() || end != number.data() + number.size() || !(value >= form->least) || value > form->most ||
      (whole && value != std::floor(value)))
    return Status::usage(fmt::format("--split: {} needs {} from {} to {}, not \"{}\"", form->name,
                                     whole ? "a whole number" : "a share", form->least, form->most, number));
  if (whole)
    options.count = static_cast<std::size_t>(value);
  else
    options.share = value;
  return options;
}

Result<std::vector<Part>> split_rows(std::span<const std::uint8_t> labels, const SplitOptions& options,
                                     std::uint64_t seed, std::size_t least) {
  std::vector<Part> parts;
  switch (options.kind) {
    case Kind::kRandom:
      parts = random_part(labels, options.share, seed);
      break;
    case Kind::kFolds:
      parts = fold_parts(labels, options.count, seed);
      break;
    case Kind::kTime: {
      const auto tested = static_cast<std::size_t>(std::lround(options.share * static_cast<double>(labels.size())));
      parts.push_back(ordered_part(labels.size() - tested, labels.size()));
      break;
    }
    case Kind::kPrequential:
      if (labels.size() / options.count > kBlocksMost)
        return Status::usage(fmt::format("--split: {} rows make more than {} blocks of {}; make them larger",
                                         labels.size(), kBlocksMost, options.count));
      parts = block_parts(labels.size(), options.count);
  }
  NUDGE_TRY(check(labels, parts, least));
  return parts;
}

std::vector<std::uint8_t> stratified_folds(std::span<const std::uint8_t> labels, std::size_t count,
                                           std::uint64_t seed) {
  std::vector<std::uint8_t> folds(labels.size());
  // One class goes on where the other ended, so that folds differ by one row at most.
  std::size_t dealt = 0;
  for (const std::vector<std::uint32_t>& rows : shuffled_classes(labels, seed))
    for (const std::uint32_t row : rows) folds[row] = static_cast<std::uint8_t>(dealt++ % count);
  return folds;
}

}  // namespace nudge::evaluate
