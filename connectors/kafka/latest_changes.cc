#include "connectors/kafka/latest_changes.h"

#include <algorithm>

namespace nudge::connectors::kafka {
namespace {

constexpr std::size_t kTaskBytes = 2, kWordBytes = 8;
constexpr std::size_t kBatchBytes = 1 << 20;
constexpr std::size_t kBulkBytesLeast = 8 << 20;

// The word at `at`, so that words compare as their bytes do; zeros behind the key's end.
std::uint64_t word_of(std::string_view key, std::size_t at) {
  std::uint64_t word = 0;
  for (std::size_t i = at; i < at + kWordBytes; ++i)
    word = word << 8 | (i < key.size() ? static_cast<unsigned char>(key[i]) : 0);
  return word;
}

}  // namespace

void LatestChanges::add(std::string_view key, std::optional<std::string_view> value) {
  references_.push_back({.high = word_of(key, kTaskBytes),
                         .low = word_of(key, kTaskBytes + kWordBytes),
                         .at = bytes_.size(),
                         .key_size = static_cast<std::uint32_t>(key.size()),
                         .value_size = value ? static_cast<std::uint32_t>(value->size()) : kErased});
  bytes_.append(key);
  if (value) bytes_.append(*value);
}

int LatestChanges::compare(const Reference& left, const Reference& right) const {
  const std::string_view left_key = key(left), right_key = key(right);
  if (const int order = left_key.substr(0, kTaskBytes).compare(right_key.substr(0, kTaskBytes))) return order;
  if (left.high != right.high) return left.high < right.high ? -1 : 1;
  if (left.low != right.low) return left.low < right.low ? -1 : 1;
  return left_key.compare(right_key);
}

template <typename Full>
Status LatestChanges::collect(Full&& full) {
  std::ranges::sort(references_, [&](const Reference& left, const Reference& right) {
    const int order = compare(left, right);
    return order != 0 ? order < 0 : left.at < right.at;
  });
  for (std::size_t i = 0; i < references_.size(); ++i) {
    const Reference& reference = references_[i];
    if (i + 1 < references_.size() && compare(reference, references_[i + 1]) == 0) continue;
    const std::string_view name = key(reference);
    if (reference.value_size == kErased)
      batch_.erase(name);
    else
      batch_.put(name, {name.data() + name.size(), reference.value_size});
    if (batch_.bytes() >= kBatchBytes) NUDGE_TRY(full());
  }
  return Status::ok();
}

Status LatestChanges::write(state::Store& store) {
  if (empty()) return Status::ok();
  if (bytes() < kBulkBytesLeast) {
    NUDGE_TRY(collect([] { return Status::ok(); }));
    NUDGE_TRY(store.write(batch_));
  } else {
    NUDGE_ASSIGN(const auto bulk, store.bulk_write());
    const auto hand_on = [&] {
      Status added = bulk->add(batch_);
      batch_.clear();
      return added;
    };
    NUDGE_TRY(collect(hand_on));
    NUDGE_TRY(hand_on());
    NUDGE_TRY(bulk->commit());
  }
  clear();
  return Status::ok();
}

void LatestChanges::clear() {
  batch_.clear();
  references_.clear();
  bytes_.clear();
}

}  // namespace nudge::connectors::kafka
