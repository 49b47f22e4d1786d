#include "state/rocksdb_options.h"

#include <rocksdb/cache.h>
#include <rocksdb/convenience.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>
#include <rocksdb/universal_compaction.h>
#include <rocksdb/write_buffer_manager.h>

#include <algorithm>

namespace nudge::state {
namespace {

constexpr std::uint64_t kMemoryLeast = 8ull << 20;

bool has_lz4() {
  const auto supported = rocksdb::GetSupportedCompressions();
  return std::find(supported.begin(), supported.end(), rocksdb::kLZ4Compression) != supported.end();
}

rocksdb::BlockBasedTableOptions table_options(const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = cache;
  table.block_size = 4 << 10;       // a customer is about 1 KB, and is read alone
  table.checksum = rocksdb::kXXH3;  // crc32c is computed in software here
  table.format_version = 5;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  table.whole_key_filtering = true;
  // Filters and indexes count towards the budget. In partitions, so that a budget smaller than them costs a
  // small read per key and not the whole filter of a file.
  table.cache_index_and_filter_blocks = true;
  table.cache_index_and_filter_blocks_with_high_priority = true;
  table.index_type = rocksdb::BlockBasedTableOptions::kTwoLevelIndexSearch;
  table.partition_filters = true;
  table.metadata_block_size = 16 << 10;
  table.pin_top_level_index_and_filter = true;
  return table;
}

}  // namespace

RocksDbSetup rocksdb_setup(const StoreOptions& given) {
  const std::uint64_t budget = std::max(given.memory_budget_bytes, kMemoryLeast);
  RocksDbSetup setup;
  setup.cache = rocksdb::NewLRUCache(budget);

  rocksdb::Options& options = setup.options;
  options.create_if_missing = true;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table_options(setup.cache)));

  // Up to half of the budget is memtables: one being filled, one being flushed.
  options.write_buffer_manager = std::make_shared<rocksdb::WriteBufferManager>(budget / 2, setup.cache);
  options.write_buffer_size = budget / 4;
  options.max_write_buffer_number = 3;
  // One writer: its sorted puts follow each other in the skip list without searching from the top.
  options.allow_concurrent_memtable_write = false;

  // Tiers: a key is rewritten about log(size / memtable) times, not ten times a level. Filters keep the
  // price of several sorted runs low for reads.
  options.compaction_style = rocksdb::kCompactionStyleUniversal;
  options.compaction_options_universal.size_ratio = 20;
  options.compaction_options_universal.min_merge_width = 3;
  options.compaction_options_universal.max_size_amplification_percent = 100;
  options.level0_file_num_compaction_trigger = 8;
  options.level0_slowdown_writes_trigger = 20;
  options.level0_stop_writes_trigger = 30;
  options.target_file_size_base = 64 << 20;
  options.max_background_jobs = std::max(2, given.threads + 1);
  options.max_subcompactions = static_cast<std::uint32_t>(std::max(1, given.threads));
  options.bytes_per_sync = 1 << 20;  // no bursts of dirty pages

  // The newest runs are short-lived: compressing them is wasted.
  options.compression = has_lz4() ? rocksdb::kLZ4Compression : rocksdb::kNoCompression;
  options.compaction_options_universal.compression_size_percent = 60;

  // A failed flush or compaction ends the store's writes; it is not tried again behind the caller's back.
  options.max_bgerror_resume_count = 0;
  options.max_open_files = 512;
  options.info_log_level = rocksdb::WARN_LEVEL;
  options.max_log_file_size = 1 << 20;
  options.keep_log_file_num = 2;
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  return setup;
}

}  // namespace nudge::state
