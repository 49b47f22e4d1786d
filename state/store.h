// A sorted map from byte strings to byte strings: the only view of durable state that the engine has.
//
// Writes are whole batches: after a crash all of a batch is there or nothing of it, and no later batch of a thread
// without its earlier ones. Any thread may call at any time, but what one thread writes is no other one's to write:
// threads share a store, not keys. Failures carry the folder and what to do.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/status.h"
#include "state/batch.h"

namespace nudge::state {

// A commit larger than what memory should hold twice: batches put aside one after the other, visible together and
// durable with commit(). Whatever was put aside and not committed is forgotten.
class BulkWrite {
 public:
  virtual ~BulkWrite() = default;
  // Keys lie beyond those of the batches before. Erased ranges concern what was there before this part.
  virtual Status add(const Batch& batch) = 0;
  // The same, and may keep what the batch has; clear it before it is used again.
  virtual Status add(Batch&& batch) { return add(std::as_const(batch)); }
  // Keys may begin from the front again; what comes now outlasts what was added before.
  virtual Status next_part() = 0;
  virtual Status commit() = 0;
};

// Walks keys in byte order. `key` and `value` are valid until the next move.
class Cursor {
 public:
  virtual ~Cursor() = default;
  virtual bool valid() const = 0;
  virtual void next() = 0;
  virtual void seek(std::string_view key) = 0;
  virtual std::string_view key() const = 0;
  virtual std::string_view value() const = 0;
  // A read failure also ends the walk.
  virtual Status status() const = 0;
};

struct StoreFigures {
  std::uint64_t bytes_written = 0;  // Flushes and compactions.
  std::uint64_t memory_bytes = 0;   // Memtables, block cache, table readers.
  std::uint64_t disk_bytes = 0;
};

class Store {
 public:
  virtual ~Store() = default;

  virtual Result<std::optional<std::string>> get(std::string_view key) const = 0;
  // `keys` are sorted and distinct; `values[i]` belongs to `keys[i]` and is empty-optional where missing.
  virtual Status multi_get(std::span<const std::string> keys,
                           std::vector<std::optional<std::string>>& values) const = 0;
  // Keys in [from, until); an empty `until` is no bound. The cursor stands on the first key and sees the
  // store as of its making.
  virtual std::unique_ptr<Cursor> scan(std::string_view from, std::string_view until) const = 0;

  virtual Status write(const Batch& batch) = 0;
  // One at a time for each thread, and no write() by it meanwhile.
  virtual Result<std::unique_ptr<BulkWrite>> bulk_write() = 0;
  // Makes every batch written so far survive a crash of the machine.
  virtual Status sync() = 0;
  virtual StoreFigures figures() const = 0;
};

struct StoreOptions {
  std::string folder;
  std::uint64_t memory_budget_bytes = 256ull << 20;  // For memtables and block cache together.
  int threads = 1;                                   // Background flushes and compactions.
};

// Opens or creates. Fails with kConfig where the folder is in use by another process, kInputOutput where it
// cannot be read or written.
Result<std::unique_ptr<Store>> open_rocksdb(const StoreOptions& options);
// Copies the store in options.folder, as it stands, to `to`, which must not exist; what does not change anyway is
// linked where both are on one disk. kConfig where another process uses it.
Status copy_rocksdb(const StoreOptions& options, const std::string& to);
// In memory, for tests.
std::unique_ptr<Store> make_memory_store();

}  // namespace nudge::state
