#include "state/repeat_filter.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "state/codec.h"
#include "state/repeat_merge.h"

namespace nudge::state {
namespace {

constexpr std::size_t kMergedAtOnce = 4;
constexpr std::size_t kLogBlockBytes = 4096;
// Every hash passes log4(hashes / table) merges: so much work for each new one keeps up with them.
constexpr std::uint64_t kMergedPerInsert = 12, kMergedLeast = 16 * RepeatRun::kBlockHashes;

// How often a run of its size has been merged: runs of the same tier are merged with each other.
int tier_of(const RepeatRun& run, std::size_t table_hashes) {
  return static_cast<int>(std::bit_width(run.hashes() / table_hashes)) / 2;
}

// {0, 0} marks a free slot.
Hash128 in_use(const Hash128& given) { return given == Hash128{} ? Hash128{1, 1} : given; }

}  // namespace

RepeatFilter::RepeatFilter(const Store& store, std::string prefix, std::size_t memory_bytes_max)
    : store_(&store), prefix_(std::move(prefix)) {
  std::size_t slots = RepeatTable::kSlotsLeast;
  while (slots * 2 * sizeof(Hash128) <= memory_bytes_max / 4) slots *= 2;
  table_slots_ = slots;
  table_hashes_max_ = slots / 4 * 3;
  filter_bytes_max_ = memory_bytes_max - std::min(memory_bytes_max, slots * sizeof(Hash128));
}
RepeatFilter::RepeatFilter(RepeatFilter&&) noexcept = default;
RepeatFilter& RepeatFilter::operator=(RepeatFilter&&) noexcept = default;
RepeatFilter::~RepeatFilter() = default;

Result<bool> RepeatFilter::in_run(const RepeatRun& run, const Hash128& hash) const {
  const std::uint64_t block = run.block_of(hash);
  if (block == run.blocks()) return false;
  NUDGE_ASSIGN(const auto bytes, store_->get(repeat_block_key(prefix_, run.number(), block)));
  if (!bytes) return damaged_repeats("a block is missing");
  std::vector<Hash128> hashes;
  NUDGE_TRY(read_hashes(*bytes, hashes));
  return std::binary_search(hashes.begin(), hashes.end(), hash);
}

Result<bool> RepeatFilter::in_runs(const Hash128& hash) const {
  if (!status_) return status_;
  for (const RepeatRun& run : runs_) {
    if (!run.may_hold(hash)) continue;
    NUDGE_ASSIGN(const bool found, in_run(run, hash));
    if (found) return true;
  }
  return false;
}

Result<bool> RepeatFilter::insert(const Hash128& given) {
  const Hash128 hash = in_use(given);
  NUDGE_ASSIGN(const bool found, in_runs(hash));
  if (found || !table_.insert(hash)) return false;
  unwritten_.push_back(hash);
  ++inserted_;
  return true;
}

Result<bool> RepeatFilter::contains(const Hash128& given) const {
  const Hash128 hash = in_use(given);
  if (table_.holds(hash)) return true;
  return in_runs(hash);
}

std::size_t RepeatFilter::memory_bytes() const {
  std::size_t bytes = table_.bytes() + unwritten_.capacity() * sizeof(Hash128) + (merge_ ? merge_->bytes() : 0);
  for (const RepeatRun& run : runs_) bytes += run.bytes();
  return bytes;
}

// ---- changes --------------------------------------------------------------------------------------------------

void RepeatFilter::write_changes(Batch& batch) {
  if (!status_) return;
  for (const std::uint64_t run : abandoned_)
    batch.erase_range(repeat_block_key(prefix_, run, 0), repeat_block_key(prefix_, run + 1, 0));
  abandoned_.clear();
  const std::uint64_t inserted = unwritten_.size();
  if (table_.size() >= table_hashes_max_) {
    make_run(batch);
  } else if (inserted > 0) {
    write_log(batch);
  }
  if (merge_) go_on_merging(batch, kMergedPerInsert * inserted + kMergedLeast);
  // What this batch makes can be read only when it is in the store: a new merge reads from the next call on.
  if (!merge_) start_merge();
}

void RepeatFilter::write_log(Batch& batch) {
  constexpr std::size_t kBlockHashes = kLogBlockBytes / sizeof(Hash128);
  for (std::size_t at = 0; at < unwritten_.size();) {
    // A small block is written again with what came since: many small batches leave few blocks.
    if (log_tail_.empty()) ++next_log_;
    const std::size_t room = kBlockHashes - log_tail_.size() / sizeof(Hash128);
    const std::size_t count = std::min(room, unwritten_.size() - at);
    append_hashes(log_tail_, unwritten_.data() + at, count);
    at += count;
    batch.put(repeat_log_key(prefix_, next_log_ - 1), log_tail_);
    if (count == room) log_tail_.clear();
  }
  unwritten_.clear();
}

void RepeatFilter::make_run(Batch& batch) {
  const std::vector<Hash128> hashes = table_.sorted();
  RepeatRun run(next_run_++, hashes.size());
  std::vector<Hash128> block;
  std::string bytes;
  for (std::size_t begin = 0; begin < hashes.size(); begin += RepeatRun::kBlockHashes) {
    const std::size_t size = std::min(RepeatRun::kBlockHashes, hashes.size() - begin);
    block.assign(hashes.data() + begin, hashes.data() + begin + size);
    bytes.clear();
    append_hashes(bytes, block.data(), block.size());
    batch.put(repeat_block_key(prefix_, run.number(), run.blocks()), bytes);
    run.add_block(block);
  }
  runs_.push_back(std::move(run));
  bound_filters();
  // One by one: what is erased as a range must first be looked for where the changes go to Kafka, too.
  for (std::uint64_t block = 0; block < next_log_; ++block) batch.erase(repeat_log_key(prefix_, block));
  next_log_ = 0;
  log_tail_.clear();
  unwritten_.clear();
  table_.clear(table_slots_);
  write_runs(batch);
}

void RepeatFilter::write_runs(Batch& batch) const {
  std::string bytes;
  Encoder out(bytes);
  out.varint(next_run_);
  out.varint(runs_.size());
  for (const RepeatRun& run : runs_) {
    out.varint(run.number());
    out.varint(run.hashes());
  }
  batch.put(repeat_runs_key(prefix_), bytes);
}

void RepeatFilter::start_merge() {
  for (const RepeatRun& first : runs_) {
    std::vector<const RepeatRun*> inputs;
    for (const RepeatRun& run : runs_)
      if (tier_of(run, table_hashes_max_) == tier_of(first, table_hashes_max_) && inputs.size() < kMergedAtOnce)
        inputs.push_back(&run);
    if (inputs.size() < kMergedAtOnce) continue;
    merge_ = std::make_unique<RepeatMerge>(*store_, prefix_, inputs, next_run_++);
    bound_filters();
    return;
  }
}

void RepeatFilter::go_on_merging(Batch& batch, std::uint64_t hashes_max) {
  const Result<bool> done = merge_->go_on(batch, hashes_max);
  if (!done) {
    status_ = done.status();
    return;
  }
  if (!*done) return;
  std::erase_if(runs_, [&](const RepeatRun& run) {
    if (!merge_->has_input(run.number())) return false;
    for (std::uint64_t block = 0; block < run.blocks(); ++block)
      batch.erase(repeat_block_key(prefix_, run.number(), block));
    return true;
  });
  runs_.push_back(std::move(merge_->output()));
  merge_.reset();
  bound_filters();
  write_runs(batch);
}

void RepeatFilter::bound_filters() {
  const auto finer = [](const RepeatRun& a, const RepeatRun& b) {  // more bits a hash
    return a.filter_bytes() * b.hashes() > b.filter_bytes() * a.hashes();
  };
  for (;;) {
    RepeatRun* finest = merge_ ? &merge_->output() : nullptr;
    std::size_t bytes = merge_ ? merge_->bytes() : 0;
    for (RepeatRun& run : runs_) {
      bytes += run.bytes();
      if (finest == nullptr || finer(run, *finest)) finest = &run;
    }
    if (bytes <= filter_bytes_max_ || finest == nullptr || !finest->halve_filter()) return;
  }
}

// ---- reading back ---------------------------------------------------------------------------------------------

Result<RepeatFilter> RepeatFilter::load(const Store& store, std::string prefix, std::size_t memory_bytes_max) {
  RepeatFilter filter(store, std::move(prefix), memory_bytes_max);
  NUDGE_TRY(filter.read_log());
  NUDGE_TRY(filter.read_runs());
  return filter;
}

Status RepeatFilter::read_log() {
  std::vector<Hash128> hashes;
  const auto cursor = store_->scan(prefix_ + "l", prefix_ + "m");
  for (; cursor->valid(); cursor->next()) {
    next_log_ = repeat_key_number(cursor->key(), prefix_.size() + 1) + 1;
    NUDGE_TRY(read_hashes(cursor->value(), hashes));
    for (const Hash128& hash : hashes) inserted_ += table_.insert(hash) ? 1 : 0;
  }
  return cursor->status();
}

Status RepeatFilter::read_runs() {
  NUDGE_ASSIGN(const auto stored, store_->get(repeat_runs_key(prefix_)));
  const std::string list = stored.value_or(std::string(2, '\0'));  // none
  Decoder in(list);
  next_run_ = in.varint();
  for (std::size_t count = in.count(2); count > 0; --count) {
    const std::uint64_t number = in.varint(), hashes = in.varint();
    runs_.emplace_back(number, hashes);
    inserted_ += hashes;
  }
  if (!in.ok() || !in.at_end()) return damaged_repeats("the list of runs cannot be read");
  std::vector<Hash128> hashes;
  std::vector<std::uint64_t> read(runs_.size());
  const auto cursor = store_->scan(prefix_ + "r", prefix_ + "s");
  while (cursor->valid()) {
    const std::uint64_t number = repeat_key_number(cursor->key(), prefix_.size() + 1);
    const auto run =
        std::find_if(runs_.begin(), runs_.end(), [&](const RepeatRun& each) { return each.number() == number; });
    if (run == runs_.end()) {
      abandoned_.push_back(number);
      next_run_ = std::max(next_run_, number + 1);
      cursor->seek(repeat_block_key(prefix_, number + 1, 0));
      continue;
    }
    NUDGE_TRY(read_hashes(cursor->value(), hashes));
    run->add_block(hashes);
    read[static_cast<std::size_t>(run - runs_.begin())] += hashes.size();
    cursor->next();
  }
  NUDGE_TRY(cursor->status());
  for (std::size_t i = 0; i < runs_.size(); ++i)
    if (read[i] != runs_[i].hashes()) return damaged_repeats("some are missing");
  bound_filters();
  return Status::ok();
}

}  // namespace nudge::state
