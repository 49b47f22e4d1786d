// Which rows are learnt and which are tested.
//
// `random:S` tests a share S of each class; `folds:K` each row once, in K parts with as many of each class; `time:S`
// the last share S of the file; `prequential:N` walks through the file: N rows are learnt, the next N tested and then
// learnt, and so on. The latter two take the file's order for that of time.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/status.h"

namespace nudge::evaluate {

struct SplitOptions {
  enum class Kind : std::uint8_t { kRandom, kFolds, kTime, kPrequential };
  Kind kind = Kind::kRandom;
  double share = 0.1;      // tested; of kRandom and kTime
  std::size_t count = 10;  // folds, or the rows of a block

  // Whether another seed gives other parts.
  bool is_random() const { return kind == Kind::kRandom || kind == Kind::kFolds; }
};

Result<SplitOptions> parse_split(std::string_view text);

// Indexes of rows, rising.
struct Part {
  std::vector<std::uint32_t> taught, tested;
};

// The parts of one repeat; of kPrequential one for each block that is tested. A failure says which rows are too few:
// what is learnt must hold `least` of each class.
Result<std::vector<Part>> split_rows(std::span<const std::uint8_t> labels, const SplitOptions& options,
                                     std::uint64_t seed, std::size_t least);

// The fold of each row, from 0: as many of each class in each fold, but for one.
std::vector<std::uint8_t> stratified_folds(std::span<const std::uint8_t> labels, std::size_t count, std::uint64_t seed);

}  // namespace nudge::evaluate
