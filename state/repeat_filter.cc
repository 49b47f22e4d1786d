#include "state/repeat_filter.h"

#include <algorithm>
#include <cstring>

namespace nudge::state {

namespace {

constexpr std::size_t kLineWords = 8, kBitsEach = 10, kProbes = 6;

void append_number(std::string& out, std::uint64_t value) {
  for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<char>(value >> shift));
}

void append_hashes(std::string& out, const Hash128* hashes, std::size_t count) {
  out.append(reinterpret_cast<const char*>(hashes), count * sizeof(Hash128));
}

std::vector<Hash128> hashes_in(std::string_view bytes) {
  std::vector<Hash128> hashes(bytes.size() / sizeof(Hash128));
  std::memcpy(hashes.data(), bytes.data(), hashes.size() * sizeof(Hash128));
  return hashes;
}

std::uint64_t number_in(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char c : bytes.substr(0, 8)) value = value << 8 | static_cast<unsigned char>(c);
  return value;
}

}  // namespace

// ---- runs -------------------------------------------------------------------------------------------------

void RepeatFilter::Run::reserve(std::size_t hashes) {
  bloom.assign((hashes * kBitsEach / 512 + 1) * kLineWords, 0);
}

void RepeatFilter::Run::add_to_bloom(const Hash128& hash) {
  std::uint64_t* const line = &bloom[hash.high % (bloom.size() / kLineWords) * kLineWords];
  for (std::size_t probe = 0; probe < kProbes; ++probe) {
    const std::uint64_t bit = hash.low >> (9 * probe) & 511;
    line[bit / 64] |= 1ull << bit % 64;
  }
}

bool RepeatFilter::Run::may_hold(const Hash128& hash) const {
  const std::uint64_t* const line = &bloom[hash.high % (bloom.size() / kLineWords) * kLineWords];
  for (std::size_t probe = 0; probe < kProbes; ++probe) {
    const std::uint64_t bit = hash.low >> (9 * probe) & 511;
    if (!(line[bit / 64] >> bit % 64 & 1)) return false;
  }
  return true;
}

Result<bool> RepeatFilter::in_run(const Run& run, const Hash128& hash) const {
  const auto after = std::upper_bound(run.firsts.begin(), run.firsts.end(), hash);
  if (after == run.firsts.begin()) return false;
  const auto block = static_cast<std::uint64_t>(after - run.firsts.begin() - 1);
  NUDGE_ASSIGN(const auto bytes, store_->get(block_key(run.number, block)));
  if (!bytes) return Status::io("the state is damaged: remembered event ids are missing; replay into a new engine.state_dir");
  const std::vector<Hash128> hashes = hashes_in(*bytes);
  return std::binary_search(hashes.begin(), hashes.end(), hash);
}

// ---- the table ----------------------------------------------------------------------------------------------

RepeatFilter::RepeatFilter(const Store& store, std::string prefix, std::size_t table_bytes_max)
    : store_(&store), prefix_(std::move(prefix)) {
  // The table doubles; it is at most three quarters full.
  std::size_t slots = 1024;
  while (slots * 2 * sizeof(Hash128) <= table_bytes_max) slots *= 2;
  table_hashes_max_ = slots / 4 * 3;
  table_.resize(1024);
}

bool RepeatFilter::in_table(const Hash128& hash) const {
  const std::size_t mask = table_.size() - 1;
  for (std::size_t slot = hash.low & mask;; slot = (slot + 1) & mask) {
    if (table_[slot] == hash) return true;
    if (table_[slot] == Hash128{}) return false;
  }
}

bool RepeatFilter::insert_in_table(const Hash128& hash) {
  if ((used_ + 1) * 4 > table_.size() * 3) grow();
  const std::size_t mask = table_.size() - 1;
  for (std::size_t slot = hash.low & mask;; slot = (slot + 1) & mask) {
    if (table_[slot] == hash) return false;
    if (table_[slot] != Hash128{}) continue;
    table_[slot] = hash;
    ++used_;
    return true;
  }
}

void RepeatFilter::grow() {
  std::vector<Hash128> old(table_.size() * 2);
  old.swap(table_);
  used_ = 0;
  for (const Hash128& hash : old)
    if (hash != Hash128{}) (void)insert_in_table(hash);
}

