#include "state/repeat_window.h"

#include <algorithm>

namespace nudge::state {
namespace {

constexpr Millis kPeriods = 4;  // to a span
constexpr std::size_t kNumberBytes = 8;

}  // namespace

RepeatWindow::RepeatWindow(const Store& store, std::string prefix, Millis span, std::size_t memory_bytes_max)
    : store_(&store),
      prefix_(std::move(prefix)),
      length_(span == kNever ? kNever : std::max<Millis>(1, (span + kPeriods - 1) / kPeriods)),
      memory_bytes_each_(span == kNever ? memory_bytes_max : memory_bytes_max / (kPeriods + 1)) {}

std::string RepeatWindow::prefix_of(std::uint64_t period) const {
  std::string prefix = prefix_;
  for (int shift = 56; shift >= 0; shift -= 8) prefix.push_back(static_cast<char>(period >> shift));
  return prefix;
}

Result<RepeatWindow> RepeatWindow::load(const Store& store, std::string prefix, Millis span,
                                        std::size_t memory_bytes_max) {
  RepeatWindow window(store, std::move(prefix), span, memory_bytes_max);
  // Keys are read from period to period.
  const auto cursor = store.scan(window.prefix_, window.prefix_ + std::string(kNumberBytes + 1, '\xff'));
  while (cursor->valid()) {
    const std::string_view key = cursor->key().substr(window.prefix_.size());
    if (key.size() < kNumberBytes) return Status::io("the state is damaged: a remembered event id cannot be read");
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < kNumberBytes; ++i) number = number << 8 | static_cast<unsigned char>(key[i]);
    NUDGE_ASSIGN(RepeatFilter filter, RepeatFilter::load(store, window.prefix_of(number), window.memory_bytes_each_));
    window.periods_.push_back({number, std::move(filter)});
    cursor->seek(window.prefix_of(number + 1));
  }
  NUDGE_TRY(cursor->status());
  return window;
}

Result<bool> RepeatWindow::insert(const Hash128& hash, Millis at) {
  const auto now = length_ == kNever ? 0 : static_cast<std::uint64_t>(std::max<Millis>(at, 0) / length_);
  if (periods_.empty() || periods_.back().number < now) {
    periods_.push_back({now, fresh(now)});
    while (periods_.front().number + kPeriods < now) {
      dropped_.push_back(periods_.front().number);
      periods_.pop_front();
    }
  }
  for (std::size_t i = 0; i + 1 < periods_.size(); ++i) {
    NUDGE_ASSIGN(const bool found, periods_[i].filter.contains(hash));
    if (found) return false;
  }
  return periods_.back().filter.insert(hash);
}

void RepeatWindow::write_changes(Batch& batch) {
  for (const std::uint64_t period : dropped_) batch.erase_range(prefix_of(period), prefix_of(period + 1));
  dropped_.clear();
  for (Period& period : periods_) period.filter.write_changes(batch);
}

std::size_t RepeatWindow::memory_bytes() const {
  std::size_t bytes = 0;
  for (const Period& period : periods_) bytes += period.filter.memory_bytes();
  return bytes;
}

}  // namespace nudge::state
