// Hashes as they lie in the store, and the merging of runs, which is done a part at a time.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "state/repeat_run.h"
#include "state/store.h"

namespace nudge::state {

// Keys: <prefix>l<number> hashes in the order of their coming, since the last run; <prefix>r<run><block> sorted hashes
// of a run; <prefix>h the runs in force. Numbers are eight bytes, the highest first; a hash is two words of the
// machine.
std::string repeat_log_key(std::string_view prefix, std::uint64_t number);
std::string repeat_block_key(std::string_view prefix, std::uint64_t run, std::uint64_t block);
std::string repeat_runs_key(std::string_view prefix);
// The number in the eight bytes at `at`.
std::uint64_t repeat_key_number(std::string_view key, std::size_t at);

void append_hashes(std::string& out, const Hash128* hashes, std::size_t count);
// Fails where the bytes are no whole number of hashes.
Status read_hashes(std::string_view bytes, std::vector<Hash128>& hashes);
Status damaged_repeats(std::string_view what);

// Makes one run of several that have no hash in common. Until it is done its inputs are what counts: a crash in between
// costs the work.
class RepeatMerge {
 public:
  RepeatMerge(const Store& store, std::string prefix, const std::vector<const RepeatRun*>& inputs,
              std::uint64_t number);

  // Writes blocks of about `hashes_max` hashes. True: the output is complete with this batch.
  Result<bool> go_on(Batch& batch, std::uint64_t hashes_max);

  RepeatRun& output() { return output_; }
  bool has_input(std::uint64_t number) const;
  std::size_t bytes() const;

 private:
  struct Input {
    std::uint64_t number, blocks;
    std::uint64_t next_block = 0;
    std::vector<Hash128> hashes = {};
    std::size_t at = 0;
  };

  // Stands on the next hash, reading the next block where one has ended. False: the input has ended.
  Result<bool> stand(Input& input);
  void write_block(Batch& batch);

  const Store* store_;
  std::string prefix_;
  std::vector<Input> inputs_;
  RepeatRun output_;
  std::uint64_t written_ = 0;
  std::vector<Hash128> block_;
};

}  // namespace nudge::state