Result<bool> RepeatFilter::insert(const Hash128& given) {
  const Hash128 hash = given == Hash128{} ? Hash128{1, 1} : given;  // {0, 0} marks a free slot
  for (const Run& run : runs_) {
    if (!run.may_hold(hash)) continue;
    NUDGE_ASSIGN(const bool found, in_run(run, hash));
    if (found) return false;
  }
  if (!insert_in_table(hash)) return false;
  unwritten_.push_back(hash);
  ++inserted_;
  return true;
}

std::size_t RepeatFilter::memory_bytes() const {
  std::size_t bytes = (table_.capacity() + unwritten_.capacity()) * sizeof(Hash128);
  for (const Run& run : runs_) bytes += run.bloom.size() * 8 + run.firsts.size() * sizeof(Hash128);
  return bytes;
}

// ---- durability -----------------------------------------------------------------------------------------------
// <prefix>l<number>         hashes in the order of their coming, since the last run
// <prefix>r<run><block>     sorted hashes of a run

std::string RepeatFilter::log_key(std::uint64_t number) const {
  std::string key = prefix_ + "l";
  append_number(key, number);
  return key;
}

std::string RepeatFilter::block_key(std::uint64_t run, std::uint64_t block) const {
  std::string key = prefix_ + "r";
  append_number(key, run);
  append_number(key, block);
  return key;
}

void RepeatFilter::write_changes(Batch& batch) {
  if (used_ >= table_hashes_max_) return make_run(batch);
  if (unwritten_.empty()) return;
  std::string bytes;
  append_hashes(bytes, unwritten_.data(), unwritten_.size());
  batch.put(log_key(next_log_++), bytes);
  unwritten_.clear();
}

void RepeatFilter::make_run(Batch& batch) {
  std::vector<Hash128> hashes;
  hashes.reserve(used_);
  for (const Hash128& hash : table_)
    if (hash != Hash128{}) hashes.push_back(hash);
  std::sort(hashes.begin(), hashes.end());
  Run run;
  run.number = runs_.empty() ? 0 : runs_.back().number + 1;
  run.reserve(hashes.size());
  for (std::size_t begin = 0; begin < hashes.size(); begin += kBlockHashes) {
    std::string bytes;
    append_hashes(bytes, &hashes[begin], std::min(kBlockHashes, hashes.size() - begin));
    batch.put(block_key(run.number, run.firsts.size()), bytes);
    run.firsts.push_back(hashes[begin]);
  }
  for (const Hash128& hash : hashes) run.add_to_bloom(hash);
  runs_.push_back(std::move(run));
  for (std::uint64_t number = 0; number < next_log_; ++number) batch.erase(log_key(number));
  next_log_ = 0;
  unwritten_.clear();
  table_.assign(1024, {});
  table_.shrink_to_fit();
  used_ = 0;
}

Result<RepeatFilter> RepeatFilter::load(const Store& store, std::string prefix, std::size_t table_bytes_max) {
  RepeatFilter filter(store, std::move(prefix), table_bytes_max);
  NUDGE_TRY(filter.read_back());
  return filter;
}

Status RepeatFilter::read_back() {
  const std::string logs = prefix_ + "l", blocks = prefix_ + "r";
  const auto log = store_->scan(logs, prefix_ + "m");
  for (; log->valid(); log->next()) {
    next_log_ = number_in(log->key().substr(logs.size())) + 1;
    for (const Hash128& hash : hashes_in(log->value())) inserted_ += insert_in_table(hash) ? 1 : 0;
  }
  NUDGE_TRY(log->status());
  // A run's size is known after its last block: hashes are collected first.
  std::vector<Hash128> hashes;
  const auto close = [&] {
    if (hashes.empty()) return;
    Run& run = runs_.back();
    run.reserve(hashes.size());
    for (const Hash128& hash : hashes) run.add_to_bloom(hash);
    inserted_ += hashes.size();
    hashes.clear();
  };
  const auto cursor = store_->scan(blocks, prefix_ + "s");
  for (; cursor->valid(); cursor->next()) {
    const std::uint64_t number = number_in(cursor->key().substr(blocks.size()));
    if (runs_.empty() || runs_.back().number != number) {
      close();
      runs_.emplace_back().number = number;
    }
    const std::vector<Hash128> block = hashes_in(cursor->value());
    if (block.empty()) return Status::io("the state is damaged: remembered event ids are empty; replay into a new engine.state_dir");
    runs_.back().firsts.push_back(block.front());
    hashes.insert(hashes.end(), block.begin(), block.end());
  }
  close();
  return cursor->status();
}

}  // namespace nudge::state
