#include "state/batch.h"

#include <algorithm>
#include <cstring>

namespace nudge::state {
namespace {

bool before(const Batch::Change& left, const Batch::Change& right) { return left.key < right.key; }

// Writers add their keys in rising order, kind by kind: such runs only need to be put in order themselves.
bool order_runs(std::vector<Batch::Change>& keys) {
  using Run = std::pair<std::size_t, std::size_t>;
  std::vector<Run> runs;
  for (std::size_t begin = 0; begin < keys.size();) {
    std::size_t end = begin + 1;
    while (end < keys.size() && before(keys[end - 1], keys[end])) ++end;
    runs.emplace_back(begin, end);
    begin = end;
  }
  if (runs.size() <= 1) return true;
  std::sort(runs.begin(), runs.end(), [&](const Run& a, const Run& b) { return before(keys[a.first], keys[b.first]); });
  for (std::size_t i = 1; i < runs.size(); ++i)
    if (!before(keys[runs[i - 1].second - 1], keys[runs[i].first])) return false;
  std::vector<Batch::Change> ordered;
  ordered.reserve(keys.size());
  for (const auto& [begin, end] : runs)
    ordered.insert(ordered.end(), keys.begin() + static_cast<std::ptrdiff_t>(begin),
                   keys.begin() + static_cast<std::ptrdiff_t>(end));
  keys = std::move(ordered);
  return true;
}

}  // namespace

char* Batch::room(std::size_t bytes) {
  while (block_ < blocks_.size() && blocks_[block_].size - used_ < bytes) {
    ++block_;
    used_ = 0;
  }
  if (block_ == blocks_.size()) {
    const std::size_t size = std::max(bytes, kBlockBytes);
    blocks_.push_back({std::unique_ptr<char[]>(new char[size]), size});
  }
  char* const begin = blocks_[block_].data.get() + used_;
  used_ += bytes;
  return begin;
}

void Batch::add(Kind kind, std::string_view key, std::string_view value) {
  const std::size_t bytes = key.size() + value.size();
  char* const begin = room(bytes);
  std::copy(key.begin(), key.end(), begin);
  std::copy(value.begin(), value.end(), begin + key.size());
  changes_.push_back({{begin, key.size()}, {begin + key.size(), value.size()}, kind});
  bytes_ += bytes;
}

void Batch::clear() {
  changes_.clear();
  block_ = used_ = bytes_ = 0;
}

Batch::Sorted Batch::sorted() const {
  Sorted sorted;
  sorted.keys.reserve(changes_.size());
  for (const Change& change : changes_) {
    if (change.kind != Kind::kEraseRange) {
      sorted.keys.push_back(change);
      continue;
    }
    std::erase_if(sorted.keys, [&](const Change& key) { return key.key >= change.key && key.key < change.value; });
    sorted.ranges.push_back(change);
  }
  if (order_runs(sorted.keys)) return sorted;
  std::stable_sort(sorted.keys.begin(), sorted.keys.end(), before);
  std::size_t kept = 0;
  for (const Change& change : sorted.keys) {
    if (kept > 0 && sorted.keys[kept - 1].key == change.key) --kept;
    sorted.keys[kept++] = change;
  }
  sorted.keys.resize(kept);
  return sorted;
}

}  // namespace nudge::state
