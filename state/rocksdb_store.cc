#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/listener.h>
#include <rocksdb/perf_level.h>
#include <rocksdb/sst_file_writer.h>
#include <rocksdb/utilities/checkpoint.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <exception>
#include <filesystem>
#include <mutex>
#include <utility>

#include "state/rocksdb_options.h"
#include "state/store.h"

namespace nudge::state {
namespace {

// What a crash leaves of a bulk write; RocksDB takes it for none of its own files. A number follows that no other bulk
// write of this process has.
constexpr std::string_view kIncomingFile = "incoming";
std::atomic<std::uint64_t> incoming_files = 0;

void remove_incoming(const std::string& folder) {
  std::error_code ignored;
  for (const auto& file : std::filesystem::directory_iterator(folder, ignored))
    if (file.path().filename().string().starts_with(kIncomingFile)) std::filesystem::remove(file.path(), ignored);
}

rocksdb::Slice slice_of(std::string_view bytes) { return {bytes.data(), bytes.size()}; }
std::string_view view_of(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

Status failure(std::string_view what, const std::string& folder, const rocksdb::Status& status) {
  std::string message = "state in " + folder + ": " + std::string(what) + ": " + status.ToString();
  if (status.IsNoSpace())
    message += "; free space on that disk and start again";
  else if (status.IsCorruption())
    message += "; remove the folder, so that the state is made again from the input, or put a copy in its place";
  else
    message += "; check that the folder can be read and written and that its disk is not full, then start again";
  return Status::io(std::move(message));
}

// Runs `call` and turns an exception of the library into a failure.
template <typename Call>
auto guarded(const std::string& folder, Call&& call) -> decltype(call()) {
  // RocksDB counts every comparison of keys in a thread-local by default, a tenth of the price of a put.
  rocksdb::SetPerfLevel(rocksdb::PerfLevel::kDisable);
  try {
    return call();
  } catch (const std::exception& exception) {
    return Status::internal("state in " + folder + ": " + exception.what());
  }
}

// Adding to a batch in memory cannot fail, so its status says nothing.
rocksdb::WriteBatch write_batch_of(const Batch& batch) {
  rocksdb::WriteBatch made(batch.bytes() + 8 * batch.changes().size());
  for (const Batch::Change& change : batch.changes()) {
    const rocksdb::Slice key = slice_of(change.key), value = slice_of(change.value);
    if (change.kind == Batch::Kind::kPut)
      made.Put(key, value).PermitUncheckedError();
    else if (change.kind == Batch::Kind::kErase)
      made.Delete(key).PermitUncheckedError();
    else
      made.DeleteRange(key, value).PermitUncheckedError();
  }
  return made;
}

// One sorted file for each part, which RocksDB takes over together as they are: no memtable, and nothing is held in
// memory but a block.
class RocksDbBulkWrite final : public BulkWrite {
 public:
  using BulkWrite::add;
  RocksDbBulkWrite(rocksdb::DB& database, const std::string& folder)
      : database_(database), folder_(folder), writer_({}, options_of(database), nullptr, false) {}
  ~RocksDbBulkWrite() override {
    std::error_code ignored;
    for (const std::string& file : files_) std::filesystem::remove(file, ignored);
  }

  Status add(const Batch& batch) override {
    return guarded(folder_, [&] {
      const Batch::Sorted sorted = batch.sorted();
      if (sorted.ranges.empty() && sorted.keys.empty()) return Status::ok();
      rocksdb::Status status = open_ ? rocksdb::Status::OK() : begin();
      for (const Batch::Change& range : sorted.ranges)
        if (status.ok()) status = writer_.DeleteRange(slice_of(range.key), slice_of(range.value));
      for (const Batch::Change& change : sorted.keys) {
        if (!status.ok()) break;
        status = change.kind == Batch::Kind::kPut ? writer_.Put(slice_of(change.key), slice_of(change.value))
                                                  : writer_.Delete(slice_of(change.key));
      }
      return outcome(status);
    });
  }

  Status next_part() override {
    return guarded(folder_, [&] {
      if (!open_) return Status::ok();
      open_ = false;
      rocksdb::ExternalSstFileInfo info;
      return outcome(writer_.Finish(&info));
    });
  }

  Status commit() override {
    NUDGE_TRY(next_part());
    if (files_.empty()) return Status::ok();
    return guarded(folder_, [&] {
      // What was written before must not be lost where this stays: files outlast a crash, memtables do not.
      rocksdb::FlushOptions flush;
      flush.allow_write_stall = true;
      NUDGE_TRY(outcome(database_.Flush(flush)));
      rocksdb::IngestExternalFileOptions options;
      options.move_files = true;
      options.write_global_seqno = false;
      return outcome(database_.IngestExternalFile(files_, options));
    });
  }

 private:
  rocksdb::Status begin() {
    files_.push_back(folder_ + "/" + std::string(kIncomingFile) + std::to_string(incoming_files++) + ".sst");
    open_ = true;
    return writer_.Open(files_.back());
  }
  // A file is read by a merge soon: to compress it is wasted.
  static rocksdb::Options options_of(rocksdb::DB& database) {
    rocksdb::Options options = database.GetOptions();
    options.compression = rocksdb::kNoCompression;
    options.bottommost_compression = rocksdb::kDisableCompressionOption;
    return options;
  }
  Status outcome(const rocksdb::Status& status) const {
    return status.ok() ? Status::ok() : failure("write", folder_, status);
  }

  rocksdb::DB& database_;
  const std::string& folder_;
  rocksdb::SstFileWriter writer_;
  std::vector<std::string> files_;  // of the parts
  bool open_ = false;               // the last of them
};

class RocksDbCursor final : public Cursor {
 public:
  RocksDbCursor(rocksdb::DB& database, const std::string& folder, std::string_view from, std::string_view until)
      : folder_(folder), from_(from), until_(until), until_slice_(until_) {
    rocksdb::ReadOptions options;
    options.fill_cache = false;  // a walk over everything must not push out what is read again
    if (!until_.empty()) options.iterate_upper_bound = &until_slice_;
    iterator_.reset(database.NewIterator(options));
    iterator_->Seek(from_);
  }
  bool valid() const override { return iterator_->Valid(); }
  void next() override { iterator_->Next(); }
  void seek(std::string_view key) override { iterator_->Seek(slice_of(std::max<std::string_view>(key, from_))); }
  std::string_view key() const override { return view_of(iterator_->key()); }
  std::string_view value() const override { return view_of(iterator_->value()); }
  Status status() const override {
    const rocksdb::Status status = iterator_->status();
    return status.ok() ? Status::ok() : failure("scan", folder_, status);
  }

 private:
  const std::string folder_, from_, until_;
  const rocksdb::Slice until_slice_;
  std::unique_ptr<rocksdb::Iterator> iterator_;
};

// Called from RocksDB's own threads: counts what it writes, keeps its first failure.
class Watch final : public rocksdb::EventListener {
 public:
  void OnTableFileCreated(const rocksdb::TableFileCreationInfo& file) override {
    if (file.status.ok()) bytes_written_.fetch_add(file.file_size, std::memory_order_relaxed);
  }
  void OnBackgroundError(rocksdb::BackgroundErrorReason, rocksdb::Status* status) override {
    const std::lock_guard lock(mutex_);
    if (!first_failure_) first_failure_ = *status;
    failed_.store(true, std::memory_order_release);
  }
  std::uint64_t bytes_written() const { return bytes_written_.load(std::memory_order_relaxed); }
  std::optional<rocksdb::Status> first_failure() const {
    if (!failed_.load(std::memory_order_acquire)) return std::nullopt;
    const std::lock_guard lock(mutex_);
    return first_failure_;
  }

 private:
  std::atomic<std::uint64_t> bytes_written_{0};
  std::atomic<bool> failed_{false};
  mutable std::mutex mutex_;
  std::optional<rocksdb::Status> first_failure_;
};

class RocksDbStore final : public Store {
 public:
  RocksDbStore(std::unique_ptr<rocksdb::DB> database, std::shared_ptr<rocksdb::Cache> cache,
               std::shared_ptr<Watch> watch, std::string folder)
      : folder_(std::move(folder)), cache_(std::move(cache)), watch_(std::move(watch)), database_(std::move(database)) {
    write_options_.disableWAL = true;
  }

  ~RocksDbStore() override {
    try {
      // After a failure the newest batches must not be tried again: the caller goes back to what is on disk.
      if (watch_->first_failure())
        database_->SetDBOptions({{"avoid_flush_during_shutdown", "true"}}).PermitUncheckedError();
      database_.reset();
    } catch (const std::exception&) {
      // What is lost is what a crash would have lost.
    }
  }

  Result<std::optional<std::string>> get(std::string_view key) const override {
    return guarded(folder_, [&]() -> Result<std::optional<std::string>> {
      std::string value;
      const rocksdb::Status status = database_->Get(read_options_, slice_of(key), &value);
      if (status.IsNotFound()) return std::optional<std::string>();
      if (!status.ok()) return failure("read", folder_, status);
      return std::optional(std::move(value));
    });
  }

  Status multi_get(std::span<const std::string> keys, std::vector<std::optional<std::string>>& values) const override {
    values.resize(keys.size());
    return guarded(folder_, [&] {
      std::array<rocksdb::Slice, kKeysAtOnce> slices;
      std::array<rocksdb::PinnableSlice, kKeysAtOnce> found;
      std::array<rocksdb::Status, kKeysAtOnce> statuses;
      for (std::size_t first = 0; first < keys.size(); first += kKeysAtOnce) {
        const std::size_t count = std::min(kKeysAtOnce, keys.size() - first);
        for (std::size_t i = 0; i < count; ++i) slices[i] = keys[first + i];
        database_->MultiGet(read_options_, database_->DefaultColumnFamily(), count, slices.data(), found.data(),
                            statuses.data(), /*sorted_input=*/true);
        for (std::size_t i = 0; i < count; ++i) {
          std::optional<std::string>& value = values[first + i];
          if (statuses[i].ok()) {
            if (!value) value.emplace();
            value->assign(found[i].data(), found[i].size());
          } else if (statuses[i].IsNotFound()) {
            value.reset();
          } else {
            return failure("read", folder_, statuses[i]);
          }
          found[i].Reset();
        }
      }
      return Status::ok();
    });
  }

  std::unique_ptr<Cursor> scan(std::string_view from, std::string_view until) const override {
    return std::make_unique<RocksDbCursor>(*database_, folder_, from, until);
  }

  Status write(const Batch& batch) override {
    return guarded(folder_, [&] {
      NUDGE_TRY(background());
      rocksdb::WriteBatch changes = write_batch_of(batch);
      const rocksdb::Status status = database_->Write(write_options_, &changes);
      return status.ok() ? Status::ok() : background_or(failure("write", folder_, status));
    });
  }

  Result<std::unique_ptr<BulkWrite>> bulk_write() override {
    return guarded(folder_, [&]() -> Result<std::unique_ptr<BulkWrite>> {
      NUDGE_TRY(background());
      return std::unique_ptr<BulkWrite>(std::make_unique<RocksDbBulkWrite>(*database_, folder_));
    });
  }

  Status sync() override {
    return guarded(folder_, [&] {
      NUDGE_TRY(background());
      rocksdb::FlushOptions options;
      options.wait = true;
      options.allow_write_stall = true;  // now, even where a compaction is behind
      const rocksdb::Status status = database_->Flush(options);
      return status.ok() ? background() : background_or(failure("flush", folder_, status));
    });
  }

  Status copy_to(const std::string& folder) {
    return guarded(folder, [&] {
      rocksdb::Checkpoint* made = nullptr;
      rocksdb::Status status = rocksdb::Checkpoint::Create(database_.get(), &made);
      const std::unique_ptr<rocksdb::Checkpoint> checkpoint(made);
      if (status.ok()) status = checkpoint->CreateCheckpoint(folder);
      return status.ok() ? Status::ok() : failure("copy", folder, status);
    });
  }

  StoreFigures figures() const override {
    StoreFigures figures;
    figures.bytes_written = watch_->bytes_written();
    figures.memory_bytes = cache_->GetUsage() + property(rocksdb::DB::Properties::kEstimateTableReadersMem);
    figures.disk_bytes = property(rocksdb::DB::Properties::kTotalSstFilesSize);
    return figures;
  }

 private:
  static constexpr std::size_t kKeysAtOnce = 128;

  // A flush or compaction that failed behind the caller's back.
  Status background() const { return background_or(Status::ok()); }
  Status background_or(Status otherwise) const {
    const std::optional<rocksdb::Status> failed = watch_->first_failure();
    return failed ? failure("background write", folder_, *failed) : std::move(otherwise);
  }

  std::uint64_t property(const std::string& name) const {
    std::uint64_t value = 0;
    return database_->GetIntProperty(name, &value) ? value : 0;
  }

  const std::string folder_;
  std::shared_ptr<rocksdb::Cache> cache_;
  std::shared_ptr<Watch> watch_;
  rocksdb::WriteOptions write_options_;
  rocksdb::ReadOptions read_options_;
  std::unique_ptr<rocksdb::DB> database_;
};

bool says_in_use(const rocksdb::Status& status) {
  const std::string text = status.ToString();
  return status.IsIOError() && text.find("/LOCK: ") != std::string::npos &&
         (text.find("Resource temporarily unavailable") != std::string::npos ||
          text.find("lock hold by current process") != std::string::npos);
}

Result<std::unique_ptr<RocksDbStore>> open(const StoreOptions& options) {
  return guarded(options.folder, [&]() -> Result<std::unique_ptr<RocksDbStore>> {
    std::error_code error;
    std::filesystem::create_directories(options.folder, error);
    if (error)
      return Status::io("state in " + options.folder + ": the folder cannot be made: " + error.message() +
                        "; give another folder or the right to write there");
    remove_incoming(options.folder);
    RocksDbSetup setup = rocksdb_setup(options);
    auto watch = std::make_shared<Watch>();
    setup.options.listeners.push_back(watch);
    rocksdb::DB* database = nullptr;
    const rocksdb::Status status = rocksdb::DB::Open(setup.options, options.folder, &database);
    if (says_in_use(status))
      return Status::config(
          "state in " + options.folder +
          ": another process uses this folder; let it end or stop it, or set engine.state_dir to another folder");
    if (!status.ok()) return failure("open", options.folder, status);
    return std::make_unique<RocksDbStore>(std::unique_ptr<rocksdb::DB>(database), std::move(setup.cache),
                                          std::move(watch), options.folder);
  });
}

}  // namespace

Result<std::unique_ptr<Store>> open_rocksdb(const StoreOptions& options) {
  NUDGE_ASSIGN(auto store, open(options));
  return std::unique_ptr<Store>(std::move(store));
}

Status copy_rocksdb(const StoreOptions& options, const std::string& to) {
  NUDGE_ASSIGN(const auto store, open(options));
  return store->copy_to(to);
}

}  // namespace nudge::state
