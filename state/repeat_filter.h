// Remembers which event ids were seen, as 128-bit hashes: exact but for collisions of the hash.
//
// New hashes are in a table in memory. When the table is full its content becomes a run: sorted blocks in the store, of
// which memory keeps a Bloom filter and the first hash of every block, 2.6 bytes a hash. Only a repeat, or one new hash
// in two thousand a run, touches the store. Runs of like size are merged, a bounded amount with every batch, so that
// there are few. Of the memory the table has a quarter and the filters the rest; where more hashes come than 20 bits
// each fit in there, the filters get coarser and the store is asked more often.
//
// Durable with the batches that write_changes() adds to: what was inserted after the last of them is forgotten by a
// crash, as is everything else of that time. One thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/hash.h"
#include "state/repeat_run.h"
#include "state/repeat_table.h"
#include "state/store.h"

namespace nudge::state {

class RepeatMerge;

class RepeatFilter {
 public:
  // Keys begin with `prefix`. Reads back what the store has. What is inserted between two calls of write_changes()
  // comes on top of `memory_bytes_max`.
  static Result<RepeatFilter> load(const Store& store, std::string prefix, std::size_t memory_bytes_max);
  // Of a prefix under which the store has nothing.
  RepeatFilter(const Store& store, std::string prefix, std::size_t memory_bytes_max);
  RepeatFilter(RepeatFilter&&) noexcept;
  RepeatFilter& operator=(RepeatFilter&&) noexcept;
  ~RepeatFilter();

  // False for a hash that was inserted before. Fails where the store, or the last write_changes(), did.
  Result<bool> insert(const Hash128& hash);

  // Whether the hash was inserted; fails as insert() does.
  Result<bool> contains(const Hash128& hash) const;

  // Says that a hash will soon be inserted, so that its memory is near by then.
  void prefetch(const Hash128& hash) const {
    table_.prefetch(hash);
    for (const RepeatRun& run : runs_) run.prefetch(hash);
  }

  // Adds what changed since the last call to a batch, which must be written to the store before the next insert().
  void write_changes(Batch& batch);

  std::uint64_t size() const { return inserted_; }
  std::size_t runs() const { return runs_.size(); }
  std::size_t memory_bytes() const;

 private:
  Result<bool> in_run(const RepeatRun& run, const Hash128& hash) const;
  Result<bool> in_runs(const Hash128& hash) const;
  void make_run(Batch& batch);
  void write_log(Batch& batch);
  void write_runs(Batch& batch) const;
  void go_on_merging(Batch& batch, std::uint64_t hashes_max);
  void start_merge();
  void bound_filters();
  Status read_log();
  Status read_runs();

  const Store* store_;
  std::string prefix_;
  std::size_t table_slots_, table_hashes_max_, filter_bytes_max_;
  RepeatTable table_;
  std::uint64_t inserted_ = 0;
  std::vector<Hash128> unwritten_;
  std::uint64_t next_log_ = 0;  // block of the log
  std::string log_tail_;        // the bytes of the last block, while it may grow
  std::vector<RepeatRun> runs_;
  std::uint64_t next_run_ = 0;
  std::vector<std::uint64_t> abandoned_;  // runs that a crash left unfinished
  std::unique_ptr<RepeatMerge> merge_;    // at work; its inputs are still in runs_
  Status status_;
};

}  // namespace nudge::state
