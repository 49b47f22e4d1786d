// How RocksDB is set up for the state of customers: large sorted batches, sorted reads of many keys, few scans.
#pragma once

#include <rocksdb/options.h>

#include <memory>

#include "state/store.h"

namespace nudge::state {

struct RocksDbSetup {
  rocksdb::Options options;
  std::shared_ptr<rocksdb::Cache> cache;  // blocks, filters and indexes; memtables are charged to it
};

// One column family without a write-ahead log. A memtable holds whole batches (RocksDB changes memtables between
// batches only) and memtables reach the disk in their order, so what a crash leaves ends at a batch.
RocksDbSetup rocksdb_setup(const StoreOptions& options);

}  // namespace nudge::state
