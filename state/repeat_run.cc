#include "state/repeat_run.h"

#include <algorithm>

namespace nudge::state {
namespace {

constexpr std::size_t kBitsEach = 20, kLineBits = 512, kHalvings = 32;

}  // namespace

RepeatRun::RepeatRun(std::uint64_t number, std::uint64_t hashes)
    : number_(number), hashes_(hashes), lines_((hashes * kBitsEach / kLineBits / kHalvings + 1) * kHalvings) {
  filter_.resize(lines_ * kLineWords);
  firsts_.reserve(hashes / kBlockHashes + 1);
}

void RepeatRun::add_block(const std::vector<Hash128>& block) {
  firsts_.push_back(block.front());
  for (const Hash128& hash : block) {
    std::uint64_t* const line = &filter_[line_of(hash)];
    std::uint64_t bits = hash.low;
    for (int probe = 0; probe < kProbes; ++probe, bits >>= 9) line[(bits & 511) / 64] |= 1ull << (bits & 63);
  }
}

std::uint64_t RepeatRun::block_of(const Hash128& hash) const {
  const auto after = std::upper_bound(firsts_.begin(), firsts_.end(), hash);
  return after == firsts_.begin() ? blocks() : static_cast<std::uint64_t>(after - firsts_.begin() - 1);
}

bool RepeatRun::halve_filter() {
  if (lines_ % 2 != 0) return false;
  lines_ /= 2;
  for (std::size_t line = 0; line < lines_; ++line)
    for (std::size_t word = 0; word < kLineWords; ++word)
      filter_[line * kLineWords + word] =
          filter_[2 * line * kLineWords + word] | filter_[(2 * line + 1) * kLineWords + word];
  filter_.resize(lines_ * kLineWords);
  filter_.shrink_to_fit();
  return true;
}

}  // namespace nudge::state
