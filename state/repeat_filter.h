// Remembers which event ids were seen, as 128-bit hashes: exact but for collisions of the hash.
//
// New hashes are in a table in memory. When the table is full its content becomes a run: sorted blocks in the store,
// of which memory keeps a Bloom filter (10 bits a hash, blocked: one cache line a look-up; Putze, Sanders & Singler 2007)
// and the first hash of every block. So memory grows by 1.4 bytes a hash instead of 30, and only a repeat, or one
// new hash in a hundred, touches the store.
//
// Durable with the batches that write_changes() adds to: what was inserted after the last of them is forgotten by a
// crash, as is everything else of that time. One thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/hash.h"
#include "state/store.h"

namespace nudge::state {

class RepeatFilter {
 public:
  // Keys begin with `prefix`. `table_bytes_max` bounds the table; reads back what the store has.
  static Result<RepeatFilter> load(const Store& store, std::string prefix, std::size_t table_bytes_max);

  // False for a hash that was inserted before.
  Result<bool> insert(const Hash128& hash);

  // Adds what changed since the last call to a batch, which must be written.
  void write_changes(Batch& batch);

  std::uint64_t size() const { return inserted_; }
  std::size_t memory_bytes() const;

 private:
  static constexpr std::size_t kBlockHashes = 256;
  struct Run {
    std::uint64_t number = 0;
    std::vector<std::uint64_t> bloom;  // lines of 8 words
    std::vector<Hash128> firsts;       // of the blocks
    bool may_hold(const Hash128& hash) const;
    void add_to_bloom(const Hash128& hash);
    void reserve(std::size_t hashes);
  };

  RepeatFilter(const Store& store, std::string prefix, std::size_t table_bytes_max);
  bool insert_in_table(const Hash128& hash);
  bool in_table(const Hash128& hash) const;
  void grow();
  Result<bool> in_run(const Run& run, const Hash128& hash) const;
  void make_run(Batch& batch);
  Status read_back();
  std::string log_key(std::uint64_t number) const;
  std::string block_key(std::uint64_t run, std::uint64_t block) const;

  const Store* store_;
  std::string prefix_;
  std::size_t table_hashes_max_;
  std::vector<Hash128> table_;  // open addressing; {0, 0} is free
  std::size_t used_ = 0;
  std::uint64_t inserted_ = 0;
  std::vector<Hash128> unwritten_;
  std::uint64_t next_log_ = 0;
  std::vector<Run> runs_;
};

}  // namespace nudge::state
