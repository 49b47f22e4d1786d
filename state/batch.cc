#include "state/batch.h"

#include <algorithm>
#include <cstring>

namespace nudge::state {
namespace {

bool before(const Batch::Change& left, const Batch::Change& right) { return left.key < right.key; }

// A part of the keys that rises.
struct Run {
  std::size_t begin, end;
  std::size_t number;  // in the order of adding
};

std::vector<Run> rising_runs(const std::vector<Batch::Change>& keys) {
  std::vector<Run> runs;
  for (std::size_t begin = 0; begin < keys.size(); begin = runs.back().end) {
    std::size_t end = begin + 1;
    while (end < keys.size() && before(keys[end - 1], keys[end])) ++end;
    runs.push_back({begin, end, runs.size()});
  }
  return runs;
}

// Writers add their keys in rising order, kind by kind: the runs are long and few, and hardly mesh. So a merge that
// takes as much of the least run as lies before all others looks at few keys. Of equal keys the last one added is left.
std::vector<Batch::Change> merged(const std::vector<Batch::Change>& keys, std::vector<Run> runs) {
  const auto later = [&](const Run& a, const Run& b) {
    const int order = keys[a.begin].key.compare(keys[b.begin].key);
    return order > 0 || (order == 0 && a.number > b.number);
  };
  std::make_heap(runs.begin(), runs.end(), later);
  std::vector<Batch::Change> out;
  out.reserve(keys.size());
  while (!runs.empty()) {
    std::pop_heap(runs.begin(), runs.end(), later);
    Run run = runs.back();
    runs.pop_back();
    const auto from = keys.begin() + static_cast<std::ptrdiff_t>(run.begin);
    auto until = keys.begin() + static_cast<std::ptrdiff_t>(run.end);
    if (!runs.empty()) until = std::upper_bound(from, until, keys[runs.front().begin], before);
    // Equal keys of other runs were added before this one's: they came out of the heap first.
    if (!out.empty() && out.back().key == from->key) out.pop_back();
    out.insert(out.end(), from, until);
    run.begin = static_cast<std::size_t>(until - keys.begin());
    if (run.begin == run.end) continue;
    runs.push_back(run);
    std::push_heap(runs.begin(), runs.end(), later);
  }
  return out;
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
  std::vector<Run> runs = rising_runs(sorted.keys);
  if (runs.size() > 1) sorted.keys = merged(sorted.keys, std::move(runs));
  return sorted;
}

}  // namespace nudge::state
